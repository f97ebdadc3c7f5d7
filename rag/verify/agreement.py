"""Which papers support a claim and which contradict it. Copies of one paper count once.

A paper supports it where one of its sentences is nearly the claim. It contradicts it where the checker says so of one
of its sentences, or where one of its findings, in whatever words, excludes the claim as the reader reads the two.
Precision comes first: a paper that does both is on neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.models.reader import default_reader
from rag.text.words import fold_title, term_set
from rag.types import Agreement, Citation, Evidence, Paper, Role, Verdict
from rag.verify.checker import Checker
from rag.verify.disputes import BAR, disputes
from rag.verify.witnesses import ClaimReader

# Of the pairs of SciFact and HealthVer (origins left out of the fit) 77% with at least this score were supported, of
# all that the checker accepts 61%: enough for a sentence that its writer cites, not for one found beside it.
PLAINLY = 0.65
SHARED = 0.4  # with a smaller share of the terms in common, two sentences are hardly about the same thing
MOST_READ = 16  # findings that the reader compares with one claim, those nearest to it: a fifth of a second at most
_FINDINGS = (Role.RESULT, Role.CONCLUSION)
_NOT_FOUND = (Role.BACKGROUND, Role.AIM)  # what others think and what is still to be found is on no side


def agreement_of(
    claim: str,
    cited: Sequence[Citation],
    evidence: Sequence[Evidence],
    checker: Checker,
    numbers: dict[str, int],
    reader: ClaimReader | None = None,
) -> Agreement:
    """Find the retrieved papers that support the claim and those that contradict it.

    `supporting` holds paper ids, the cited ones first. A paper that contradicts is given a number in `numbers`.
    `reader` defaults to the one that comes with Pincite.
    """
    known = {_work(c.paper) for c in cited}
    supporting = {_work(c.paper): c.paper.id for c in cited if c.verdict is Verdict.SUPPORTED}
    others: dict[str, list[Evidence]] = {}
    for item in evidence:
        if _work(item.paper) not in known:
            others.setdefault(_work(item.paper), []).append(item)
    disputing = _disputing(claim, [item for items in others.values() for item in items], reader or default_reader())
    against: list[Evidence] = []
    also: list[Evidence] = []
    for work, items in others.items():
        opposed = _denying(claim, items, checker) or disputing.get(work)
        agreed = _supporter(claim, items, checker)
        if opposed and not agreed:
            against.append(opposed)
        elif agreed and not opposed:
            also.append(agreed)
    pins = tuple(citation_of(item, Verdict.CONTRADICTED, 0.0, numbers) for item in against)
    return Agreement((*supporting.values(), *(item.paper.id for item in also)), pins, tuple(also))


def _supporter(claim: str, items: Iterable[Evidence], checker: Checker) -> Evidence | None:
    """Return the sentence of a paper that is nearly the claim."""
    for item in _near(claim, items):
        judged = checker.check(claim, [item.text])
        if judged.verdict is Verdict.SUPPORTED and judged.score >= PLAINLY:
            return item
    return None


def _denying(claim: str, items: Iterable[Evidence], checker: Checker) -> Evidence | None:
    """Return the sentence of a paper of which the checker says that it contradicts the claim."""
    for item in _near(claim, items):
        if checker.check(claim, [item.text]).verdict is Verdict.CONTRADICTED:
            return item
    return None


def _disputing(claim: str, items: Iterable[Evidence], reader: ClaimReader) -> Mapping[str, Evidence]:
    """Return by its work each paper's finding that most surely excludes the claim, as the reader reads both."""
    found = [item for item in items if item.role in _FINDINGS and on_one_subject(claim, item.text)]
    nearest = sorted(found, key=lambda item: -_in_common(claim, item.text))[:MOST_READ]
    sure = disputes([(claim, item.text) for item in nearest], reader)
    # The surest comes last, and stays.
    ranked = sorted(zip(sure, nearest, strict=True), key=lambda one: one[0])
    return {_work(item.paper): item for certainty, item in ranked if certainty >= BAR}


def on_one_subject(one: str, other: str) -> bool:
    """Whether two findings share enough terms to be read together: the shorter may be about one half of the longer."""
    return _in_common(one, other) >= SHARED


def _in_common(one: str, other: str) -> float:
    terms, others = term_set(one), term_set(other)
    return len(terms & others) / max(1, min(len(terms), len(others)))


def _near(claim: str, items: Iterable[Evidence]) -> list[Evidence]:
    return [item for item in items if item.role not in _NOT_FOUND and _shared(claim, item.text) >= SHARED]


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
