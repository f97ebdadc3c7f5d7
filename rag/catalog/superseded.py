"""Superseded records: the file now says something else at the same place."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from rag.catalog import row_format
from rag.catalog.database import Database

Place = tuple[str, str | int]


@dataclass(frozen=True, slots=True)
class Replaced:
    """A record row that its file no longer holds, and the rows now at its place."""

    row: int
    paper: int
    by: tuple[int, ...]


def replaced(database: Database, file: str, seen: Container[int]) -> list[Replaced]:
    """Return what a file has replaced since it was last added; `seen` are the rows of records that it still holds.

    A place is a citation key, or without one the position. A record that is gone without a replacement stays: a file
    that was cut short, or split in two, removes no paper.
    """
    held = "SELECT row, paper FROM record WHERE file = ? ORDER BY row"
    gone = [(row, paper) for row, paper in database.stream(held, file) if row not in seen]
    if not gone:
        return []
    places = {row: _place(database, row) for row, _ in gone}
    now: dict[Place, list[int]] = {place: [] for place in places.values()}
    for row, _ in database.stream(held, file):
        if row in seen and (place := _place(database, row)) in now:
            now[place].append(row)
    return [Replaced(row, paper, tuple(now[places[row]])) for row, paper in gone if now[places[row]]]


def _place(database: Database, row: int) -> Place:
    origin = row_format.unpack_record(database.one("SELECT content FROM record WHERE row = ?", row)[0]).origin
    return ("key", origin.key) if origin.key else ("position", origin.position)
