"""Records that their source no longer has: replaced at their place in a file, or gone from a mirrored source.

A mirrored source is one that an add is handed whole, such as a Zotero library: what isn't in it any more was removed
there, and is removed here.
"""

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


def drop_missing(database: Database, source: str, seen: Container[int]) -> dict[int, list[int]]:
    """Delete the records that a mirrored source no longer has; `seen` are the rows of those that it still has.

    Return the papers that lost one, each with the rows of its records left. One that has none left must be removed too.
    """
    held = database.all("SELECT row, paper FROM record WHERE file = ? ORDER BY row", source)
    lost = {row: paper for row, paper in held if row not in seen}
    database.many("DELETE FROM record WHERE row = ?", [(row,) for row in lost])
    rows = "SELECT row FROM record WHERE paper = ? ORDER BY row"
    return {paper: [row for (row,) in database.all(rows, paper)] for paper in dict.fromkeys(lost.values())}


def _place(database: Database, row: int) -> Place:
    origin = row_format.unpack_record(database.one("SELECT content FROM record WHERE row = ?", row)[0]).origin
    return ("key", origin.key) if origin.key else ("position", origin.position)
