"""Three witnesses for a claim: the reader, the alignment of words, and the exact guards; one small model weighs them.

The reader understands a free paraphrase and sees swapped sides and reversed directions; the alignment sees whether two
texts are about the same thing at all; the guards see a changed figure, name or "not". Each errs in its own way.
A near copy shares its words with the evidence whether it is right or wrong, so there the alignment says little: the
reader decides nearly alone, on a scale of its own. The weights are fitted by `bench/weigh_witnesses.py` to claims that
the reader wasn't trained on (docs/lab/reader.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Protocol

from rag.models.reader import Odds
from rag.text.words import term_set
from rag.types import Verdict
from rag.verify import witness_weights
from rag.verify.guards import Mismatch

# Odds are kept away from certainty, where differences mean nothing.
_SURE = 0.003


class ClaimReader(Protocol):
    """Judges what passages say about a claim; `rag.models.reader.Reader` is one."""

    @property
    def name(self) -> str:
        """Its name in a receipt."""
        ...

    def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[Odds]:
        """Return for each claim with its passages how likely they support it, leave it open or contradict it."""
        ...


def read_against(claim: str, pieces: Sequence[str], reader: ClaimReader) -> tuple[Odds, Odds]:
    """Return the reader's verdict on a claim by all of the evidence, and by the sentence nearest to it."""
    if len(pieces) == 1:
        (alone,) = reader.judge([(claim, pieces)])
        return alone, alone
    wanted = term_set(claim)

    def shared(piece: str) -> float:
        held = term_set(piece)
        return len(wanted & held) / (len(wanted) + 0.15 * len(held) + 1e-9)

    whole, nearest = reader.judge([(claim, pieces), (claim, [max(pieces, key=shared)])])
    return whole, nearest


def testimony(alignment: float, odds: tuple[Odds, Odds], faults: Iterable[Mismatch]) -> dict[str, float]:
    """Return what is weighed: log odds of support, and whether a guard found a contradiction."""
    whole, nearest = odds
    return {
        "alignment": log_odds(alignment),
        "whole": log_odds(whole.supported),
        "nearest": log_odds(nearest.supported),
        "denied": float(any(fault.verdict is Verdict.CONTRADICTED for fault in faults)),
    }


@dataclass(frozen=True, slots=True)
class Scale:
    """What each witness weighs, and from which probability a claim is supported, and from which in part."""

    bias: float
    supported_from: float
    partial_from: float
    weights: Mapping[str, float]

    def probability(self, found: Mapping[str, float]) -> float:
        """Return how likely the evidence supports the claim, in [0, 1]."""
        return 1 / (1 + exp(-(self.bias + sum(weight * found[name] for name, weight in self.weights.items()))))


COPIES, OTHERS = Scale(*witness_weights.COPIES), Scale(*witness_weights.OTHERS)


def log_odds(likely: float) -> float:
    """Return the log odds of a probability, kept away from certainty."""
    sure = min(1 - _SURE, max(_SURE, likely))
    return log(sure / (1 - sure))
