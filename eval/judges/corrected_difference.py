"""What the difference between two runs would be without the judge's errors: by its card, and by your own labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.estimates import RESAMPLES, SEED, Floats, Z, draws, percentiles
from eval.judges.correction import (
    LEAST_SEPARATION,
    Accuracy,
    Verdicts,
    drawn_judges,
    judge_weight,
    within_one,
    without_errors,
)


@dataclass(frozen=True, slots=True)
class Paired:
    """What lies behind the answers of two runs to one question; `same` where both said and cited the same."""

    first: Verdicts
    second: Verdicts
    same: bool = False


@dataclass(frozen=True, slots=True)
class CorrectedDifference:
    """Two corrected means, `second - first` with its 95% interval, and the chance of it between equal systems."""

    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float


def corrected_difference(
    pairs: Sequence[Paired], accuracies: tuple[Accuracy, Accuracy], resamples: int = RESAMPLES
) -> CorrectedDifference | None:
    """Correct the difference of two means over the same questions for the errors of their judge.

    False support falls on both sides alike and cancels, but what is left is too small: of a true difference a judge
    shows sensitivity + specificity - 1. Each draw of questions has one judge for both sides, two where their cards
    differ. Two made-up pairs, one for each side, keep a few pairs without an error from looking certain, unless all
    are the same. None where no verdict is behind either mean, or the judge is no better than chance.
    """
    table = np.array([_columns(pair) for pair in pairs], dtype=float).reshape(-1, 6)
    middle = table.mean(axis=0) if len(table) else np.zeros(6)
    if not middle[2] + middle[5] or any(a.sensitivity + a.specificity - 1 < LEAST_SEPARATION for a in accuracies):
        return None
    differing = sum(0.0 if p.same else max(p.first.doubtful, p.second.doubtful) for p in pairs) / len(pairs)
    made_up = [
        (middle[0], one * differing, differing, middle[3], other * differing, differing)
        for one, other in ((1.0, 0.0), (0.0, 1.0))
    ]
    more = np.vstack([table, made_up])
    generator = np.random.default_rng(SEED)
    found = []
    for rows in draws(len(more), resamples=resamples):
        means = np.stack([column[rows].mean(axis=1) for column in more.T], axis=1)
        judge = drawn_judges(generator, accuracies[0], len(rows))
        other = judge if accuracies[0] == accuracies[1] else drawn_judges(generator, accuracies[1], len(rows))
        found.append(without_errors(means[:, 3:], *other) - without_errors(means[:, :3], *judge))
    first, second = (
        float(without_errors(side, one.sensitivity, one.specificity))
        for side, one in zip((middle[:3], middle[3:]), accuracies, strict=True)
    )
    return _difference(first, second, np.concatenate(found))


def _columns(pair: Paired) -> tuple[float, ...]:
    return tuple(value for side in (pair.first, pair.second) for value in (side.certain, side.accepted, side.doubtful))


def _difference(first: float, second: float, resampled: Floats) -> CorrectedDifference | None:
    known = resampled[~np.isnan(resampled)]
    low, high = percentiles(known)
    if low is None or high is None:
        return None
    ends = (max(-1.0, low), min(1.0, high))
    between = min(1.0, max(-1.0, second - first))
    return CorrectedDifference(within_one(first), within_one(second), between, *ends, chance(known))


def chance(resampled: Floats) -> float:
    """Return the two-sided bootstrap p value of a difference (Efron and Tibshirani 1993, ch. 15); never exactly 0."""
    tail = min(int((resampled <= 0).sum()), int((resampled >= 0).sum()))
    return min(1.0, 2 * (tail + 1) / (len(resampled) + 1))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one answer scores: by the judge and, where there is one, by a person's label.

    `certain` where no verdict is behind it, as with a refusal.
    """

    said: float
    label: float | None = None
    certain: bool = False


def prediction_powered_difference(
    first: Sequence[Judgement], second: Sequence[Judgement]
) -> CorrectedDifference | None:
    """Correct the difference of two means over the same questions by labels for a random part of either side.

    PPI++ on each side. What the judge errs in on both sides of a question that both have labels for cancels in the
    variance. Two made-up errors on each side keep a few labels without an error from looking certain. None where a
    side has verdicts and less than two labels, or neither has a verdict.
    """
    if all(one.certain for one in (*first, *second)):
        return None
    sides = [_powered(first), _powered(second)]
    if not all(sides):
        return None
    one, two = (side for side in sides if side)
    between = two.predicted - one.predicted
    shared = float((one.errors * two.errors).sum()) * one.scale * two.scale
    variance = float(between.var()) / len(between) + one.variance + two.variance - 2 * shared
    error = math.sqrt(max(0.0, variance))
    value = float(between.mean())
    p = math.erfc(abs(value) / error / math.sqrt(2)) if error else float(value == 0)
    before, after = (within_one(float(side.predicted.mean())) for side in (one, two))
    return CorrectedDifference(before, after, value, max(-1.0, value - Z * error), min(1.0, value + Z * error), p)


@dataclass(frozen=True, slots=True)
class _Powered:
    """One side: the prediction for each question, and the error of it where a label shows that, 0 elsewhere.

    `scale` is what an error weighs in the mean, `variance` that of the mean by its labels.
    """

    predicted: Floats
    errors: Floats
    scale: float
    variance: float


def _powered(side: Sequence[Judgement]) -> _Powered | None:
    said = np.array([one.said for one in side], dtype=float)
    judged = np.array([not one.certain for one in side])
    if not judged.any():
        return _Powered(said, np.zeros(len(side)), 0.0, 0.0)
    labelled = np.array([one.label is not None and not one.certain for one in side])
    count = int(labelled.sum())
    if count < 2:
        return None
    true = np.array([one.label for one in side if one.label is not None and not one.certain], dtype=float)
    weight = judge_weight(said[labelled], true, int(judged.sum()))
    errors = true - weight * said[labelled]
    predicted = np.where(judged, weight * said + errors.mean(), said)
    rest = np.zeros(len(side))
    rest[labelled] = errors - errors.mean()
    share = float(judged.mean())
    spread = float(np.append(rest[labelled], (1.0, -1.0)).var())
    return _Powered(predicted, rest, share / count, share**2 * spread / count)
