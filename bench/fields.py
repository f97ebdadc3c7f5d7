"""The libraries and the questions of the second question set (`eval/data/fields`), as the other measures ask them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.benchmarks.fields import PAGES, read_field
from eval.json_lines import read_lines
from eval.questions import Case, parse_case
from rag import Library
from rag.text.words import fold_title

FIELDS = (PAGES, "biology", "clinical", "aerodynamics")
QUESTIONS = Path("eval/data/fields/questions.jsonl")
Row = Mapping[str, Any]


@contextmanager
def field_library(field: str, shared: Path, keep: Path | None = None) -> Iterator[tuple[Library, Mapping[str, str]]]:
    """Open the library of a field, with its id of each paper by the id that the questions name.

    `keep` is a folder where libraries stay for the next run; without one, the library is made in a temporary folder.
    """
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) if keep is None else keep / field
        folder.mkdir(parents=True, exist_ok=True)
        with Library.open(folder / "library") as library:
            yield library, fill(library, field, shared, folder)


def fill(library: Library, field: str, shared: Path, scratch: Path) -> dict[str, str]:
    """Add the papers of a field where the library is empty, and return its id of each by the questions' own."""
    papers = read_field(field, shared)
    if not len(library):
        file = scratch / "papers.jsonl"
        file.write_text("".join(json.dumps(asdict(paper) | {"id": None}) + "\n" for paper in papers), encoding="utf-8")
        library.add(file)
    held = {fold_title(paper.title): paper.id for paper in library.papers()}
    return {paper.id: held[fold_title(paper.title)] for paper in papers if fold_title(paper.title) in held}


def field_cases(field: str, ids: Mapping[str, str], questions: Path = QUESTIONS) -> list[Case]:
    """Return the questions of a field, each with the library's ids in the place of its own."""
    rows = (row for _, row in read_lines(questions))
    return [parse_case(with_ids(row, ids)) for row in rows if row["field"] == field]


def with_ids(row: Row, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a question or a dialogue with the library's ids in the place of its own."""
    found = {**row, "gold": [ids[name] for name in row["gold"]]}
    if "nuggets" in row:
        found["nuggets"] = [
            nugget | {"evidence": [[ids[paper], place] for paper, place in nugget.get("evidence", ())]}
            for nugget in row["nuggets"]
        ]
    if "history" in row:
        found["history"] = [
            turn | {"papers": [ids[name] for name in turn["papers"]]} if "papers" in turn else turn
            for turn in row["history"]
        ]
    return found


def half_of(name: str) -> str:
    """Return the half of the set that a question belongs to: designs are chosen on one and reported on the other."""
    return "chosen on" if hashlib.sha256(name.encode()).digest()[0] % 2 else "reported on"
