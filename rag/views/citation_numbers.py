"""An answer as prose, each sentence with the numbers of its citations: "Bees sleep at night [1][3]" and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.types import Sentence


def mark_up(sentences: Sequence[Sentence]) -> str:
    """Return the sentences as prose, each with its numbers as [1] before its full stop."""
    return " ".join(_marked(sentence) for sentence in sentences)


def _marked(sentence: Sentence) -> str:
    marks = "".join(f"[{number}]" for number in sorted({c.number for c in sentence.citations}))
    body = sentence.text.rstrip()
    if not marks:
        return body
    ends = body[-1:] in ".!?" and not body.endswith("..")
    return f"{body[:-1]} {marks}{body[-1]}" if ends else f"{body} {marks}"
