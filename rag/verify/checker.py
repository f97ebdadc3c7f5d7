"""What every checker offers: a judgement of one sentence against the texts that it cites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from rag.types import Support

# Why a sentence is `unknown` where the answer's time ran out before it was checked.
NO_TIME = "no time was left to check it: raise PINCITE_TIMEOUT"


class Checker(Protocol):
    """Judges whether evidence supports a sentence. A receipt records its `name`, else its class's name."""

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge `sentence` against all of `evidence` together: sentences or longer texts, in any number.

        Never raises for any text; what cannot be judged is `Verdict.UNKNOWN`.
        """
        ...


Claim = tuple[str, tuple[str, ...]]


@runtime_checkable
class BatchChecker(Checker, Protocol):
    """A checker that can judge all sentences of an answer in one call, as a language model does."""

    def check_many(self, claims: Sequence[Claim]) -> None:
        """Judge each sentence against its evidence, so that `check` knows the verdicts. Never raises."""
        ...


@runtime_checkable
class ParallelChecker(Checker, Protocol):
    """A checker that several threads may ask at the same time."""

    @property
    def threads(self) -> int:
        """How many threads may ask it at the same time."""
        ...
