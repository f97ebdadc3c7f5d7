"""Records that a file no longer holds: it has changed its mind, and says something else at the same place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass

from rag.store import rows
from rag.store.database import Database

Place = tuple[str, str | int]


@dataclass(frozen=True, slots=True)
class Replaced:
    """A record row that its file no longer holds, and the rows that stand at its place now."""

    row: int
    paper: int
    by: tuple[int, ...]


def replaced(database: Database, file: str, seen: Container[int]) -> list[Replaced]:
    """Return what a file has replaced since it was last added; `seen` are the rows of records that it still holds.

    A place is a citation key, or where there is none the position. What is gone without another in its place stays:
    a file that was cut short, or split in two, takes no paper away.
    """
    held = database.all("SELECT row, paper FROM record WHERE file = ? ORDER BY row", file)
    gone = [(row, paper) for row, paper in held if row not in seen]
    if not gone:
        return []
    now: dict[Place, list[int]] = defaultdict(list)
    for row, _ in held:
        if row in seen:
            now[_place(database, row)].append(row)
    found = [Replaced(row, paper, tuple(now.get(_place(database, row), ()))) for row, paper in gone]
    return [item for item in found if item.by]


def _place(database: Database, row: int) -> Place:
    origin = rows.unpack_record(database.one("SELECT content FROM record WHERE row = ?", row)[0]).origin
    return ("key", origin.key) if origin.key else ("position", origin.position)
