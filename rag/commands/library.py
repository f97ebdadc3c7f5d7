"""add, search, papers, show, remove: the library from the command line."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import sources
from rag.commands import vectors
from rag.commands.output import (
    add_common,
    add_filters,
    add_index,
    add_overwrite,
    check_outputs,
    complain,
    filters,
    given_text,
    print_document,
    print_json,
    say,
    wrapped,
)
from rag.commands.progress_bar import bar_when_needed, progress_bar
from rag.config import from_environment
from rag.errors import InputError, SourceError
from rag.types import Conflict, IngestReport, Paper, Record, Rejection
from rag.views.counts import counted, fields_line
from rag.views.documents import hits_document, papers_document

if TYPE_CHECKING:
    from rag.library import Library
    from rag.models.embedding import Embedder

STDIN = "standard input"
# Records listed in an add's report; `--json` lists all.
SHOWN = 20


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    add = commands.add_parser("add", help="add papers from files to the library")
    add.add_argument("files", nargs="+", metavar="FILE", help="exports, listing pages, archives; - is standard input")
    add_index(add)
    vectors.add_options(add)
    add.add_argument("--embed-missing", action="store_true", help="embed on this machine what --vectors doesn't cover")
    add_common(add)
    add.set_defaults(run=run_add)

    texts = commands.add_parser("texts", help="write the texts that adding files would embed, to embed them elsewhere")
    texts.add_argument("files", nargs="+", metavar="FILE", help="the files that will be added")
    texts.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: standard output")
    add_overwrite(texts)
    vectors.add_options(texts)
    add_common(texts)
    texts.set_defaults(run=run_texts)

    search = commands.add_parser("search", help="find papers")
    search.add_argument("question", help="a question, or words; - reads it from standard input")
    search.add_argument("-k", "--limit", type=int, default=10, metavar="N", help="how many papers (default: 10)")
    add_filters(search)
    add_common(search)
    search.set_defaults(run=run_search)

    papers = commands.add_parser("papers", help="list the papers of the library")
    add_common(papers)
    papers.set_defaults(run=run_papers)

    show = commands.add_parser("show", help="show one paper with its abstract")
    show.add_argument("id", help="the paper's id, or its DOI, arXiv id or pmid:…")
    add_common(show)
    show.set_defaults(run=run_show)

    remove = commands.add_parser("remove", help="remove papers from the library")
    remove.add_argument("ids", nargs="+", metavar="ID", help="a paper's id, DOI, arXiv id, pmid:…; FILE#3 of a notice")
    add_common(remove)
    remove.set_defaults(run=run_remove)


def open_library(options: argparse.Namespace, *, must_exist: bool = True, embedder: Embedder | None = None) -> Library:
    """Open the library named by the options or the environment.

    Raises `LibraryError` if it doesn't exist, unless it may be new.
    """
    from rag.errors import LibraryError
    from rag.library import Library

    config = from_environment(library=options.library, index=getattr(options, "index", None))
    library = Library.open(config.library, config=config, embedder=embedder)
    library.when_indexing(bar_when_needed("indexing", "papers"))
    if must_exist and not library.exists:
        raise LibraryError(
            f"{config.library}: there is no library here: name one with --library DIR or PINCITE_LIBRARY, "
            f"or create it with `pincite add FILE… --library {config.library}`"
        )
    return library


def run_add(options: argparse.Namespace) -> int:
    """Add files; exit code 2 if a whole file couldn't be read."""
    from rag.commands.plan import plan
    from rag.models import registry
    from rag.models.precomputed import MissingVectorsError

    embedder = registry.load_embedder(from_environment().embedding)
    given = vectors.given(options, embedder)
    with open_library(options, must_exist=False, embedder=given or embedder) as library:

        def adding() -> IngestReport:
            if "-" in options.files:
                with progress_bar("adding") as progress:
                    return library.add_records(from_standard_input(options.files), STDIN, progress=progress)
            if given is None and (estimate := plan(options.files, embedder, library.is_stored)):
                complain(estimate)
            try:
                with progress_bar("adding") as progress:
                    return library.add(*options.files, progress=progress)
            except MissingVectorsError as error:
                if given is None:
                    raise
                raise vectors.with_count(error, library, options.files, given) from None

        report = add_and_report(library, adding, options.json)
    return 2 if report.unreadable else 0


