"""What is measured: one file for each noun, one function for each metric, listed in `METRICS`.

To add a metric, write a function from `Judged` to `Score` and list it in its file: nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eval.estimates import NOT_APPLICABLE, Estimate, Score, estimate
from eval.judges.judged import Judged
from eval.metrics import citations, correctness, cost, declining, errors, retrieval, usefulness
from eval.metrics.metric import Metric

METRICS: tuple[Metric, ...] = (
    *usefulness.METRICS,
    *citations.METRICS, *retrieval.METRICS, *correctness.METRICS, *declining.METRICS, *errors.METRICS, *cost.METRICS,
)  # fmt: skip
BY_NAME = {metric.name: metric for metric in METRICS}


def scores_of(item: Judged) -> dict[str, Score]:
    """Score one question with every metric."""
    return {metric.name: metric.score(item) for metric in METRICS}


def summarise(rows: Sequence[Mapping[str, Score]], names: Iterable[str] = BY_NAME) -> dict[str, Estimate]:
    """Return the estimate of each metric over the scores of many questions."""
    return {
        name: estimate([row.get(name, NOT_APPLICABLE) for row in rows], is_share=BY_NAME[name].is_share)
        for name in names
    }
