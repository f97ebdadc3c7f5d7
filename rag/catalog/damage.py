"""Rows of a catalog that Pincite can't have written: find them, move them to a file, and rebuild them.

A bad disk or another program damages a row, or someone does so on purpose. Nothing is lost: rows removed from the
catalog are kept in the library's folder as JSON Lines.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.catalog import id_assignment, row_format, schema
from rag.catalog.database import HIGHEST, Database, checked
from rag.catalog.identity import possible_ids
from rag.catalog.notices import said_of
from rag.catalog.recompute import records
from rag.errors import LibraryDamagedError
from rag.types import Bibliographic, Origin, Paper, Record

# The columns that name a row of each table, if it has no number of its own.
_KEYS = {"meta": ("key",), "identity": ("kind", "value", "paper"), "apart": ("one", "other"),
         "notice": ("value", "kind", "title", "file")}  # fmt: skip
# Tables checked first are repaired last: a paper is rebuilt from its records.
TABLES = ("meta", "ledger", "apart", "notice", "identity", "correction", "window", "record", "paper")


@dataclass(frozen=True, slots=True)
class Damage:
    """A row that can't be read: its table, its key, all its values by column, and what is wrong."""

    table: str
    key: tuple[object, ...]
    held: dict[str, Any]
    why: str


def row_count(database: Database) -> int:
    """Return how many rows `damages` looks at."""
    return sum(int(database.one(f"SELECT count(*) FROM {table}")[0]) for table in TABLES)


def damages(database: Database, dimension: int | None, looked: Callable[[], None] = lambda: None) -> Iterator[Damage]:
    """Yield every row that Pincite can't have written; `dimension` is that of the library's vectors.

    `looked` is called after each row.
    """
    for table in TABLES:
        key = _KEYS.get(table, ("rowid",))
        for row in database.raw(f"SELECT {', '.join(key)}, * FROM {table}"):
            names, values = row[0][len(key) :], row[1][len(key) :]
            held = dict(zip(names, values, strict=True))
            try:
                _check(database.path, table, held, dimension)
            except LibraryDamagedError as error:
                yield Damage(table, row[1][: len(key)], held, str(error))
            looked()


def _check(path: Path, table: str, held: dict[str, Any], dimension: int | None) -> None:
    """Raise `LibraryDamagedError` for a row that the catalog's readers would refuse."""
    names = [f"own_{name}" if table == "correction" and name in ("title", "abstract") else name for name in held]
    checked(path, names, [tuple(held.values())])
    for value in held.values():
        if isinstance(value, str) and not value.isascii():
            row_format.refuse_halves(value)
    if table == "paper":
        row_format.unpack_paper(held["id"], held["title"], held["abstract"], held["year"], held["fields"])
        row_format.unpack_spans(held["sentences"])
    elif table == "record":
        row_format.unpack_record(held["content"])
    elif table == "correction":
        row_format.unpack_sections(held["sections"])
    elif table == "window" and len(held["vector"]) != 4 * (dimension or max(1, len(held["vector"]) // 4)):
        raise LibraryDamagedError(f"{path}: a vector has {len(held['vector']):,} bytes")
    elif table == "meta" and held["key"] == "generation":
        Database.number(path, held["value"])


def set_aside(
    database: Database, folder: Path, dimension: int | None, looked: Callable[[], None] = lambda: None
) -> Path | None:
    """Move all damaged rows to a file in the folder; return the file, None if all rows are sound.

    Papers are rebuilt from their sound records; a paper whose records are all damaged keeps its text. The caller
    holds the library's lock, and afterwards embeds what has no windows.
    """
    found = list(damages(database, dimension, looked))
    if not found:
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    file = folder / f"catalog-damaged-{stamp}.jsonl"
    with file.open("x", encoding="utf-8") as kept:
        kept.writelines(json.dumps(_plain(damage)) + "\n" for damage in found)
        kept.flush()
        os.fsync(kept.fileno())
    with database.transaction():
        for damage in found:
            _take_out(database, damage)
        for paper in dict.fromkeys(damage.held["paper"] for damage in found if damage.table == "record"):
            _speak_for_itself(database, paper)
    return file


def _plain(damage: Damage) -> dict[str, Any]:
    held = {
        name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in damage.held.items()
    }
    return {"table": damage.table, "damage": damage.why, "row": held}


def _take_out(database: Database, damage: Damage) -> None:
    if damage.table == "paper":
        _make_again(database, damage)
        return
    key = _KEYS.get(damage.table, ("rowid",))
    database.run(f"DELETE FROM {damage.table} WHERE {' AND '.join(f'{name} = ?' for name in key)}", *damage.key)
    if damage.table == "meta" and damage.key[0] in ("generation", "lineage"):
        database.set_meta("generation", "1")
        database.run(schema.NEW_LINEAGE)
    if damage.table == "window":  # the remaining windows would not cover the paper
        database.run("DELETE FROM window WHERE paper = ?", damage.held["paper"])


def _make_again(database: Database, damage: Damage) -> None:
    """Empty a damaged paper so that it is recomputed from its records; delete it if it has none."""
    row = int(str(damage.key[0]))
    held = records(database, row) if 0 <= row < HIGHEST["row"] else []
    if not held:
        database.run("DELETE FROM paper WHERE row = ?", row)
        return
    paper_id = damage.held["id"]
    if not isinstance(paper_id, str):
        paper_id = next(i for i in possible_ids(held[0]) if id_assignment.is_free(database, i, row))
    database.run(
        "UPDATE paper SET id = ?, title = '', abstract = '', year = NULL, fields = '{}', sentences = '[]', "
        "revision = 1 + abs(random() % 1000000) WHERE row = ?",
        paper_id, row,
    )  # fmt: skip
    database.run("DELETE FROM window WHERE paper = ?", row)
    database.run("INSERT OR IGNORE INTO identity VALUES ('id', ?, ?)", paper_id, row)


def _speak_for_itself(database: Database, row: int) -> None:
    """Store a record for a sound paper whose records are all gone, so that it can be recomputed."""
    found = database.all("SELECT id, title, abstract, year, fields FROM paper WHERE row = ?", row)
    if not found or records(database, row):
        return
    paper = row_format.unpack_paper(*found[0])
    derived = {(notice.kind, notice.text) for notice in said_of(database, row)}
    own = tuple(notice for notice in paper.notices if (notice.kind, notice.text) not in derived)
    for origin in paper.origins or (Origin("(set aside)", 1),):
        record = _as_record(paper, origin, own)
        digest, content = row_format.pack_record(record)
        database.run(
            "INSERT INTO record (paper, digest, file, position, content) VALUES (?, ?, ?, ?, ?)",
            row, digest, origin.file, origin.position, content,
        )  # fmt: skip


def _as_record(paper: Paper, origin: Origin, notices: Any) -> Record:
    plain = {field.name: getattr(paper, field.name) for field in fields(Bibliographic)}
    return Record(paper.title, paper.abstract, origin, **plain | {"notices": notices})
