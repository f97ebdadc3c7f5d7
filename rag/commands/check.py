"""check: the citations of a manuscript, each against the abstract of its paper."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.commands.asking import say_leaving
from rag.commands.library import open_library
from rag.commands.output import (
    add_common,
    add_overwrite,
    check_outputs,
    print_json,
    say,
    whole_copy,
    wrapped,
    write_file,
)
from rag.config import from_environment
from rag.errors import InputError
from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.manuscript import Cited, Pin, Pinned, Report

UNCITED = "uncited"
# Characters of a sentence in the table.
_SHOWN = 56


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    check = commands.add_parser("check", help="check the citations of a manuscript against the abstracts they cite")
    check.add_argument("file", type=Path, metavar="MANUSCRIPT", help=".md, .qmd, .tex, .docx or .txt")
    check.add_argument(
        "--bib", action="append", type=Path, default=[], metavar="FILE",
        help="references under the manuscript's keys, in any format that add reads; may be given several times "
        "(default: the files in its own folder that the manuscript names)",
    )  # fmt: skip
    check.add_argument("--no-uncited", action="store_true", help="leave out sentences that cite nothing")
    check.add_argument(
        "--fail-on", metavar="WHAT", default="",
        help="exit code 1 if a sentence is one of these: contradicted,retracted,partly,not-in-abstract,"
        "not-in-library,unknown,uncited",
    )  # fmt: skip
    check.add_argument("--html", type=Path, metavar="FILE", help="write the manuscript with its pins as a web page")
    check.add_argument("--sarif", type=Path, metavar="FILE", help="write annotations for editors and CI")
    check.add_argument("--comments", type=Path, metavar="FILE", help="write a copy of a .docx with comments")
    add_overwrite(check)
    add_common(check)
    check.set_defaults(run=run_check)


def run_check(options: argparse.Namespace) -> int:
    """Check a manuscript; exit code 1 if a sentence is what `--fail-on` names."""
    wanted = _fail_on(options.fail_on)
    check_outputs(options, options.html, options.sarif, options.comments)
    if options.comments and options.file.suffix.lower() != ".docx":
        raise InputError(f"--comments {options.comments}: only a .docx takes comments, use --html for {options.file}")
    report = _report(options)
    _write(report, options)
    if options.json:
        from rag.manuscript.document import report_document

        print_json(report_document(report))
    else:
        _say(report)
        say_leaving(from_environment(library=options.library))
    found = {one.outcome.value for one in report.pinned} | ({UNCITED} if report.uncited else set())
    return 1 if wanted & found else 0


def _fail_on(text: str) -> set[str]:
    from rag.manuscript import Outcome

    known = [*(one.value for one in Outcome if one is not Outcome.SUPPORTED), UNCITED]
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if unknown := sorted(wanted - set(known)):
        raise InputError(f"--fail-on {unknown[0]}: isn't a finding: choose among {', '.join(known)}")
    return wanted


def _report(options: argparse.Namespace) -> Report:
    from rag.commands.progress_bar import progress_bar
    from rag.manuscript import check_manuscript, open_manuscript, read_references, with_references
    from rag.verify import load_checker

    config = from_environment(library=options.library)
    manuscript, named = with_references(open_manuscript(options.file, included=True))
    references = read_references(options.bib or named)
    with open_library(options, must_exist=options.library is not None) as library:
        if not library.exists and not references.records:
            raise InputError(
                f"{options.file}: there is nothing to check it against: give its references with --bib FILE, "
                "or a library with --library DIR"
            )
        checker = load_checker(config.checker, config, library.embedder)
        with progress_bar("checking", "sentences") as progress:
            return check_manuscript(
                manuscript, library, references, checker, progress=progress, uncited=not options.no_uncited
            )


def _write(report: Report, options: argparse.Namespace) -> None:
    if options.html:
        from rag.manuscript.page import report_page

        write_file(options.html, report_page(report))
    if options.sarif:
        from rag.manuscript.sarif import report_sarif

        write_file(options.sarif, json.dumps(report_sarif(report), ensure_ascii=False, indent=2) + "\n")
    if options.comments:
        from rag.manuscript.word import write_commented

        with whole_copy(options.comments) as part:
            write_commented(report, options.file, part)


def _say(report: Report) -> None:
    _say_counts(report)
    width = max((len(one.passage.place) for one in report.pinned), default=0)
    for one in report.pinned:
        text = one.passage.text if len(one.passage.text) <= _SHOWN else f"{one.passage.text[:_SHOWN].rstrip()}…"
        say(f"{one.passage.place:<{max(width, 13)}} {one.outcome.words:<21} {text}")
    for one in report.pinned:
        _say_pinned(one)
    for uncited in report.uncited:
        say(f"\n{uncited.passage.place}: cites nothing, and the library supports it")
        say(wrapped(uncited.passage.text, "  "))
        _say_pins("supported by", uncited.support)
    for note in report.notes:
        say()
        say(wrapped(f"Note: {note}"))
    say()
    say(wrapped(f"Checked against abstracts by {report.checker}. What an abstract doesn't say, the full text may say."))


def _say_counts(report: Report) -> None:
    keys = {cited.key for one in report.pinned for cited in one.cited}
    what = f"{counted(len(report.pinned), 'sentence')} with citations of {counted(len(keys), 'work')}"
    say(f"{report.manuscript.file}: {what}")
    for outcome, count in report.counts().items():
        if count:
            say(f"  {count:4d}  {outcome.words}")
    if report.uncited:
        say(f"  {len(report.uncited):4d}  without a citation, and the library supports them")
    say()


def _say_pinned(one: Pinned) -> None:
    from rag.manuscript import Outcome

    if one.outcome is Outcome.SUPPORTED:
        return
    say()
    say(wrapped(f"{one.passage.place}: {one.outcome.words}{f': {one.why}' if one.why else ''}"))
    say(wrapped(one.passage.text, "  "))
    for line in _lines_of(one.cited):
        say(wrapped(line, "    "))
    _say_pins("supported by", one.instead)


def _lines_of(cited: tuple[Cited, ...]) -> Iterator[str]:
    for one in cited:
        if one.paper is None:
            yield f"{one.key}: {one.outcome.words}"
        else:
            yield f"{one.key}: {one.outcome.words}: {one.paper.title} [{one.paper.id}]"
            if one.pin is not None:
                yield f"nearest: “{one.pin.quote}”"


def _say_pins(what: str, pins: tuple[Pin, ...]) -> None:
    for pin in pins:
        say(wrapped(f"{what}: {pin.paper.title} [{pin.paper.id}]: “{pin.quote}”", "    "))
