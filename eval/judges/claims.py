"""The claims that a sentence makes, each judged by itself: "A rises, while B falls" makes two.

Metrics over claims see which part of a long sentence is supported, and a system gains nothing by joining sentences. The
division is by rule, without a language model: where it isn't clear, a sentence is one claim.
"""

from __future__ import annotations

from rag.text.lexicon import BREAKS
from rag.text.quantities import Quantity
from rag.text.quantity_match import same_unit
from rag.text.reading import Reading, Word, read
from rag.text.words import stem

# Content words and figures on each side, below which a part says too little to be judged.
FEWEST = 3
# The cause is the claim: without its "because", a sentence says less than it did.
_CAUSES = frozenset(map(stem, ("because", "since")))
_RELATIVE = frozenset(("which", "who"))
# A figure after one of these opens a range, whose second figure isn't a claim of its own.
_OPEN_RANGES = frozenset(("between", "from"))


def claims_of(sentence: str) -> tuple[str, ...]:
    """Return the claims of a sentence, in order; the sentence itself where it makes one.

    It is divided at ";", at ", and" before a clause, at "but", "while" or another conjunction of `BREAKS` unless it
    names a cause, and at an "and" between two figures of one unit. A part that opens with a figure gets the words
    before the first figure, "It scored" in "It scored 81% on MMLU and 79% on MedQA".
    """
    reading = read(sentence)
    cuts = [0]
    for word in reading.words[1:]:
        if _opens(reading, word, cuts[-1]) and _says_enough(reading, cuts[-1], word.place):
            cuts.append(word.place)
    while len(cuts) > 1 and not _says_enough(reading, cuts[-1], len(reading.words)):
        cuts.pop()
    if len(cuts) == 1:
        return (sentence,)
    ends = [*cuts[1:], len(reading.words)]
    return tuple(_part(reading, begin, end) for begin, end in zip(cuts, ends, strict=True))


def _opens(reading: Reading, word: Word, since: int) -> bool:
    """Whether a claim of its own opens at this word; `since` is where the one before it opened."""
    between = reading.text[_end(reading.words[word.place - 1]) : word.start]
    if ";" in between:
        return True
    if word.low in _RELATIVE:
        # In "the method, which needs no labels, wins" the claim continues after the clause.
        return "," in between and "," not in reading.text[word.start :]
    if word.stem in BREAKS - _CAUSES:
        return True
    if word.low != "and":
        return False
    # A comma before that one makes a list: "faster, cheaper, and easier to train".
    before = reading.text[reading.words[since].start : _end(reading.words[word.place - 1])]
    return ("," in between and "," not in before) or _parts_figures(reading, word, since)


def _parts_figures(reading: Reading, word: Word, since: int) -> bool:
    """Whether an "and" stands between two figures of one unit with words in between; not in a range."""
    before, after = _figures(reading, since, word.place), _figures(reading, word.place, len(reading.words))
    if not before or not after or not same_unit(before[-1], after[0]):
        return False
    apart = any(w.content for w in reading.words if before[-1].end <= w.start < word.start)
    return apart and not any(w.low in _OPEN_RANGES for w in reading.words[since : word.place])


def _says_enough(reading: Reading, begin: int, end: int) -> bool:
    part = read(_part(reading, begin, end))
    return sum(word.content for word in part.words) + len(part.quantities) >= FEWEST


def _figures(reading: Reading, begin: int, end: int) -> list[Quantity]:
    start, stop = _bounds(reading, begin, end)
    return [quantity for quantity in reading.quantities if start <= quantity.start < stop]


def _bounds(reading: Reading, begin: int, end: int) -> tuple[int, int]:
    """Return the offsets of the words from `begin` up to `end`, with what is before the first word of all."""
    if begin >= len(reading.words):
        return len(reading.text), len(reading.text)
    start = reading.words[begin].start if begin else 0
    return start, reading.words[end].start if end < len(reading.words) else len(reading.text)


def _part(reading: Reading, begin: int, end: int) -> str:
    """Return one claim without the word that joined it, with the words that it shares with the one before."""
    joins = begin and reading.words[begin].low not in _RELATIVE and _is_joint(reading.words[begin])
    start, stop = _bounds(reading, begin + 1 if joins else begin, end)
    return _lead(reading, begin, start) + reading.text[start:stop].strip(" ,;:–—")


def _is_joint(word: Word) -> bool:
    return word.low == "and" or word.stem in BREAKS


def _lead(reading: Reading, begin: int, start: int) -> str:
    """Return the words before the first figure of the sentence, for a part that opens with a figure."""
    first = reading.quantities[0].start if reading.quantities else 0
    return reading.text[:first] if begin and first < start and any(q.start == start for q in reading.quantities) else ""


def _end(word: Word) -> int:
    return word.start + len(word.low)
