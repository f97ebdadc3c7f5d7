"""What a mean of verdicts would be without the judge's errors: by its card, and by your own labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.estimates import RESAMPLES, SEED, Floats, Z, draws, percentiles

# With less than this between chance and a judge, its verdicts say nothing about a share.
LEAST_SEPARATION = 0.05


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A judge against people's labels: of `positives` supported pairs it accepted a share of `sensitivity`."""

    sensitivity: float
    specificity: float
    positives: int
    negatives: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """A share between 0 and 1, with its 95% interval."""

    value: float
    low: float
    high: float


def accuracy_of(card: Mapping[str, Any] | None) -> Accuracy | None:
    """Return what a card says about its judge; None without a card, or with a card of one label only.

    One pair of each kind is added on both sides (Agresti and Coull 1998), so that no judge is taken to be perfect.
    """
    if card is None:
        return None
    supported, *others = (card["confusion"][label] for label in ("supported", "not_supported", "contradicted"))
    positives, negatives = sum(supported.values()), sum(sum(row.values()) for row in others)
    if not positives or not negatives:
        return None
    accepted = sum(row["supported"] for row in others)
    return Accuracy(
        (supported["supported"] + 1) / (positives + 2), (negatives - accepted + 1) / (negatives + 2), positives,
        negatives,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What lies behind the mean of one answer, as shares of its sentences or marks.

    `certain` are supported without a verdict, `accepted` by the judge; `doubtful` is the share that it had to judge.
    """

    certain: float
    accepted: float
    doubtful: float


def corrected_mean(answers: Sequence[Verdicts], accuracy: Accuracy, resamples: int = RESAMPLES) -> Corrected | None:
    """Correct a mean over answers for the judge's error, as Rogan and Gladen (1978) do a share.

    The interval is a bootstrap over answers where each draw has a judge of its own: sensitivity and specificity as
    the card leaves them uncertain (beta distributions). Two made-up answers, one with all that was judged accepted and
    one with none, keep a few answers without an error from looking certain. None where the judge is no better than
    chance, or judged nothing.
    """
    table = np.array([(a.certain, a.accepted, a.doubtful) for a in answers], dtype=float).reshape(-1, 3)
    doubtful = float(table[:, 2].mean()) if len(table) else 0.0
    if not doubtful or accuracy.sensitivity + accuracy.specificity - 1 < LEAST_SEPARATION:
        return None
    certain = float(table[:, 0].mean())
    made_up = [(certain, share * doubtful, doubtful) for share in (0.0, 1.0)]
    more = np.vstack([table, made_up])
    generator = np.random.default_rng(SEED)
    found = []
    for rows in draws(len(more), resamples=resamples):
        found.append(without_errors(more[rows].mean(axis=1), *drawn_judges(generator, accuracy, len(rows))))
    low, high = percentiles(np.clip(np.concatenate(found), 0.0, 1.0))
    value = float(without_errors(table.mean(axis=0), accuracy.sensitivity, accuracy.specificity))
    return Corrected(within_one(value), low, high) if low is not None and high is not None else None


def within_one(value: float) -> float:
    """Return the nearest number that a share can be."""
    return min(1.0, max(0.0, value))


def drawn_judges(generator: np.random.Generator, accuracy: Accuracy, size: int) -> tuple[Floats, Floats]:
    """Draw sensitivities and specificities as a card leaves them uncertain."""
    sensitivity, specificity = (_drawn(generator, share, count, size) for share, count in _card(accuracy))
    return sensitivity, specificity


def _card(accuracy: Accuracy) -> tuple[tuple[float, int], tuple[float, int]]:
    return (accuracy.sensitivity, accuracy.positives), (accuracy.specificity, accuracy.negatives)


def _drawn(generator: np.random.Generator, share: float, count: int, size: int) -> Floats:
    return generator.beta(share * (count + 2), (1 - share) * (count + 2), size)


def without_errors(means: Floats, sensitivity: Floats | float, specificity: Floats | float) -> Floats:
    """Correct means of certain, accepted and doubtful; unknown where a draw of the judge is no better than chance."""
    separation = np.asarray(sensitivity + specificity - 1, dtype=float)
    certain, accepted, doubtful = means[..., 0], means[..., 1], means[..., 2]
    known = np.where(separation < LEAST_SEPARATION, np.nan, separation)
    return np.asarray(certain + (accepted - (1 - specificity) * doubtful) / known)


def prediction_powered(
    said: Sequence[float], labelled: Sequence[tuple[float, float]], certain: Sequence[float] = ()
) -> Corrected | None:
    """Correct a mean by labels for a random part of it: PPI++ (Angelopoulos, Duchi and Zrnic 2023).

    `said` has the judge's verdicts, `labelled` pairs of verdict and label for some of them, and `certain` what needs no
    verdict; all between 0 and 1. The judge counts as far as it agrees with the labels, so a poor one costs nothing. Two
    made-up pairs, one that it wrongly accepted and one that it wrongly refused, keep a few labels without an error from
    looking certain.
    """
    if not said or len(labelled) < 2:
        return None
    verdicts = np.array(said, dtype=float)
    before, true = (np.array(side, dtype=float) for side in zip(*labelled, strict=True))
    weight = judge_weight(before, true, len(verdicts))
    errors = true - weight * before
    predicted = np.append(weight * verdicts + errors.mean(), np.array(certain, dtype=float))
    rest = np.append(errors - errors.mean(), (1.0, -1.0))
    share = len(verdicts) / len(predicted)
    variance = float(predicted.var()) / len(predicted) + share**2 * float(rest.var()) / len(labelled)
    return _within(float(predicted.mean()), math.sqrt(variance))


def _within(value: float, error: float) -> Corrected:
    low, middle, high = (within_one(x) for x in (value - Z * error, value, value + Z * error))
    return Corrected(middle, low, high)


def judge_weight(before: Floats, true: Floats, verdicts: int) -> float:
    """Return how far the judge counts: as far as it agrees with the labels."""
    spread = float(before.var())
    agreement = float(((before - before.mean()) * (true - true.mean())).mean()) / spread if spread else 0.0
    return min(1.0, max(0.0, agreement / (1 + len(true) / verdicts)))
