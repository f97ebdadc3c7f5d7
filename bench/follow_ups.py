"""Measure how well a question in a conversation is made to stand alone, on the 60 dialogues of the second question set.

    python -m bench.follow_ups ../shared --fields biology clinical

The folder holds `seeds` and `benchmarks`. Recall@5 is of the papers that answer the question as meant, term F1 compares
the stems of what is searched with those of the question as meant, "untouched" is the share of the questions that stand
alone and are searched as asked.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from eval.benchmarks.fields import PAGES, read_field
from rag import Library
from rag.question.interpret import understand
from rag.text.words import fold_title, term_set
from rag.types import Filters

DIALOGUES = Path("eval/data/fields/dialogues.jsonl")
DEPTH = 5
FIELDS = (PAGES, "biology", "clinical")

Dialogue = Mapping[str, Any]
# What is searched for a dialogue, and within what.
Searched = tuple[str, Filters]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fields", nargs="+", choices=FIELDS, default=list(FIELDS))
    parser.add_argument("--show", action="store_true", help="print what each question is understood as")
    options = parser.parse_args()
    rows = [json.loads(line) for line in DIALOGUES.read_text(encoding="utf-8").splitlines()]
    for field in options.fields:
        with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library") as library:
            ids = fill(library, field, options.folder, Path(folder))
            asked = [with_ids(row, ids) for row in rows if row["field"] == field]
            print(f"\n## {field}\n")
            print_table(measure(library, asked))
            if options.show:
                show(library, asked)


def fill(library: Library, field: str, folder: Path, scratch: Path) -> dict[str, str]:
    """Add the papers of a field, and return the library's id of each by the id that the dialogues name."""
    papers = read_field(field, folder)
    file = scratch / "papers.jsonl"
    file.write_text("".join(json.dumps(asdict(paper) | {"id": None}) + "\n" for paper in papers), encoding="utf-8")
    library.add(file)
    held = {fold_title(paper.title): paper.id for paper in library.papers()}
    return {paper.id: held[fold_title(paper.title)] for paper in papers if fold_title(paper.title) in held}


def with_ids(row: Dialogue, ids: Mapping[str, str]) -> Dialogue:
    """Return a dialogue with the library's ids in the place of its own."""
    history = [
        turn | {"papers": [ids[name] for name in turn["papers"]]} if "papers" in turn else turn
        for turn in row["history"]
    ]
    return {**row, "gold": [ids[name] for name in row["gold"]], "history": history}


def as_asked(row: Dialogue, _: Library) -> Searched:
    return row["question"], Filters()


def with_the_last(row: Dialogue, _: Library) -> Searched:
    last = [turn["content"] for turn in row["history"] if turn["role"] == "user"][-1]
    return f"{last} {row['question']}", Filters()


def as_understood(row: Dialogue, library: Library) -> Searched:
    found = understand(row["question"], row["history"], library, Filters())
    return found.searched, found.filters


def as_meant(row: Dialogue, _: Library) -> Searched:
    return row["standalone"], Filters()


SYSTEMS: Mapping[str, Callable[[Dialogue, Library], Searched]] = {
    "question alone": as_asked,
    "previous question + question": with_the_last,
    "understood": as_understood,
    "question as meant": as_meant,
}


def measure(library: Library, dialogues: Sequence[Dialogue]) -> dict[str, dict[str, list[float]]]:
    """Return recall@5, term F1 and whether it was left untouched where it stands alone, by system."""
    found: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in SYSTEMS}
    for name, system in SYSTEMS.items():
        for row in dialogues:
            text, within = system(row, library)
            ids = {hit.paper_id for hit in library.find(text, DEPTH, within)}
            gold = set(row["gold"])
            found[name]["recall"].append(len(gold & ids) / min(len(gold), DEPTH))
            found[name]["f1"].append(term_f1(text, row["standalone"]))
            if row["kind"] == "standalone":
                found[name]["untouched"].append(float(text == row["question"]))
    return found


def term_f1(found: str, meant: str) -> float:
    """Return the harmonic mean of precision and recall of the stems of one text against those of another."""
    ours, theirs = term_set(found), term_set(meant)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 1.0


def print_table(found: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    print("| searched | recall@5 | term F1 | untouched |\n|---|---|---|---|")
    for name, values in found.items():
        cells = [f"{100 * float(np.mean(values[key])):.1f}" for key in ("recall", "f1", "untouched")]
        print(f"| {name} |", " | ".join(cells), "|")


def show(library: Library, dialogues: Sequence[Dialogue]) -> None:
    for line in _shown(library, dialogues):
        print(line)


def _shown(library: Library, dialogues: Sequence[Dialogue]) -> Iterator[str]:
    for row in dialogues:
        found = understand(row["question"], row["history"], library, Filters())
        yield f"\n{row['question']}\n  meant:    {row['standalone']}\n  searched: {found.searched}"
        yield from (f"  note:     {note}" for note in found.notes)
        if found.nothing:
            yield f"  nothing:  {found.nothing}"


if __name__ == "__main__":
    main()
