"""Measure how much better than word overlap the built-in checker separates labelled pairs, and whether by chance.

    python bench/against_overlap.py ../shared/benchmarks/judge

Both are asked about the pairs of `tune.jsonl`; the cut of word overlap is the best for the origins of `train.jsonl`.
Texts are resampled, not pairs: claims about one text stand and fall together. Needs scikit-learn.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from train_checker import load, macro

from eval.judges.card import OverlapJudge
from rag.types import Verdict
from rag.verify import default_checker

DRAWS = 2000


def overlaps(pairs: list[dict[str, str]]) -> Any:
    return np.array([OverlapJudge().check(p["claim"], [p["source_text"]]).score for p in pairs])


def cut_of(pairs: list[dict[str, str]]) -> float:
    """Return the share of words from which a claim is best called supported, all origins counting alike."""
    shares, labels = overlaps(pairs), np.array([p["label"] == "supported" for p in pairs])
    origins = np.array([p["origin"].split("/")[0] for p in pairs])
    return float(max(np.linspace(0.3, 0.9, 61), key=lambda cut: macro(labels, shares >= cut, origins)))


def compared(name: str, measure: Callable[[Any, Any], float], ours: Any, theirs: Any, texts: Any) -> str:
    """Return the difference with its 95% interval by resampling, and the chance of one as large by exchanging sides.

    `measure` takes rows and what one of the two says of all.
    """
    generator = np.random.default_rng(0)
    every = np.arange(len(texts))
    difference = measure(every, ours) - measure(every, theirs)
    rows_of = [np.flatnonzero(texts == text) for text in sorted(set(texts))]
    resampled, exchanged = [], []
    for _ in range(DRAWS):
        rows = np.concatenate([rows_of[i] for i in generator.integers(len(rows_of), size=len(rows_of))])
        resampled.append(measure(rows, ours) - measure(rows, theirs))
        swap = generator.random(len(rows_of)) < 0.5
        mine, other = ours.copy(), theirs.copy()
        for rows in (rows_of[i] for i in np.flatnonzero(swap)):
            mine[rows], other[rows] = theirs[rows], ours[rows]
        exchanged.append(measure(every, mine) - measure(every, other))
    low, high = np.percentile(resampled, [2.5, 97.5])
    chance = (1 + sum(abs(d) >= abs(difference) - 1e-12 for d in exchanged)) / (1 + DRAWS)
    return (
        f"{name}: {measure(every, ours):.3f} against {measure(every, theirs):.3f}, "
        f"difference {difference:+.3f} [{low:+.3f}, {high:+.3f}], p = {chance:.4f}"
    )


def main() -> None:
    folder = Path(sys.argv[1])
    cut, pairs = cut_of(load(folder / "train.jsonl")), load(folder / "tune.jsonl")
    rulings = [default_checker().check(p["claim"], [p["source_text"]]) for p in pairs]
    labels = np.array([p["label"] == "supported" for p in pairs])
    texts = np.array([p["source_text"] for p in pairs])
    origins = np.array([p["origin"].split("/")[0] for p in pairs])
    shares, scores = overlaps(pairs), np.array([r.score for r in rulings])
    ours = np.array([r.verdict is Verdict.SUPPORTED for r in rulings])
    theirs = shares >= cut
    # Scores of two judges are exchanged as ranks, so that they are on one scale.
    ranks = [np.argsort(np.argsort(s)) / len(s) for s in (scores, shares)]
    print(compared("AUROC", lambda r, said: float(roc_auc_score(labels[r], said[r])), *ranks, texts))
    print(
        compared("balanced accuracy", lambda r, said: balanced_accuracy_score(labels[r], said[r]), ours, theirs, texts)
    )
    print(compared("its mean over origins", lambda r, said: macro(labels[r], said[r], origins[r]), ours, theirs, texts))
    print(f"cut of word overlap: {cut:.2f}")


if __name__ == "__main__":
    main()
