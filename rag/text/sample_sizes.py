"""How many participants or items were studied, as the abstract states it: "156 students", "In 212 patients", "n = 48".

No list of what can be studied decides. A number counts what was studied where a sentence on the methods gives it
without a unit, and where the abstract speaks again of what it counts: patients, dwellings or incidents. What is
mentioned once, such as "40 kinds of jam", isn't a sample.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set

from rag.text.quantities import Quantity, quantities
from rag.text.roles import roles_of_spans
from rag.text.sentences import split_sentences
from rag.text.words import STOPWORDS, stem
from rag.types import Paper, Role, Span

# "Three groups", "five hospitals": small numbers count the parts of a study far more often than its sample.
LEAST = 10
# A larger one is a size or a sum of money.
MOST = 1_000_000
# A sentence with more counts is one of results: how many recovered, and how many died.
_TOGETHER = 4
# Words that what is counted may have: "120 randomly selected residents".
_WORDS = 5
_N = re.compile(r"\b[nN]\s*=\s*\d+(?:[, \u00a0\u202f]\d{3})*\b")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_NEXT = re.compile(rf"\s+({_WORD.pattern})")
# "10, 20 or 40 hives", "30-900 nmol": amounts that were tried; "n = 48" is read as a whole.
_NO_COUNT = re.compile(r"(?:\d(?:[\w%.]*,?\s(?:or|and|to)?\s?|[-–])|[=<>≤≥]\s*)$")
# "23 words per minute".
_RATE = re.compile(r"\s+per\b")
# "Year 10 students".
_NAME = re.compile(r"(?:^|\s)(?P<word>[^\W\d_a-z][^\W\d_]*)\s+$")


def sample_of(paper: Paper) -> tuple[str, Span] | None:
    """Return how many were studied, as the first sentence on the methods that states it does, and that sentence."""
    return _first(paper, {Role.METHOD}, re.compile(""))


def first_n(paper: Paper) -> tuple[str, Span] | None:
    """Return what the first sentence with "n = …" counts that reports no result, and that sentence.

    Results have an n as well: of those who recovered.
    """
    return _first(paper, set(Role) - {Role.RESULT}, _N)


def _first(paper: Paper, roles: Set[Role], form: re.Pattern[str]) -> tuple[str, Span] | None:
    """Return the counts of the first sentence of these roles and this form that has any, and the sentence."""
    spans, repeated = split_sentences(paper.abstract), _repeated(paper)
    for span, role in zip(spans, roles_of_spans(paper, spans), strict=True):
        text = paper.abstract[span.start : span.end]
        if role not in roles or not form.search(text):
            continue
        found = list(dict.fromkeys([*_counts(text, repeated), *_labelled_n(text)]))
        if 0 < len(found) <= _TOGETHER:
            return "; ".join(found), span
    return None


def _repeated(paper: Paper) -> frozenset[str]:
    """Return the stems of the words that title and abstract have more than once."""
    counts = Counter(stem(word[0].lower()) for word in _WORD.finditer(f"{paper.title}\n{paper.abstract}"))
    return frozenset(word for word, count in counts.items() if count > 1)


def _labelled_n(sentence: str) -> list[str]:
    return [" ".join(found.split()) for found in _N.findall(sentence)]


def _counts(sentence: str, repeated: frozenset[str]) -> list[str]:
    """Return the counts of a sentence, each with what it counts."""
    found = []
    for quantity in quantities(sentence):
        end = _end_of_counted(sentence, quantity.end, repeated) if _is_count(quantity, sentence) else None
        found += [" ".join(sentence[quantity.start : end].split())] if end else []
    return found


def _is_count(quantity: Quantity, sentence: str) -> bool:
    before = sentence[: quantity.start]
    year = quantity.is_year and "," not in quantity.written
    if quantity.unit or year or quantity.value % 1 or not LEAST <= quantity.value < MOST:
        return False
    name = _NAME.search(before)
    return not _NO_COUNT.search(before) and (name is None or name["word"].lower() in STOPWORDS)


def _end_of_counted(sentence: str, start: int, repeated: frozenset[str]) -> int | None:
    """Return the end of the words after a number, None where the abstract repeats none of them."""
    place, again = start, False
    for _ in range(_WORDS):
        following = _NEXT.match(sentence, place)
        if following is None or following[1].lower() in STOPWORDS:
            break
        place = following.end()
        again = again or stem(following[1].lower()) in repeated
    return place if again and not _RATE.match(sentence, place) else None
