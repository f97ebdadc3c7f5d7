"""answers diff: what changed between two answers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rag.commands.output import add_common, print_document, say
from rag.commands.watched_questions import say_claim
from rag.errors import InputError
from rag.views.counts import counted


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    answers = commands.add_parser("answers", help="compare two answers by their receipts, claim by claim")
    answers.add_argument("action", choices=("diff",), help="what to do with them")
    answers.add_argument("before", type=Path, metavar="BEFORE", help="a receipt that `ask --receipt` wrote")
    answers.add_argument("after", type=Path, metavar="AFTER", help="a later one to the same question")
    add_common(answers, library=False)
    answers.set_defaults(run=run_diff)


def run_diff(options: argparse.Namespace) -> int:
    """Compare two receipts; exit code 1 if anything changed."""
    from rag.pipeline.receipt_changes import Change, changes_between
    from rag.receipts import read_receipt

    before, after = read_receipt(options.before), read_receipt(options.after)
    if before.get("question") != after.get("question"):
        asked = f"{before.get('question')!s:.80}"
        raise InputError(f"{options.after}: answers another question than {asked!r}: compare answers to the same one")
    found = changes_between(before, after)
    changed = [one for one in found if one.changes != (Change.NOTHING,)]
    if options.json:
        print_document("answer_changes", {"question": before.get("question"), "changed": len(changed), "claims": found})
        return 1 if changed else 0
    for one in found:
        say_claim(one)
    say(f"{len(changed)} of {counted(len(found), 'claim')} changed.")
    return 1 if changed else 0
