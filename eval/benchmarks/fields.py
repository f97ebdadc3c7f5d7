"""The papers that the second question set is asked on: the five saved pages, and parts of three public sets.

The repository holds only their ids (`eval/data/fields/libraries.json`). The texts are read from a folder with `seeds`
and `benchmarks` in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.answers.llama_index import paper_id
from eval.json_lines import read_lines
from rag.errors import InputError
from rag.sources import read
from rag.sources.cleaning import clean
from rag.text.words import fold_title
from rag.types import Record

LIBRARIES = Path(__file__).parent.parent / "data" / "fields" / "libraries.json"
PAGES = "pages"
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
