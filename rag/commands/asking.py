"""ask and verify: answers from the command line."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rag.commands.library import open_library
from rag.commands.output import add_common, add_filters, filters, print_json, say, wrapped
from rag.config import from_environment
from rag.types import Answer, Reason, Status, Verdict, to_json

# A sign beside the colourless number, so that a doubtful sentence can't be missed.
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
    ask.add_argument("question")
    ask.add_argument(
        "--model", metavar="NAME", help="extractive, openai:MODEL or ollama:MODEL (default: PINCITE_MODEL)"
    )
    ask.add_argument("--no-cache", action="store_true", help="ask the model even where it answered this before")
    ask.add_argument("--receipt", metavar="FILE", type=Path, help="write what made the answer to this file")
    add_filters(ask)
    add_common(ask)
    ask.set_defaults(run=run_ask)


def run_ask(options: argparse.Namespace) -> int:
    """Answer a question; a declined answer is an answer, but a model that failed is exit code 1."""
    from rag.pipeline import answer

    config = from_environment(library=options.library, model=options.model, cache=False if options.no_cache else None)
    with open_library(options) as library:
        found = answer(options.question, library, config=config, **filters(options))
    if options.receipt:
        options.receipt.write_text(json.dumps(to_json(found.receipt), ensure_ascii=False, indent=2), encoding="utf-8")
    if options.json:
        print_json(found)
    else:
        _say_answer(found)
    return 1 if found.reason is Reason.MODEL_UNAVAILABLE else 0


def _say_answer(found: Answer) -> None:
    say(wrapped(found.text))
    say()
    _say_pins(found)
    for issue in found.issues:
        say(wrapped(f"Note ({issue.code}): {issue.message}"))
    if found.status is Status.DECLINED:
        for hit in found.nearest:
            say(f"Nearest: {hit.paper.title or '(untitled)'} [{hit.paper.id}]")
    elif found.written_by == "extractive":
        say("No language model wrote this: the sentences are the abstracts' own.")
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
        say(wrapped(f"{sign}{pin.verdict.value} {pin.support:.2f}: “{pin.quote}”", "    "))
