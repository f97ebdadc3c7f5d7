"""A conversation as one HTML file to pass on: pins, quotes, verdicts, both sides, tables and receipts in it.

It runs no script and loads nothing; its own policy forbids both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from rag.bibliography.evidence_table import evidence_table
from rag.chat import render
from rag.chat.components import STATIC
from rag.chat.turns import Turn
from rag.types import Answer
from rag.views import documents, sentence_changes


def shared(title: str, turns: Iterable[Turn]) -> str:
    """Return a conversation as a whole HTML document."""
    style = (STATIC / "share.css").read_text(encoding="utf-8")
    return render.page(
        "share.html", title=title, turns=tuple(turns), style=style, shown_sources=_shown, note_lines=_lines,
        receipt=_receipt, own_numbers=_own_numbers,
    )  # fmt: skip


def _shown(answer: Answer) -> tuple[render.Source, ...]:
    """Return the papers that an answer, or its fallback, cites; of a declined one those nearest."""
    rows = evidence_table(answer)
    found = render.sources(answer.sentences, rows)
    if answer.fallback is not None and not found:
        found = render.sources(answer.fallback.sentences, rows)
    return found or tuple(render.offered(hit.paper) for hit in answer.nearest)


def _lines(answer: Answer, place: str) -> list[str]:
    return (
        sentence_changes.lines_after(answer)
        if place == "after"
        else [i.message for i in sentence_changes.notes_of(answer).before]
    )


def _own_numbers(turn: Turn) -> str:
    """Say which numbers the papers have in the receipt, where those differ."""
    if all(shown == own for shown, own in turn.own_numbers):
        return ""
    pairs = ", ".join(f"[{shown}] is {own}" for shown, own in turn.own_numbers)
    return f"The answer’s own numbers, in its receipt, begin at 1: {pairs}."


def _receipt(answer: Answer) -> str:
    return json.dumps(documents.plain(answer.receipt), ensure_ascii=False, indent=1)
