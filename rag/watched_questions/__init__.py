"""Questions that are asked again when papers were added, and what changed about each claim of their answers."""

from __future__ import annotations

from rag.watched_questions.asking import WatchRun, ask_again, first_answer
from rag.watched_questions.claim_changes import Followed, Side, WatchedClaim
from rag.watched_questions.digest import markdown, run_document
from rag.watched_questions.storage import Watch, drop, find, keep, name_of_watch, running, watches

__all__ = [
    "Followed",
    "Side",
    "Watch",
    "WatchRun",
    "WatchedClaim",
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
