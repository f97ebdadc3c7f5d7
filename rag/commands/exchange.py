"""export, fetch, merges, split, edit: papers in and out, and merged records."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag import arguments
from rag.commands.library import add_and_report, open_library
from rag.commands.output import (
    add_common,
    add_index,
    add_overwrite,
    check_outputs,
    print_document,
    print_json,
    say,
    write_file,
)
from rag.commands.progress_bar import progress_bar
from rag.errors import FetchError, InputError
from rag.types import IngestReport, Origin, Record, Rejection
from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.library.library import Library

Item = TypeVar("Item")
# Called with the records done and the total.
Progress = Callable[[int, int], None]
FORMATS = ("bibtex", "ris", "csl-json", "jsonl", "markdown")
_SUFFIXES = {".bib": "bibtex", ".ris": "ris", ".json": "csl-json", ".jsonl": "jsonl", ".md": "markdown"}


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    export = commands.add_parser("export", help="export papers under their citation keys")
    export.add_argument("ids", nargs="*", metavar="ID", help="which papers (default: all)")
    export.add_argument("--format", choices=FORMATS, help="default: from FILE's extension, else bibtex")
    export.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: standard output")
    add_overwrite(export)
    add_common(export)
    export.set_defaults(run=run_export)

    fetch = commands.add_parser("fetch", help="add papers from arXiv, PubMed, OpenAlex, Crossref or Europe PMC")
    fetch.add_argument(
        "source", choices=("arxiv", "pubmed", "openalex", "crossref", "europepmc"), help="where to search"
    )
    fetch.add_argument("query", nargs="?", help="in the source's syntax, such as 'ti:moth AND cat:q-bio.PE' for arXiv")
    fetch.add_argument("--ids", metavar="FILE", type=Path, help="fetch the arXiv ids in this file, one per line")
    fetch.add_argument("--limit", type=int, default=100, metavar="N", help="at most this many papers (default: 100)")
    add_index(fetch)
    add_common(fetch)
    fetch.set_defaults(run=run_fetch)

    merges = commands.add_parser("merges", help="show merged records and why they were merged")
    add_common(merges)
    merges.set_defaults(run=run_merges)

    split = commands.add_parser("split", help="undo one merge permanently")
    split.add_argument("id", help="the paper's id, or its DOI, arXiv id or pmid:…")
    split.add_argument(
        "--from",
        dest="origin",
        metavar="FILE[#N]",
        help="split off the records of this file, its record N, or this key",
    )
    add_common(split)
    split.set_defaults(run=run_split)

    edit = commands.add_parser(
        "edit", help="correct a title or an abstract; the correction survives adding files again"
    )
    edit.add_argument("id", help="the paper's id, or its DOI, arXiv id or pmid:…")
    edit.add_argument("--title", metavar="TEXT", help="the correct title")
    edit.add_argument("--abstract", metavar="TEXT", help="the correct abstract")
    edit.add_argument("--abstract-from", metavar="FILE#N", help="use this record's abstract, whatever the others say")
    edit.add_argument("--undo", action="store_true", help="go back to what the files say")
    add_common(edit)
    edit.set_defaults(run=run_edit)


def format_of(path: Path | None) -> str:
    """Return the format for a file's extension. Raises `InputError` for an unknown one."""
    if path is None:
        return "bibtex"
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"{path}: no format has this extension: use one of {', '.join(_SUFFIXES)}, or --format")
    return _SUFFIXES[path.suffix.lower()]


def run_export(options: argparse.Namespace) -> int:
    """Export papers. Keys are computed over the whole library, so they are the same in every export."""
    from rag.bibliography.citation_keys import citation_keys
    from rag.bibliography.export import exported

    form = options.format or format_of(options.output)
    check_outputs(options, options.output)
    with open_library(options) as library:
        papers = library.papers()
        chosen = [library.get(name) for name in options.ids] if options.ids else papers
    keys = citation_keys(papers)
    text = exported(list(dict.fromkeys(chosen)), form, keys)
    if options.output is not None:
        write_file(options.output, text)
    if options.json:
        report = {"format": form, "keys": {p.id: keys[p.id] for p in chosen}}
        print_document("export", {**report, "text": text if options.output is None else None})
    elif options.output is None:
        say(text.removesuffix("\n"))
    else:
        say(f"{counted(len(chosen), 'paper')} written to {options.output} as {form}.")
    return 0


