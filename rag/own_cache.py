"""A cache in a library's folder that believes only what this user put there.

A folder may come from someone else, who could have planted the replies of a language model, or vectors that make
sentences look alike. So each key and each value is bound to a secret that never leaves the user's own data folder.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import sqlite3
import tempfile
import threading
import weakref
from contextlib import suppress
from pathlib import Path

from rag.config import data_folder

log = logging.getLogger("pincite")

LONGEST = 64 << 20  # bytes of one value
_SECRET, _MARK = 32, 16  # bytes of the user's secret, and of what binds a value to it
_TABLE = "CREATE TABLE own (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
# Tables of earlier versions, whose rows anyone could have written.
_UNMARKED = {
    "CREATE TABLE abstract (digest BLOB PRIMARY KEY, vectors BLOB NOT NULL) WITHOUT ROWID": "abstract",
    "CREATE TABLE reply (key BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID": "reply",
}
# Where the user's secret can't be kept: what this process writes, it can read.
_of_this_process = secrets.token_bytes(_SECRET)


class OwnCache:
    """Bytes by key in one SQLite file. Several threads and processes may use it; losing it costs only time."""

    def __init__(self, path: Path) -> None:
        """Open the file, or a cache in memory where it is damaged, not Pincite's, or can't be written."""
        self._secret = _secret()
        self._guard = threading.Lock()
        self._connection = _connect(path)
        self.close = weakref.finalize(self, self._connection.close)

    def read(self, key: bytes) -> bytes | None:
        """Return what this user stored under the key, None if that is nothing."""
        own = self._mark(b"key", key)
        rows = self._execute("SELECT value FROM own WHERE key = ?", own)
        if not rows or not isinstance(rows[0][0], bytes):
            return None
        mark, value = rows[0][0][:_MARK], rows[0][0][_MARK:]
        return value if hmac.compare_digest(mark, self._mark(own, value)[:_MARK]) else None

    def write(self, key: bytes, value: bytes) -> None:
        """Store a value. A full disk or a busy file only loses it."""
        own = self._mark(b"key", key)
        self._execute("INSERT OR REPLACE INTO own VALUES (?, ?)", own, self._mark(own, value)[:_MARK] + value)

    def _mark(self, what: bytes, value: bytes) -> bytes:
        return hmac.digest(self._secret, what + b"\0" + value, "sha256")

    def _execute(self, sql: str, *values: bytes) -> list[tuple[object, ...]]:
        with suppress(sqlite3.DatabaseError), self._guard:
            return self._connection.execute(sql, values).fetchall()
        return []


def _secret() -> bytes:
    """Return this user's secret, made when it is first needed."""
    with suppress(OSError, RuntimeError):  # no home directory, or one that can't be written
        file = data_folder() / "secret"
        if not file.exists() or file.stat().st_size != _SECRET:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as new:  # readable by its owner alone
                new.write(secrets.token_bytes(_SECRET))
            Path(new.name).replace(file)
        return file.read_bytes()
    return _of_this_process


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return _opened(str(path))
    except sqlite3.OperationalError:  # busy, or a folder that can't be written
        pass
    except sqlite3.DatabaseError:
        log.warning("%s: is damaged or holds what Pincite didn't write, and isn't used: delete it", path)
    return _opened(":memory:")


def _opened(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        # A view or a trigger would run what its author wrote.
        found = {str(sql) for (sql,) in connection.execute("SELECT sql FROM sqlite_master")}
        if not found <= {_TABLE, *_UNMARKED}:
            raise sqlite3.DatabaseError("not Pincite's")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        for unmarked in found & set(_UNMARKED):
            connection.execute(f"DROP TABLE IF EXISTS {_UNMARKED[unmarked]}")
        connection.execute(_TABLE.replace("TABLE", "TABLE IF NOT EXISTS"))
        connection.execute("SELECT count(*) FROM own").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