def from_standard_input(files: Sequence[str]) -> list[Record | Rejection]:
    """Return the records that standard input holds. Raises `SourceError` where it holds none."""
    if len(files) > 1:
        raise InputError("- is standard input and can't be combined with files: add those with a command of their own")
    with tempfile.TemporaryDirectory(prefix="pincite-") as scratch:
        file = Path(scratch) / "stdin"
        file.write_bytes(sys.stdin.buffer.read())
        try:
            return [_of_standard_input(item, str(file)) for item in sources.read(file)]
        except SourceError as error:
            raise SourceError(error.file.replace(str(file), STDIN), error.reason, error.line) from error


def _of_standard_input(item: Record | Rejection, file: str) -> Record | Rejection:
    if isinstance(item, Rejection):
        return replace(item, file=item.file.replace(file, STDIN))
    return replace(item, origin=replace(item.origin, file=item.origin.file.replace(file, STDIN)))


def run_texts(options: argparse.Namespace) -> int:
    """Write the texts that an add would embed."""
    if options.json and options.output is None:
        raise InputError("--json prints one document: name a file for the texts with -o FILE")
    check_outputs(options, options.output)
    with open_library(options, must_exist=False) as library:
        known = vectors.given(options, library.embedder)
        written, left_out = vectors.write_texts(library, options.files, known, options.output)
    report = {"texts": written, "left_out": left_out, "embedding": library.embedder.fingerprint}
    if options.json:
        print_document("texts", report)
    else:
        complain(
            f"{counted(written, 'text')} to embed with {report['embedding']}; "
            f"{counted(left_out, 'other has', 'others have')} vectors already"
        )
    return 0


def add_and_report(library: Library, add: Callable[[], IngestReport], as_json: bool) -> IngestReport:
    """Add and report the result, also after Ctrl-C or when only the index on a server is behind."""
    from rag.errors import IndexBehindError, SourceError
    from rag.library.ledger import Interrupted

    try:
        report = add()
    except KeyboardInterrupt as stop:
        if as_json:
            print_document("report", stop.report if isinstance(stop, Interrupted) else IngestReport(interrupted=True))
        raise
    except IndexBehindError as error:
        if error.report is not None:
            _report(error.report, len(library), as_json)
        raise
    except SourceError as error:
        _complain_of(error.report.unreadable[1:] if error.report else ())  # the first is the error itself
        raise
    _report(report, len(library), as_json)
    return report


def _report(report: IngestReport, papers: int, as_json: bool) -> None:
    """Report what an add did; unreadable files also go to standard error."""
    if as_json:
        print_document("report", report)
    else:
        _say_report(report, papers)
    _complain_of(report.unreadable)


def _complain_of(unreadable: Iterable[Rejection]) -> None:
    for rejection in unreadable:
        place = f"{rejection.file}:{rejection.line}" if rejection.line else rejection.file
        complain(f"{place}: {rejection.reason}")


def _say_report(report: IngestReport, papers: int) -> None:
    notices = f"{counted(len(report.notices), 'notice')}, " if report.notices else ""
    say(
        f"{counted(report.records, 'record')}: {len(report.added):,} added, {len(report.updated):,} updated, "
        f"{len(report.merged):,} merged, {len(report.unchanged):,} unchanged, "
        f"{notices}{len(report.without_abstract):,} without abstract, {len(report.rejected):,} rejected "
        f"({counted(report.embedded, 'window')} embedded, {report.seconds:.1f} s). "
        f"The library holds {counted(papers, 'paper')}."
    )
    if report.removed or report.kept:
        stay = "1 stays, since another file has it"
        stay = stay if len(report.kept) == 1 else f"{len(report.kept):,} stay, since other files have them"
        removed = counted(len(report.removed), "paper")
        say(f"  removed with their last record: {removed}{f'; {stay}' if report.kept else ''}")
    for identity in report.shared[:SHOWN]:
        say(
            f"  {identity.name} is shared by {len(identity.papers)} papers "
            "with different titles or abstracts: kept separate"
        )
    for conflict in report.conflicts[:SHOWN]:
        say(f"  conflict: {_conflict_line(conflict)}")
    if len(report.conflicts) > SHOWN:
        say(f"  … and {counted(len(report.conflicts) - SHOWN, 'more conflict')}: --json lists them all")
    _say_marked(report)
    for name, left_out in (
        ("notice", report.notices), ("cut", report.cut), ("rejected", report.rejected),
        ("without abstract", report.without_abstract),
    ):  # fmt: skip
        for rejection in left_out[:SHOWN]:
            line = f":{rejection.line}" if rejection.line else ""
            title = f" “{rejection.title}”" if rejection.title else ""
            say(f"  {name}: {rejection.file}{line}{title}: {rejection.reason}")
        if len(left_out) > SHOWN:
            say(f"  … and {len(left_out) - SHOWN:,} more {name}: --json lists them all")


