"""Fit the built-in checker's weights to human labels, and say how well they hold on origins that were not seen.

    python bench/train_checker.py ../shared/benchmarks/judge --cache /tmp/vectors --write

The labelled texts stay where they are; only the weights, our own numbers, go into rag/verify/weights.py. Needs
scikit-learn, which Pincite itself does not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.models.embedding import Vectors
from rag.models.minilm import MiniLM
from rag.verify.builtin import MARKS, BuiltinChecker, Comparison, pieces_of
from rag.verify.reading import read

# At most this many pairs of one origin and label: the large sets would drown the others.
MOST = {"CLIMATE-FEVER": 450, "COVID-Fact": 600, "BEGIN/wow": 500, "BEGIN/cmu": 80, "BEGIN/tc": 90}
WEIGHTS = Path("rag/verify/weights.py")


class Remembering:
    """An embedder that keeps its vectors in a folder, so that a second run embeds nothing."""

    def __init__(self, folder: Path) -> None:
        self._model = MiniLM(threads=1)
        self._file = folder / "vectors.npz"
        self.fingerprint, self.dimension, self.max_tokens = "", 384, 256
        folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, Any] = {}
        if self._file.exists():
            with np.load(self._file) as saved:
                self._known = dict(zip(saved["keys"], saved["vectors"], strict=True))
        self.embedded = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [0 if _key(t) in self._known else n for t, n in zip(texts, self._model.count_tokens(texts), strict=True)]

    def embed(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            if _key(text) not in self._known:
                self._known[_key(text)] = self._model.embed([text])[0]
                self.embedded += 1
        return np.stack([self._known[_key(t)] for t in texts])

    def save(self) -> None:
        np.savez(self._file, keys=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def load(path: Path) -> list[dict[str, str]]:
    """Read pairs, the large origins thinned out."""
    groups: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        groups[pair["origin"], pair["label"]].append(pair)
    kept: list[dict[str, str]] = []
    for (origin, _), pairs in groups.items():
        random.Random(0).shuffle(pairs)
        kept += pairs[: MOST.get(origin, len(pairs))] if path.stem == "train" else pairs
    return kept


def compare(pairs: list[dict[str, str]], checker: BuiltinChecker) -> list[Comparison | None]:
    compared: list[Comparison | None] = []
    for pair in pairs:
        claim, pieces = MARKS.sub("", pair["claim"]).strip(), pieces_of(pair["source_text"])
        compared.append(checker.compare(claim, pieces) if read(claim).words and pieces else None)
    return compared


def balance(origins: Any, labels: Any) -> Any:
    """Weigh origins by the root of their size, and both labels of each alike."""
    weights = np.zeros(len(labels))
    for origin in set(origins):
        for label in (False, True):
            rows = (origins == origin) & (labels == label)
            if rows.any():
                weights[rows] = 1 / np.sqrt(rows.sum())
    return weights * len(weights) / weights.sum()


def fit(table: Any, labels: Any, origins: Any) -> Any:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=2000))
    return model.fit(table, labels, logisticregression__sample_weight=balance(origins, labels))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    embedder = Remembering(options.cache)
    checker = BuiltinChecker(embedder)
    sets = {name: load(options.folder / f"{name}.jsonl") for name in ("train", "tune")}
    compared = {name: compare(pairs, checker) for name, pairs in sets.items()}
    embedder.save()
    print(f"embedded anew: {embedder.embedded}")
    names = sorted(next(c for c in compared["train"] if c).features)

    def table(name: str) -> tuple[Any, Any, Any, list[Comparison]]:
        rows = [(p, c) for p, c in zip(sets[name], compared[name], strict=True) if c]
        labels = np.array([p["label"] == "supported" for p, _ in rows])
        origins = np.array([p["origin"].split("/")[0] for p, _ in rows])
        return np.array([[c.features[n] for n in names] for _, c in rows]), labels, origins, [c for _, c in rows]

    inputs, labels, origins, comparisons = table("train")
    unseen = np.zeros(len(labels))
    for origin in sorted(set(origins)):
        away = origins == origin
        unseen[away] = fit(inputs[~away], labels[~away], origins[~away]).predict_proba(inputs[away])[:, 1]
        area = roc_auc_score(labels[away], unseen[away])
        print(f"{origin:18s} left out: AUROC {area:.3f}, balanced accuracy at 0.5 "
              f"{balanced_accuracy_score(labels[away], unseen[away] >= 0.5):.3f}")  # fmt: skip
    model = fit(inputs, labels, origins)
    scaler, logistic = model[0], model[1]
    folded = logistic.coef_[0] / scaler.scale_
    bias = float(logistic.intercept_[0] - (folded * scaler.mean_).sum())
    test, truth, where, tuned = table("tune")
    scores = model.predict_proba(test)[:, 1]
    allowed = {"train": np.array([not c.grave for c in comparisons]), "tune": np.array([not c.grave for c in tuned])}

    def accuracy(cut: float) -> tuple[float, float]:
        left_out = balanced_accuracy_score(
            labels, (unseen >= cut) & allowed["train"], sample_weight=balance(origins, labels)
        )
        return float(left_out), float(balanced_accuracy_score(truth, (scores >= cut) & allowed["tune"]))

    cut = max(np.linspace(0.3, 0.7, 41), key=lambda c: sum(accuracy(c)))
    answer = (scores >= cut) & allowed["tune"]
    print(f"cut {cut:.2f}: balanced accuracy, origins left out {accuracy(cut)[0]:.3f}, tune {accuracy(cut)[1]:.3f} "
          f"(without guards {balanced_accuracy_score(truth, scores >= cut):.3f}); tune AUROC "
          f"{roc_auc_score(truth, scores):.3f}")  # fmt: skip
    for origin in sorted(set(where)):
        rows = where == origin
        print(f"  {origin:18s} {balanced_accuracy_score(truth[rows], answer[rows]):.3f} of {rows.sum()}")
    print({n: round(float(w), 3) for n, w in zip(names, folded, strict=True)})
    if options.write:
        lines = "".join(f'    "{n}": {w:.4f},\n' for n, w in zip(names, folded, strict=True))
        WEIGHTS.write_text(
            '"""The built-in checker\'s weights, written by `bench/train_checker.py`: do not edit by hand."""\n\n'
            f"BIAS = {bias:.4f}\nSUPPORTED_FROM = {cut:.2f}\nPARTIAL_FROM = {cut - 0.15:.2f}\n"
            f"WEIGHTS = {{\n{lines}}}\n"
        )


if __name__ == "__main__":
    main()
