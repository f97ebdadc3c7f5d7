"""Papers recomputed from their records and corrections."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.catalog import identity, merge, row_format
from rag.catalog.database import Database
from rag.catalog.notices import KINDS, announces, said_of
from rag.serialization import to_json
from rag.text.sentences import split_sentences
from rag.types import Notice, Paper, Record, Section

# Named apart from the columns of `paper`: these may be NULL.
_CORRECTION = "title AS own_title, abstract AS own_abstract, sections"


def records(database: Database, row: int) -> list[Record]:
    """Return all records of the paper in this row."""
    rows = database.all("SELECT content FROM record WHERE paper = ? ORDER BY row", row)
    return [row_format.unpack_record(content) for (content,) in rows]


def recompute(database: Database, row: int) -> bool:
    """Recompute a paper from its records; return whether its title or abstract changed."""
    paper_id, title, abstract = database.one("SELECT id, title, abstract FROM paper WHERE row = ?", row)
    held = records(database, row)
    paper = _made(database, row, paper_id, held)
    _name(database, row, [*held, paper])
    paper = replace(paper, notices=merge.union([paper.notices, said_of(database, row)]))
    database.run(
        "UPDATE paper SET title = ?, abstract = ?, year = ?, fields = ? WHERE row = ?",
        paper.title, paper.abstract, paper.year, row_format.pack_paper(paper), row,
    )  # fmt: skip
    if paper.abstract != abstract:
        spans = row_format.pack_spans(split_sentences(paper.abstract))
        database.run("UPDATE paper SET sentences = ? WHERE row = ?", spans, row)
    return (paper.title, paper.abstract) != (title, abstract)


def notices(database: Database, row: int) -> tuple[Notice, ...]:
    """Return the notices that the paper in this row now has."""
    found = database.one("SELECT fields FROM paper WHERE row = ?", row)
    return () if found is None else tuple(row_format.unpack_fields(found[0], "notices").get("notices", ()))


def decided(database: Database, row: int) -> set[str]:
    """Return what of a paper the user has chosen: its title, its abstract."""
    own = database.one("SELECT title AS own_title, abstract AS own_abstract FROM correction WHERE paper = ?", row)
    return {name for name, value in zip(("title", "abstract"), own or (), strict=False) if value is not None}


def altered(database: Database, looked: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Yield the rows of papers that differ from what their records and the user's corrections say.

    Another program changed them. Notices are ignored: they come from other papers. `looked` is called after each paper.
    """
    stored = database.stream("SELECT row, id, title, abstract, year, fields FROM paper ORDER BY row")
    for row, *columns in stored:
        paper, held = row_format.unpack_paper(*columns), records(database, row)
        if not held or replace(paper, notices=()) != replace(_made(database, row, paper.id, held), notices=()):
            yield row
        looked()


def announced_by(database: Database, row: int) -> set[int]:
    """Return the papers that this one is a notice about."""
    named = database.all(f"SELECT value FROM identity WHERE paper = ? AND kind IN {KINDS}", row)
    same = "SELECT paper FROM identity WHERE kind = ? AND value = ?"
    meant = [database.all(same, *value.split(":", 1)) for (value,) in named]
    return {paper for found in meant for (paper,) in found if paper != row}


def correct(database: Database, row: int, title: str | None, abstract: str | None, sections: Sequence[Section]) -> None:
    """Store the user's own title or abstract of a paper, whatever its files say; None keeps the current one."""
    old = database.one(f"SELECT {_CORRECTION} FROM correction WHERE paper = ?", row) or (None, None, "[]")
    packed = old[2] if abstract is None else json.dumps(to_json(sections))
    database.run(
        "INSERT OR REPLACE INTO correction VALUES (?, ?, ?, ?)",
        row, old[0] if title is None else title, old[1] if abstract is None else abstract, packed,
    )  # fmt: skip


def uncorrect(database: Database, row: int) -> None:
    """Restore what the files say."""
    database.run("DELETE FROM correction WHERE paper = ?", row)


def corrected(database: Database) -> set[int]:
    """Return the rows of all papers that the user has corrected."""
    return {row for (row,) in database.all("SELECT paper FROM correction")}


def correction(database: Database, row: int) -> Paper | None:
    """Return the paper as the user corrected it, None if it wasn't."""
    if database.one("SELECT 1 FROM correction WHERE paper = ?", row) is None:
        return None
    return _made(database, row, "", records(database, row))


def _made(database: Database, row: int, paper_id: str, held: Sequence[Record]) -> Paper:
    return _corrected(database, row, merge.merge(paper_id, held))


def _corrected(database: Database, row: int, paper: Paper) -> Paper:
    found = database.one(f"SELECT {_CORRECTION} FROM correction WHERE paper = ?", row)
    if found is None:
        return paper
    title, abstract, sections = found
    if title is not None:
        paper = replace(paper, title=title)
    if abstract is not None:
        paper = replace(paper, abstract=abstract, sections=row_format.unpack_sections(sections))
    return paper


def _name(database: Database, row: int, held: list[Record | Paper]) -> None:
    """Store every name of the paper, and the papers that it is a notice about."""
    names = {name for statement in held for name in identity.names(statement)}
    for statement in held:
        if notice := announces(statement):
            names |= {(f"{notice[0]} of", f"{kind}:{value}") for kind, value in notice[1]}
    database.run("DELETE FROM identity WHERE paper = ? AND kind != 'id'", row)
    database.many("INSERT INTO identity VALUES (?, ?, ?)", [(*name, row) for name in sorted(names)])
