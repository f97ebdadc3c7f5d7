"""A question that leans on the last turns, made to stand alone by rule: no model is asked.

"How does it compare?" names nothing, so the search would find anything. What the last turns named is carried over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.words import STOPWORDS, fold, terms, words

# How far back a named thing may stand.
TURNS = 6
# An answer may name a dozen things; what it names first is what it is about.
NAMES_OF_ANSWER = 2

_POINTS_BACK = re.compile(
    r"\b(it|its|itself|they|them|their|theirs|he|him|his|she|her|hers|former|latter|"
    r"(this|that|these|those|the same)( \w+)?|the (method|model|approach|paper|study|authors?|technique|framework|"
    r"dataset|benchmark|result|finding|effect|work|system|algorithm)s?)\b"
)
# "that" after a verb or noun mostly opens a clause: "papers that show", "we find that".
_OPENS_CLAUSE = re.compile(r"\b(?!and\b|or\b|but\b|does\b|is\b|was\b|about\b|of\b|in\b|for\b|on\b|with\b)\w+ that\b")
_GOES_ON = re.compile(r"^(and|or|but|so|also|then|what about|how about|why|how so|how come|which ones?|what else)\b")
# GPT-4o, EmerNeRF, LoRA, TP53, DPO: a capital inside the word or a digit beside letters.
_NAME = re.compile(r"\b(?=\w*[A-Z0-9])(?=[\w.-]*[A-Za-z])[\w]+(?:[-.]\w+)*(?:\+\+)?")


def stand_alone(question: str, history: Sequence[Mapping[str, str]]) -> str:
    """Return the question with what it leans on put in; unchanged where it stands alone or there is no history.

    `history` is the turns so far, oldest first, each with `role` (user or assistant) and `content`.
    """
    standing = ""
    answer = ""
    for turn in history[-TURNS:]:
        content = turn.get("content", "").strip()
        if turn.get("role") == "user":
            standing = _resolve(content, standing, answer)
        else:
            answer = content
    return _resolve(question, standing, answer)


def _resolve(question: str, previous: str, answer: str) -> str:
    """Resolve one question against the previous one, itself resolved, and the answer that it was given."""
    asked = fold(question).strip()
    if not previous and not answer:
        return question
    if _GOES_ON.match(asked) or not terms(question):
        return f"{previous} {question}".strip()
    if not _points_back(asked):
        return question
    carried = _names(previous) or _names(answer)[:NAMES_OF_ANSWER]
    missing = [name for name in carried if fold(name) not in asked]
    context = ", ".join(missing) if carried else previous
    return f"{question} ({context})" if context else question


def _points_back(asked: str) -> bool:
    return bool(_POINTS_BACK.search(_OPENS_CLAUSE.sub(" ", asked)))


def _names(text: str) -> list[str]:
    """Return the named things of a text in order: words with a capital inside or a digit, and capitalised words."""
    found: list[str] = []
    for match in _NAME.finditer(text):
        name = match.group()
        plain = name[1:].islower() and name[:1].isupper()
        opens = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".?!:"
        if (plain and opens) or not set(words(name)) - STOPWORDS or name in found:
            continue
        found.append(name)
    return found
