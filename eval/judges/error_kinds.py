"""What is wrong with a sentence that its evidence does not support, by rules that a reader can check by eye."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.sentences import split_sentences
from rag.text.words import fold, stem, terms, words

KINDS = ("time", "number", "entity", "negation", "invention")

# Pairs that reverse a finding; the mutation tests swap them too.
OPPOSITES = (
    ("increase", "decrease"), ("increases", "decreases"), ("increased", "decreased"), ("increasing", "decreasing"),
    ("higher", "lower"), ("more", "less"), ("better", "worse"), ("improves", "worsens"), ("improve", "worsen"),
    ("improved", "worsened"), ("larger", "smaller"), ("rises", "falls"), ("rise", "fall"), ("rose", "fell"),
    ("above", "below"), ("faster", "slower"), ("best", "worst"), ("gains", "losses"), ("gain", "loss"),
    ("strong", "weak"), ("stronger", "weaker"), ("most", "least"), ("positive", "negative"), ("raises", "lowers"),
    ("largest", "smallest"), ("highest", "lowest"), ("outperforms", "underperforms"), ("grows", "shrinks"),
    ("reduces", "raises"), ("reduce", "raise"), ("reduced", "raised"),
)  # fmt: skip
NEGATIONS = frozenset(
    """not no never neither nor without cannot none nothing hardly fail fails failed lack lacks can't don't doesn't
    didn't isn't aren't wasn't weren't won't couldn't""".split()  # noqa: SIM905 - a list of quoted strings reads worse
)

# Digits inside a name (GPT-4) belong to the name.
_NUMBER = re.compile(r"(?<![\w-])\d+(?:[.,]\d+)*")
_TIME = re.compile(
    r"\b(?:1[89]|20)\d\d\b|\b\d+(?:\.\d+)?[- ]?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?)\b|"
    r"\b(?:january|february|march|april|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
# A name: capitals or digits inside a word (GPT-4, PassUntil, BIG-Bench), or a capital that does not open the sentence.
_NAME = re.compile(r"(?<!^)\b[A-Z][\w-]*[a-zA-Z0-9]\b|\b\w*[a-z]+[A-Z]\w*\b|\b[A-Z]{2,}[\w-]*")
# If the nearest sentence has fewer of a sentence's content words than this share, it was invented, not altered.
ALTERED = 0.5


def error_kind(sentence: str, evidence: Sequence[str]) -> str:
    """Return one of `KINDS`: the first that distinguishes the sentence from the closest evidence sentence.

    A sentence that shares less than half its content words with any sentence of the evidence is an invention.
    """
    whole = " ".join(evidence)
    pieces = [text[span.start : span.end] for text in evidence for span in split_sentences(text)]
    nearest = max(pieces, key=lambda piece: _shared(sentence, piece), default="")
    if _shared(sentence, nearest) < ALTERED:
        return "invention"
    if _found(_TIME, sentence) - _found(_TIME, whole):
        return "time"
    if _found(_NUMBER, sentence) - _found(_NUMBER, whole):
        return "number"
    if any(fold(name) not in fold(whole) for name in _NAME.findall(sentence)):
        return "entity"
    return "negation" if turned_round(sentence, nearest) else "invention"


def _shared(sentence: str, piece: str) -> float:
    wanted = set(terms(sentence))
    return len(wanted & set(terms(piece))) / len(wanted) if wanted else 0.0


def _found(pattern: re.Pattern[str], text: str) -> set[str]:
    return {fold(match) for match in pattern.findall(text)}


def turned_round(sentence: str, piece: str) -> bool:
    """Whether one of the two denies what the other says: an odd number of negations, or an opposite."""
    mine, theirs = words(sentence), words(piece)
    if (_negations(mine) - _negations(theirs)) % 2:
        return True
    stems, other = {stem(word) for word in mine}, {stem(word) for word in theirs}
    pairs = [(stem(a), stem(b)) for a, b in OPPOSITES] + [(stem(b), stem(a)) for a, b in OPPOSITES]
    return any(a in stems - other and b in other - stems for a, b in pairs)


def _negations(found: Sequence[str]) -> int:
    return sum(word.replace("’", "'") in NEGATIONS for word in found)
