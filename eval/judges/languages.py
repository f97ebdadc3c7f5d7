"""A judge that reads English only gives no verdict on a sentence in another language."""

from __future__ import annotations

from collections.abc import Sequence

from eval.judges.judged import Judge
from rag.text.language import in_another_language
from rag.types import Support, Verdict


class EnglishOnly:
    """A judge kept from sentences that it can't read, unless the evidence holds them word for word."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge an English sentence; `unknown` for one in another language, or of such evidence alone."""
        found = self.judge.check(sentence, evidence)
        foreign = in_another_language(sentence) or (bool(evidence) and in_another_language(" ".join(evidence)))
        if not foreign or any(sentence in text for text in evidence):
            return found
        return Support(0.0, Verdict.UNKNOWN, "this judge reads English only")
