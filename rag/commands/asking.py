"""ask and verify: answers from the command line."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.commands.exchange import FORMATS, format_of
from rag.commands.library import open_library
from rag.commands.output import (
    add_common,
    add_filters,
    add_overwrite,
    check_outputs,
    filters,
    flow,
    given_text,
    print_document,
    print_json,
    say,
    wrapped,
    write_file,
)
from rag.config import Config, from_environment
from rag.errors import InputError
from rag.serialization import to_json
from rag.types import Answer, Reason, Sentence, Status, Verdict
from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.library import Library

# A symbol next to the number, so that a doubtful sentence stands out without colour.
SIGNS = {
    Verdict.SUPPORTED: "",
    Verdict.PARTIAL: "~ ",
    Verdict.CONTRADICTED: "!! ",
    Verdict.UNSUPPORTED: "! ",
    Verdict.UNKNOWN: "? ",
}


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    ask = commands.add_parser("ask", help="answer a question from the library")
    ask.add_argument("question", help="what to answer; - reads it from standard input")
    ask.add_argument(
        "--model", metavar="NAME", help="extractive, openai:MODEL or ollama:MODEL (default: PINCITE_MODEL)"
    )
    ask.add_argument("--no-cache", action="store_true", help="ask the model again even if this answer is cached")
    shown = "markdown: the answer with [@key]; bibtex, ris, csl-json, jsonl: the papers it cites"
    ask.add_argument("--format", choices=("text", *FORMATS), default="text", help=shown)
    ask.add_argument(
        "--cite", metavar="FILE", type=Path, help="write the papers it cites to this file (.bib .ris .json …)"
    )
    ask.add_argument(
        "--receipt", metavar="FILE", type=Path, help="write a receipt of how the answer was made to this file"
    )
    ask.add_argument(
        "--table", metavar="FILE", type=Path, help="write the papers found, and what each says, to this file as CSV"
    )
    add_overwrite(ask)
    add_filters(ask)
    add_common(ask)
    ask.set_defaults(run=run_ask)

    verify = commands.add_parser("verify", help="check a receipt against the library")
    verify.add_argument("file", type=Path, metavar="FILE", help="a receipt that `ask --receipt` wrote")
    add_common(verify)
    verify.set_defaults(run=run_verify)


def run_ask(options: argparse.Namespace) -> int:
    """Answer a question. Exit code 0 also for a declined answer, 1 if the model failed, 130 for Ctrl-C."""
    from rag.bibliography.citation_keys import citation_keys
    from rag.bibliography.export import exported
    from rag.bibliography.markdown import answer_markdown

    config = from_environment(library=options.library, model=options.model, cache=False if options.no_cache else None)
    if options.json and options.format != "text":
        raise InputError(f"--json and --format {options.format}: both write to standard output; leave one out")
    form = format_of(options.cite)  # refuse an unknown file ending before asking anything
    check_outputs(options, options.receipt, options.cite, options.table)
    with open_library(options) as library, _stopped_by_interrupt() as stop:
        found = _asked(options, library, config, stop)
        keys = citation_keys(library.papers()) if options.cite or options.format != "text" else {}
    if options.json:
        print_json(found.to_dict())
    elif options.format == "markdown":
        say(answer_markdown(found, keys).removesuffix("\n"))
    elif options.format != "text":
        say(exported(found.papers, options.format, keys).removesuffix("\n"))
    else:
        say()  # the text is there already
        _say_below(found)
        _say_checker(found, config)
    _write_files(options, found, keys, form)
    if found.receipt.stopped:
        return 130
    return 1 if found.reason is Reason.MODEL_UNAVAILABLE else 0


def _write_files(options: argparse.Namespace, found: Answer, keys: dict[str, str], form: str) -> None:
    """Write what was asked for, after the answer is shown: a full disk can't lose it."""
    from rag.bibliography.evidence_table import table_csv
    from rag.bibliography.export import exported

    if options.receipt:
        write_file(options.receipt, json.dumps(to_json(found.receipt), ensure_ascii=False, indent=2))
    if options.table:
        write_file(options.table, table_csv(found))
    if options.cite:
        write_file(options.cite, exported(found.papers, form, keys))


