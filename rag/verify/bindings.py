"""Finds what was attached to the wrong thing: swapped sides of a comparison, a figure moved to another name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from rag.text.lexicon import AXES, BREAKS, PIVOTS, RIVALS
from rag.text.quantities import Quantity
from rag.text.quantity_match import same, same_unit
from rag.text.reading import Reading, Word
from rag.text.words import fold, stem

LONG = 80  # words; longer pieces are lists and headings run together, where word order means little
# Nouns such as "prevention" and "activity" don't compare two sides.
_NOUN = re.compile(r"(?:ion|ment|ity|or)s?$|ities$")
_SPLITTERS = frozenset({"and", "against", "versus", "vs", "compared", "than"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence with one statement: content stems, those before its first figure, names, quantities."""

    stems: frozenset[str]
    opening: frozenset[str]
    names: dict[str, str]  # each with the word before it, "" at the start of a phrase
    quantities: tuple[Quantity, ...]


def misplaced(claim: Reading, evidence: Reading) -> str:
    """Describe facts that the sentence combines but the evidence keeps separate; empty if there are none."""
    turned = {"than"} <= claim.stems & evidence.stems and _signs_differ(claim, evidence)
    for pivot in sorted(PIVOTS & claim.stems & evidence.stems):
        if sides_exchanged(claim, evidence, pivot) and not turned:
            return "the two sides of the comparison are swapped"
    if len(evidence.words) > LONG:
        return ""
    theirs = segments(evidence)
    if len(theirs) < 2:
        return ""
    ours = segments(claim)
    checks = (_regrouped(segment, theirs) or _out_of_place(segment, theirs) for segment in ours)
    return next((why for why in checks if why), "") or _crossed(ours, theirs)


def sides_exchanged(claim: Reading, evidence: Reading, pivot: str) -> bool:
    """Whether the words left and right of the pivot have swapped sides."""
    ours, theirs = _sides(claim, pivot), _sides(evidence, pivot)
    if not ours or not theirs:
        return False
    left, right = ours[0] - ours[1], ours[1] - ours[0]
    their_left, their_right = theirs[0] - theirs[1], theirs[1] - theirs[0]
    return bool(left & their_right) and bool(right & their_left)


def _sides(reading: Reading, pivot: str) -> tuple[set[str], set[str]] | None:
    """Return the content before and after the pivot, comparatives left out; a passive ("… by") swaps them."""
    places = [w.place for w in reading.words if w.stem == pivot and not _NOUN.search(w.low)]
    if len(places) != 1:
        return None
    place = places[0]
    before, after = _stretch(reading, place, -1), _stretch(reading, place, 1)
    left, right = (
        {w.stem for w in part if (_names_side(w, other) and w.stem != pivot) or w.low.isdigit()}
        for part, other in ((before, after), (after, before))
    )
    # "Heard earlier by A than by B": after "than", "by" doesn't name the agent.
    return (right, left) if pivot != "than" and _passive(reading, place) else (left, right)


def _passive(reading: Reading, place: int) -> bool:
    """Whether a "by" follows that names the agent: "beaten (clearly) by Y", but not "beats Y by 6%"."""
    following = reading.words[place + 1 : place + 3]
    by = next((w for w in following if w.low == "by"), None)
    if by is None or (following[0] is not by and not following[0].low.endswith("ly")):
        return False
    return not any(by.start < q.start <= by.start + len("by ") for q in reading.quantities)


def _names_side(word: Word, other_side: Sequence[Word]) -> bool:
    """Whether a word names what is compared: content; a comparative only with its opposite ("older", "younger")."""
    opposites = {(axis, -sign) for axis, sign in AXES.get(word.stem, ())}
    named = any(_compares(other) and opposites & set(AXES[other.stem]) for other in other_side)
    return word.content and (named or not _compares(word))


def _compares(word: Word) -> bool:
    """Whether it is a comparative, which doesn't name what is compared; "deep" does: deep wells aren't shallow ones."""
    return word.stem in AXES and (word.low.endswith("er") or word.low in {"more", "less", "worse"})


