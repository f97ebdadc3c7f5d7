"""Hard guards: faults that make a sentence unfaithful to its evidence, however similar the two look.

Each guard compares the sentence with the sentence of the evidence that is most like it (and its neighbours in likeness
where a claim may rest on several), and says what it found, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.text.entity_names import holds_name, other_version
from rag.text.lexicon import (
    ASSOCIATIONS,
    AXES,
    CAUSES,
    CHANGES,
    HEDGES,
    MODALS,
    NARROW,
    PARTIAL,
    REMOVALS,
    RIVALS,
    UNIVERSAL,
)
from rag.text.quantities import ORDINAL, SHARE, Quantity, quantities
from rag.text.quantity_match import same, same_unit
from rag.text.reading import Negation, Reading, Word, read
from rag.text.words import STOPWORDS, foreign_letters, mostly_latin
from rag.types import Verdict
from rag.verify.antonyms import turned_round
from rag.verify.bindings import misplaced
from rag.verify.edits import denied_anew, miscounted, near_copy, overstatements, renamed
from rag.verify.owners import misgiven

# "Could" as often reports an ability, and "indicates" a result.
_DOUBTS = MODALS - {"could"} | {"suggest"}
HEDGED = 6  # content words after a hedge; with half of them, the claim is about what is hedged
_BRACKETED = re.compile(r"\s*\([^()]*\)")  # what a claim may leave out
_JOINED = re.compile(r"[^\W_]+(?:[.,·'’-][^\W_]+)*")
# Letters that are drawn as 0, 1 and 3, around a decimal point or next to digits.
_FOR_A_FIGURE = re.compile(r"(?=.*[OoОоΟοIlЗз])(?=.*(?:\d|[ОоΟοЗз][.,][ОоΟοЗз]))[\dOoОоΟοIlЗз]+[.,·][\dOoОоΟοIlЗз]+")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A fault in a sentence: the guard that found it, the verdict that follows, and why in words."""

    kind: str
    verdict: Verdict
    why: str


def faults(claim: Reading, aligned: Sequence[Reading], everything: str) -> list[Mismatch]:
    """Return what the guards find. `aligned` is best first, never empty; `everything` is the whole evidence."""
    found = list(_numbers(claim, aligned, everything))
    found += [fault for guard in _GUARDS for fault in guard(claim, aligned)]
    found += _names(claim, aligned, everything)
    found += _versions(claim, aligned, everything)
    found += _disguised(claim, everything)
    return found


def _numbers(claim: Reading, aligned: Sequence[Reading], everything: str) -> Iterator[Mismatch]:
    """Find each figure of the sentence in the evidence, in its unit."""
    held = [q for reading in aligned for q in reading.quantities]
    matched = [q for q in claim.quantities if any(same(q, e) for e in held)]
    unused = [e for e in held if not any(same(q, e) for q in matched)]
    for quantity in matched:
        opposite = {"above": "below", "below": "above"}.get(quantity.bound)
        if opposite and any(e.bound == opposite and same(quantity, e) for e in held):
            yield Mismatch("number", Verdict.CONTRADICTED, f"{quantity.written} is a bound in the other direction")
    for quantity in claim.quantities:
        if quantity in matched or _needs_no_match(quantity, claim, aligned, matched):
            continue
        rival = _rival(quantity, unused)
        if rival:
            yield Mismatch("number", Verdict.CONTRADICTED, f"it says {quantity.written}, the evidence {rival.written}")
        elif not quantity.spelled and not any(same(quantity, e) for e in quantities(everything)):
            yield Mismatch("missing_number", Verdict.UNSUPPORTED, f"{quantity.written} is not in the evidence")


def _needs_no_match(
    quantity: Quantity, claim: Reading, aligned: Sequence[Reading], matched: Sequence[Quantity]
) -> bool:
    """Whether a figure needs no match of its own: part of a name or of another figure, or worked out of figures."""
    if _within(quantity, matched) or _in_a_name(quantity, claim, aligned):
        return True
    if _worked_out(quantity) and not near_copy(claim, aligned[0]):
        return True
    parts = [q for q in claim.quantities if q is not quantity and quantity.start <= q.start < quantity.end]
    return quantity.unit == SHARE and bool(parts) and all(q in matched for q in parts)


