"""Whether the answer is right. A declined answer to an answerable question isn't."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from eval.answers.citation_marks import strip_marks
from eval.estimates import NOT_APPLICABLE, Score, of
from eval.judges.judged import Judged
from eval.judges.nuggets import FULL, NONE, UNKNOWN
from eval.metrics.metric import Metric
from eval.questions import Case, Nugget, holds
from rag.text.quantities import Quantity, quantities


def _groups_found(item: Judged) -> list[bool]:
    text = strip_marks(item.response.text, item.response.passages) if item.response.answered else ""
    return [any(holds(text, wanted) for wanted in group) for group in item.case.expected]


def expected(item: Judged) -> Score:
    """Answers that hold one string of every expected group / questions with expected strings.

    Short-answer exact match as in ALCE's ASQA part (Stelmakh et al. 2022), all groups at once.
    """
    return of(all(_groups_found(item)))


def expected_share(item: Judged) -> Score:
    """Mean over questions of: expected groups found / expected groups (ALCE's exact-match recall)."""
    found = _groups_found(item)
    return Score(sum(found) / len(found), 1.0)


def forbidden(item: Judged) -> Score:
    """Answers that hold a forbidden string / answered questions with forbidden strings."""
    return of(_says_forbidden(item)) if item.response.answered else NOT_APPLICABLE


def _says_forbidden(item: Judged) -> bool:
    text = strip_marks(item.response.text, item.response.passages)
    said = quantities(text)
    return any(holds(text, wrong) or _gives(said, wrong) for wrong in item.case.forbidden)


def _gives(said: Sequence[Quantity], wrong: str) -> bool:
    """Whether a text has a forbidden figure in another spelling: "fourteen per cent" for "14%"."""
    figures = [figure for figure in quantities(wrong) if figure.written == wrong.strip()]
    return any(one.unit == figure.unit and isclose(one.value, figure.value) for figure in figures for one in said)


def is_correct(item: Judged) -> bool | None:
    """Whether an answer is right: every vital nugget in full, nothing forbidden. None if that can't be judged.

    An answer to an unanswerable question is wrong; so is a refusal of another, whatever is known of its answer.
    """
    if item.response.error:
        return None
    if not item.case.answerable:
        return item.response.declined
    degrees = [degree for nugget, degree in assigned(item) if nugget.vital]
    if not degrees:
        return None if item.response.answered else False
    if not set(degrees) <= {FULL, UNKNOWN} or _says_forbidden(item):
        return False
    return None if UNKNOWN in degrees else True


def assigned(item: Judged) -> list[tuple[Nugget, str]]:
    """Return each nugget of the question with the degree to which the answer states it."""
    facts = item.case.facts
    return list(zip(facts, item.nuggets.degrees if item.nuggets else (NONE,) * len(facts), strict=True))


def _has_expected(case: Case) -> bool:
    return bool(case.expected)


METRICS = (
    Metric("expected", expected, "correctness", applies=_has_expected),
    Metric("expected_share", expected_share, "correctness", applies=_has_expected),
    Metric("forbidden_rate", forbidden, "correctness", applies=lambda c: bool(c.forbidden), higher_is_better=False),
)