def _stretch(reading: Reading, place: int, step: int) -> list[Word]:
    """Return the words from the pivot outwards, up to the next word that starts another statement."""
    words = reading.words[place + 1 :] if step > 0 else reading.words[:place][::-1]
    taken: list[Word] = []
    for word in words:
        if word.stem in BREAKS and word.low not in {"which", "who"}:
            break
        taken.append(word)
    return taken


def _signs_differ(claim: Reading, evidence: Reading) -> bool:
    """Whether one says "more … than" and the other "less … than": then swapped sides mean the same."""

    def sign(reading: Reading) -> int:
        place = next(w.place for w in reading.words if w.stem == "than")
        near = [s for w in reading.words[max(0, place - 8) : place] for _, s in AXES.get(w.stem, ())]
        return near[-1] if near else 0

    return sign(claim) * sign(evidence) < 0


def segments(reading: Reading) -> list[Clause]:
    """Split a sentence where a new statement begins: at "while", ";", or an "and" between two like quantities."""
    cuts = [0]
    for word in reading.words[1:]:
        previous = reading.words[word.place - 1]
        between = reading.text[previous.start + len(previous.low) : word.start]
        opens = any(c in between for c in ";:") or ("," in between and _joins_clause(reading, word))
        if word.stem in BREAKS or opens or _parts_figures(reading, word, cuts[-1]):
            cuts.append(word.place)
    ends = [*cuts[1:], len(reading.words)]
    return [_segment(reading, a, b) for a, b in zip(cuts, ends, strict=True) if b > a]


def _joins_clause(reading: Reading, word: Word) -> bool:
    """Whether this "and" after a comma starts a clause rather than the last item of a list."""
    following = [w for w in reading.words[word.place :] if w.clause == word.clause and w.content]
    return word.low == "and" and len(following) >= 3


def _parts_figures(reading: Reading, word: Word, since: int) -> bool:
    """Whether this "and" joins two figures of one unit, with other words in between."""
    if word.low not in _SPLITTERS:
        return False
    begin = reading.words[since].start
    before = [q for q in reading.quantities if begin <= q.start < word.start]
    after = [q for q in reading.quantities if q.start > word.start]
    close = before and after and not any(w.content for w in reading.words if before[-1].end <= w.start < after[0].start)
    return not close and any(same_unit(a, b) for a in before for b in after)


def _segment(reading: Reading, begin: int, end: int) -> Clause:
    words = reading.words[begin:end]
    start = words[0].start
    stop = reading.words[end].start if end < len(reading.words) else len(reading.text)
    piece = reading.text[start:stop]
    names = {fold(name): _word_before(piece, name) for name in reading.names if name in piece}
    inside = tuple(q for q in reading.quantities if start <= q.start < stop)
    stems = frozenset(w.stem for w in words if w.content)
    opening = frozenset(w.stem for w in words if w.content and inside and w.start < inside[0].start)
    return Clause(stems, opening, names, inside)


def _word_before(text: str, name: str) -> str:
    before = re.search(r"([^\W_]+)\s+$", text[: text.index(name)])
    word = fold(before.group(1)) if before else ""
    return "" if stem(word) in BREAKS or word in {"the", "and"} else word


def _counterpart(segment: Clause, theirs: Sequence[Clause]) -> int | None:
    """Find the part of the evidence that a part of the claim refers to: by its figures, else by its words."""
    telling = _telling(segment, theirs)

    def rank(other: Clause) -> tuple[int, int]:
        figures = sum(any(same(q, e) for e in other.quantities) for q in telling)
        return figures, len(segment.stems & other.stems)

    ranks = [rank(other) for other in theirs]
    best = max(ranks)
    return ranks.index(best) if best != (0, 0) and ranks.count(best) == 1 else None


def _out_of_place(segment: Clause, theirs: Sequence[Clause]) -> str:
    """Look for a name, figure or word that the evidence uses elsewhere, where this part has another of its kind."""
    place = _counterpart(segment, theirs)
    if place is None:
        return ""
    home, elsewhere = theirs[place], [s for i, s in enumerate(theirs) if i != place]
    return (
        _strange_name(segment, home, elsewhere)
        or _strange_figure(segment, home, elsewhere)
        or _strange_word(segment, home, elsewhere, _telling(segment, theirs))
    )


