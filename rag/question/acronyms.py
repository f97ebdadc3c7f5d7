"""What an acronym stands for: the sentence that introduces it answers, however it scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.text.entity_names import long_form
from rag.text.question_form import Form, QuestionReading
from rag.text.words import fold
from rag.types import Evidence

# How likely such a sentence answers, at least.
_ANSWERS = 0.8


def by_acronym(asked: QuestionReading, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence with the sentence first that introduces the acronym for which a question asks.

    "What does SLT stand for?", "What is SLT?": asked for a definition of nothing else. Of several sentences that
    introduce it for the same thing one counts: one that begins with that, or else the one that answers best.
    """
    acronym = defined_acronym(asked)
    introduce = [(item, long_form(item.text, acronym)) for item in evidence] if acronym else []
    meanings: dict[str, Evidence] = {}
    for item, meant in sorted(introduce, key=lambda one: (not one[0].text.startswith(one[1]), -one[0].answers)):
        if meant:
            meanings.setdefault(_plain(meant), item)
    if not meanings:
        return tuple(evidence)
    best = max(item.answers for item in evidence)
    likely = max(_ANSWERS, best + (1 - best) / 10)  # before all others
    first = {item.number for item in meanings.values()}
    return tuple(replace(item, answers=likely, read=likely) if item.number in first else item for item in evidence)


def defined_acronym(asked: QuestionReading) -> str:
    """Return the acronym that a question asks to define, empty where it asks for more, or something else."""
    named = [word.strip("?.,!“”\"'()") for word in asked.text.split()]
    found = [word for word in named if sum(letter.isupper() for letter in word) > 1]
    alone = len(found) == 1 and set(asked.subject) <= set(QuestionReading(found[0]).terms)
    return found[0] if alone and asked.form is Form.DEFINITION else ""


def _plain(meant: str) -> str:
    return "".join(letter for letter in fold(meant) if letter.isalnum()).removesuffix("s")
