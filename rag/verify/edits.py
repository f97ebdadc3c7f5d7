"""Single words that a near copy of a sentence leaves out or exchanges so that it says more, or something else.

Whether a sentence holds a hedge at all is not the question: a long one may hold two and lose one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.verify.lexicon import (
    ASSOCIATIONS,
    AXES,
    CAUSES,
    CHANGES,
    COUNTED,
    HEDGES,
    MODALS,
    OPEN,
    PARTIAL,
    TENTATIVE,
    UNIVERSAL,
)  # fmt: skip
from rag.verify.quantities import ORDINAL
from rag.verify.reading import Reading, Word

# The share of the claim's words that stand in the evidence in the same order, from which it is a near copy.
NEAR_COPY = 0.8
# Words that one edit may span on either side: a longer piece left out is a trimmed clause, hedge and all.
SPAN = 4
_IRREGULAR = frozenset().union(*COUNTED)


@dataclass(frozen=True, slots=True)
class Edit:
    """Words of the claim, those of the evidence that stand in their place, and the claim's words next to them."""

    ours: tuple[Word, ...]
    theirs: tuple[Word, ...]
    before: tuple[Word, ...]
    following: tuple[Word, ...]


def overstatements(claim: Reading, evidence: Reading) -> Iterator[tuple[str, str]]:
    """Yield the kind of each edit that makes the claim say more than the evidence, and why in words."""
    for edit in edits(claim, evidence):
        mine, said = {w.stem for w in edit.ours}, {w.stem for w in edit.theirs}
        told = " ".join(w.low for w in edit.theirs)
        if said & ((MODALS | TENTATIVE) if mine else (MODALS | OPEN)) and not mine & HEDGES:
            yield "hedge", f"the evidence says it only with “{told}”"
        elif said & ASSOCIATIONS and _causal((*edit.ours, *edit.following)) and not mine & (ASSOCIATIONS | HEDGES):
            yield "cause", f"the evidence tells of an association only (“{told}”)"
        elif said & PARTIAL and mine & UNIVERSAL:
            yield "quantifier", f"the evidence says it only with “{told}”"


def miscounted(claim: Reading, evidence: Reading) -> str:
    """Say what is counted or measured in place of something else ("12 patients" for "12 studies"); empty if nothing."""
    for edit in edits(claim, evidence):
        # "0.5B layers" for "0.5B parameters in 24 layers": what was left out takes another figure with it.
        cut = edit.following if any(w.low.isdigit() for w in edit.theirs) else ()
        behind = edit.ours or cut
        if edit.before and behind and edit.theirs and _counts(edit.before[0], claim):
            ours, theirs = behind[0], edit.theirs[0]
            measured = edit.before[0].low == "of"
            things = _is_thing(ours, measured) and _is_thing(theirs, measured)
            if things and not any({ours.stem, theirs.stem} <= g for g in COUNTED):
                return f"it counts {ours.low}, the evidence {theirs.low}"
    return ""


def near_copy(claim: Reading, evidence: Reading) -> bool:
    """Whether nearly all words of the claim stand in the evidence, in the same order."""
    return _aligned(claim, evidence) is not None


def edits(claim: Reading, evidence: Reading) -> Iterator[Edit]:
    """Yield what was changed in a near copy; nothing for a claim that is none."""
    ours, theirs = claim.words, evidence.words
    matcher = _aligned(claim, evidence)
    for tag, begin, end, start, stop in matcher.get_opcodes() if matcher else ():
        if tag != "equal" and end - begin <= SPAN and stop - start <= SPAN and not _denied(evidence, stop):
            yield Edit(ours[begin:end], theirs[start:stop], ours[max(0, begin - 1) : begin], ours[end : end + 1])


def _aligned(claim: Reading, evidence: Reading) -> SequenceMatcher[str] | None:
    """Lay the words of a near copy beside the evidence's; None for a claim that is none."""
    ours, theirs = [w.stem for w in claim.words], [w.stem for w in evidence.words]
    enough = NEAR_COPY * len(ours)
    if sum(stem in evidence.stems for stem in ours) < enough:
        return None  # whatever their order: most pairs end here
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return matcher if sum(block.size for block in matcher.get_matching_blocks()) >= enough else None


def _counts(word: Word, reading: Reading) -> bool:
    """Whether a word is the last of a figure that counts something, or the "of" of "25 tonnes of"."""
    if word.low == "of" and word.place:
        word = reading.words[word.place - 1]
        return any(q.start < word.start < q.end and q.unit for q in reading.quantities)
    return any(q.start <= word.start < q.end and not q.is_year and q.unit != ORDINAL for q in reading.quantities)


def _is_thing(word: Word, measured: bool) -> bool:
    """Whether it can be what a figure counts or measures: a counted noun is in the plural, as far as its end tells."""
    plural = word.low.endswith("s") or word.stem in _IRREGULAR
    return word.content and word.stem not in AXES and (plural or (measured and word.low.isalpha()))


def _denied(evidence: Reading, place: int) -> bool:
    """Whether a "not" follows: "could not" is a failure, no hedge."""
    return place < len(evidence.words) and evidence.words[place].low in {"not", "never"}


def _causal(words: tuple[Word, ...]) -> bool:
    return any(w.stem in CAUSES or w.low in CHANGES for w in words)
