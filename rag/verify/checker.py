"""What every checker offers: a judgement of one sentence against the texts that are said to carry it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.types import Support

# Why a sentence is `unknown` that was to be checked after the answer's time was over.
NO_TIME = "no time was left to check it: raise PINCITE_TIMEOUT"


class Checker(Protocol):
    """Judges whether evidence carries a sentence. A receipt calls it by its `name`, else by that of its class."""

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge `sentence` against all of `evidence` together: sentences or longer texts, in any number.

        Never raises for any text; what cannot be judged is `Verdict.UNKNOWN`.
        """
        ...
