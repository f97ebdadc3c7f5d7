"""What an acronym stands for: the sentence that introduces it answers, however it scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.text.question_form import Form, QuestionReading
from rag.text.words import fold
from rag.types import Evidence

# How likely such a sentence answers, at least.
_ANSWERS = 0.8


def by_acronym(asked: QuestionReading, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence with the sentence first that introduces the acronym for which a question asks.

    "What does SLT stand for?", "What is SLT?": the acronym, and nothing else, is to be defined. Of several sentences
    that introduce it for the same thing one counts: one that begins with that, or else the one that answers best.
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
    likely = max(_ANSWERS, best + (1 - best) / 10)  # ahead of all others
    first = {item.number for item in meanings.values()}
    return tuple(replace(item, answers=likely, read=likely) if item.number in first else item for item in evidence)


def defined_acronym(asked: QuestionReading) -> str:
    """Return the acronym that a question asks to define, empty where it asks for more, or something else."""
    named = [word.strip("?.,!“”\"'()") for word in asked.text.split()]
    found = [word for word in named if sum(letter.isupper() for letter in word) > 1]
    alone = len(found) == 1 and set(asked.subject) <= set(QuestionReading(found[0]).terms)
    return found[0] if alone and asked.form is Form.DEFINITION else ""


def long_form(text: str, acronym: str) -> str:
    """Return what `text` introduces an acronym for, empty if it doesn't: of "split-liver transplantation (SLT)".

    The algorithm of Schwartz and Hearst (2003): the letters of the acronym are looked for from its end, each as far to
    the right as it can be, the first one at the start of a word.
    """
    for match in re.finditer(rf"\(\s*{re.escape(acronym.removesuffix('s'))}s?\s*[),;]", text):
        letters = [letter for letter in acronym.removesuffix("s").lower() if letter.isalnum()]
        before = " ".join(text[: match.start()].split()[-min(len(letters) + 5, 2 * len(letters)) :])
        at = len(before)
        for place in range(len(letters) - 1, -1, -1):
            at = before.lower().rfind(letters[place], 0, at)
            while place == 0 and at > 0 and before[at - 1].isalnum():
                at = before.lower().rfind(letters[0], 0, at)
            if at < 0:
                break
        if letters and at >= 0 and len(before) - at > len(acronym):
            return before[at:]
    return ""


def _plain(meant: str) -> str:
    return "".join(letter for letter in fold(meant) if letter.isalnum()).removesuffix("s")
