"""What each figure of several in a row belongs to: "TNIP1 (1.27), PRDM1 (1.20)", "19 and 14 respectively".

A neighbour's figure is in the same sentence as the name it is wrongly given to, and few words distinguish the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.text.quantities import Quantity
from rag.text.quantity_match import same, same_unit
from rag.text.reading import Reading, Word
from rag.verify.bindings import segments

_MOST = 4  # words of what a figure in brackets belongs to
_LISTED = frozenset({"and", "or"})
_AGAINST = frozenset({"than", "versus", "vs", "against"})
_JOINED = frozenset({"and", "vs", "versus", "v", "against", "compared with", "compared to"})


@dataclass(frozen=True, slots=True)
class Owned:
    """A figure in the evidence with the words for what it belongs to."""

    quantity: Quantity
    owner: frozenset[str]


def misgiven(claim: Reading, evidence: Reading) -> str:
    """Describe a figure that the claim gives to another member of a list; empty where each has its own."""
    owned = [*_in_brackets(evidence), *_in_order(evidence)]
    ours = {item.quantity.start: item.owner for item in _bracketed(claim)}
    for clause in segments(claim) if owned and not _side_by_side(claim) else ():
        for quantity in clause.quantities:
            said = ours.get(quantity.start, clause.stems)
            if not _stands_alone(quantity, evidence, owned) and (other := _given_to(quantity, said, owned)):
                return f"in the evidence, {quantity.written} isn't the figure of “{other}”"
    return ""


def _given_to(quantity: Quantity, said: frozenset[str], owned: Sequence[Owned]) -> str:
    """Return a word next to the figure that belongs to another item of the list, if none there belongs to its own."""
    own = frozenset[str]().union(*(item.owner for item in owned if same(quantity, item.quantity)))
    for rival in owned:
        if own and same_unit(quantity, rival.quantity) and not same(quantity, rival.quantity):
            others = said & (rival.owner - own)
            if others and not said & (own - rival.owner):
                return min(others)
    return ""


def _side_by_side(reading: Reading) -> bool:
    """Whether two figures are adjacent, so that no clause shows what each belongs to."""
    pairs = pairwise(reading.quantities)
    return any(reading.text[one.end : two.start].strip(" .,").casefold() in _JOINED for one, two in pairs)


def _stands_alone(quantity: Quantity, evidence: Reading, owned: Sequence[Owned]) -> bool:
    """Whether the evidence has the figure outside its lists as well."""
    places = {item.quantity.start for item in owned}
    return any(same(quantity, other) and other.start not in places for other in evidence.quantities)


def _in_brackets(reading: Reading) -> Iterator[Owned]:
    """Yield the figures in brackets with the words just before, "PRDM1 (OR = 1.20)", where there are several."""
    found = list(_bracketed(reading))
    if len({item.owner for item in found}) > 1:
        yield from found


def _bracketed(reading: Reading) -> Iterator[Owned]:
    for begin, end in _brackets(reading.text):
        inside = [q for q in reading.quantities if begin < q.start < end]
        if inside and (owner := _before(reading, begin)):
            yield from (Owned(quantity, owner) for quantity in inside)


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each outermost bracket opens and closes."""
    depth = begin = 0
    for match in re.finditer(r"[()]", text):
        if match.group() == "(":
            begin = match.start() if depth == 0 else begin
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield begin, match.start()


def _before(reading: Reading, place: int) -> frozenset[str]:
    """Return the content just before a place, back to a comma, a bracket, an "and" or a figure."""
    owner: list[str] = []
    for word in reversed([w for w in reading.words if w.start < place]):
        parted = owner and re.search(r"[,;:()]", reading.text[word.start + len(word.low) : place])
        if len(owner) == _MOST or word.low in _LISTED or word.low[0].isdigit() or parted:
            break
        owner += [word.stem] if word.content else []
    return frozenset(owner)


def _in_order(reading: Reading) -> Iterator[Owned]:
    """Yield two figures side by side with the two things that they belong to, in order.

    "Beats A and B by 19 and 14 points respectively", "A … compared with B … (75.4% vs. 50%)".
    """
    for first, second in pairwise(reading.quantities):
        between = reading.text[first.end : second.start].strip(" .,").casefold()
        if not same_unit(first, second) or same(first, second):
            continue
        if between == "and" and "respectively" in reading.text.casefold():
            sides = _pair(reading, first.start)
        elif between in _JOINED:
            sides = _compared(reading, first.start)
        else:
            continue
        if sides:
            yield Owned(first, sides[0])
            yield Owned(second, sides[1])


def _pair(reading: Reading, place: int) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the last "A and B" before a place."""
    words = [w for w in reading.words if w.start < place]
    for word in reversed(words[1:-1]):
        before, after = words[word.place - 1], reading.words[word.place + 1]
        if word.low in _LISTED and before.content and after.content:
            return frozenset({before.stem}), frozenset({after.stem})
    return None


def _compared(reading: Reading, place: int) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the two sides of the last comparison before a place: "A … than B"."""
    words = [w for w in reading.words if w.start < place]
    pivot = next((w for w in reversed(words) if w.low in _AGAINST or _compares(w, words)), None)
    if pivot is None:
        return None
    left, right = _content(words[: pivot.place]), _content(words[pivot.place + 1 :])
    return (left, right) if left - right and right - left else None


def _compares(word: Word, words: Sequence[Word]) -> bool:
    """Whether it is the "with" or "to" of "compared with"; at the start of a sentence the sides differ."""
    return word.low in {"with", "to"} and word.place > 1 and words[word.place - 1].stem == "compar"


def _content(words: Sequence[Word]) -> frozenset[str]:
    return frozenset(w.stem for w in words if w.content)
