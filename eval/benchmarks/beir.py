"""Retrieval sets in BEIR layout (Thakur et al. 2021): corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv in one folder."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.json_lines import read_lines
from rag.errors import InputError, SourceError

# Characters of the text that replace a missing title.
TITLE = 100


@dataclass(frozen=True, slots=True)
class BeirDocument:
    """One entry of corpus.jsonl."""

    id: str
    title: str
    text: str

    @property
    def opening(self) -> str:
        """The first words of the text, in place of a title."""
        return textwrap.shorten(self.text, TITLE, placeholder=" …")


@dataclass(frozen=True, slots=True)
class RelevanceJudgements:
    """The judged questions of one split: `questions` by id, `relevant` the grade of each judged document.

    A grade of 0 is a document that was looked at and found not relevant.
    """

    questions: dict[str, str]
    relevant: dict[str, dict[str, int]]


def read_documents(folder: Path) -> Iterator[BeirDocument]:
    """Yield the documents. Raises `SourceError` for a line without `_id` or an `_id` that comes again."""
    path = folder / "corpus.jsonl"
    seen: set[str] = set()
    for number, value in read_lines(path):
        name = _text(value, "_id", path, number)
        if name in seen:
            raise SourceError(path, f"the _id {name!r} comes a second time: give each document its own", number)
        seen.add(name)
        yield BeirDocument(name, str(value.get("title") or "").strip(), str(value.get("text") or "").strip())


def read_judged(folder: Path, split: str) -> RelevanceJudgements:
    """Return the questions of a split that have a relevant document. Raises `InputError` where there are none."""
    relevant = _read_grades(folder, split)
    path = folder / "queries.jsonl"
    asked = {_text(value, "_id", path, n): _text(value, "text", path, n) for n, value in read_lines(path)}
    missing = sorted(set(relevant) - set(asked))
    if missing:
        raise InputError(f"{path}: the judged question {missing[0]!r} is not among the queries: add it")
    judged = {name: grades for name, grades in relevant.items() if any(grade > 0 for grade in grades.values())}
    if not judged:
        raise InputError(f"{folder}: no question of the split {split!r} has a relevant document: name another split")
    return RelevanceJudgements({name: asked[name] for name in judged}, judged)


def _read_grades(folder: Path, split: str) -> dict[str, dict[str, int]]:
    path = folder / "qrels" / f"{split}.tsv"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in (folder / "qrels").glob("*.tsv"))) or "none"
        raise InputError(f"{path}: no such split: {folder.name} has {there}")
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        fields = line.split("\t")
        if not line.strip() or (number == 1 and not fields[-1].strip().lstrip("-").isdigit()):
            continue
        try:
            question, document, grade = (field.strip() for field in fields)
            grades.setdefault(question, {})[document] = int(grade)
        except ValueError as error:
            raise SourceError(path, "not query-id, corpus-id and a whole number, tabs between", number) from error
    return grades


def _text(value: dict[str, object], name: str, path: Path, line: int) -> str:
    found = value.get(name)
    if not isinstance(found, str | int) or not str(found).strip():
        raise SourceError(path, f"no {name!r}: BEIR's layout has one in every line", line)
    return str(found)
