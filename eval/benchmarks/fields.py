"""The papers that the second question set is asked on: the five saved pages, and parts of three public sets.

The repository holds only their ids (`eval/data/fields/libraries.json`). The texts are read from a folder with `seeds`
and `benchmarks` in it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.answers.llama_index import paper_id
from eval.json_lines import dump_line, read_lines
from eval.questions import Case, parse_case
from rag import Library
from rag.errors import InputError
from rag.sources import read
from rag.sources.cleaning import clean
from rag.text.words import fold_title
from rag.types import Record

DATA = Path(__file__).parent.parent / "data" / "fields"
LIBRARIES, QUESTIONS = DATA / "libraries.json", DATA / "questions.jsonl"
PAGES = "pages"
FIELDS = (PAGES, "biology", "clinical", "aerodynamics")
Row = Mapping[str, Any]
# The Cranfield collection is in lower case, with a space before each full stop.
_STOP = re.compile(r"\s+([.,;:?])(?=\s|$)")
_OPENING = re.compile(r"(?:^|\s\.\s+)[a-z]")


@dataclass(frozen=True, slots=True)
class FieldPaper:
    """A paper under the id that the questions name. `authors` and `year` are empty where the set has none."""

    id: str
    title: str
    abstract: str
    authors: str = ""
    year: str = ""


def read_field(field: str, folder: Path) -> tuple[FieldPaper, ...]:
    """Return the papers of a field. Raises `InputError` for a field that libraries.json doesn't name."""
    if field == PAGES:
        return tuple(_saved_pages(folder / "seeds"))
    chosen = json.loads(LIBRARIES.read_text(encoding="utf-8"))
    if field not in chosen:
        raise InputError(f"no field {field!r}: choose {', '.join((PAGES, *chosen))}")
    wanted, name = set(chosen[field]["ids"]), chosen[field]["set"]
    papers = _SETS[name](folder / "benchmarks" / name)
    return tuple(paper for paper in papers if paper.id in wanted)


def _saved_pages(folder: Path) -> Iterator[FieldPaper]:
    """Yield each paper once, known by its folded title; of a repeated one, the longest abstract."""
    if not folder.is_dir():
        raise InputError(f"{folder}: not there: name the folder that holds `seeds` and `benchmarks`")
    found: dict[str, Record] = {}
    for page in sorted(folder.glob("*.txt")):
        for record in read(page):
            if isinstance(record, Record) and record.abstract:
                folded = fold_title(record.title)
                if folded not in found or len(record.abstract) > len(found[folded].abstract):
                    found[folded] = record
    for record in found.values():
        yield FieldPaper(paper_id(record.title), record.title, record.abstract, year=str(record.year or ""))


def _scifact(folder: Path) -> Iterator[FieldPaper]:
    for _, row in read_lines(folder / "corpus.jsonl"):
        yield FieldPaper(row["_id"], clean(row["title"]), clean(row["text"]))


def _pubmedqa(folder: Path) -> Iterator[FieldPaper]:
    for _, row in read_lines(folder / "dev.jsonl"):
        yield FieldPaper(row["id"], clean(row["question"]), clean(row["abstract"]), year=row["year"] or "")


def _cranfield(folder: Path) -> Iterator[FieldPaper]:
    for _, row in read_lines(folder / "corpus.jsonl"):
        text = row["text"].removeprefix(row["title"])
        about: dict[str, Any] = row["metadata"]
        year = re.search(r"\b19\d\d\b", about.get("bib", ""))
        yield FieldPaper(
            row["_id"],
            _in_sentence_case(row["title"]).rstrip(". "),
            _in_sentence_case(text),
            authors=" ".join(about.get("author", "").split()),
            year=year.group() if year else "",
        )


def _in_sentence_case(text: str) -> str:
    """Return the text with capitals after full stops, so that it can be split into sentences."""
    opened = _OPENING.sub(lambda match: match.group().upper(), text.strip())
    return clean(_STOP.sub(r"\1", opened))


_SETS = {"scifact": _scifact, "pubmedqa": _pubmedqa, "cranfield": _cranfield}


@contextmanager
def field_library(field: str, shared: Path, keep: Path | None = None) -> Iterator[tuple[Library, Mapping[str, str]]]:
    """Open the library of a field, with its id of each paper by the id that the questions name.

    `keep` is a folder where libraries stay for the next run; without one, the library is made in a temporary folder.
    """
    with TemporaryDirectory(prefix="pincite-eval-") as scratch:
        folder = Path(scratch) if keep is None else keep / field
        folder.mkdir(parents=True, exist_ok=True)
        with Library.open(folder / "library") as library:
            yield library, fill(library, field, shared, folder)


def fill(library: Library, field: str, shared: Path, scratch: Path) -> dict[str, str]:
    """Add the papers of a field where the library is empty, and return its id of each by the questions' own."""
    papers = read_field(field, shared)
    if not len(library):
        file = scratch / "papers.jsonl"
        file.write_text("".join(dump_line(asdict(paper) | {"id": None}) for paper in papers), encoding="utf-8")
        library.add(file)
    held = {fold_title(paper.title): paper.id for paper in library.papers()}
    return {paper.id: held[fold_title(paper.title)] for paper in papers if fold_title(paper.title) in held}


def field_cases(field: str, ids: Mapping[str, str], questions: Path = QUESTIONS, split: str = "all") -> list[Case]:
    """Return the questions of a field or of its half, each with the library's ids in place of its own."""
    rows = [row | {"split": split_of(row["id"])} for _, row in read_lines(questions) if row["field"] == field]
    return [parse_case(with_ids(row, ids)) for row in rows if split in ("all", row["split"])]


def split_of(name: str) -> str:
    """Return the half that a question belongs to: designs are chosen on `dev` and reported on `test`."""
    return "dev" if hashlib.sha256(name.encode()).digest()[0] % 2 else "test"


def with_ids(row: Row, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a question or a dialogue with the library's ids in place of its own."""
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
