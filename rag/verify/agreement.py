"""Which papers support a claim and which contradict it. Copies of one paper count once.

A paper takes a side where one of its sentences is nearly the claim, has a stance on the thing that the claim is about,
or reports the claim as that of others and rebuts it. Precision comes first: a paper that argues both ways, or about
something else, is on neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.text.words import fold_title, term_set
from rag.types import Agreement, Citation, Evidence, Paper, Role, Verdict
from rag.verify.bounded import BoundedChecker
from rag.verify.checker import Checker
from rag.verify.stances import agree, on, rebuts, reports, stances

# Of the pairs of SciFact and HealthVer (origins left out of the fit) 77% with at least this score were supported, of
# all that the checker accepts 61%: enough for a sentence that its writer cites, not for one found elsewhere.
PLAINLY = 0.65
SHARED = 0.4  # with a smaller share of the claim's terms in common, a sentence is hardly about the same thing
REPORTED = 0.7  # least share of the claim's terms in a report of that claim
_FINDINGS = (Role.RESULT, Role.CONCLUSION)
_NOT_FOUND = (Role.BACKGROUND, Role.AIM)  # what others think, and what isn't known yet, contradicts nothing


def agreement_of(
    claim: str,
    cited: Sequence[Citation],
    evidence: Sequence[Evidence],
    checker: Checker,
    numbers: dict[str, int],
) -> Agreement:
    """Find the retrieved papers that support the claim and those that contradict it.

    `supporting` holds paper ids, the cited ones first. A paper that contradicts is given a number in `numbers`.
    """
    known = {_work(c.paper) for c in cited}
    supporting = {_work(c.paper): c.paper.id for c in cited if c.verdict is Verdict.SUPPORTED}
    others: dict[str, list[Evidence]] = {}
    for item in evidence:
        if _work(item.paper) not in known:
            others.setdefault(_work(item.paper), []).append(item)
    if isinstance(checker, BoundedChecker):
        near = _near(claim, (item for items in others.values() for item in items))
        checker.check_beforehand([(claim, (item.text,)) for item in near])
    against = [(work, found) for work, items in others.items() if (found := _opponent(claim, items, checker))]
    opposed = {work for work, _ in against}
    also: list[Evidence] = []
    for items in (items for work, items in others.items() if work not in opposed):
        # Agreement by stance alone is worth reporting only where some paper disagrees.
        found = _supporter(claim, items, checker) or (_on_the_side(claim, items, True) if against else None)
        also += [found] if found else []
    pins = tuple(citation_of(item, Verdict.CONTRADICTED, 0.0, numbers) for _, item in against)
    return Agreement((*supporting.values(), *(item.paper.id for item in also)), pins, tuple(also))


def _supporter(claim: str, items: Iterable[Evidence], checker: Checker) -> Evidence | None:
    """Return the sentence of a paper that is nearly the claim; a report of what others say doesn't count."""
    for item in _near(claim, items):
        judged = checker.check(claim, [item.text])
        if judged.verdict is Verdict.SUPPORTED and judged.score >= PLAINLY:
            return item
    return None


def _opponent(claim: str, items: Sequence[Evidence], checker: Checker) -> Evidence | None:
    """Return the sentence with which a paper contradicts the claim."""
    if any(reports(item.text) and _shared(claim, item.text) >= REPORTED for item in items):
        return next((item for item in items if rebuts(item.text)), None)
    for item in _near(claim, items):
        if item.role not in _NOT_FOUND and checker.check(claim, [item.text]).verdict is Verdict.CONTRADICTED:
            return item
    return _on_the_side(claim, items, False)


def _on_the_side(claim: str, items: Iterable[Evidence], same: bool) -> Evidence | None:
    """Return a finding with the claim's stance, or with the opposite one; None where the paper has both."""
    ours = stances(claim)
    sides: dict[bool | None, Evidence] = {}
    for item in items:
        if ours and item.role in _FINDINGS:
            sides.setdefault(agree(ours, on(item.paper.title, stances(item.text))), item)
    return sides.get(same) if (not same) not in sides else None


def _near(claim: str, items: Iterable[Evidence]) -> list[Evidence]:
    return [item for item in items if _shared(claim, item.text) >= SHARED and not reports(item.text)]


def _shared(claim: str, text: str) -> float:
    wanted = term_set(claim)
    return len(wanted & term_set(text)) / max(1, len(wanted))


def citation_of(item: Evidence, verdict: Verdict, support: float, numbers: dict[str, int]) -> Citation:
    """Pin a piece of evidence; its paper keeps its number, or gets the next one."""
    number = numbers.setdefault(item.paper.id, len(numbers) + 1)
    quote = item.paper.abstract[item.start : item.end]
    return Citation(number, item.paper, quote, item.start, item.end, verdict, support, item.role)


def _work(paper: Paper) -> str:
    """Return a key for the work that a paper is a copy of: preprint and journal version share a title."""
    return fold_title(paper.title) or paper.id
