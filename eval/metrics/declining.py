"""Whether a system declines what it can't answer, and only that.

A refusal is an answer that says so. An empty answer isn't one: the reader learns nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eval.estimates import NOT_APPLICABLE, Score, of
from eval.judges.judged import Judged
from eval.metrics.correctness import is_correct
from eval.metrics.metric import Metric
from eval.questions import UNANSWERABLE, Case


def precision(item: Judged) -> Score:
    """Refusals of unanswerable questions / all refusals."""
    return of(not item.case.answerable) if item.response.declined else NOT_APPLICABLE


def recall(item: Judged) -> Score:
    """Unanswerable questions refused / unanswerable questions."""
    return of(item.response.declined)


def f1(item: Judged) -> Score:
    """Harmonic mean of refusal precision and recall: 2 x right refusals / (refusals + unanswerable questions)."""
    declined, unanswerable = item.response.declined, not item.case.answerable
    return Score(2.0 * (declined and unanswerable), float(declined + unanswerable))


def answered_unanswerable(item: Judged) -> Score:
    """Unanswerable questions that were answered / unanswerable questions."""
    return of(item.response.answered)


def over_refusal(item: Judged) -> Score:
    """Answerable questions refused / answerable questions."""
    return of(item.response.declined)


def empty(item: Judged) -> Score:
    """Answers that are neither a refusal nor any text / all questions."""
    return of(not item.response.answered and not item.response.declined)


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """With the most confident `coverage` of all questions answered, `risk` of these answers are wrong."""

    coverage: float
    risk: float
    confidence: float


def risk_coverage(items: Iterable[Judged]) -> tuple[RiskPoint, ...]:
    """Return the risk-coverage curve (Geifman and El-Yaniv 2017, NeurIPS), most confident answers first.

    Over questions whose answer can be judged right or wrong; refused ones are never covered, an answer to an
    unanswerable question is wrong, an answer without a confidence comes last. Equal confidences are one point.
    """
    judged = [item for item in items if is_correct(item) is not None]
    ranked = sorted((item for item in judged if item.response.answered), key=_sureness, reverse=True)
    points: list[RiskPoint] = []
    wrong = 0
    for place, item in enumerate(ranked, start=1):
        wrong += not is_correct(item)
        if place == len(ranked) or _sureness(ranked[place]) != _sureness(item):
            points.append(RiskPoint(place / len(judged), wrong / place, _sureness(item)))
    return tuple(points)


def area_under_risk(points: Iterable[RiskPoint]) -> float | None:
    """Return the mean risk over the coverage that was reached (AURC), None without a point. Lower is better."""
    area = reached = 0.0
    for point in points:
        area += point.risk * (point.coverage - reached)
        reached = point.coverage
    return area / reached if reached else None


def _sureness(item: Judged) -> float:
    return -1.0 if item.response.confidence is None else item.response.confidence


def _unanswerable(case: Case) -> bool:
    return not case.answerable


def _of_kind(kind: str) -> Metric:
    return Metric(f"refusal_recall:{kind}", recall, "declining", applies=lambda case: case.kind == kind)


METRICS = (
    Metric("refusal_precision", precision, "declining"),
    Metric("refusal_recall", recall, "declining", applies=_unanswerable),
    Metric("refusal_f1", f1, "declining"),
    *(_of_kind(kind) for kind in UNANSWERABLE),
    Metric("answered_unanswerable", answered_unanswerable, "declining", applies=_unanswerable, higher_is_better=False),
    Metric("over_refusal", over_refusal, "declining", applies=lambda case: case.answerable, higher_is_better=False),
    Metric("empty_answers", empty, "declining", higher_is_better=False),
)