def run_fetch(options: argparse.Namespace) -> int:
    """Add papers from arXiv, or from another service."""
    if options.source != "arxiv":
        return _fetch_pages(options)
    from rag.sources.arxiv_fetch import fetch_arxiv

    if (options.query is None) == (options.ids is None):
        raise InputError("give either a query or --ids FILE")
    if options.limit < 1:
        raise InputError(f"--limit must be an integer of at least 1 (got {options.limit})")
    if options.query is not None:
        arguments.text("query", options.query)
    ids = _lines(options.ids) if options.ids is not None else []
    with open_library(options, must_exist=False) as library:
        name = f"arXiv {options.query or options.ids}"

        def adding() -> IngestReport:
            with progress_bar("fetching") as progress:  # before the library is locked: arXiv is slow
                found = list(
                    _counted(fetch_arxiv(options.query, ids, options.limit), len(ids) or options.limit, progress)
                )
            with progress_bar("adding") as progress:
                return library.add_records(found, name, progress=progress)

        add_and_report(library, adding, options.json)
    return 0


def _fetch_pages(options: argparse.Namespace) -> int:
    """Add papers page by page, so that what came before an error stays."""
    from rag.sources.fetch import fetch

    if options.ids is not None or options.query is None:
        raise InputError(f"{options.source} takes a query: --ids is for arXiv")
    if options.limit < 1:
        raise InputError(f"--limit must be an integer of at least 1 (got {options.limit})")
    query = arguments.text("query", options.query)
    with open_library(options, must_exist=False) as library:
        pages = fetch(options.source, query, options.limit)
        name = f"{options.source} {query}"

        def adding() -> IngestReport:
            with progress_bar("fetching") as progress:
                return _added(library, pages, name, options.limit, progress)

        add_and_report(library, adding, options.json)
    return 0


def _counted(items: Iterable[Item], limit: int, progress: Progress | None) -> Iterator[Item]:
    for done, item in enumerate(items, 1):
        yield item
        if progress is not None:
            progress(done, max(limit, done))


def _added(
    library: Library, pages: Iterator[list[Record | Rejection]], name: str, limit: int, progress: Progress | None
) -> IngestReport:
    """Add each page as it comes; return what all of them did."""
    report = IngestReport()
    try:
        for page in pages:
            report = _together(report, library.add_records(page, name))
            if progress is not None:
                progress(report.records, max(limit, report.records))
    except FetchError as error:
        if not report.records:
            raise
        raise FetchError(
            f"{error}; {counted(report.records, 'record that came before is', 'records that came before are')} added"
        ) from error
    return report


def _together(one: IngestReport, other: IngestReport) -> IngestReport:
    """Return the reports of two adds as one."""
    both: dict[str, Any] = {field.name: getattr(one, field.name) + getattr(other, field.name) for field in fields(one)}
    return IngestReport(**both | {"interrupted": one.interrupted or other.interrupted})


def run_merges(options: argparse.Namespace) -> int:
    """Show merged records."""
    with open_library(options) as library:
        merges = library.merges()
    if options.json:
        print_document("merges", {"merges": merges})
        return 0
    for merge in merges:
        say(f"{merge.paper_id}  {merge.title or '(untitled)'}")
        say(f"    {_place(merge.origin)} joined {_place(merge.other)} by {merge.by}")
        for origin in merge.unused:
            say(f"    conflict: {_place(origin)} gives another abstract than the one in use")
    joined = counted(len(merges), "record was", "records were")
    say(f"{joined} merged into another record's paper; FILE#3 is the third record of FILE.")
    say("`pincite split ID` undoes a merge permanently.")
    return 0


def run_split(options: argparse.Namespace) -> int:
    """Undo one merge."""
    with open_library(options) as library:
        kept, new = library.split(options.id, options.origin)
    if options.json:
        print_document("split", {"kept": kept, "new": new})
    else:
        say(f"{kept} stays, {new} is now a separate paper; adding their files again won't merge them.")
    return 0


def run_edit(options: argparse.Namespace) -> int:
    """Correct a paper."""
    with open_library(options) as library:
        paper = library.edit(
            options.id, title=options.title, abstract=options.abstract, abstract_from=options.abstract_from,
            undo=options.undo,
        )  # fmt: skip
    if options.json:
        print_json(paper.to_dict())
    else:
        say(f"{paper.id}: {'restored' if options.undo else 'corrected'}: {paper.title or '(untitled)'}")
    return 0


def _place(origin: Origin | None) -> str:
    return "another record" if origin is None else origin.place


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't be read ({error}): give a text file with one arXiv id per line") from error
    if not (ids := [line.strip() for line in lines if line.strip()]):
        raise InputError(f"{path}: contains no ids: write one arXiv id per line")
    return ids
