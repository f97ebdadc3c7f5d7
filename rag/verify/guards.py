"""Hard guards: what makes a sentence untrue to its evidence however alike the two look.

Each guard compares the sentence with the sentence of the evidence that is most like it (and its neighbours in likeness
where a claim may rest on several), and says what it found, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.types import Verdict
from rag.verify.bindings import misplaced, sides_exchanged
from rag.verify.edits import overstatements
from rag.verify.lexicon import (
    ASSOCIATIONS,
    AXES,
    CAUSES,
    CERTAIN,
    CHANGES,
    COMPLEMENTS,
    HEDGES,
    MODALS,
    OPEN,
    PARTIAL,
    RIVALS,
    TENTATIVE,
    UNIVERSAL,
)
from rag.verify.names import holds_name
from rag.verify.quantities import ORDINAL, SHARE, Quantity, same, same_unit
from rag.verify.reading import Negation, Reading, Word


@dataclass(frozen=True, slots=True)
class Fault:
    """What speaks against a sentence: the guard that found it, the verdict that follows, and why in words."""

    kind: str
    verdict: Verdict
    why: str


def faults(claim: Reading, aligned: Sequence[Reading], everything: str) -> list[Fault]:
    """Return what the guards find. `aligned` is best first, never empty; `everything` is the whole evidence."""
    found = [fault for guard in _GUARDS for fault in guard(claim, aligned)]
    found += _names(claim, aligned, everything)
    return found


def _numbers(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Find each figure of the sentence in the evidence, in its unit."""
    held = [q for reading in aligned for q in reading.quantities]
    matched = [q for q in claim.quantities if any(same(q, e) for e in held)]
    unused = [e for e in held if not any(same(q, e) for q in matched)]
    for quantity in matched:
        opposite = {"above": "below", "below": "above"}.get(quantity.bound)
        if opposite and any(e.bound == opposite and same(quantity, e) for e in held):
            yield Fault("number", Verdict.CONTRADICTED, f"{quantity.written} bounds it from the other side")
    for quantity in claim.quantities:
        if quantity in matched or _within(quantity, matched) or _in_a_name(quantity, claim, aligned):
            continue
        parts = [q for q in claim.quantities if q is not quantity and quantity.start <= q.start < quantity.end]
        if quantity.unit == SHARE and parts and all(q in matched for q in parts):
            continue
        rival = _rival(quantity, unused)
        if rival:
            yield Fault("number", Verdict.CONTRADICTED, f"it says {quantity.written}, the evidence {rival.written}")
        elif not quantity.spelled:
            yield Fault("number", Verdict.UNSUPPORTED, f"{quantity.written} does not stand in the evidence")


def _within(quantity: Quantity, matched: Sequence[Quantity]) -> bool:
    """Whether it is a part of a share that was matched: the "one" of "one in five"."""
    return any(m.unit == SHARE and m.start <= quantity.start and quantity.end <= m.end for m in matched)


def _in_a_name(quantity: Quantity, claim: Reading, aligned: Sequence[Reading]) -> bool:
    """Whether it is part of a name: "the 7B model" beside "Llama-7B", "BRCA 1" beside "BRCA1"."""
    if any(f"-{quantity.written}" in name for reading in aligned for name in reading.names):
        return True
    before = claim.text[: quantity.start].split()
    return (
        bool(before)
        and before[-1].isalpha()
        and any(holds_name(r.text, f"{before[-1]}-{quantity.written}") for r in aligned)
    )


def _rival(quantity: Quantity, unused: Sequence[Quantity]) -> Quantity | None:
    """Find the figure that stands in the evidence instead: of its unit, or the same figure in another unit."""
    for other in unused:
        if other.value == quantity.value and other.written.split()[0] == quantity.written.split()[0]:
            return other
        if quantity.unit == ORDINAL or (quantity.spelled and not quantity.unit):
            if other.unit == quantity.unit and other.noun == quantity.noun:
                return other
        elif same_unit(quantity, other) or (quantity.unit == "fold" and other.unit in {"%", SHARE}):
            return other
    return None


