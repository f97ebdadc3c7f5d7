"""Logistic regression with a ridge, by Newton's method: enough for ten features and some thousand rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fit(table: Floats, labels: Floats, ridge: float = 1.0, offset: Floats | float = 0.0) -> tuple[float, Floats]:
    """Return the bias and the weight of each column of `table`, shape (rows, features); `labels` lie in [0, 1].

    Columns are scaled to unit deviation for the ridge, and the weights scaled back. `offset` is what each row's log
    odds have already.
    """
    mean, deviation = table.mean(0), table.std(0) + 1e-9
    scaled = np.column_stack([np.ones(len(table)), (table - mean) / deviation])
    penalty = ridge * np.eye(scaled.shape[1])
    penalty[0, 0] = 1e-6
    found = np.zeros(scaled.shape[1])
    share = labels.mean()
    found[0] = np.log(share / (1 - share)) - np.mean(offset)  # near enough for Newton's steps not to run away
    for _ in range(50):
        odds = 1 / (1 + np.exp(-np.clip(scaled @ found + offset, -30, 30)))
        slope = scaled.T @ (labels - odds) - penalty @ found
        curve = (scaled * (odds * (1 - odds))[:, None]).T @ scaled + penalty
        step = np.linalg.solve(curve, slope)
        found += step
        if np.abs(step).max() < 1e-8:
            break
    of_columns = found[1:] / deviation
    return float(found[0] - of_columns @ mean), of_columns


def odds(table: Floats, bias: float, weights: Floats) -> Floats:
    """Return the probability of each row."""
    result: Floats = 1 / (1 + np.exp(-np.clip(bias + table @ weights, -30, 30)))
    return result


def crossed(table: Floats, labels: Floats, groups: NDArray[np.int64], folds: int = 10, ridge: float = 1.0) -> Floats:
    """Return each row's probability from a fit without its group's fold."""
    found = np.zeros(len(table))
    for fold in range(folds):
        inside = groups % folds == fold
        found[inside] = odds(table[inside], *fit(table[~inside], labels[~inside], ridge))
    return found


def area(labels: NDArray[np.bool_], scores: Floats) -> float:
    """Return the area under the ROC curve."""
    ranks = scores.argsort(kind="stable").argsort(kind="stable")
    positives = int(labels.sum())
    return float((ranks[labels].sum() - positives * (positives - 1) / 2) / max(1, positives * int((~labels).sum())))
