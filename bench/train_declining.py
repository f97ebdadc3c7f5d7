"""Fit the weights of `rag.question.answering` and of `rag.question.answerability`.

    python bench/train_declining.py gathered.pickle --write

`gathered.pickle` is what `bench/gather_evidence.py --written` wrote. The first are fitted to the sentences of the
written questions that the reader was not trained on; the second to those questions and the development half of the
question set. Reports by cross-validation, and on the test half.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np

from bench.gather_evidence import Asked
from bench.logistic import area, crossed, fit, odds
from rag.question import answering
from rag.question.answerability import Found, Signals, is_strange
from rag.question.answering import features, nearness
from rag.text.language import in_another_language
from rag.text.question_form import QuestionReading

WEIGHTS = Path("rag/question/answerability_weights.py")
SENTENCE_WEIGHTS = Path("rag/question/answering_weights.py")
MOST_DECLINED = 0.05  # of the answerable questions; of other sets, more are
# What the paper's place in the search weighs. A fit gives 15, as a written question has its answer in one paper; with
# less, questions of several papers are answered from several (docs/lab/reader.md).
NEAR = 5.0
STRANGE_FROM = 0.27  # cosine; on the development half the answerable strange questions start at 0.26


def interval(part: int, whole: int) -> str:
    """Wilson's 95% interval of a share."""
    if not whole:
        return "no case"
    z, share = 1.96, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * np.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{part}/{whole} = {share:.2f} [{middle - half:.2f}, {middle + half:.2f}]"


def sentences(rows: Sequence[Asked], write: bool) -> tuple[float, dict[str, float]]:
    """Fit how likely a sentence answers, and print how it does; a sentence that answers a part counts half."""
    names: list[str] = []
    table, labels, groups = [], [], []
    for number, row in enumerate(rows):
        if row.split != "aside" or in_another_language(row.question):
            continue
        question, near = QuestionReading(row.question), nearness(row.hits)
        for item in row.evidence:
            found = features(question, item, row.read[item.number], near[item.paper.id])
            names = list(found)
            table.append(list(found.values()))
            labels.append(1.0 if item.text in row.answers else 0.5 if item.text in row.partly else 0.0)
            groups.append(number)
    values, wanted, of = np.array(table), np.array(labels), np.array(groups)
    near = names.index("near")
    bias, weights = fit(np.delete(values, near, 1), wanted, offset=NEAR * values[:, near])
    weights = np.insert(weights, near, NEAR)
    scores = odds(values, bias, weights)
    for name, column in (*((n, values[:, i]) for i, n in enumerate(names)), ("together", scores)):
        firsts = [
            bool(wanted[of == g][column[of == g].argmax()] == 1) for g in set(groups) if wanted[of == g].max() == 1
        ]
        print(
            f"  {name}: AUROC {area(wanted == 1, column):.4f}, "
            f"the first sentence answers {np.mean(firsts):.3f} of {len(firsts)}"
        )
    print({name: round(float(w), 3) for name, w in zip(names, weights, strict=True)}, f"bias {bias:.3f}")
    chosen = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
    if write:
        SENTENCE_WEIGHTS.write_text(
            '"""The weights of `answering`, written by `bench/train_declining.py`: do not edit by hand."""\n\n'
            f"BIAS = {bias:.4f}\nWEIGHTS = {json.dumps(chosen)}\n",
            encoding="utf-8",
        )
    return bias, chosen


def decline(rows: Sequence[Asked], write: bool) -> None:
    """Fit when to decline, print how it does, and write the weights if asked to."""
    names = [f.name for f in fields(Signals) if f.name not in ("foreign", "unmet")]
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
    bias, weights = sentences(rows, options.write)
    answering.BIAS, answering.WEIGHTS = bias, weights
    foreign = [in_another_language(row.question) for row in rows]
    evidence = [
        tuple(replace(item, answers=max(0.0, item.relevance)) for item in row.evidence)
        if apart
        else answering.weighed(QuestionReading(row.question), row.evidence, nearness(row.hits), row.read)
        for row, apart in zip(rows, foreign, strict=True)
    ]
    decline([replace(row, evidence=items) for row, items in zip(rows, evidence, strict=True)], options.write)


if __name__ == "__main__":
    main()
