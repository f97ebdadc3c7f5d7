"""Figures compared exactly: which papers give another one for a claim, and that no other one supports it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.text.quantities import Quantity, quantities
from rag.text.quantity_match import agree, apart, same_unit
from rag.text.words import term_set
from rag.types import Evidence, Role, Support, Verdict
from rag.verify import Checker
from rag.verify.agreement import PLAINLY, SHARED
from rag.verify.stances import reports

# Of the terms of a sentence that says a part of a claim, the share that the claim has, and how many at least.
PART, FEWEST = 0.6, 3
MOST_TRIED = 4  # figures of a claim that are put in a sentence's place, one after the other
_NOT_FOUND = (Role.BACKGROUND, Role.AIM)


class ExactFigures:
    """A checker around another: a sentence that lacks a figure of the claim supports it in part at most."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        judged = self._checker.check(sentence, evidence)
        if judged.verdict is not Verdict.SUPPORTED or not _missing(sentence, " ".join(evidence)):
            return judged
        return Support(judged.score, Verdict.PARTIAL, "another figure")


def other_figures(
    claim: str, evidence: Sequence[Evidence], checker: Checker
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
        if name not in same_figures and name not in found and _says_it_with_others(claim, item.text, checker):
            found[name] = item
    elsewhere = [item for item in differing if item.paper.id in same_figures]
    return found, [item for item in evidence if item.paper.id not in found and item not in elsewhere]


def _is_near(claim: str, item: Evidence) -> bool:
    wanted, said = term_set(claim), term_set(item.text)
    shared = len(wanted & said)
    is_part = shared >= max(FEWEST, PART * len(said))
    return item.role not in _NOT_FOUND and (shared >= SHARED * max(1, len(wanted)) or is_part)


def _says_it_with_others(claim: str, sentence: str, checker: Checker) -> bool:
    """Return whether one supports the other once the figures that differ are exchanged.

    A sentence may say a part of the claim: then the claim supports it, with one of the claim's figures in place.
    """
    changed = with_figures_of(claim, sentence)
    if changed is not None and _plainly(changed, sentence, checker):
        return True
    others = _missing(sentence, claim)
    if len(others) != 1:
        return False
    (other,) = others
    fits = [one for one in _missing(claim, sentence) if one.unit == other.unit][:MOST_TRIED]
    parts = (sentence[: other.start] + one.written + sentence[other.end :] for one in fits)
    return any(_plainly(part, claim, checker) for part in parts)


def _plainly(claim: str, text: str, checker: Checker) -> bool:
    judged = checker.check(claim, [text])
    return judged.verdict is Verdict.SUPPORTED and judged.score >= PLAINLY


def with_figures_of(claim: str, sentence: str) -> str | None:
    """Return the claim with the figures of a sentence that differ from its own.

    None where it isn't clear which figure answers to which. A year isn't exchanged: another year is another occasion.
    """
    own = _missing(claim, sentence)
    pairs = _paired(own, _missing(sentence, claim)) if own else None
    if pairs is None:
        return None
    for one, other in reversed(pairs):
        claim = claim[: one.start] + other.written + claim[one.end :]
    return claim


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