def _conflict_line(conflict: Conflict) -> str:
    """Return what a record contradicts, and the commands that decide."""
    place, paper, fields = conflict.origin.place, conflict.paper_id, fields_line(conflict.fields)
    decide = [f"to make it a separate paper: `pincite split {paper} --from {place}`"]
    if "title" in conflict.fields:  # never the title itself: it is foreign text, and this a command
        decide.insert(0, f"to choose another title: `pincite edit {paper} --title …`")
    if "abstract" in conflict.fields:
        decide.insert(0, f"to use its abstract: `pincite edit {paper} --abstract-from {place}`")
    said = "; ".join(decide)
    in_use = f"{conflict.used.place}, which stays in use"
    return f"{place} has a different {fields} for {paper} than {in_use}. {said[0].upper()}{said[1:]}"


def _say_marked(report: IngestReport) -> None:
    """Name the papers that an add marked, and the records that do so: anyone can write a notice."""
    for marked in report.marked[:SHOWN]:
        notice = marked.notice
        text = f": “{notice.text}”" if notice.text else ""
        say(f"  {notice.kind}: {notice.said_by} marks “{marked.title}” ({marked.paper_id}){text}")
    if len(report.marked) > SHOWN:
        say(f"  … and {counted(len(report.marked) - SHOWN, 'more notice')}: --json lists them all")


def run_search(options: argparse.Namespace) -> int:
    """Find papers."""
    with open_library(options) as library:
        hits = library.search(given_text(options.question), options.limit, **filters(options))
        papers = len(library)
    if options.json:
        print_json(hits_document(hits))
        return 0
    for number, hit in enumerate(hits, 1):
        say(f"{number:>2}. {hit.paper.title or '(untitled)'}{_when(hit.paper)}  [{hit.paper.id}]  {hit.score:.3f}")
        say(wrapped(hit.quote, "      "))
    if not hits:
        fix = "loosen the filters or rephrase the question" if papers else "the library is empty, add some papers first"
        say(f"No paper was found: {fix}.")
    return 0


def run_papers(options: argparse.Namespace) -> int:
    """List all papers."""
    with open_library(options) as library:
        papers = library.papers()
    if options.json:
        print_json(papers_document(papers))
        return 0
    for paper in papers:
        say(f"{paper.id}  {paper.title or '(untitled)'}{_when(paper)}{_marks(paper)}")
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Show one paper."""
    with open_library(options) as library:
        paper = library.get(options.id)
        related = [other.id for other in library.related(paper.id)]
    if options.json:
        print_json(paper.to_dict())
        return 0
    say(f"{paper.title or '(untitled)'}{_when(paper)}")
    known = (
        ("id", paper.id), ("authors", "; ".join(paper.authors)), ("kind", paper.kind),
        ("venue", paper.venue), ("volume", paper.volume), ("issue", paper.issue), ("pages", paper.pages),
        ("publisher", paper.publisher), ("doi", paper.doi), ("arxiv", paper.arxiv_id), ("pmid", paper.pmid),
        ("url", paper.url), ("published", paper.published),
    )  # fmt: skip
    for name, value in known:
        if value:
            say(f"  {name}: {value}")
    if related:
        say(f"  related, kept apart: {', '.join(related)}")
    for origin in paper.origins:
        say(f"  from: {origin.file}, record {origin.position}{f', key {origin.key}' if origin.key else ''}")
    for notice in paper.notices:
        say(
            f"  {'RETRACTED' if notice.kind == 'retraction' else notice.kind}: {notice.text or 'marked by its source'}"
            f"{f' (says {notice.said_by})' if notice.said_by else ''}"
        )
    say()
    say(wrapped(paper.abstract))
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove papers."""
    with open_library(options) as library:
        removed = library.remove(*options.ids)
        left = len(library)
    if options.json:
        print_document("removed", {"removed": removed, "papers": left})
    else:
        say(f"{removed:,} removed; the library holds {counted(left, 'paper')}.")
    return 0


def _marks(paper: Paper) -> str:
    """Return what was published about a paper, such as " [RETRACTED]"."""
    kinds = dict.fromkeys("RETRACTED" if notice.kind == "retraction" else notice.kind for notice in paper.notices)
    return f" [{', '.join(kinds)}]" if kinds else ""


def _when(paper: Paper) -> str:
    return f" ({paper.year})" if paper.year else ""
