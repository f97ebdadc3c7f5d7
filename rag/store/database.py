"""SQLite as the catalog uses it: one guarded connection, transactions that count generations."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# SQLite takes at most 32,766 values in one statement.
PAGE = 10_000


class Database:
    """A connection that several threads may share. Writing belongs inside `transaction()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._guard = threading.RLock()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def run(self, sql: str, *values: object) -> int:
        """Execute a statement; return the row that it inserted last."""
        with self._guard:
            return self._connection.execute(sql, values).lastrowid or 0

    def many(self, sql: str, values: Iterable[tuple[object, ...]]) -> None:
        """Execute a statement once for each tuple of values."""
        with self._guard:
            self._connection.executemany(sql, values)

    def all(self, sql: str, *values: object) -> list[Any]:
        """Return all rows."""
        with self._guard:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """Return the first row, None where there is none."""
        with self._guard:
            return self._connection.execute(sql, values).fetchone()

    def stream(self, sql: str) -> Iterator[Any]:
        """Yield rows page by page, for results that don't fit in memory."""
        with self._guard:
            cursor = self._connection.execute(sql)
        while True:
            with self._guard:
                page = cursor.fetchmany(PAGE)
            if not page:
                return
            yield from page

    def get_meta(self, key: str) -> str | None:
        """Return a setting of the library, None where it was never set."""
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Set a setting of the library."""
        self.run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)

    @property
    def generation(self) -> int:
        """A number that grows with every change of the library."""
        return int(self.get_meta("generation") or 0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of the block or nothing of it; a block that changed rows begins a new generation."""
        with self._guard:
            self.run("BEGIN IMMEDIATE")
            before = self._connection.total_changes
            try:
                yield
                if self._connection.total_changes > before:
                    self.set_meta("generation", str(self.generation + 1))
                self.run("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise
