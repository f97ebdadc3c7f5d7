"""What a metric is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eval.estimates import NOT_APPLICABLE, UNSCORED, Score
from eval.judges.judged import Judged
from eval.questions import Case


def _always(_: Case) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: what one question adds to it, and how to read it.

    `count` never sees a case that the metric does not apply to, nor an answer that failed. `group` is the heading that
    it is listed under. `is_share`: it lies in [0, 1]. `judged`: it is only as good as the judge.
    """

    name: str
    count: Callable[[Judged], Score]
    group: str
    applies: Callable[[Case], bool] = _always
    higher_is_better: bool = True
    is_share: bool = True
    judged: bool = False

    @property
    def definition(self) -> str:
        """The first paragraph of its docstring, on one line."""
        return " ".join((self.count.__doc__ or "").strip().split("\n\n")[0].split())

    def score(self, item: Judged) -> Score:
        """Score one question: a failed answer is unscored, never wrong."""
        if not self.applies(item.case):
            return NOT_APPLICABLE
        return UNSCORED if item.response.error else self.count(item)
