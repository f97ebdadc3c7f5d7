"""Which findings dispute a claim, in whatever words: the reader reads each against the other.

Most findings beside a claim are about something else, and a dispute that isn't one costs more trust than one that is
missed. So both readings have to find a contradiction, and of each paper only the finding that answers the question best
is read: what disputes a claim answers the same question.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.models.reader import Odds
from rag.types import Evidence, Role
from rag.verify.witnesses import ClaimReader

# docs/lab/verification.md has how many disputes and how many other findings reach it.
DISPUTED_FROM = 0.9
_FINDINGS = (Role.RESULT, Role.CONCLUSION)


def disputing(claim: str, papers: Sequence[Sequence[Evidence]], reader: ClaimReader) -> list[Evidence]:
    """Return the findings, at most one of each paper, that dispute the claim; `papers` has the evidence of each."""
    best = [max(found, key=lambda item: (item.answers, item.relevance)) for found in map(_findings, papers) if found]
    first = reader.judge([(claim, (item.text,)) for item in best])
    likely = [item for item, odds in zip(best, first, strict=True) if odds.contradicted >= DISPUTED_FROM]
    return [item for item in likely if disputed(claim, item.text, reader) >= DISPUTED_FROM]


def disputed(claim: str, finding: str, reader: ClaimReader) -> float:
    """Return how likely it is that two findings dispute each other, in [0, 1], by the more doubtful reading."""
    both: list[Odds] = reader.judge([(claim, (finding,)), (finding, (claim,))])
    return min(odds.contradicted for odds in both)


def _findings(items: Sequence[Evidence]) -> list[Evidence]:
    return [item for item in items if item.role in _FINDINGS]
