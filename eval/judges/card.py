"""A judge's card: how far its verdicts can be trusted, measured on pairs that people labelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.estimates import Floats, draws, percentiles
from eval.judges.judged import Judge
from eval.judges.labelled_pairs import LABELS, Pair, label_of
from rag.text.words import terms
from rag.types import Support, Verdict

BINS = 10
# Chosen on the development pairs: the floor that a new checker must clearly exceed.
OVERLAP = 0.6


class OverlapJudge:
    """The floor: the share of the claim's content words found in the evidence. Never says contradicted."""

    name = "overlap"

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge by counting words; order, negation and figures in other places go unseen."""
        wanted = set(terms(sentence))
        held = {term for text in evidence for term in terms(text)}
        share = len(wanted & held) / len(wanted) if wanted else 0.0
        verdict = Verdict.SUPPORTED if share >= OVERLAP else Verdict.UNSUPPORTED
        return Support(share, verdict, f"{share:.0%} of the content words are in the evidence")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A pair with the judge's verdict."""

    pair: Pair
    support: Support


def rule(pairs: Sequence[Pair], judge: Judge, progress: Callable[[int], None] = lambda _: None) -> tuple[Ruling, ...]:
    """Judge every pair; `progress` is called with the number done."""
    rulings = []
    for done, pair in enumerate(pairs, start=1):
        rulings.append(Ruling(pair, judge.check(pair.claim, [pair.source_text])))
        progress(done)
    return tuple(rulings)


def card(rulings: Sequence[Ruling]) -> dict[str, Any]:
    """Return every measure with its interval over all pairs, and over those of each origin.

    `unknown` counts the verdicts that the judge could not give; they count as not_supported as well.
    """
    origins = sorted({ruling.pair.origin for ruling in rulings})
    whole = _measured(rulings)
    if len(origins) > 1:
        whole["origins"] = {o: _measured([r for r in rulings if r.pair.origin == o]) for o in origins}
    return whole


def _measured(rulings: Sequence[Ruling]) -> dict[str, Any]:
    table = _Table.of(rulings)
    point = table.measures(np.ones((1, len(rulings))))
    resampled = [table.measures(table.weights(block)) for block in draws(table.sources)]
    measured: dict[str, Any] = {
        "pairs": len(rulings),
        "unknown": sum(r.support.verdict is Verdict.UNKNOWN for r in rulings),
    }
    for name, values in point.items():
        value = None if np.isnan(values[0]) else float(values[0])
        low, high = (
            percentiles(np.concatenate([block[name] for block in resampled])) if value is not None else (None, None)
        )
        measured[name] = {"value": value, "low": low, "high": high}
    measured["recall"] = {label: measured.pop(f"recall:{label}") for label in LABELS}
    measured["confusion"] = {
        truth: {said: sum(r.pair.label == truth and label_of(r.support) == said for r in rulings) for said in LABELS}
        for truth in LABELS
    }
    return measured


@dataclass(frozen=True, slots=True)
class _Table:
    """The rulings as arrays of one row each, so that 10,000 resamples are a few matrix products.

    A resample draws source texts, not pairs: claims about one text stand and fall together. `cells` is one-hot over
    3 x 3 (label, verdict), `bins` over the tenths of the score.
    """

    source: NDArray[np.intp]
    cells: Floats
    bins: Floats
    score: Floats
    positive: Floats

    @classmethod
    def of(cls, rulings: Sequence[Ruling]) -> _Table:
        names = {text: place for place, text in enumerate(dict.fromkeys(r.pair.source_text for r in rulings))}
        score = np.array([r.support.score for r in rulings], dtype=float)
        cell = [3 * LABELS.index(r.pair.label) + LABELS.index(label_of(r.support)) for r in rulings]
        return cls(
            np.array([names[r.pair.source_text] for r in rulings], dtype=np.intp),
            np.eye(9)[cell],
            np.eye(BINS)[np.clip((score * BINS).astype(int), 0, BINS - 1)],
            score,
            np.array([r.pair.label == "supported" for r in rulings], dtype=float),
        )

    @property
    def sources(self) -> int:
        return int(self.source.max()) + 1

    def weights(self, block: NDArray[np.intp]) -> Floats:
        """Return how often each pair is in each resample, shape (resamples, pairs)."""
        rows = len(block)
        flat = (block + self.sources * np.arange(rows)[:, None]).ravel()
        counts = np.bincount(flat, minlength=rows * self.sources).reshape(rows, self.sources)
        return counts[:, self.source].astype(float)

    def measures(self, weights: Floats) -> dict[str, Floats]:
        """Return each measure for each row of weights; NaN where a label that it needs is missing."""
        confusion = (weights @ self.cells).reshape(-1, 3, 3)
        with np.errstate(divide="ignore", invalid="ignore"):
            recalls = np.diagonal(confusion, axis1=1, axis2=2) / confusion.sum(axis=2)
            rejected = confusion[:, 1:, 1:].sum(axis=(1, 2)) / confusion[:, 1:].sum(axis=(1, 2))
            return {
                "balanced_accuracy": (recalls[:, 0] + rejected) / 2,
                "macro_f1": _macro_f1(confusion),
                "kappa": _kappa(confusion),
                "auroc": _auroc(weights, self.score, self.positive),
                "ece": self._calibration_error(weights),
                **{f"recall:{label}": recalls[:, place] for place, label in enumerate(LABELS)},
            }

    def _calibration_error(self, weights: Floats) -> Floats:
        """Return the expected calibration error of the score in ten bins of equal width (Guo et al. 2017, ICML)."""
        gap = (weights * self.positive) @ self.bins - (weights * self.score) @ self.bins
        error: Floats = np.abs(gap).sum(axis=1) / weights.sum(axis=1)
        return error


def _macro_f1(confusion: Floats) -> Floats:
    """Return the mean F1 over the labels that occur among the pairs."""
    right = np.diagonal(confusion, axis1=1, axis2=2)
    f1 = 2 * right / (confusion.sum(axis=1) + confusion.sum(axis=2))
    f1 = np.where(confusion.sum(axis=2) > 0, f1, np.nan)
    known = ~np.isnan(f1)
    mean: Floats = np.where(known, f1, 0.0).sum(axis=1) / known.sum(axis=1)
    return mean


def _kappa(confusion: Floats) -> Floats:
    """Return Cohen's kappa over the three labels (Cohen 1960)."""
    total = confusion.sum(axis=(1, 2))
    agreed = np.trace(confusion, axis1=1, axis2=2) / total
    chance = (confusion.sum(axis=1) * confusion.sum(axis=2)).sum(axis=1) / total**2
    kappa: Floats = (agreed - chance) / (1 - chance)
    return kappa


def _auroc(weights: Floats, score: Floats, positive: Floats) -> Floats:
    """Return the chance that a supported pair scores above another one, ties half (Hanley and McNeil 1982)."""
    _, group = np.unique(score, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    for_pairs = np.add.reduceat((weights * positive)[:, order], starts, axis=1)
    against = np.add.reduceat((weights * (1 - positive))[:, order], starts, axis=1)
    below = np.cumsum(against, axis=1) - against / 2
    area: Floats = (for_pairs * below).sum(axis=1) / (for_pairs.sum(axis=1) * against.sum(axis=1))
    return area
