"""Whether findings of two papers exclude each other, as the reader reads them with each as the claim in turn.

A false alarm sets two papers against each other that don't disagree, so both readings have to reach the bar.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.verify.witnesses import ClaimReader

# By `bench/disputes.py`: of the findings put aside that dispute nothing, 1.1% reach it, and 1.7% of those that share
# enough terms to be read; of those that dispute, 8% and 10% (docs/lab/reader.md).
BAR = 0.75

Pair = tuple[str, str]


def disputes(pairs: Sequence[Pair], reader: ClaimReader, bar: float = BAR) -> list[float]:
    """Return how surely the two findings of each pair exclude each other, in [0, 1]: the less sure of two readings.

    The reader gets all pairs in one call, and those that reach the bar, turned round, in another. A pair that doesn't
    is read once, and has that reading.
    """
    found = [odds.contradicted for odds in reader.judge([(one, (other,)) for one, other in pairs])]
    again = [i for i, sure in enumerate(found) if sure >= bar]
    turned = reader.judge([(pairs[i][1], (pairs[i][0],)) for i in again])
    for i, odds in zip(again, turned, strict=True):
        found[i] = min(found[i], odds.contradicted)
    return found
