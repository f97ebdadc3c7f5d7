"""SQLite as the catalog uses it: one guarded connection, transactions that count generations, typed errors."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import LibraryBusyError, LibraryDamagedError, LibraryError
from rag.progress import Progress, unwatched

# SQLite takes at most 32,766 values in one statement.
PAGE = 10_000
# Pages of a file that are copied at once: 8 MB, at SQLite's usual size of one.
_PAGES = 2_000

DAMAGED = ("the catalog is damaged", "restore it with `pincite restore FILE`, or add the files to a new folder")
# Cause and fix of each error, by the prefix of SQLite's name for it. The first match is used.
FIXES = (
    ("SQLITE_TOOBIG", *DAMAGED),
    ("SQLITE_FULL", "the disk is full", "free some space, then run the command again to continue"),
    ("SQLITE_READONLY", "the library can't be written", "make its folder writable for you"),
    ("SQLITE_CANTOPEN", "the catalog can't be opened", "make its folder readable and writable for you"),
    ("SQLITE_IOERR", "reading or writing failed", "check that the disk works and has space left, then run it again"),
    ("SQLITE_CORRUPT", *DAMAGED),
    ("SQLITE_NOTADB", *DAMAGED),
    ("", "the catalog can't be used", "run `pincite doctor`"),
)

SET_ASIDE = "run `pincite doctor --repair`, which keeps a copy of what is damaged in the library's folder"
# What each column holds, in any table: SQLite itself accepts anything anywhere. A column with another name, such as a
# count, is computed by Pincite's own queries.
_TEXT, _NUMBER, _BYTES = (
    frozenset({str}), frozenset({int}), frozenset({bytes}),
)  # fmt: skip
_MAYBE_TEXT, _MAYBE_NUMBER = frozenset({str, type(None)}), frozenset({int, type(None)})
COLUMNS = {
    "row": _NUMBER, "paper": _NUMBER, "revision": _NUMBER, "start": _NUMBER, "end": _NUMBER, "position": _NUMBER,
    "id": _TEXT, "title": _TEXT, "abstract": _TEXT, "fields": _TEXT, "sentences": _TEXT, "year": _MAYBE_NUMBER,
    "kind": _TEXT, "value": _TEXT, "key": _TEXT, "one": _TEXT, "other": _TEXT, "file": _TEXT, "sections": _TEXT,
    "digest": _BYTES, "content": _BYTES, "vector": _BYTES, "at": _TEXT, "action": _TEXT, "detail": _TEXT,
    "own_title": _MAYBE_TEXT, "own_abstract": _MAYBE_TEXT,
}  # fmt: skip
# Numbers that derived files fold into 64 bits (`rag.index.builds`), and offsets: none is below 0.
HIGHEST = {"row": 1 << 40, "paper": 1 << 40, "revision": 1 << 23, "start": 1 << 40, "end": 1 << 40}
_YEARS = 1 << 31  # what any program accepts as a number


def checked(path: Path, names: Sequence[str], page: Sequence[tuple[Any, ...]]) -> None:
    """Raise `LibraryDamagedError` if a column holds a kind of value that Pincite never writes there."""
    for name, values in zip(names, zip(*page, strict=True), strict=False):
        kinds = COLUMNS.get(name)
        if kinds is not None and not (kinds >= set(map(type, values)) and _within(name, values)):
            raise LibraryDamagedError(f"{path}: a value of `{name}` isn't one that Pincite wrote: {SET_ASIDE}")


def _within(name: str, values: Sequence[Any]) -> bool:
    """Return whether numbers are in range and texts can be encoded: SQLite may return lone surrogates."""
    if name == "year":
        return all(value is None or abs(value) < _YEARS for value in values)
    return name not in HIGHEST or (min(values) >= 0 and max(values) < HIGHEST[name])


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into `LibraryError` or a subclass, with the cause and the fix."""
    try:
        yield
    except OverflowError as error:  # a number from the file exceeded 64 bits
        raise LibraryDamagedError(f"{path}: a number is out of range ({error}): {SET_ASIDE}") from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", None) or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise LibraryBusyError(f"{path}: another process is writing to it: wait until it has finished") from error
        if not name and "UTF-8" in str(error):  # from Python's own module, which has no name for it
            raise LibraryDamagedError(f"{path}: a text isn't UTF-8: {SET_ASIDE}") from error
        cause, fix = next((cause, fix) for begin, cause, fix in FIXES if name.startswith(begin))
        kind = LibraryDamagedError if (cause, fix) == DAMAGED else LibraryError
        raise kind(f"{path}: {cause} ({error}): {fix}") from error


