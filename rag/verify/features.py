"""What a sentence and its evidence have in common, as numbers: the inputs of the logistic model in `weights`."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from rag.verify.guards import Fault
from rag.verify.reading import Reading

GUARDS = ("number", "negation", "direction", "name")


def features(
    claim: Reading, pieces: Sequence[Reading], top: Sequence[int], cosines: Sequence[float], found: Sequence[Fault]
) -> dict[str, float]:
    """Describe the pair.

    `pieces` are the sentences of the evidence, `top` the places of those most like the claim in their words, with one
    cosine each; `found` is what the guards say. All shares are in [0, 1].
    """
    wanted = claim.content or claim.stems or frozenset({""})
    held = frozenset().union(*(piece.content for piece in pieces))
    best = [pieces[i] for i in top]
    lows = [w.low for w in claim.words]
    kinds = {fault.kind for fault in found}
    values = {
        "coverage": _share(wanted, held),
        # In a long text words are found by chance.
        "coverage_long": _share(wanted, held) * log(1 + len(pieces)),
        "coverage_best": max(_share(wanted, piece.content) for piece in best),
        "missing": log(1 + len(wanted - held)),
        "run": max(_longest_run(lows, [w.low for w in piece.words]) for piece in best) / max(1, len(lows)),
        "cosine": max(cosines),
        "cosine_mean": sum(cosines) / len(cosines),
        "claim_words": log(1 + len(lows)),
        "pieces": log(1 + len(pieces)),
    }
    return values | {kind: float(kind in kinds) for kind in GUARDS}


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    return len(part & whole) / max(1, len(part))


def _longest_run(claim: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest run of words that both hold (dynamic programme, one row)."""
    best = 0
    row = [0] * (len(other) + 1)
    for word in claim:
        previous = 0
        for place, theirs in enumerate(other, start=1):
            above = row[place]
            row[place] = previous + 1 if word == theirs else 0
            best = max(best, row[place])
            previous = above
    return best