def _within(quantity: Quantity, matched: Sequence[Quantity]) -> bool:
    """Whether it is a part of a share that was matched: the "one" of "one in five"."""
    return any(m.unit == SHARE and m.start <= quantity.start and quantity.end <= m.end for m in matched)


def _worked_out(quantity: Quantity) -> bool:
    """Whether it is a proportion in words, "twice" or "fewer than a quarter", which a writer works out of figures."""
    return quantity.unit in {"fold", SHARE} and not any(character.isdigit() for character in quantity.written)


def _in_a_name(quantity: Quantity, claim: Reading, aligned: Sequence[Reading]) -> bool:
    """Whether it is part of a name: "the 7B model" next to "Llama-7B", "BRCA 1" beside "BRCA1"."""
    if any(f"-{quantity.written}" in name for reading in aligned for name in reading.names):
        return True
    before = claim.text[: quantity.start].split()
    if not before or not before[-1].isalpha() or before[-1] in STOPWORDS or not quantity.written.isdigit():
        return False
    return any(holds_name(r.text, f"{before[-1]}-{quantity.written}") for r in aligned)


def _rival(quantity: Quantity, unused: Sequence[Quantity]) -> Quantity | None:
    """Find the figure that the evidence has instead: in the same unit, or the same figure in another unit."""
    for other in unused:
        if other.value == quantity.value and other.written.split()[0] == quantity.written.split()[0]:
            return other
        if quantity.is_year is not other.is_year:
            continue
        if quantity.unit == ORDINAL or (quantity.spelled and not quantity.unit):
            if other.unit == quantity.unit and other.noun == quantity.noun:
                return other
        elif same_unit(quantity, other) or (quantity.unit == "fold" and other.unit in {"%", SHARE}):
            return other
    return None


def _negation(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Mismatch]:
    """Compare negations: what one of the two denies, the other must not affirm."""
    best = aligned[0]
    for mine in claim.negations:
        # "Cells without the gene" names the subject, which the evidence may call "mutants".
        if claim.words[mine.place].stem in NARROW and not near_copy(claim, best):
            continue
        if not any(_negated_too(mine, claim, other) for other in aligned) and _mentions(mine, best):
            yield Mismatch("negation", Verdict.CONTRADICTED, _denial("it denies what the evidence says", mine, claim))
            return
    for theirs in best.negations:
        denied = _mentions(theirs, claim) and not _negated_too(theirs, best, claim)
        if denied and not any(_affirmed(theirs, best, reading, claim) for reading in aligned):
            yield Mismatch("negation", Verdict.CONTRADICTED, _denial("the evidence denies it", theirs, best))
            return


def _removed(reach: set[str], other: Reading) -> bool:
    """Whether the other sentence removes what is lacking: "deleting the gene" for "without the gene"."""
    return any(w.stem in REMOVALS and other.near(w.place) & reach for w in other.words)


def _affirmed(negation: Negation, of: Reading, reading: Reading, claim: Reading) -> bool:
    """Whether what is denied there is affirmed here of the claim's own subject: "… did not, but filters did"."""
    most = len(of.clause_of(negation.place) & claim.content)
    return any(
        word.stem in negation.reach
        and word.stem in claim.content
        and not (reading is of and word.clause == of.words[negation.place].clause)
        and len(reading.clause_of(word.place) & claim.content) >= most
        and not any(reading.words[n.place].clause == word.clause for n in reading.negations)
        for word in reading.words
    )


def _denial(what: str, negation: Negation, of: Reading) -> str:
    return f"{what} (“{' '.join(_written(stem, of) for stem in negation.reach[:3])}”)"


def _written(stem: str, reading: Reading) -> str:
    """Return the word of this stem as a person would read it."""
    return next((word.low for word in reading.words if word.stem == stem), stem)