def _negation(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Compare denials: what one of the two denies, the other must not affirm."""
    best = aligned[0]
    for mine in claim.negations:
        if not any(_met(mine, claim, other) for other in aligned) and _speaks_of(mine, best):
            yield Fault("negation", Verdict.CONTRADICTED, _denial("it denies what the evidence says", mine))
            return
    for theirs in best.negations:
        if _speaks_of(theirs, claim) and not _met(theirs, best, claim):
            yield Fault("negation", Verdict.CONTRADICTED, _denial("the evidence denies it", theirs))
            return


def _denial(what: str, negation: Negation) -> str:
    return f"{what} ({' '.join(negation.reach[:3])})"


def _speaks_of(negation: Negation, other: Reading) -> bool:
    """Whether the other sentence speaks of what is negated: of its first word, or of two of its words."""
    shared = set(negation.reach) & other.content
    return negation.reach[0] in shared or len(shared) > 1


def _met(negation: Negation, of: Reading, other: Reading) -> bool:
    """Whether the other sentence negates the same, by a negation or by an opposite word ("unrelated")."""
    reach, clause = set(negation.reach), of.clause_of(negation.place)
    for theirs in other.negations:
        if reach & set(theirs.reach):
            return True
        # "not … without" has two denials in one clause: one that answers the second can't answer the first.
        taken = any(mine is not negation and set(mine.reach) & set(theirs.reach) for mine in of.negations)
        if not taken and len(clause & other.clause_of(theirs.place)) > 1:
            return True
    for stem in reach:
        opposites = {(axis, -sign) for axis, sign in AXES.get(stem, ())}
        if any(opposites & set(AXES.get(word, ())) for word in other.content - of.content):
            return True
    return bool(reach & set(other.prefixed))


def _direction(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Compare directions: no word may stand where the evidence has its opposite."""
    exchanged = sides_exchanged(claim, aligned[0], "than")
    for word in claim.words:
        for axis, sign in AXES.get(word.stem, ()):
            other = _counterpart(word, axis, sign, claim, aligned)
            if other is None:
                continue
            opposite, negated = other
            if opposite != exchanged and not (negated and axis in COMPLEMENTS):
                yield Fault("direction", Verdict.CONTRADICTED, f"“{word.low}” is the opposite in the evidence")
                return
    yield from _prefixes(claim, aligned)


def _counterpart(
    word: Word, axis: int, sign: int, claim: Reading, aligned: Sequence[Reading]
) -> tuple[bool, bool] | None:
    """Find the evidence's word on this axis in the likest surroundings: whether it is opposite, and negated."""
    if word.place + 1 < len(claim.words) and claim.words[word.place + 1].low == "than" and _bounds(word, claim):
        return None
    context = claim.near(word.place) | {word.stem}
    best: tuple[float, bool, bool] | None = None
    for reading in aligned[:2]:
        for other in reading.words:
            for their_axis, their_sign in AXES.get(other.stem, ()):
                both_sides = word.stem in reading.stems and other.stem in claim.stems
                if their_axis != axis or (both_sides and their_sign != sign):
                    continue
                overlap = len(context & (reading.near(other.place) | {other.stem}))
                wide = axis in COMPLEMENTS
                mine_denied, theirs_denied = _denied(word, claim, wide), _denied(other, reading, wide)
                opposite = their_sign != sign
                if mine_denied != theirs_denied:
                    # Denial turns "opposite" round, but "rose" is no "did not fall": that stays a fault.
                    opposite = not opposite or (theirs_denied and opposite)
                ranked = (overlap + (0.5 if not opposite else 0), opposite, theirs_denied)
                if overlap > (0 if reading is aligned[0] else 2) and (best is None or ranked[0] > best[0]):
                    best = ranked
    return best[1:] if best else None


def _bounds(word: Word, reading: Reading) -> bool:
    """Whether the comparative only bounds a figure: "fewer than 7B"."""
    start = reading.words[word.place + 1].start
    return any(start < q.start <= start + 12 for q in reading.quantities)


def _denied(word: Word, reading: Reading, wide: bool = False) -> bool:
    """Whether a negation reaches the word; `wide`: stands anywhere in its clause ("the difference was not …")."""
    if wide and any(reading.words[n.place].clause == word.clause for n in reading.negations):
        return True
    # "improved no accuracy" denies the improving too.
    return any(
        (word.stem in n.reach and (word.place > n.place) is not n.backwards) or n.place == word.place + 1
        for n in reading.negations
    )


def _prefixes(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Look for "unstable" where the evidence has "stable"."""
    best = aligned[0]
    for ours, theirs in ((claim, best), (best, claim)):
        for bare, whole in ours.prefixed.items():
            if bare not in theirs.content or whole.stem in theirs.content or bare in ours.content:
                continue
            plain = next(w for w in theirs.words if w.stem == bare)
            if _denied(plain, theirs) == _denied(whole, ours):
                yield Fault("direction", Verdict.CONTRADICTED, f"one says “{whole.low}”, the other “{plain.low}”")
                return


def _rivals(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Look for "rats" where the evidence has "mice": words that exclude each other."""
    best = aligned[0]
    for stem in claim.content - best.content:
        for group, member in RIVALS.get(stem, ()):
            spare = best.content - claim.content
            others = {s for s in spare if any(g == group and m != member for g, m in RIVALS.get(s, ()))}
            same_member = any((group, member) in RIVALS.get(s, ()) for s in best.content)
            if others and not same_member:
                yield Fault("name", Verdict.UNSUPPORTED, f"it says {stem}, the evidence {min(others)}")
                return


def _names(claim: Reading, aligned: Sequence[Reading], everything: str) -> Iterator[Fault]:
    """Look for a name that the evidence does not hold, the worse where it has another in its place."""
    missing = [name for name in claim.names if not holds_name(everything, name)]
    instead = [name for name in aligned[0].names if not holds_name(claim.text, name)]
    if missing and instead:
        yield Fault("name", Verdict.UNSUPPORTED, f"{missing[0]} is not in the evidence, which names {instead[0]}")
    elif missing:
        yield Fault("unknown_name", Verdict.PARTIAL, f"{missing[0]} is not in the evidence")


def _hedges(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Compare certainty: "may" must not become "does", nor "suggests" "proves"."""
    best = aligned[0]
    hedging = [w for w in best.words if w.stem in MODALS | OPEN and not _denied_next(w, best)]
    reached = any(len(set(_after(w, best)) & claim.content) >= 2 for w in hedging)
    if hedging and reached and not claim.stems & HEDGES:
        yield Fault("hedge", Verdict.PARTIAL, f"the evidence says it only with “{hedging[0].low}”")
    elif claim.content & CERTAIN and not best.stems & CERTAIN and best.stems & TENTATIVE:
        yield Fault("hedge", Verdict.PARTIAL, "it is surer than the evidence")


def _denied_next(word: Word, reading: Reading) -> bool:
    """Whether it is "could not": no hedge but a failure."""
    following = reading.words[word.place + 1 : word.place + 2]
    return bool(following) and following[0].low in {"not", "never"}


def _after(word: Word, reading: Reading, count: int = 8) -> list[str]:
    return [w.stem for w in reading.words[word.place + 1 :] if w.content][:count]


def _cause(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Compare causes: an association must not become one."""
    best = aligned[0]
    causal = [w for w in claim.words if (w.stem in CAUSES or w.low in CHANGES) and w.stem not in best.stems]
    if causal and best.stems & ASSOCIATIONS and not best.stems & CAUSES and not claim.stems & (ASSOCIATIONS | HEDGES):
        yield Fault("cause", Verdict.PARTIAL, f"“{causal[0].low}” is more than the association told of")


def _quantifiers(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Compare how many: "some" must not become "all"."""
    best = aligned[0]
    if not claim.stems & UNIVERSAL or best.stems & UNIVERSAL or claim.stems & PARTIAL:
        return
    for word in (w for w in best.words if w.stem in PARTIAL):
        if set(_after(word, best, 3)) & claim.content:
            yield Fault("quantifier", Verdict.PARTIAL, f"the evidence says it only of “{word.low}”")
            return


def _exchanged(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Compare who did what to whom, and which figure is whose."""
    why = misplaced(claim, aligned[0])
    if why:
        yield Fault("swap", Verdict.CONTRADICTED, why)


def _edited(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Fault]:
    """Look at what a near copy left out or exchanged."""
    for kind, why in overstatements(claim, aligned[0]):
        yield Fault(kind, Verdict.PARTIAL, why)


_Guard = Callable[[Reading, Sequence[Reading]], Iterator[Fault]]
_GUARDS: tuple[_Guard, ...] = (
    _numbers, _negation, _direction, _rivals, _hedges, _cause, _quantifiers, _exchanged, _edited,
)  # fmt: skip
