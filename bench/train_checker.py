"""Fit the built-in checker's weights to human labels, and say how well they hold on origins that were not seen.

    python bench/train_checker.py ../shared/benchmarks/judge --cache /tmp/vectors --write

With `--report` also how well they do on the tune pairs, which nothing is chosen by: look there at the end.

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.models.minilm import MiniLM
from rag.text.reading import Reading, read
from rag.types import Verdict
from rag.verify.alignment import AlignedWords, Likeness, Measured, WholeSentences
from rag.verify.builtin import REFERENCES, Comparison, compare, pieces_of

# At most this many pairs of one origin and label: the large sets would drown the others.
MOST = {"CLIMATE-FEVER": 450, "COVID-Fact": 250, "BEGIN/wow": 100, "BEGIN/cmu": 40, "BEGIN/tc": 50}
PARTIAL = 0.15  # this far below the cut, the evidence counts as partial support
WEIGHTS = Path("rag/verify/weights.py")


class Remembering:
    """A likeness that keeps what it measured in a file, so that a second run embeds nothing."""

    def __init__(self, likeness: Likeness, folder: Path) -> None:
        self._likeness = likeness
        self.name, self.weights = likeness.name, likeness.weights
        self.alike_from, self.close_from = likeness.alike_from, likeness.close_from
        self._file = folder / f"{likeness.name.replace(' ', '-')}.json"
        folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}
        self.new = 0

    def measure(self, claim: Reading, pieces: Sequence[Reading]) -> Measured:
        key = hashlib.sha256("\0".join(r.text for r in (claim, *pieces)).encode()).hexdigest()[:24]
        if key not in self._known:
            measured = self._likeness.measure(claim, pieces)
            self._known[key] = [measured.near, measured.features]
            self.new += 1
        near, features = self._known[key]
        return Measured(tuple(near), features)

    def save(self) -> None:
        self._file.write_text(json.dumps(self._known))


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


def compare_all(pairs: list[dict[str, str]], likeness: Remembering) -> list[Comparison | None]:
    compared: list[Comparison | None] = []
    for pair in pairs:
        claim, pieces = REFERENCES.sub("", pair["claim"]).strip(), pieces_of(pair["source_text"])
        compared.append(compare(claim, pieces, likeness) if read(claim).words and pieces else None)
    likeness.save()
    print(f"measured anew: {likeness.new}", flush=True)
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


def macro(labels: Any, answers: Any, origins: Any) -> float:
    """Return the mean over origins of the balanced accuracy, so that no large origin sets the cut."""
    return float(np.mean([balanced_accuracy_score(labels[origins == o], answers[origins == o]) for o in set(origins)]))


@dataclass(frozen=True)
class Table:
    """The pairs of one file as arrays: features, labels, origins, and whether no guard forbids `supported`.

    `refused`: a guard's verdict is worse than partial.
    """

    inputs: Any
    labels: Any
    origins: Any
    allowed: Any
    refused: Any

    @classmethod
    def of(cls, pairs: list[dict[str, str]], compared: list[Comparison | None], names: Sequence[str]) -> Table:
        rows = [(p, c) for p, c in zip(pairs, compared, strict=True) if c]
        return cls(
            np.array([[c.features[n] for n in names] for _, c in rows]),
            np.array([p["label"] == "supported" for p, _ in rows]),
            np.array([p["origin"].split("/")[0] for p, _ in rows]),
            np.array([not c.grave for _, c in rows]),
            np.array([any(f.verdict is not Verdict.PARTIAL for f in c.grave) for _, c in rows]),
        )

    def judged(self, scores: Any, cut: float) -> Any:
        """Return the scores as `rag.verify.builtin.judge` gives them."""
        return np.minimum(scores, np.where(self.refused, cut - PARTIAL, np.where(self.allowed, 1.0, cut - 1e-9)))


def left_out(train: Table) -> Any:
    """Return the probability of each pair by a model that saw no pair of its origin."""
    unseen = np.zeros(len(train.labels))
    for origin in sorted(set(train.origins)):
        away = train.origins == origin
        model = fit(train.inputs[~away], train.labels[~away], train.origins[~away])
        unseen[away] = model.predict_proba(train.inputs[away])[:, 1]
        print(f"  {origin:18s} left out: AUROC {roc_auc_score(train.labels[away], unseen[away]):.3f}")
    return unseen


def described(table: Table, scores: Any, cut: float) -> str:
    judged, labels, origins = table.judged(scores, cut), table.labels, table.origins
    answers = judged >= cut
    areas = [roc_auc_score(labels[origins == o], judged[origins == o]) for o in set(origins)]
    return (
        f"AUROC {np.mean(areas):.3f}, balanced accuracy {macro(labels, answers, origins):.3f}; all pairs together "
        f"{roc_auc_score(labels, judged):.3f} and {balanced_accuracy_score(labels, answers):.3f}, where no guard "
        f"decides {roc_auc_score(labels, scores):.3f} and {balanced_accuracy_score(labels, scores >= cut):.3f}"
    )


def fitted(train: Table, tune: Table | None, names: Sequence[str]) -> str:
    """Fit one variant; the cut is the best for the origins left out, and the tune pairs only show how well it does."""
    unseen = left_out(train)
    cut = max(
        np.linspace(0.3, 0.7, 41), key=lambda c: macro(train.labels, (unseen >= c) & train.allowed, train.origins)
    )
    model = fit(train.inputs, train.labels, train.origins)
    print(f"  cut {cut:.2f}; means over origins left out: {described(train, unseen, cut)}")
    if tune:
        scores = model.predict_proba(tune.inputs)[:, 1]
        print(f"  tune: {described(tune, scores, cut)}")
        for origin in sorted(set(tune.origins)):
            rows = tune.origins == origin
            answers = tune.judged(scores, cut) >= cut
            print(f"  {origin:18s} {balanced_accuracy_score(tune.labels[rows], answers[rows]):.3f} of {rows.sum()}")
    folded = model[1].coef_[0] / model[0].scale_
    bias = float(model[1].intercept_[0] - (folded * model[0].mean_).sum())
    lines = "".join(f'        "{n}": {w:.4f},\n' for n, w in zip(names, folded, strict=True))
    return f"Weights(\n    {bias:.4f},\n    {cut:.2f},\n    {cut - PARTIAL:.2f},\n    {{\n{lines}    }},\n)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    model = MiniLM(threads=1)
    files = ("train", "tune") if options.report else ("train",)
    sets = {name: load(options.folder / f"{name}.jsonl") for name in files}
    text = '"""The built-in checker\'s weights, written by `bench/train_checker.py`: do not edit by hand."""\n\n'
    text += "from rag.verify.features import Weights\n"
    for variable, likeness in (("ALIGNED", AlignedWords(model)), ("WHOLE", WholeSentences(model))):
        remembering = Remembering(likeness, options.cache)
        print(likeness.name, flush=True)
        compared = {name: compare_all(pairs, remembering) for name, pairs in sets.items()}
        names = sorted(next(c for c in compared["train"] if c).features)
        tables = {name: Table.of(sets[name], compared[name], names) for name in sets}
        text += f"\n{variable} = {fitted(tables['train'], tables.get('tune'), names)}\n"
    if options.write:
        WEIGHTS.write_text(text)


if __name__ == "__main__":
    main()
