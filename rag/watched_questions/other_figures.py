"""Whether a sentence gives another figure for a claim: with its figures in place of the claim's own, it supports it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.text.quantities import Quantity, quantities
from rag.text.quantity_match import same, same_unit
from rag.text.words import term_set
from rag.types import Evidence, Role, Verdict
from rag.verify import Checker
from rag.verify.agreement import PLAINLY, SHARED

_NOT_FOUND = (Role.BACKGROUND, Role.AIM)


def other_figure(claim: str, item: Evidence, checker: Checker) -> bool:
    """Return whether a sentence says what a claim says, but for its figures."""
    if item.role in _NOT_FOUND or not _is_near(claim, item.text):
        return False
    changed = with_figures_of(claim, item.text)
    if changed is None or checker.check(claim, [item.text]).verdict is Verdict.SUPPORTED:
        return False
    judged = checker.check(changed, [item.text])
    return judged.verdict is Verdict.SUPPORTED and judged.score >= PLAINLY


def _is_near(claim: str, text: str) -> bool:
    wanted = term_set(claim)
    return len(wanted & term_set(text)) >= SHARED * max(1, len(wanted))


def with_figures_of(claim: str, sentence: str) -> str | None:
    """Return the claim with the figures of a sentence that differ from its own.

    None where it isn't clear which figure answers to which. A year isn't exchanged: another year is another occasion.
    """
    mine, theirs = _apart(quantities(claim)), _apart(quantities(sentence))
    own = [one for one in mine if not any(_agree(one, other) for other in theirs)]
    others = [other for other in theirs if not any(_agree(one, other) for one in mine)]
    if not own or len(own) != len(others):
        return None
    pairs = list(zip(own, others, strict=True))
    if any(not same_unit(one, other) or one.is_year or other.is_year for one, other in pairs):
        return None
    for one, other in reversed(pairs):
        claim = claim[: one.start] + other.written + claim[one.end :]
    return claim


def _agree(one: Quantity, other: Quantity) -> bool:
    return same(one, other) or same(other, one)


def _apart(found: Sequence[Quantity]) -> list[Quantity]:
    """Leave out quantities within an earlier one, such as the share that "3 of 6" states as well."""
    apart: list[Quantity] = []
    for quantity in sorted(found, key=lambda q: q.start):
        if not apart or quantity.start >= apart[-1].end:
            apart.append(quantity)
    return apart
