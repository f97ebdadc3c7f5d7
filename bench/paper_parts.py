"""How well questions for a part of a paper are answered: `python -m bench.paper_parts ../shared`.

`bench/paper_parts.jsonl` has 96 such questions ("What did the trial of … conclude?"), 24 over each library of the
second question set, and 64 that use the same words for something in a paper, with the sentences that answer and the
best of them. Prints what answers show with and without `rag.question.paper_part`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.benchmarks.fields import FIELDS, FieldPaper, field_library, read_field
from rag import answer
from rag.question import paper_part
from rag.text.sentences import split_sentences

QUESTIONS = Path(__file__).with_suffix(".jsonl")
_NEVER = 2.0  # a probability that no question reaches


def shown(question: dict[str, Any], library: Any, paper: FieldPaper) -> list[int]:
    """Return the sentences of the paper meant that an answer shows, -1 for one of another paper."""
    starts = [span.start for span in split_sentences(paper.abstract)]
    said = answer(question["question"], library, model="extractive").sentences
    pins = [pin for sentence in said for pin in sentence.citations]
    return [starts.index(pin.start) if pin.paper.title == paper.title and pin.start in starts else -1 for pin in pins]


def rows(shared: Path, folder: Path) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Yield each question with what is shown."""
    asked = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    for name in FIELDS:
        papers = {paper.id: paper for paper in read_field(name, shared)}
        with field_library(name, shared, folder) as (library, _):
            for question in (one for one in asked if one["field"] == name):
                yield question, shown(question, library, papers[question["paper"]])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shared", type=Path)
    shared = parser.parse_args().shared
    usual = paper_part.SURELY
    with tempfile.TemporaryDirectory() as folder:
        for name, bar in (("the reader alone", _NEVER), ("with roles", usual)):
            paper_part.SURELY = bar
            found = list(rows(shared, Path(folder)))
            for kind, of_part in (("parts", True), ("look-alikes", False)):
                some = [(question, said) for question, said in found if bool(question["role"]) is of_part]
                right = [[number in question["answers"] for number in said] for question, said in some]
                best = sum(any(number in question["best"] for number in said) for question, said in some)
                print(
                    f"{name}, {len(some)} {kind}: one of the best sentences shown {best / len(some):.2f}, "
                    f"any that answers {sum(map(any, right)) / len(some):.2f}, "
                    f"the first one answers {sum(one[:1] == [True] for one in right) / len(some):.2f}, "
                    f"of those shown {sum(map(sum, right)) / sum(map(len, right)):.2f}, "
                    f"declined {sum(not one for one in right)}"
                )


if __name__ == "__main__":
    main()
