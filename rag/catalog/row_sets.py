"""Sets of catalog rows that cost a byte or two a row, where Python's own take a hundred: an add may read millions."""

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
        """Put a row in."""
        if row >= len(self._marks):
            self._marks.extend(bytes(max(row + 1 - len(self._marks), len(self._marks) // 8)))
        self._marks[row] = 1

    def discard(self, row: int) -> None:
        """Take a row out, if it is in."""
        if row < len(self._marks):
            self._marks[row] = 0


class Seen:
    """The record rows that an add has met, in order, and whether what each says was said before."""

    def __init__(self) -> None:
        self._order = array("q")
        self._said = bytearray()
        self._rows = RowSet()

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, row: object) -> bool:
        return row in self._rows

    def __iter__(self) -> Iterator[tuple[int, bool]]:
        return ((row, bool(said)) for row, said in zip(self._order, self._said, strict=True))

    def add(self, row: int, *, said_before: bool) -> None:
        """Put a row in that was not met yet."""
        self._order.append(row)
        self._said.append(said_before)
        self._rows.add(row)

    def keep(self, first: int) -> None:
        """Forget all but the first so many."""
        for row in self._order[first:]:
            self._rows.discard(row)
        del self._order[first:], self._said[first:]
