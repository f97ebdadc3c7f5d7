"""Questions that are asked again when papers were added, and what changed about each claim of their answers."""

from __future__ import annotations

from rag.watching.asking import Run, ask_again, first_answer
from rag.watching.claims import Claim, Followed, Side
from rag.watching.digest import markdown, run_document
from rag.watching.kept import Watch, drop, find, keep, name_of_watch, running, watches

__all__ = [
    "Claim",
    "Followed",
    "Run",
    "Side",
    "Watch",
    "ask_again",
    "drop",
    "find",
    "first_answer",
    "keep",
    "markdown",
    "name_of_watch",
    "run_document",
    "running",
    "watches",
]
