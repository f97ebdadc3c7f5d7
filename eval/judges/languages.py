"""A judge that reads English only gives no verdict on a sentence in another language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from eval.judges.judged import Judge, supports
from rag.text.language import in_another_language
from rag.types import Support, Verdict


class EnglishOnly:
    """A judge kept from sentences that it can't read, unless the evidence holds them word for word."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge an English sentence; `unknown` for one in another language, or of such evidence alone."""
        if _reads(sentence, evidence):
            return self.judge.check(sentence, evidence)
        return Support(0.0, Verdict.UNKNOWN, "this judge reads English only")

    def supports(self, sentence: str, evidence: Sequence[str]) -> bool | None:
        """Return whether it supports an English sentence; None for one in another language, or of such evidence."""
        return supports(self.judge, sentence, evidence) if _reads(sentence, evidence) else None


def _reads(sentence: str, evidence: Sequence[str]) -> bool:
    """Whether both are English, or the evidence holds the sentence word for word."""
    foreign = in_another_language(sentence) or (bool(evidence) and _in_another_language(" ".join(evidence)))
    return not foreign or any(sentence in text for text in evidence)


# The same abstract is asked about again and again.
_in_another_language = lru_cache(maxsize=256)(in_another_language)
