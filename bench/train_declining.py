"""Fit the weights of `rag.question.answerability`: when to decline.

    python bench/train_declining.py gathered.pickle --write

`gathered.pickle` is what `bench/gather_evidence.py --written` wrote. They are fitted to the written questions that the
reader was not trained on and to the development half of the question set. Reports by cross-validation, and on the test
half; and how well `rag.question.answering` finds the sentences that answer.
"""

from __future__ import annotations

import argparse
import pickle
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np

from bench.gather_evidence import Asked
from bench.logistic import area, crossed, fit, odds
from rag.question.answerability import Found, Signals, is_strange
from rag.question.answering import features, nearness, probability, weighed
from rag.text.language import in_another_language
from rag.text.question_form import QuestionReading

WEIGHTS = Path("rag/question/answerability_weights.py")
MOST_DECLINED = 0.05  # of the answerable questions; of other sets, more are
STRANGE_FROM = 0.27  # cosine; on the development half the answerable strange questions start at 0.26


def interval(part: int, whole: int) -> str:
    """Wilson's 95% interval of a share."""
    if not whole:
        return "no case"
    z, share = 1.96, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * np.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{part}/{whole} = {share:.2f} [{middle - half:.2f}, {middle + half:.2f}]"


def sentences(rows: Sequence[Asked]) -> None:
    """Print how well each feature, and all together, find the sentences that answer."""
    table: dict[str, list[float]] = defaultdict(list)
    labels: list[bool] = []
    groups: list[int] = []
    for number, row in enumerate(rows):
        if row.split != "aside" or in_another_language(row.question):
            continue
        question, near = QuestionReading(row.question), nearness(row.hits)
        for item in row.evidence:
            found = features(question, item, row.read.get(item.number, 0.0), near[item.paper.id])
            for name, value in (found | {"together": probability(found)}).items():
                table[name].append(value)
            labels.append(item.text in row.answers)
            groups.append(number)
    wanted, of = np.array(labels), np.array(groups)
    answerable = set(of[wanted].tolist())
    for name, values in table.items():
        column = np.array(values)
        firsts = [bool(wanted[of == group][column[of == group].argmax()]) for group in answerable]
        print(
            f"  {name}: AUROC {area(wanted, column):.4f}, "
            f"the first sentence answers {np.mean(firsts):.3f} of {len(firsts)}"
        )


def decline(rows: Sequence[Asked], write: bool) -> None:
    """Fit when to decline, print how it does, and write the weights if asked to."""
    names = [f.name for f in fields(Signals) if f.name not in ("foreign", "unmet", "relevance")]
    found = [Found(QuestionReading(row.question), row.hits, row.evidence).signals for row in rows]
    table = np.array([[asdict(signal)[name] for name in names] for signal in found])
    strange = np.array([is_strange(signal) for signal in found])
    fitted = np.array([row.split != "test" for row in rows]) & ~strange
    answerable = np.array([row.answerable for row in rows])
    groups = np.arange(len(rows))
    scores = np.ones(len(rows))
    scores[fitted] = crossed(table[fitted], answerable[fitted].astype(float), groups[fitted])
    cut = float(np.quantile(scores[fitted & answerable], MOST_DECLINED))
    bias, weights = fit(table[fitted], answerable[fitted].astype(float))
    rest = ~fitted & ~strange
    scores[rest] = odds(table[rest], bias, weights)
    nearest = np.array([signal.relevance for signal in found])
    scores[strange] = 1 / (1 + np.exp(-(np.log(cut / (1 - cut)) + 12 * (nearest[strange] - STRANGE_FROM))))
    for split in ("aside", "dev", "test"):
        chosen = np.array([row.split == split for row in rows])
        print(split, f"AUROC {area(answerable[chosen], scores[chosen]):.3f}")
        kinds = np.array([row.kind if not row.answerable else "answerable" for row in rows])
        for kind in sorted(set(kinds)):
            group = chosen & (kinds == kind)
            print(f"  {kind:18s} declined {interval(int((scores[group] < cut).sum()), int(group.sum()))}")
    print("alone:", {name: round(area(answerable[fitted], table[fitted, i]), 3) for i, name in enumerate(names)})
    for i, name in enumerate(names):
        without = np.delete(table, i, 1)
        left = crossed(without[fitted], answerable[fitted].astype(float), groups[fitted])
        print(f"  without {name}: AUROC {area(answerable[fitted], left):.4f}")
    print(f"  with all: {area(answerable[fitted], scores[fitted]):.4f}")
    print({name: round(float(w), 3) for name, w in zip(names, weights, strict=True)}, f"bias {bias:.3f}, cut {cut:.3f}")
    if write:
        lines = "".join(f'    "{name}": {weight:.4f},\n' for name, weight in zip(names, weights, strict=True))
        WEIGHTS.write_text(
            '"""The weights of `answerability`, written by `bench/train_declining.py`: do not edit by hand."""\n\n'
            f"BIAS = {bias:.4f}\nANSWERED_FROM = {cut:.3f}\nSTRANGE_FROM = {STRANGE_FROM}\nWEIGHTS = {{\n{lines}}}\n",
            encoding="utf-8",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gathered", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = pickle.loads(options.gathered.read_bytes())
    sentences(rows)
    foreign = [in_another_language(row.question) for row in rows]
    evidence = [
        tuple(replace(item, answers=max(0.0, item.relevance)) for item in row.evidence)
        if apart
        else weighed(QuestionReading(row.question), row.evidence, nearness(row.hits), row.read)
        for row, apart in zip(rows, foreign, strict=True)
    ]
    decline([replace(row, evidence=items) for row, items in zip(rows, evidence, strict=True)], options.write)


if __name__ == "__main__":
    main()
