"""What kind of error the wrong sentences have: `eval.judges.error_kinds` distinguishes the kinds."""

from __future__ import annotations

from collections.abc import Callable

from eval.estimates import Score
from eval.judges.error_kinds import KINDS
from eval.judges.judged import Judged
from eval.metrics.metric import Metric


def _of_kind(kind: str) -> Callable[[Judged], Score]:
    def rate(item: Judged) -> Score:
        known = [judged for judged in item.claims if judged.grounded is not None or judged.error]
        return Score(sum(judged.error == kind for judged in known), len(known), len(item.claims) - len(known))

    rate.__doc__ = (
        f"Sentences not supported by what they cite whose error is of the kind {kind} / check-worthy sentences."
    )
    return rate


METRICS = tuple(
    Metric(f"error:{kind}", _of_kind(kind), "errors", higher_is_better=False, judged=True) for kind in KINDS
)
