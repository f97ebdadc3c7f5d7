"""Which papers carry a claim and which speak against it. Copies of one paper count once."""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import Agreement, Citation, Evidence, Paper, Verdict
from rag.verify.checker import Checker
from rag.words import fold_title, terms

SHARED_TERMS = 2  # fewer content words in common, and two sentences are hardly about the same thing


def agreement_of(
    claim: str,
    cited: Sequence[Citation],
    evidence: Sequence[Evidence],
    checker: Checker,
    numbers: dict[str, int],
) -> Agreement:
    """Ask of each retrieved paper whether it carries the claim or speaks against it.

    `supporting` holds paper ids, the cited ones first. A paper that contradicts is given a number in `numbers`.
    """
    supporting = {_work(c.paper): c.paper.id for c in cited if c.verdict is Verdict.SUPPORTED}
    known = {_work(c.paper) for c in cited}
    contradicting: dict[str, Citation] = {}
    wanted = set(terms(claim))
    for item in evidence:
        work = _work(item.paper)
        if work in known or work in supporting or len(wanted & set(terms(item.text))) < SHARED_TERMS:
            continue
        judged = checker.check(claim, [item.text])
        if judged.verdict is Verdict.SUPPORTED:
            supporting[work] = item.paper.id
            contradicting.pop(work, None)
        elif judged.verdict is Verdict.CONTRADICTED and work not in contradicting:
            contradicting[work] = citation_of(item, judged.verdict, judged.score, numbers)
    return Agreement(tuple(supporting.values()), tuple(contradicting.values()))


def citation_of(item: Evidence, verdict: Verdict, support: float, numbers: dict[str, int]) -> Citation:
    """Pin a piece of evidence; its paper keeps its number, or gets the next one."""
    number = numbers.setdefault(item.paper.id, len(numbers) + 1)
    quote = item.paper.abstract[item.start : item.end]
    return Citation(number, item.paper, quote, item.start, item.end, verdict, support, item.role)


def _work(paper: Paper) -> str:
    """Name the work that a paper is a copy of: preprint and journal version have one title."""
    return fold_title(paper.title) or paper.id
