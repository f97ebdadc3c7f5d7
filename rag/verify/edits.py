"""Single words that a near copy of a sentence leaves out or exchanges, and that make it say more than the sentence.

The other guards ask whether a sentence holds a hedge or a cause at all; a long one may hold two and lose one.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from rag.verify.lexicon import ASSOCIATIONS, CAUSES, CHANGES, HEDGES, MODALS, PARTIAL, TENTATIVE, UNIVERSAL
from rag.verify.reading import Reading, Word

# The share of the claim's words that stand in the evidence in the same order, from which it is a near copy.
NEAR_COPY = 0.8
# Words that one edit may span on either side: a longer piece left out is a trimmed clause, hedge and all.
SPAN = 4


def overstatements(claim: Reading, evidence: Reading) -> Iterator[tuple[str, str]]:
    """Yield the kind of each edit that makes the claim say more than the evidence, and why in words."""
    for ours, theirs, following in _edits(claim, evidence):
        mine, said = {w.stem for w in ours}, {w.stem for w in theirs}
        told = " ".join(w.low for w in theirs)
        if said & ((MODALS | TENTATIVE) if ours else MODALS) and not mine & HEDGES:
            yield "hedge", f"the evidence says it only with “{told}”"
        elif said & ASSOCIATIONS and _causal((*ours, *following)) and not mine & (ASSOCIATIONS | HEDGES):
            yield "cause", f"the evidence tells of an association only (“{told}”)"
        elif said & PARTIAL and mine & UNIVERSAL:
            yield "quantifier", f"the evidence says it only with “{told}”"


def _edits(claim: Reading, evidence: Reading) -> Iterator[tuple[tuple[Word, ...], tuple[Word, ...], tuple[Word, ...]]]:
    """Yield words of the claim, those of the evidence that stand in their place, and the claim's next word.

    Nothing for a claim that is no near copy.
    """
    ours, theirs = claim.words, evidence.words
    matcher = SequenceMatcher(None, [w.stem for w in ours], [w.stem for w in theirs], autojunk=False)
    if sum(block.size for block in matcher.get_matching_blocks()) < NEAR_COPY * len(ours):
        return
    for tag, begin, end, start, stop in matcher.get_opcodes():
        if tag != "equal" and end - begin <= SPAN and stop - start <= SPAN and not _denied(evidence, stop):
            yield ours[begin:end], theirs[start:stop], ours[end : end + 1]


def _denied(evidence: Reading, place: int) -> bool:
    """Whether a "not" follows: "could not" is a failure, no hedge."""
    return place < len(evidence.words) and evidence.words[place].low in {"not", "never"}


def _causal(words: tuple[Word, ...]) -> bool:
    return any(w.stem in CAUSES or w.low in CHANGES for w in words)
