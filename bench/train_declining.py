"""Fit the weights of `rag.question.answerability` to the development half of a question set.

Reports on the test half.

    python bench/train_declining.py gathered.pickle --write

`gathered.pickle` holds (id, kind, split, question, answerable, evidence, hits) for each question, as
`bench/gather_evidence.py` writes it. Needs scikit-learn, which Pincite itself does not.
"""

from __future__ import annotations

import argparse
import pickle
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.question.answerability import Signals, is_strange, signals

WEIGHTS = Path("rag/question/answerability_weights.py")
MOST_DECLINED = 0.06  # of the answerable questions of the development half; the aim on others is 0.10
STRANGE_FROM = 0.27  # cosine; on the development half the answerable strange questions start at 0.26


def interval(part: int, whole: int) -> str:
    """Wilson's 95% interval of a share."""
    if not whole:
        return "no case"
    z, share = 1.96, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * np.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{part}/{whole} = {share:.2f} [{middle - half:.2f}, {middle + half:.2f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gathered", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = pickle.loads(options.gathered.read_bytes())
    names = [f.name for f in fields(Signals) if f.name != "foreign"]
    found = [signals(row[3], row[5], row[6]) for row in rows]
    table = np.array([[asdict(signal)[name] for name in names] for signal in found])
    strange = np.array([is_strange(signal) for signal in found])
    dev = np.array([row[2] == "dev" for row in rows])
    answerable = np.array([row[4] for row in rows])
    kinds = np.array([row[1] for row in rows])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000))
    model.fit(table[dev & ~strange], answerable[dev & ~strange])
    scores = model.predict_proba(table)[:, 1]
    # The cut stands on scores of questions that the model was not fitted to, or it would decline more of others.
    fresh = np.ones(len(rows))
    plain = dev & ~strange
    fresh[plain] = cross_val_predict(model, table[plain], answerable[plain], cv=10, method="predict_proba")[:, 1]
    cut = float(np.quantile(fresh[plain & answerable], MOST_DECLINED))
    shift = np.log(cut / (1 - cut))
    nearest = np.array([signal.relevance for signal in found])
    scores[strange] = 1 / (1 + np.exp(-(shift + 12 * (nearest[strange] - STRANGE_FROM))))
    for split, chosen in (("dev", dev), ("test", ~dev)):
        print(split, f"AUROC {roc_auc_score(answerable[chosen], scores[chosen]):.3f}")
        for kind in ["answerable", "unanswerable", *sorted(set(kinds[~answerable]))]:
            own = answerable if kind == "answerable" else ~answerable & ((kinds == kind) | (kind == "unanswerable"))
            group = chosen & own
            print(f"  {kind:18s} declined {interval(int((scores[group] < cut).sum()), int(group.sum()))}")
    report(model, names, cut, options.write)


def report(model: Any, names: list[str], cut: float, write: bool) -> None:
    scaler, logistic = model[0], model[1]
    folded = logistic.coef_[0] / scaler.scale_
    bias = float(logistic.intercept_[0] - (folded * scaler.mean_).sum())
    print({n: round(float(w), 3) for n, w in zip(names, folded, strict=True)}, f"cut {cut:.3f}")
    if write:
        lines = "".join(f'    "{n}": {w:.4f},\n' for n, w in zip(names, folded, strict=True))
        WEIGHTS.write_text(
            '"""The weights of `decline`, written by `bench/train_declining.py`: do not edit by hand."""\n\n'
            f"BIAS = {bias:.4f}\nANSWERED_FROM = {cut:.3f}\nSTRANGE_FROM = {STRANGE_FROM}\nWEIGHTS = {{\n{lines}}}\n"
        )


if __name__ == "__main__":
    main()
