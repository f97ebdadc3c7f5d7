"""What a sentence and its evidence have in common, as numbers: the inputs of the logistic model in `weights`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from rag.text.reading import Reading
from rag.verify.guards import Mismatch

GUARDS = ("number", "missing_number", "negation", "direction", "name")


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted logistic model over named features, and the probabilities from which a claim is supported, or partly."""

    bias: float
    supported_from: float
    partial_from: float
    weights: Mapping[str, float]

    def probability(self, values: Mapping[str, float]) -> float:
        """Return the model's probability that the evidence supports the claim."""
        total = self.bias + sum(weight * values[name] for name, weight in self.weights.items())
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))


def feature_values(
    claim: Reading, pieces: Sequence[Reading], likeness: Mapping[str, float], found: Sequence[Mismatch], alike: bool
) -> dict[str, float]:
    """Describe the pair.

    `pieces` are the sentences of the evidence, `likeness` what was measured with the nearest of them, `found` what the
    guards say, `alike` whether the two are about the same thing: then a fault weighs more. All shares are in [0, 1].
    """
    wanted = claim.content or claim.stems or frozenset({""})
    held = frozenset().union(*(piece.content for piece in pieces))
    kinds = {fault.kind for fault in found}
    values = {
        # In a long text, words match by chance.
        "coverage_long": share(wanted, held) * log(1 + len(pieces)),
        "missing": log(1 + len(wanted - held)),
        "pieces": log(1 + len(pieces)),
    }
    values |= {kind: float(kind in kinds) for kind in GUARDS}
    return values | dict(likeness) | {f"{kind}_alike": float(alike and kind in kinds) for kind in GUARDS}


def share(part: frozenset[str], whole: frozenset[str]) -> float:
    """Return the share of `part` that is in `whole`."""
    return len(part & whole) / max(1, len(part))
