"""Figures compared exactly: which papers give another one for a claim, and that no other one supports it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.text.quantities import Quantity, quantities
from rag.text.quantity_match import agree, apart, same_unit
from rag.text.words import term_set
from rag.types import Evidence, Support, Verdict
from rag.verify import Checker
from rag.verify.agreement import PLAINLY, SHARED
from rag.verify.stances import reports
from rag.watched_questions.denials import NOT_FOUND, Denials

# Of the terms of a sentence that says a part of a claim, the share that the claim has, and how many at least.
PART, FEWEST = 0.6, 3


class ExactFigures:
    """Wraps a checker: a sentence that lacks a figure of the claim supports it in part at most."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        judged = self._checker.check(sentence, evidence)
        if judged.verdict is not Verdict.SUPPORTED or not _missing(sentence, " ".join(evidence)):
            return judged
        return Support(judged.score, Verdict.PARTIAL, "another figure")


def other_figures(
    claim: str, evidence: Sequence[Evidence], checker: Checker, denials: Denials
) -> tuple[dict[str, Evidence], list[Evidence]]:  # fmt: skip
    """Return each paper that says what a claim says but for its figures, by id, with that sentence; and the rest.

    A paper that gives the claim's own figures as well isn't one: what it says with others is about another occasion,
    and speaks neither for the claim nor against it.
    """
    near = [item for item in evidence if _is_near(claim, item) and (reports(claim) or not reports(item.text))]
    differing = [item for item in near if _missing(claim, item.text)]
    same_figures = {item.paper.id for item in near if item not in differing}
    found: dict[str, Evidence] = {}
    for item in differing:
        name = item.paper.id
        if name not in same_figures and name not in found and _moved(claim, item.text, checker, denials):
            found[name] = item
    elsewhere = [item for item in differing if item.paper.id in same_figures or _differs_twice(claim, item.text)]
    return found, [item for item in evidence if item.paper.id not in found and item not in elsewhere]


def _is_near(claim: str, item: Evidence) -> bool:
    wanted, said = term_set(claim), term_set(item.text)
    shared = len(wanted & said)
    is_part = shared >= max(FEWEST, PART * len(said))
    return item.role not in NOT_FOUND and (shared >= SHARED * max(1, len(wanted)) or is_part)


def _moved(claim: str, sentence: str, checker: Checker, denials: Denials) -> bool:
    """Return whether a sentence gives another figure for what the claim states.

    It denies the claim, or the claim with the sentence's figures in place follows from it.
    """
    own, others = _missing(claim, sentence), _missing(sentence, claim)
    if not _answered(own, others) or _differs_twice(claim, sentence):
        return False
    if denials.denies(claim, sentence):
        return True
    changed = _with_figures_of(claim, own, others)
    return changed is not None and _plainly(changed, sentence, checker) and denials.same_thing(claim, sentence)


def _plainly(claim: str, text: str, checker: Checker) -> bool:
    judged = checker.check(claim, [text])
    return judged.verdict is Verdict.SUPPORTED and judged.score >= PLAINLY


def _with_figures_of(claim: str, own: Sequence[Quantity], others: Sequence[Quantity]) -> str | None:
    """Return the claim with the figures of a sentence in place of its own, None where their places aren't clear."""
    pairs = _paired(own, others)
    for one, other in reversed(pairs or ()):
        claim = claim[: one.start] + other.written + claim[one.end :]
    return claim if pairs else None


def _differs_twice(claim: str, sentence: str) -> bool:
    """Return whether figures of several kinds differ: 3% of 1,000 tokens isn't said of what 43% of 32,000 is."""
    return len({one.unit for one in _answered(_missing(claim, sentence), _missing(sentence, claim))}) > 1


def _answered(own: Sequence[Quantity], others: Sequence[Quantity]) -> list[Quantity]:
    """Return the figures that others may replace: those of one unit, else those without one."""
    exact = [one for one in own if any(one.unit == other.unit for other in others)]
    return exact or [one for one in own if any(same_unit(one, other) for other in others)]


def _missing(text: str, other: str) -> list[Quantity]:
    """Return the figures of a text that another text doesn't have; "one" and years are none."""
    theirs = quantities(other)
    figures = [one for one in apart(quantities(text)) if not (one.is_year or (one.spelled and one.value == 1))]
    return [one for one in figures if not any(agree(one, their) for their in theirs)]


def _paired(own: Sequence[Quantity], others: Sequence[Quantity]) -> list[tuple[Quantity, Quantity]] | None:
    """Return each figure with the one in its place: the only one of its unit, or the next of as many. Else None."""
    fits = [
        [other for other in others if one.unit == other.unit] or [other for other in others if same_unit(one, other)]
        for one in own
    ]
    if all(len(some) == 1 for some in fits) and len({some[0] for some in fits}) == len(own):
        return [(one, some[0]) for one, some in zip(own, fits, strict=True)]
    pairs = list(zip(own, others, strict=False))
    clear = len(own) == len(others) and all(same_unit(one, other) for one, other in pairs)
    return pairs if clear else None