def _strange_name(segment: Clause, home: Clause, elsewhere: Sequence[Clause]) -> str:
    away = {name for s in elsewhere for name in s.names} - set(home.names)
    for name, before in segment.names.items():
        instead = [n for n, b in home.names.items() if b == before and n not in segment.names]
        if name in away and instead:
            return f"it has {name} where the evidence has {instead[0]}"
    return ""


def _strange_figure(segment: Clause, home: Clause, elsewhere: Sequence[Clause]) -> str:
    for quantity in segment.quantities:
        here = any(same(quantity, q) for q in home.quantities)
        if here or not any(same(quantity, q) for s in elsewhere for q in s.quantities):
            continue
        for rival in home.quantities:
            if _of_a_kind(rival, quantity) and not any(same(q, rival) for q in segment.quantities):
                return f"it has {quantity.written} where the evidence has {rival.written}"
    return ""


def _strange_word(segment: Clause, home: Clause, elsewhere: Sequence[Clause], telling: Sequence[Quantity]) -> str:
    away = frozenset().union(*(s.stems for s in elsewhere)) - home.stems
    for word in segment.stems & away:
        groups = {group for group, _ in RIVALS.get(word, ())}
        instead = [s for s in home.stems - segment.stems if groups & {g for g, _ in RIVALS.get(s, ())}]
        if instead:
            return f"it has {word} where the evidence has {instead[0]}"
    # What a figure belongs to usually comes before it: "coffee drinkers had a 1.4-fold risk".
    subject = segment.opening or segment.stems
    own = subject & home.stems - frozenset().union(*(s.stems for s in elsewhere))
    figures_here = all(any(same(q, e) for e in home.quantities) for q in telling)
    if telling and figures_here and subject & away and not own:
        return "its figure belongs to something else in the evidence"
    return ""


def _regrouped(segment: Clause, theirs: Sequence[Clause]) -> str:
    """Look for two figures in one part that the evidence has in two, each next to a figure of the other's kind."""
    for first, second in permutations(_telling(segment, theirs), 2):
        first_homes = [s for s in theirs if any(same(first, q) for q in s.quantities)]
        second_homes = [s for s in theirs if any(same(second, q) for q in s.quantities)]
        if not first_homes or not second_homes or any(s in second_homes for s in first_homes):
            continue
        for rival in (q for s in first_homes for q in s.quantities if q.unit == second.unit and q.unit):
            if not any(same(q, rival) for q in segment.quantities):
                return f"{first.written} goes with {rival.written} in the evidence, not with {second.written}"
    return ""


def _telling(segment: Clause, theirs: Sequence[Clause]) -> tuple[Quantity, ...]:
    """Return the figures that show which part of the evidence is meant.

    A figure that is the only one of its kind, such as the number studied, applies to all parts.
    """
    held = [quantity for part in theirs for quantity in part.quantities]
    telling = tuple(q for q in segment.quantities if any(_of_a_kind(q, e) and not same(q, e) for e in held))
    return telling or segment.quantities


def _of_a_kind(one: Quantity, other: Quantity) -> bool:
    return one.unit == other.unit and bool(one.unit or one.noun == other.noun)


def _crossed(ours: Sequence[Clause], theirs: Sequence[Clause]) -> str:
    """Look for two parts of the claim that have exchanged words, compared with the evidence."""
    moved: set[tuple[int, int]] = set()
    for segment in ours:
        home = _counterpart(segment, theirs)
        for word in segment.stems | segment.names.keys() if home is not None else ():
            places = [i for i, s in enumerate(theirs) if word in s.stems | s.names.keys()]
            if home is not None and len(places) == 1 and places[0] != home:
                moved.add((home, places[0]))
    return "two of its parts are swapped" if any((b, a) in moved for a, b in moved) else ""
