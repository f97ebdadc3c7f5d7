"""sync, update: a library that follows what changes elsewhere."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.commands.library import add_and_report, open_library
from rag.commands.output import add_common, add_index, complain, print_document, say
from rag.commands.progress_bar import progress_bar
from rag.errors import FetchError, PinciteError
from rag.sources.enrichment import FilledField, Known, changes, completed
from rag.types import IngestReport, Paper
from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.library import Library

SERVICES = ("crossref", "openalex")
# Papers looked up before the progress is shown: the DOIs of one request.
_AT_ONCE = 40


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    sync = commands.add_parser("sync", help="copy a Zotero library: add, update and remove what changed there")
    sync.add_argument("source", choices=("zotero",), help="the program to copy from")
    sync.add_argument(
        "--from",
        dest="place",
        metavar="PLACE",
        help="the address of Zotero's local API, or Zotero's data folder (default: the API while Zotero is open, "
        "else ~/Zotero)",
    )
    sync.add_argument("--group", type=int, metavar="N", help="a group's library, by the number in its address")
    add_index(sync)
    add_common(sync)
    sync.set_defaults(run=run_sync)

    update = commands.add_parser("update", help="look up missing DOIs and years, and retractions; --yes fills them in")
    update.add_argument("ids", nargs="*", metavar="ID", help="which papers (default: all)")
    update.add_argument(
        "--metadata", action="store_true", required=True, help="what to look up: DOIs, years and retractions"
    )
    update.add_argument(
        "--from",
        dest="services",
        action="append",
        choices=SERVICES,
        help="ask this service (default: both, unless --retractions is given)",
    )
    update.add_argument("--retractions", metavar="FILE", type=Path, help="the Retraction Watch data, a CSV file")
    update.add_argument("--yes", action="store_true", help="make the changes; without it they are only shown")
    add_common(update)
    update.set_defaults(run=run_update)


def run_sync(options: argparse.Namespace) -> int:
    """Add what is new in Zotero, update what changed, and remove what was deleted there."""
    from rag.sources.zotero_library import read_zotero

    with open_library(options, must_exist=False) as library:
        found = read_zotero(options.place, options.group)  # before the library is locked
        complain(f"{found.source}: read from {found.place}")

        def adding() -> IngestReport:
            with progress_bar("adding") as progress:
                return library.sync_records(found.records, found.source, progress=progress)

        add_and_report(library, adding, options.json)
    return 0


def run_update(options: argparse.Namespace) -> int:
    """Show what services know and the papers lack; fill it in with --yes."""
    services = options.services or (() if options.retractions else SERVICES)
    with open_library(options) as library:
        everything = library.papers()
        chosen = [library.get(name) for name in options.ids] if options.ids else everything
        found, trouble = _known(chosen, everything, services, options.retractions)
        wanted = [change for paper, known in found for change in changes(paper, known)]
        changed = _apply(library, found) if options.yes else 0
    if options.json:
        print_document("update", {"papers": len(chosen), "changes": wanted, "applied": options.yes})
    else:
        _say_changes(wanted, len(chosen), changed if options.yes else None)
    if trouble is not None:
        raise trouble
    return 0


def _known(
    papers: Sequence[Paper], everything: Sequence[Paper], services: Sequence[str], retractions: Path | None
) -> tuple[list[tuple[Paper, Known]], PinciteError | None]:
    """Return what fills in something, each field by the first source that knows it; and what broke off the rest."""
    filled: set[tuple[str, str]] = set()
    found: list[tuple[Paper, Known]] = []
    try:
        for paper, known in _all_known(papers, everything, services, retractions):
            new = [change for change in changes(paper, known) if (paper.id, change.field) not in filled]
            if new:
                found.append((paper, _only(known, {change.field for change in new})))
                filled |= {(paper.id, change.field) for change in new}
    except FetchError as error:
        return found, error
    return found, None


def _only(known: Known, wanted: set[str]) -> Known:
    notices = tuple(notice for notice in known.notices if notice.kind in wanted)
    return Known(
        known.source, known.doi if "doi" in wanted else None, known.year if "year" in wanted else None, notices
    )


def _all_known(
    papers: Sequence[Paper], everything: Sequence[Paper], services: Sequence[str], retractions: Path | None
) -> Iterator[tuple[Paper, Known]]:
    if retractions is not None:
        from rag.sources.retraction_watch import read_retractions

        yield from read_retractions(retractions, papers)
    for service in services:
        yield from _looked_up(service, papers, everything)


def _looked_up(service: str, papers: Sequence[Paper], everything: Sequence[Paper]) -> Iterator[tuple[Paper, Known]]:
    """Ask a service about papers; one that shares its title with another paper is only looked up by its DOI."""
    from rag.sources.enrichment_services import looked_up

    titles = Counter(paper.title for paper in everything)
    taken = {paper.doi for paper in everything if paper.doi}
    known = [paper for paper in papers if paper.doi or titles[paper.title] == 1]
    with progress_bar(f"asking {service}") as progress:
        for start in range(0, len(known), _AT_ONCE):
            yield from looked_up(service, known[start : start + _AT_ONCE], taken)
            if progress is not None:
                progress(min(start + _AT_ONCE, len(known)), len(known))


def _apply(library: Library, found: Sequence[tuple[Paper, Known]]) -> int:
    """Fill in what was found, a record a paper and source; return how many papers changed."""
    for source in dict.fromkeys(known.source for _, known in found):
        some = [completed(library.get(paper.id), known) for paper, known in found if known.source == source]
        library.add_records(some, source)
    return len({paper.id for paper, _ in found})


def _say_changes(wanted: Sequence[FilledField], papers: int, changed: int | None) -> None:
    for paper_id in dict.fromkeys(change.paper_id for change in wanted):
        some = [change for change in wanted if change.paper_id == paper_id]
        say(f"{paper_id}  {some[0].title or '(untitled)'}")
        for change in some:
            say(f"    {change.field}: {change.value} ({change.source})")
    if not wanted:
        say(f"Nothing to fill in for {counted(papers, 'paper')}.")
    elif changed is not None:
        say(f"{changed:,} of {counted(papers, 'paper')} changed; `pincite show ID` names the sources of each.")
    else:
        count = len({change.paper_id for change in wanted})
        say(f"{count:,} of {counted(papers, 'paper')} would change: the same command with --yes changes them.")