def _mentions(negation: Negation, other: Reading) -> bool:
    """Whether the other sentence mentions what is negated: its first word, or two of its words."""
    shared = set(negation.reach) & other.content
    return negation.reach[0] in shared or len(shared) > 1


def _negated_too(negation: Negation, of: Reading, other: Reading) -> bool:
    """Whether the other sentence negates the same, by a negation or by an opposite word ("unrelated")."""
    if _says(other, _negating_stems(negation, of)):
        return True
    reach, clause = set(negation.reach), of.clause_of(negation.place)
    for theirs in other.negations:
        if reach & set(theirs.reach):
            return True
        # "not … without" has two negations in one clause: a match for the second can't match the first.
        taken = any(mine is not negation and set(mine.reach) & set(theirs.reach) for mine in of.negations)
        their_clause = other.clause_of(theirs.place)
        if not taken and (len(clause & their_clause) > 1 or reach & other.content <= their_clause != set()):
            return True
    if of.words[negation.place].stem in NARROW and _removed(reach, other):
        return True
    for stem in reach:
        opposites = {(axis, -sign) for axis, sign in AXES.get(stem, ())}
        if any(opposites & set(AXES.get(word, ())) for word in other.content - of.content):
            return True
    # A word that both have ("non-experts") matches no negation.
    return bool(reach & (set(other.prefixed) - set(of.prefixed)))


def _negating_stems(negation: Negation, of: Reading) -> list[str]:
    """Return the stems from the negating word to the first word that it negates, forwards or backwards."""
    first = next((w.place for w in of.words[negation.place + 1 :] if w.stem == negation.reach[0]), negation.place)
    last = next(w.place for w in of.words if w.stem == negation.reach[-1])
    begin, end = (last, negation.place) if negation.backwards else (negation.place, first)
    return [w.stem for w in of.words[begin : end + 1]]


def _says(reading: Reading, stems: list[str]) -> bool:
    """Whether these words are in a row, across clauses: a comma more or less changes no negation."""
    held = [w.stem for w in reading.words]
    return any(held[i : i + len(stems)] == stems for i in range(len(held)) if held[i] == stems[0])


def _direction(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Mismatch]:
    """Compare directions: no word may be where the evidence has its opposite."""
    if why := turned_round(claim, aligned):
        yield Mismatch("direction", Verdict.CONTRADICTED, why)


def _rivals(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Mismatch]:
    """Look for "rats" where the evidence has "mice": words that exclude each other."""
    best = aligned[0]
    for stem in claim.content - best.content:
        for group, member in RIVALS.get(stem, ()):
            spare = best.content - claim.content
            others = {s for s in spare if any(g == group and m != member for g, m in RIVALS.get(s, ()))}
            same_member = any((group, member) in RIVALS.get(s, ()) for s in best.content)
            if others and not same_member:
                why = f"it says {_written(stem, claim)}, the evidence {_written(min(others), best)}"
                yield Mismatch("name", Verdict.UNSUPPORTED, why)
                return


def _names(claim: Reading, aligned: Sequence[Reading], everything: str) -> Iterator[Mismatch]:
    """Look for a name that isn't in the evidence; worse where the evidence has another in its place."""
    missing = [name for name in claim.names if not holds_name(everything, name)]
    instead = [name for name in aligned[0].names if not holds_name(claim.text, name)]
    if missing and instead:
        yield Mismatch("name", Verdict.UNSUPPORTED, f"{missing[0]} is not in the evidence, which names {instead[0]}")
    elif missing:
        yield Mismatch("unknown_name", Verdict.PARTIAL, f"{missing[0]} is not in the evidence")


def _versions(claim: Reading, aligned: Sequence[Reading], everything: str) -> Iterator[Mismatch]:
    """Look for a name whose digits differ from the evidence's: "Llama-2-7B" for "Llama-3-8B", "v0.1" for "v0.2"."""
    for name in claim.names:
        rival = next((other for r in aligned for other in r.names if other_version(name, other)), None)
        if rival and not holds_name(everything, name):
            yield Mismatch("version", Verdict.UNSUPPORTED, f"it says {name}, the evidence {rival}")
            return


