"""What every checker offers: a judgement of one sentence against the texts that are said to carry it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.types import Support


class Checker(Protocol):
    """Judges whether evidence carries a sentence. A receipt calls it by its `name`, else by that of its class."""

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge `sentence` against all of `evidence` together: sentences or longer texts, in any number.

        Never raises for any text; what cannot be judged is `Verdict.UNKNOWN`.
        """
        ...
