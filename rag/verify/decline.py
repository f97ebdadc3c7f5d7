"""Whether the retrieved evidence can answer a question at all, judged before anything is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Evidence, Hit, Reason
from rag.words import terms

LOW_CONFIDENCE = 0.35
# What papers report in their tables and appendices, hardly ever in the abstract.
_FULL_TEXT_ONLY = re.compile(
    r"\b(?:learning rates?|batch sizes?|weight decay|warm-?up|optimi[sz]er|dropout|hyper-?parameters?|random seeds?|"
    r"gpus?|tpus?|a100s?|h100s?|v100s?|hardware|training time|wall-?clock|gpu hours|annotators?|hourly|"
    r"inter-?annotator|appendix|table \d+|figure \d+|section \d+|"
    r"footnotes?|ethics (?:approval|board)|irb|temperature setting)\b",
    re.IGNORECASE,
)


def assess(question: str, evidence: Sequence[Evidence], hits: Sequence[Hit]) -> Reason | None:
    """Return why the question can't be answered from this evidence, None where it probably can."""
    if not hits:
        return Reason.NO_PAPERS
    if not evidence:
        return Reason.LOW_RELEVANCE
    asked = {m.group().casefold() for m in _FULL_TEXT_ONLY.finditer(question)}
    held = " ".join(item.text for item in evidence).casefold()
    if asked and not any(detail in held for detail in asked):
        return Reason.NEEDS_FULL_TEXT
    return None if confidence(question, evidence, hits) >= LOW_CONFIDENCE else Reason.LOW_RELEVANCE


def confidence(question: str, evidence: Sequence[Evidence], hits: Sequence[Hit]) -> float:
    """Return how likely this evidence answers the question, in [0, 1]."""
    if not evidence or not hits:
        return 0.0
    wanted = set(terms(question))
    held = {term for item in evidence for term in terms(item.text)}
    coverage = len(wanted & held) / max(1, len(wanted))
    relevance = max(item.relevance for item in evidence)
    return min(1.0, max(0.0, 0.6 * relevance + 0.4 * coverage))