def copy_pages(source: sqlite3.Connection, copy: sqlite3.Connection, progress: Progress) -> None:
    """Copy a whole database; `progress` is called with the bytes copied."""
    (size,) = source.execute("PRAGMA page_size").fetchone()
    source.backup(copy, pages=_PAGES, progress=lambda _, left, total: progress((total - left) * size, total * size))


class Database:
    """A connection that several threads may share. Writing belongs inside `transaction()`.

    Every method raises `LibraryError` if SQLite fails.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._guard = threading.RLock()
        self.close = weakref.finalize(
            self, connection.close
        )  # an unclosed library is closed when it is garbage-collected

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
            cursor = self._connection.execute(sql, values)
            return self._checked(cursor, cursor.fetchall())

    def one(self, sql: str, *values: object) -> Any:
        """Return the first row, None if there is none."""
        with self._guard, explained(self.path):
            cursor = self._connection.execute(sql, values)
            row = cursor.fetchone()
            self._checked(cursor, [] if row is None else [row])
            return row

    def stream(self, sql: str, *values: object) -> Iterator[Any]:
        """Yield rows page by page, for results that don't fit in memory."""
        with self._guard, explained(self.path):
            cursor = self._connection.execute(sql, values)
        while True:
            with self._guard, explained(self.path):
                page = self._checked(cursor, cursor.fetchmany(PAGE))
            if not page:
                return
            yield from page

    def raw(self, sql: str) -> Iterator[tuple[list[str], tuple[Any, ...]]]:
        """Yield (columns, values) of each row, unchecked, to find damage.

        Bytes that aren't UTF-8 come as lone surrogates.
        """
        with self._guard, explained(self.path):
            cursor = self._connection.execute(sql)
            names = [column[0] for column in cursor.description]
        while True:
            with self._guard, explained(self.path):
                self._connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
                try:
                    page = cursor.fetchmany(PAGE)
                finally:
                    self._connection.text_factory = str
            if not page:
                return
            yield from ((names, row) for row in page)

    def _checked(self, cursor: sqlite3.Cursor, page: list[Any]) -> list[Any]:
        if page:
            checked(self.path, [column[0] for column in cursor.description], page)
        return page

    def copy_to(self, path: Path, called: Path | None = None, progress: Progress = unwatched) -> None:
        """Copy a consistent state of the whole database into a new file while others read and write it.

        Errors name the file by `called`, the name that the user knows. `progress` is called with the bytes copied.
        """
        with explained(called or path):
            copy = sqlite3.connect(path)
            try:
                with self._guard, self._one_state():
                    copy_pages(self._connection, copy, progress)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, with no log next to it
            finally:
                copy.close()

    @contextmanager
    def _one_state(self) -> Iterator[None]:
        """Read one state throughout: a copy made in parts would start over whenever another process writes."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        try:
            self._connection.execute("SELECT count(*) FROM meta").fetchone()  # only reading makes it a state
            yield
        finally:
            self._connection.rollback()

    def get_meta(self, key: str) -> str | None:
        """Return a setting of the library, None if it was never set."""
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Set a setting of the library."""
        self.run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)

    @property
    def generation(self) -> int:
        """A number that grows with every change of the library."""
        return self.number(self.path, self.get_meta("generation") or "0")

    @staticmethod
    def number(path: Path, text: str) -> int:
        """Parse a generation. Raises `LibraryDamagedError` if it isn't a number."""
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise LibraryDamagedError(f"{path}: the generation {text!r:.40} isn't a number: {SET_ASIDE}")
        return int(text)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block as a transaction; if it changed rows, it begins a new generation."""
        with self._guard:
            self.run("BEGIN IMMEDIATE")
            before = self._connection.total_changes
            try:
                yield
                if self._connection.total_changes > before:
                    self.set_meta("generation", str(self.generation + 1))
                self.run("COMMIT")
            except BaseException:  # Ctrl-C too: roll back, then raise it again
                with explained(self.path):
                    self._connection.rollback()
                raise