def _disguised(claim: Reading, everything: str) -> Iterator[Mismatch]:
    """Look for a figure or word drawn in letters of another script that the evidence doesn't use."""
    latin = mostly_latin(claim.text)
    for match in _JOINED.finditer(claim.text):
        written = match.group()
        if written not in everything and ((latin and foreign_letters(written)) or _FOR_A_FIGURE.fullmatch(written)):
            why = f"{written} is written in letters that the evidence doesn't use"
            yield Mismatch("missing_number", Verdict.UNSUPPORTED, why)
            return


def _after(word: Word, reading: Reading, count: int = 8) -> list[str]:
    return [w.stem for w in reading.words[word.place + 1 :] if w.content][:count]


def _cause(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Mismatch]:
    """Compare causes: an association must not become one."""
    best = aligned[0]
    causal = [w for w in claim.words if (w.stem in CAUSES or w.low in CHANGES) and w.stem not in best.stems]
    if causal and best.stems & ASSOCIATIONS and not best.stems & CAUSES and not claim.stems & (ASSOCIATIONS | HEDGES):
        yield Mismatch("cause", Verdict.PARTIAL, f"“{causal[0].low}” claims more than the association in the evidence")


def _quantifiers(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Mismatch]:
    """Compare quantifiers: "some" must not become "all"."""
    best = aligned[0]
    if not claim.stems & UNIVERSAL or best.stems & UNIVERSAL or claim.stems & PARTIAL:
        return
    for word in (w for w in best.words if w.stem in PARTIAL):
        if set(_after(word, best, 3)) & claim.content:
            yield Mismatch("quantifier", Verdict.PARTIAL, f"the evidence says so only of “{word.low}”")
            return


def _hedges(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Mismatch]:
    """Compare hedges: what the evidence says only with "may", the claim must not state outright."""
    best = aligned[0]
    if claim.stems & HEDGES:
        return
    for word in (w for w in best.words if w.stem in _DOUBTS):
        doubted = _after(word, best, HEDGED)
        if len(set(doubted) & claim.content) >= HEDGED // 2:
            yield Mismatch("hedge", Verdict.PARTIAL, f"the evidence says so only with “{word.low}”")
            return


def _exchanged(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Mismatch]:
    """Compare who did what to whom, and what each figure belongs to."""
    best = aligned[0]
    if _says(best, [word.stem for word in claim.words]):
        return  # a piece cut out of it swaps nothing
    why = misplaced(claim, best)
    if why and misplaced(claim, _without_asides(best, claim)):
        yield Mismatch("swap", Verdict.CONTRADICTED, why)
    if why := misgiven(claim, best):
        yield Mismatch("owner", Verdict.CONTRADICTED, why)


def _without_asides(reading: Reading, claim: Reading) -> Reading:
    """Leave out the brackets whose words and figures the claim lacks."""

    def kept(aside: re.Match[str]) -> str:
        return aside.group() if {w.stem for w in read(aside.group()).words} & claim.stems else ""

    return read(_BRACKETED.sub(kept, reading.text))


def _edited(claim: Reading, aligned: Sequence[Reading]) -> Iterator[Mismatch]:
    """Check what a near copy left out or replaced."""
    if why := miscounted(claim, aligned[0]):
        yield Mismatch("number", Verdict.CONTRADICTED, why)
    if why := denied_anew(claim, aligned[0]):
        yield Mismatch("negation", Verdict.CONTRADICTED, why)
    if why := renamed(claim, aligned[0]):
        yield Mismatch("name", Verdict.UNSUPPORTED, why)
    for kind, why in overstatements(claim, aligned[0]):
        yield Mismatch(kind, Verdict.PARTIAL, why)


_Guard = Callable[[Reading, Sequence[Reading]], Iterator[Mismatch]]
_GUARDS: tuple[_Guard, ...] = (
    _negation, _direction, _rivals, _cause, _quantifiers, _hedges, _exchanged, _edited,
)  # fmt: skip
