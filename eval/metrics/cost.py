"""What an answer cost. Not applicable if a system doesn't report it."""

from __future__ import annotations

from eval.estimates import NOT_APPLICABLE, Score
from eval.judges.judged import Judged
from eval.metrics.metric import Metric


def seconds(item: Judged) -> Score:
    """Mean wall-clock seconds of one answer."""
    return _mean(item.response.seconds)


def prompt_tokens(item: Judged) -> Score:
    """Mean tokens that the model read for one answer."""
    return _mean(item.response.prompt_tokens)


def completion_tokens(item: Judged) -> Score:
    """Mean tokens that the model wrote for one answer."""
    return _mean(item.response.completion_tokens)


def cost(item: Judged) -> Score:
    """Mean cost of one answer, in the currency reported."""
    return _mean(item.response.cost)


def _mean(value: float | None) -> Score:
    return NOT_APPLICABLE if value is None else Score(value, 1.0)


METRICS = tuple(
    Metric(name, function, "cost", higher_is_better=False, is_share=False)
    for name, function in (
        ("seconds", seconds),
        ("prompt_tokens", prompt_tokens),
        ("completion_tokens", completion_tokens),
        ("cost", cost),
    )
)
