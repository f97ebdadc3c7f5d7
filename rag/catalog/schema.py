"""The catalog's tables, and how a catalog is opened, checked and refused."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import time
from contextlib import closing
from functools import cache
from pathlib import Path

from rag.catalog.database import DAMAGED, explained
from rag.errors import LibraryDamagedError, LibraryError

log = logging.getLogger("pincite")

# The catalog's format. A change of the tables raises it and adds a step that migrates the previous one.
FORMAT = 2
LONGEST = 64 << 20  # bytes of one value: a hundred times the longest abstract with everything kept about it
APPLICATION_ID = 0x50494E43  # "PINC": distinguishes a catalog from other SQLite files

# Notices without an abstract, which aren't papers: what each says (`title`) of the paper that it names, in `value` and
# `kind` as an identity has them. They mark the papers of these names, whenever those are added.
_NOTICES = """
CREATE TABLE notice (
    value TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, file TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (value, kind, title, file)
) WITHOUT ROWID;
CREATE INDEX notice_of_file ON notice (file);
"""
TABLES = (
    _NOTICES
    + """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- One row a paper: the one text that is searched, quoted and shown. `fields` holds the rest as JSON,
-- `sentences` the offsets of the abstract's sentences as JSON [[start, end], …] in code points. `revision` grows
-- whenever the windows are rebuilt: a larger one marks a derived index as stale.
CREATE TABLE paper (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, abstract TEXT NOT NULL,
    year INTEGER, fields TEXT NOT NULL, sentences TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 0
);
-- Read whole at every publishing and at the first filtered search: narrow indexes spare reading the texts.
CREATE INDEX paper_year ON paper (year);
CREATE INDEX paper_revision ON paper (revision);
-- Every name that a paper goes by; papers may share a name. doi, arxiv, pmid; title (hash of the folded title, where
-- there is none abstract); id (given now or before a merge); named (an id that the title could have given); and for a
-- notice about another paper `retraction of`, `correction of` or `concern of` with that paper's name, `doi:10.1000/x`.
CREATE TABLE identity (
    kind TEXT NOT NULL, value TEXT NOT NULL, paper INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE,
    PRIMARY KEY (kind, value, paper)
) WITHOUT ROWID;
CREATE INDEX identity_of_paper ON identity (paper);
-- What each source said, whole: a paper is always recomputed from its records, so the order of adding can't matter.
CREATE TABLE record (
    row INTEGER PRIMARY KEY, paper INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE, digest BLOB NOT NULL,
    file TEXT NOT NULL, position INTEGER NOT NULL, content BLOB NOT NULL
);
CREATE INDEX record_of_paper ON record (paper);
CREATE INDEX record_of_file ON record (file, digest);
-- The user's own title and abstract of a paper, whatever its sources say; NULL leaves theirs. `sections` as JSON.
CREATE TABLE correction (
    paper INTEGER PRIMARY KEY REFERENCES paper ON DELETE CASCADE, title TEXT, abstract TEXT, sections TEXT NOT NULL
);
-- Statements that the user has split, each pair both ways round: hashes of what the records say, so that they are known
-- again when a file is added again.
CREATE TABLE apart (one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID;
-- Windows of whole sentences with their vectors: float32, little-endian, of length 1.
CREATE TABLE window (
    row INTEGER PRIMARY KEY, paper INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE, start INTEGER NOT NULL,
    end INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX window_of_paper ON window (paper, start);
-- The ledger: every change of the library, in order.
CREATE TABLE ledger (
    row INTEGER PRIMARY KEY, at TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL
);
"""
)


# From each older format to the next: the SQL of the step, by the older one's number.
MIGRATIONS: dict[int, str] = {1: _NOTICES}
# Rows are renumbered when a catalog is made, restored or migrated: an index of another lineage is then useless.
NEW_LINEAGE = "INSERT OR REPLACE INTO meta VALUES ('lineage', lower(hex(randomblob(8))));"


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the catalog file, creating it if `create` allows. Raises `LibraryError` for one that can't be used."""
    if not create and not path.is_file():
        raise LibraryError(f"{path.parent}: holds no Pincite library: add papers first with `pincite add FILE…`")
    with explained(path):
        connection = sqlite3.connect(_place(path), uri=True, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            guard(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            _check(connection, path)
            if create:
                _write_ahead(connection)
                connection.execute("PRAGMA synchronous = FULL")
        except BaseException:  # Ctrl-C too: don't leave a refused file open
            connection.close()
            raise
        return connection


def guard(connection: sqlite3.Connection) -> None:
    """Stop an untrusted file from running or filling anything; call before anything is read."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)


def refuse_strange(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `LibraryDamagedError` unless the file's tables and indexes are exactly Pincite's.

    A view, a trigger or a virtual table would run what its author wrote. SQLite's own statistics are left alone.
    """
    wanted, held = _wanted(TABLES), _objects(connection)
    if strange := sorted(set(held.items()) - set(wanted.items())):
        (kind, name), _ = strange[0]
        raise LibraryDamagedError(f"{path}: holds a {kind:.20} {name!r:.80} that Pincite didn't create: {DAMAGED[1]}")
    if missing := sorted(set(wanted) - set(held)):
        raise LibraryDamagedError(f"{path}: has no {' '.join(missing[0])}: {DAMAGED[1]}")


@cache
def _wanted(tables: str) -> dict[tuple[str, str], str]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(tables)
        return _objects(connection)


def _objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return the SQL of everything that the file defines, by kind and name, without comments and line breaks."""
    found = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    plain = {(str(kind), str(name)): re.sub(r"--[^\n]*", "", str(sql)) for kind, name, sql in found}
    return {
        key: " ".join(sql.split())
        for key, sql in plain.items()
        if not (key[0] == "table" and re.fullmatch(r"sqlite_stat\d", key[1]))
    }


def refuse_unknown(path: Path, version: int) -> None:
    """Raise `LibraryError` for a format that no Pincite wrote, or only a newer one."""
    refuse_newer(path, version)
    if version != FORMAT and version not in MIGRATIONS:
        raise LibraryDamagedError(f"{path}: has format {version}, which no version of Pincite writes: {DAMAGED[1]}")


def _place(path: Path) -> str:
    """Return the catalog's URI. In a folder that can't be written SQLite can't make its shared-memory file.

    There SQLite is given `immutable`, unless another process has it open or left a log behind.
    """
    fixed = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}{'?immutable=1' if fixed else ''}"


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables in an empty file; refuse a file that isn't a catalog or has another format."""
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        if (path.parent / "derived").exists():  # an index proves that there were papers
            raise LibraryDamagedError(f"{path}: is empty, but an index was built from it: {DAMAGED[1]}")
        _make(connection)
    # Read after the tables: both come in one transaction, perhaps from another process a moment ago.
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise LibraryError(f"{path}: is a SQLite file of another program: choose another folder for the library")
    refuse_unknown(path, version)
    if version < FORMAT:
        _migrate(connection, path, version)
    else:
        refuse_strange(connection, path)


def _make(connection: sqlite3.Connection) -> None:
    """Create the tables; another process that found the empty file too may have been first."""
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE;{TABLES}{NEW_LINEAGE}"
            f"PRAGMA application_id={APPLICATION_ID};PRAGMA user_version={FORMAT};COMMIT;"
        )
    except sqlite3.OperationalError:
        connection.rollback()
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log. SQLite doesn't wait for a lock here as it does elsewhere, so this does."""
    until = time.monotonic() + 30
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if (
                getattr(error, "sqlite_errorname", "") not in ("SQLITE_BUSY", "SQLITE_LOCKED")
                or time.monotonic() > until
            ):
                raise
        time.sleep(0.01)


def refuse_newer(path: Path, version: int) -> None:
    """Raise `LibraryError` for a format that this Pincite doesn't know yet."""
    if version > FORMAT:
        raise LibraryError(
            f"{path}: was written by a newer Pincite (format {version}, this one reads up to {FORMAT}): "
            "update Pincite with `pip install --upgrade pincite`"
        )


def _migrate(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Bring an older catalog to this format in one transaction, keeping a copy next to it."""
    kept = path.with_name(f"catalog-format-{version}.sqlite")
    log.warning("%s: migrated from format %d to %d; a copy is kept as %s", path, version, FORMAT, kept.name)
    with closing(sqlite3.connect(kept)) as copy:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    steps = "".join(MIGRATIONS[old] for old in range(version, FORMAT))
    try:
        connection.executescript(f"BEGIN IMMEDIATE;{steps}{NEW_LINEAGE}PRAGMA user_version={FORMAT};COMMIT;")
    except sqlite3.Error:
        connection.rollback()
        raise
