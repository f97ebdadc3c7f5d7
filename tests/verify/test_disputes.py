"""Findings that dispute a claim in other words, and findings that only look like it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.models.reader import Odds
from rag.types import Evidence, Paper, Role
from rag.verify.disputes import disputing

CLAIM = "Night work raised the risk of breast cancer."


def finding(paper: str, text: str, answers: float = 0.5, role: Role = Role.RESULT) -> Evidence:
    return Evidence(1, Paper(paper, paper, text), 0, len(text), text, 0.5, role, answers)


class Scripted:
    """Finds these contradictions, by what is read first and what is read beside it, and no other."""

    name = "scripted"

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = pairs

    def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[Odds]:
        found = [(first, *passages) in self._pairs for first, passages in pairs]
        return [Odds(0.0, 0.02, 0.98) if one else Odds(0.1, 0.8, 0.1) for one in found]


def test_only_what_contradicts_read_both_ways_is_a_dispute():
    spared, other = finding("a", "Working at night left the risk as it was."), finding("b", "Sleep was poorer.")
    both = Scripted((CLAIM, spared.text), (spared.text, CLAIM), (CLAIM, other.text))
    assert disputing(CLAIM, [[spared], [other]], both) == [spared]


def test_a_paper_is_heard_by_the_finding_that_answers_best():
    best, worse = finding("a", "No more tumours were seen.", 0.8), finding("a", "Nurses slept badly.", 0.2)
    both = Scripted(*((CLAIM, item.text) for item in (best, worse)), *((item.text, CLAIM) for item in (best, worse)))
    assert disputing(CLAIM, [[worse, best]], both) == [best]


def test_what_a_paper_aims_at_or_starts_from_disputes_nothing():
    known = finding("a", "Night work was thought harmless.", role=Role.BACKGROUND)
    assert disputing(CLAIM, [[known]], Scripted((CLAIM, known.text), (known.text, CLAIM))) == []