@contextmanager
def _stopped_by_interrupt() -> Iterator[threading.Event]:
    """Let the first Ctrl-C stop the answer and show what was written; a second one ends the command."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # signals reach only the main thread
        return

    def interrupted(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        stop.set()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def run_verify(options: argparse.Namespace) -> int:
    """Check a receipt; exit code 1 if any check fails."""
    from rag.models.boundary import name_of
    from rag.receipts import check_receipt, read_receipt
    from rag.verify import load_checker

    receipt, config = read_receipt(options.file), from_environment()
    with open_library(options) as library:
        checker = load_checker(config.checker, config, library.embedder)
        findings = check_receipt(receipt, library, checker)
    by = name_of(checker)
    if options.json:
        print_document(
            "verification",
            {"holds": not findings, "quotes": len(receipt["quotes"]), "checker": by, "findings": findings},
        )
    else:
        for finding in findings:
            number = f"[{finding.number}] " if finding.number is not None else ""
            say(wrapped(f"{number}{finding.code}: {finding.message}"))
        what = f"{counted(len(receipt['quotes']), 'quote')} checked by {by}"
        say(f"{what}: {len(findings)} failed." if findings else f"{what}: all passed.")
        if receipt.get("checker") not in (None, "", by):
            say(f"The receipt's verdicts are from another checker: {receipt['checker']!s:.100}.")
        say_leaving(config)
    return 1 if findings else 0


def _say_checker(found: Answer, config: Config) -> None:
    """Name the checker unless it is the built-in one, and where it sends what it reads."""
    if config.checker != "builtin" and found.receipt.checker:
        say(f"Checked by {found.receipt.checker}.")
        say_leaving(config)


def say_leaving(config: Config) -> None:
    """Say what the configured checker sends elsewhere, if anything."""
    from rag.models import NOTHING_LEAVES
    from rag.verify import leaving

    if (goes := leaving(config.checker, config)) != NOTHING_LEAVES:
        say(wrapped(f"To check, {goes}."))


def _asked(options: argparse.Namespace, library: Library, config: Config, stop: threading.Event) -> Answer:
    """Return the answer, having shown each sentence as it came where people read it."""
    from rag.pipeline import stream_answer
    from rag.views.citation_numbers import mark_up

    question, shown = given_text(options.question), ""
    sentences: list[Sentence] = []
    found: Answer | None = None
    for event in stream_answer(question, library, config=config, stop=stop, **filters(options)):
        if isinstance(event, Answer):
            found = event
        elif isinstance(event, Sentence) and options.format == "text" and not options.json:
            sentences.append(event)
            whole = wrapped(mark_up(sentences))
            flow(whole.removeprefix(shown))  # a line that is full stays as it is
            shown = whole
    assert found is not None, "the stream ended without an answer"
    if options.format == "text" and not options.json:
        rest = wrapped(found.text)
        say(rest.removeprefix(shown) if rest.startswith(shown) else f"\n\n{rest}")
    return found


def _say_answer(found: Answer) -> None:
    say(wrapped(found.text))
    say()
    _say_below(found)


def _say_below(found: Answer) -> None:
    """Print what is below an answer's text."""
    _say_pins(found)
    _say_sides(found)
    for issue in found.issues:
        if issue.message != found.text:  # a model's reason for not answering is both
            say(wrapped(f"Note ({issue.code}): {issue.message}"))
    if found.status is Status.DECLINED:
        for hit in found.nearest:
            say(f"Nearest: {hit.paper.title or '(untitled)'} [{hit.paper.id}]")
    elif found.written_by == "records":
        say("No language model wrote this. It comes from the papers' records, not from their abstracts.")
    elif found.written_by == "extractive":
        say("No language model wrote this. The sentences are quoted from the abstracts.")
    else:
        say(f"Written by {found.written_by}.")
    if found.fallback is not None:
        say()
        _say_answer(found.fallback)


def _say_pins(found: Answer) -> None:
    """Print each pinned sentence once, under its number."""
    pins = dict.fromkeys(citation for sentence in found.sentences for citation in sentence.citations)
    for pin in sorted(pins, key=lambda c: c.number):
        sign = SIGNS[pin.verdict]
        say(f"[{pin.number}] {pin.paper.title or '(untitled)'} [{pin.paper.id}]")
        say(wrapped(f"{sign}{pin.verdict.value} {pin.support:.2f}: “{pin.words}”", "    "))


def _say_sides(found: Answer) -> None:
    """Print who supports and who disputes each contested sentence."""
    for sentence in found.sentences:
        sides = sentence.agreement
        if not sides.contradicting:
            continue
        count, against = len(sides.supporting), len(sides.contradicting)
        counts = f"{counted(count, 'paper supports', 'papers support')}, {counted(against, 'disagrees', 'disagree')}"
        say(wrapped(f"{counts}: “{sentence.text}”"))
        for item in sides.also:
            say(wrapped(f"supports: {item.paper.title or '(untitled)'}: “{item.text}”", "    "))
        for pin in sides.contradicting:
            say(wrapped(f"disagrees: [{pin.number}] {pin.paper.title or '(untitled)'}: “{pin.quote}”", "    "))
