"""Numbers with their basis: the score of one question, and an estimate over many with its interval.

Every metric is a ratio of two sums over questions, so one bootstrap serves them all. What could not be scored never
counts as 0: it is counted separately.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 20_240_229
LEVEL = 0.95
Z = 1.959963984540054  # the 97.5% point of the normal distribution
# Indices drawn at a time: about 32 MB.
BLOCK = 4_000_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """What one question adds to a metric: `part` out of `whole`, and how many pieces could not be scored.

    `whole` 0 without `unscored` means that the metric does not apply to this question.
    """

    part: float
    whole: float
    unscored: int = 0

    @property
    def value(self) -> float | None:
        """The share, None where the question was not scored or the metric does not apply."""
        return self.part / self.whole if self.whole else None


NOT_APPLICABLE = Score(0.0, 0.0)
UNSCORED = Score(0.0, 0.0, 1)


def of(condition: bool) -> Score:
    """Return the score of one thing that holds or doesn't."""
    return Score(float(condition), 1.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric over questions with its 95% interval; None where nothing could be scored, or one question alone.

    `questions` were scored, `not_applicable` had nothing to score, `unscored` counts the pieces (sentences, marks or
    whole answers) whose scoring failed.
    """

    value: float | None
    low: float | None
    high: float | None
    questions: int
    not_applicable: int
    unscored: int


def estimate(scores: Sequence[Score], *, is_share: bool = True, seed: int = SEED) -> Estimate:
    """Return the ratio of the sums with its interval.

    Percentile bootstrap over questions, 10,000 resamples (Efron and Tibshirani 1993, ch. 13). A resample of only
    right answers can't show a wrong one, so a share of exactly 0 or 1 gets the Wilson interval of as many questions
    instead. `is_share` is False for metrics without an upper end, such as seconds.
    """
    scored = [score for score in scores if score.whole]
    unscored = sum(score.unscored for score in scores)
    missing = sum(1 for score in scores if not score.whole and not score.unscored)
    if not scored:
        return Estimate(None, None, None, 0, missing, unscored)
    parts, wholes = columns(scored)
    value = float(parts.sum() / wholes.sum())
    low, high = _interval(value, parts, wholes, is_share, seed)
    return Estimate(value, low, high, len(scored), missing, unscored)


def columns(scores: Sequence[Score]) -> tuple[Floats, Floats]:
    """Return the parts and the wholes as two arrays of shape (len(scores),)."""
    return np.array([s.part for s in scores], dtype=float), np.array([s.whole for s in scores], dtype=float)


def _interval(
    value: float, parts: Floats, wholes: Floats, is_share: bool, seed: int
) -> tuple[float, float] | tuple[None, None]:
    if is_share and value in (0.0, 1.0):
        return wilson(round(value * len(parts)), len(parts))
    if len(parts) < 2:
        return None, None
    return percentiles(np.concatenate([parts[d].sum(axis=1) / wholes[d].sum(axis=1) for d in draws(len(parts), seed)]))


def draws(count: int, seed: int = SEED, resamples: int = RESAMPLES) -> Iterator[NDArray[np.intp]]:
    """Yield blocks of rows, `resamples` in all, each row `count` indices drawn with replacement from range(count)."""
    generator = np.random.default_rng(seed)
    for rows in blocks(count, resamples):
        yield generator.integers(0, count, size=(rows, count))


def blocks(count: int, resamples: int = RESAMPLES) -> Iterator[int]:
    """Cut the resamples of `count` values into blocks of rows, or those of a large set would not fit into memory."""
    rows = max(1, BLOCK // max(1, count))
    for begin in range(0, resamples, rows):
        yield min(rows, resamples - begin)


def percentiles(values: Floats) -> tuple[float, float] | tuple[None, None]:
    """Return the 2.5% and 97.5% points of resampled values, those that could not be computed (NaN) left out."""
    known = values[~np.isnan(values)]
    if not known.size:
        return None, None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson 1927, JASA 22:209). `trials` must be above 0."""
    share = successes / trials
    spread = 1 + Z**2 / trials
    centre = (share + Z**2 / (2 * trials)) / spread
    half = Z * math.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2)) / spread
    return max(0.0, centre - half) if successes else 0.0, min(1.0, centre + half) if successes < trials else 1.0
