"""Measure recall@5 by kind of question on our own questions, beside the three baselines of `python -m eval retrieval`.

    python -m bench.question_kinds ../shared/seeds/*.txt

The files given are the papers that `eval/data/retrieval_questions.jsonl` asks about. A question counts the papers that
it needs up to five. Where the extra `languages` is installed, questions in other languages are measured with it.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from eval.benchmarks.retrieval import BASELINES
from rag import Library
from rag.library import languages
from rag.types import Filters

QUESTIONS = Path("eval/data/retrieval_questions.jsonl")
DEPTH = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", nargs="+", type=Path)
    options = parser.parse_args()
    languages.SECONDS = math.inf  # the first question reads all papers
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library") as library:
        library.add(*options.papers)
        print_table(measure(library, [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]))


def measure(library: Library, questions: Sequence[Mapping[str, str]]) -> dict[str, dict[str, list[float]]]:
    """Return recall@5 of each question by kind and system; questions in another language by that language too."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    view = library.snapshot()
    assert view is not None  # papers were added
    for asked in questions:
        text, gold = asked["question"], {library.get(name).id for name in asked["gold"]}
        ranked = {"search": [hit.paper_id for hit in library.find(text, DEPTH, Filters())]}
        for name, baseline in BASELINES.items():
            ranked[name] = [view.paper_ids[row] for row in baseline(text, view, library)[:DEPTH]]
        for kind in {asked["kind"], asked.get("language", asked["kind"])}:
            for name, ids in ranked.items():
                found[kind][name].append(len(gold & set(ids)) / min(len(gold), DEPTH))
    return found


def print_table(found: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    print("| kind | questions |", " | ".join(["search", *BASELINES]), "|")
    for kind, systems in found.items():
        cells = [f"{100 * float(np.mean(values)):.1f}" for values in systems.values()]
        print(f"| {kind} | {len(systems['search'])} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
