"""SQLite as the catalog uses it: one guarded connection, transactions that count generations, errors that tell."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import LibraryBusyError, LibraryDamagedError, LibraryError

# SQLite takes at most 32,766 values in one statement.
PAGE = 10_000

DAMAGED = ("the catalog is damaged", "restore it with `pincite restore FILE`, or add the files to a new folder")
# What to do about each kind of trouble, by the beginning of SQLite's name for it. The first that fits is told.
MENDS = (
    ("SQLITE_FULL", "the disk is full", "free some space, then run the command again: it goes on where it stopped"),
    ("SQLITE_READONLY", "the library can't be written", "give yourself the right to write to its folder"),
    ("SQLITE_CANTOPEN", "the catalog can't be opened", "give yourself the right to read and write its folder"),
    ("SQLITE_IOERR", "reading or writing failed", "check that the disk works and has space left, then run it again"),
    ("SQLITE_CORRUPT", *DAMAGED),
    ("SQLITE_NOTADB", *DAMAGED),
    ("", "the catalog can't be used", "run `pincite doctor`"),
)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into `LibraryError` and its kin, with the cause and the mend."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", None) or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise LibraryBusyError(f"{path}: another process is writing to it: wait until it has finished") from error
        cause, mend = next((cause, mend) for begin, cause, mend in MENDS if name.startswith(begin))
        kind = LibraryDamagedError if (cause, mend) == DAMAGED else LibraryError
        raise kind(f"{path}: {cause} ({error}): {mend}") from error


class Database:
    """A connection that several threads may share. Writing belongs inside `transaction()`.

    Every method raises `LibraryError` where SQLite fails.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._guard = threading.RLock()
        self.close = weakref.finalize(self, connection.close)  # a library that nobody closed is closed with its end

    def run(self, sql: str, *values: object) -> int:
        """Execute a statement; return the row that it inserted last."""
        with self._guard, explained(self.path):
            return self._connection.execute(sql, values).lastrowid or 0

    def many(self, sql: str, values: Iterable[tuple[object, ...]]) -> None:
        """Execute a statement once for each tuple of values."""
        with self._guard, explained(self.path):
            self._connection.executemany(sql, values)

    def all(self, sql: str, *values: object) -> list[Any]:
        """Return all rows."""
        with self._guard, explained(self.path):
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """Return the first row, None where there is none."""
        with self._guard, explained(self.path):
            return self._connection.execute(sql, values).fetchone()

    def stream(self, sql: str, *values: object) -> Iterator[Any]:
        """Yield rows page by page, for results that don't fit in memory."""
        with self._guard, explained(self.path):
            cursor = self._connection.execute(sql, values)
        while True:
            with self._guard, explained(self.path):
                page = cursor.fetchmany(PAGE)
            if not page:
                return
            yield from page

    def copy_to(self, path: Path, called: Path | None = None) -> None:
        """Copy the whole database into a new file, as it is at one moment, while others read and write it.

        Errors name the file as it is `called` to the user.
        """
        with explained(called or path):
            copy = sqlite3.connect(path)
            try:
                with self._guard:
                    self._connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
            finally:
                copy.close()

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
            except BaseException:  # Ctrl-C too: what was begun is undone, then it goes on its way
                with explained(self.path):
                    self._connection.rollback()
                raise
