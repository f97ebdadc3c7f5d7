"""Sets of catalog rows that cost a byte or two per row; Python's own take a hundred, and an add may read millions."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator


class RowSet:
    """A set of rows: a byte for each row up to the highest."""

    def __init__(self, rows: Iterable[int] = ()) -> None:
        self._marks = bytearray()
        for row in rows:
            self.add(row)

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and row < len(self._marks) and bool(self._marks[row])

    def add(self, row: int) -> None:
        """Add a row."""
        if row >= len(self._marks):
            self._marks.extend(bytes(max(row + 1 - len(self._marks), len(self._marks) // 8)))
        self._marks[row] = 1

    def discard(self, row: int) -> None:
        """Remove a row if present."""
        if row < len(self._marks):
            self._marks[row] = 0


class Seen:
    """The record rows that an add has seen, in order, and whether each was already stored."""

    def __init__(self) -> None:
        self._order = array("q")
        self._known = bytearray()
        self._rows = RowSet()

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, row: object) -> bool:
        return row in self._rows

    def __iter__(self) -> Iterator[tuple[int, bool]]:
        return ((row, bool(known)) for row, known in zip(self._order, self._known, strict=True))

    def add(self, row: int, *, said_before: bool) -> None:
        """Add a row that wasn't seen yet."""
        self._order.append(row)
        self._known.append(said_before)
        self._rows.add(row)

    def keep(self, first: int) -> None:
        """Truncate to the first `count` rows."""
        for row in self._order[first:]:
            self._rows.discard(row)
        del self._order[first:], self._known[first:]
