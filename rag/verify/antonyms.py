"""A word used where the evidence has its opposite: "fell" for "rose", "unstable" for "stable"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.text.lexicon import AXES, COMPLEMENTS, FORMS, HOMONYMS, OPPOSED
from rag.text.reading import Reading, Word
from rag.verify.bindings import sides_exchanged

# "Correction" isn't the opposite of "wrong", nor "inhibitor" of "promotes", unless the lexicon says so.
_DERIVED = re.compile(r"(?:ion|ment|ity|or)s?$|ness$|ities$")
FOLLOWING = 5  # words after one of two opposites that show which of the two is meant
# An opposition: a line of the lexicon, or the stem of a word that one of the texts also has with a negating prefix.
Axis = int | str


@dataclass(frozen=True, slots=True)
class _Counterpart:
    """The evidence's word on the axis of a word of the claim: how similar their contexts are, and what it says.

    `denied`: it is negated and the claim's isn't.
    """

    following: int
    overlap: float
    opposite: bool
    denied: bool


def turned_round(claim: Reading, aligned: Sequence[Reading]) -> str:
    """Describe a word of the claim whose opposite is in the evidence, empty if none. `aligned` is best first."""
    exchanged = sides_exchanged(claim, aligned[0], "than") or _turned(claim, aligned[0])
    texts = (claim, *aligned[:2])
    # "Unstable" is an opposite where one of the texts says "stable"; "infection" never is.
    negated = frozenset().union(*(r.prefixed for r in texts)) & frozenset().union(*(r.stems for r in texts))
    for word in claim.words:
        for axis, sign in _signs(word, claim, negated):
            other = None if _bounds(word, claim) else _counterpart(word, axis, sign, claim, aligned[:2], negated)
            if other and other.opposite != exchanged and not (other.denied and _complement(axis)):
                return f"the evidence has the opposite of “{word.low}”"
    return _twin(claim, aligned[0])


def _turned(claim: Reading, evidence: Reading) -> bool:
    """Whether the sides of "superior to" and "inferior to" are swapped."""
    compares = all(
        any(w.low == "to" and w.place and reading.words[w.place - 1].stem in AXES for w in reading.words)
        for reading in (claim, evidence)
    )
    return compares and sides_exchanged(claim, evidence, "to")


def denied(word: Word, reading: Reading, wide: bool = False) -> bool:
    """Whether the word is within a negation; `wide`: anywhere in the same clause ("the difference was not …")."""
    others = [n for n in reading.negations if n.place != word.place]  # "fail" negates, but not itself
    if wide and any(reading.words[n.place].clause == word.clause for n in others):
        return True
    # "improved no accuracy" negates "improved" too.
    return any(
        (word.stem in n.reach and (word.place > n.place) is not n.backwards) or n.place == word.place + 1
        for n in others
    )


def _signs(word: Word, reading: Reading, negated: frozenset[str]) -> Iterator[tuple[Axis, int]]:
    """Yield the axes that a word lies on, with its side of each; "less common" is on the side of "rare"."""
    less = word.place > 0 and reading.words[word.place - 1].low in {"less", "least"}
    if (word.low not in HOMONYMS and not _DERIVED.search(word.low)) or word.low in FORMS:
        yield from ((axis, -sign if less else sign) for axis, sign in AXES.get(word.stem, ()))
    bare = next((stem for stem, whole in reading.prefixed.items() if whole.place == word.place), "")
    if bare in negated:
        yield bare, -1
    elif word.stem in negated:
        yield word.stem, 1


def _complement(axis: Axis) -> bool:
    """Whether not being the one means being the other."""
    return isinstance(axis, str) or axis in COMPLEMENTS


def _bounds(word: Word, reading: Reading) -> bool:
    """Whether a comparative only bounds a figure: "fewer than 7B"."""
    behind = reading.words[word.place + 1 : word.place + 2]
    if not behind or behind[0].low != "than":
        return False
    return any(behind[0].start < q.start <= behind[0].start + 12 for q in reading.quantities)


def _counterpart(
    word: Word, axis: Axis, sign: int, claim: Reading, aligned: Sequence[Reading], negated: frozenset[str]
) -> _Counterpart | None:
    """Find the evidence's word on this axis in the most similar context."""
    found: list[_Counterpart] = []
    for reading in aligned:
        on_axis = [(w, s) for w in reading.words for a, s in _signs(w, reading, negated) if a == axis]
        contrast = len({s for _, s in on_axis}) > 1
        least = 1 if reading is aligned[0] else 3
        for other, their_sign in on_axis:
            both = word.stem in reading.stems and other.stem in claim.stems and word.stem != other.stem
            if not (both and their_sign != sign):
                one = _compared(word, claim, other, reading, their_sign != sign, contrast, _complement(axis))
                found += [one] if one.overlap >= least else []
    return max(found, key=lambda one: (one.following, one.overlap), default=None)


def _compared(
    word: Word, claim: Reading, other: Word, reading: Reading, opposite: bool, contrast: bool, complement: bool
) -> _Counterpart:
    context = claim.near(word.place) | {word.stem}
    overlap = len(context & (reading.near(other.place) | {other.stem}))
    # "Sufficient for detectors, but insufficient for magnets": what follows distinguishes the two, not their subject.
    following = len(_following(word, claim) & _following(other, reading)) if contrast else 0
    mine, theirs = denied(word, claim, complement), denied(other, reading, complement)
    # A word that only one of the two negates is the negation guard's business.
    if mine != theirs and (opposite or word.stem != other.stem):
        # A negation reverses "opposite", but "rose" doesn't mean "did not fall": that remains a fault.
        opposite = not opposite or (theirs and opposite)
    return _Counterpart(following, overlap + (0 if opposite else 0.5), opposite, theirs and not mine)


def _following(word: Word, reading: Reading) -> set[str]:
    behind = reading.words[word.place + 1 : word.place + 1 + FOLLOWING]
    return {w.stem for w in behind if w.clause == word.clause and (w.content or w.low.isdigit())}


def _twin(claim: Reading, evidence: Reading) -> str:
    """Look for "hypertension" where the evidence has "hypotension"."""
    said = {word.low for word in evidence.words}
    for low in (word.low for word in claim.words if word.low not in said):
        for pair in OPPOSED:
            for prefix, other in (pair, pair[::-1]):
                twin = other + low.removeprefix(prefix)
                if low.startswith(prefix) and len(low) > len(prefix) + 3 and twin in said:
                    return f"one says “{low}”, the other “{twin}”"
    return ""
