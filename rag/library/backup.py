"""A library in one file, and back. The catalog is the truth, so a copy of it is a backup; the index is made again."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from rag.catalog import schema
from rag.catalog.catalog import Catalog
from rag.catalog.database import explained
from rag.catalog.folder import make_folder, refuse_other
from rag.catalog.links import refuse_links_beside
from rag.catalog.lock import writing
from rag.errors import LibraryError
from rag.index import builds
from rag.index.segment import sync
from rag.index.server_client import parse_address
from rag.index.server_collection import NO_INDEX
from rag.library.named_indexes import name_index
from rag.library.replacement import draft, put_in_place

log = logging.getLogger("pincite")

# How a SQLite file begins (https://sqlite.org/fileformat.html, "The Database Header"): its name; bytes in a page at 16,
# pages in the file at 28, the program that it belongs to at 68; all big-endian.
MAGIC = b"SQLite format 3\x00"
HEADER = 100


def backup(catalog: Catalog, file: Path) -> int:
    """Write the library as it is at this moment into one file, while others read and write; return its bytes.

    An older file of that name is replaced in one step. Raises `LibraryError` where the file can't be written, or
    belongs to the library itself.
    """
    if catalog.path.resolve().parent in file.resolve().parents:
        raise LibraryError(f"{file}: lies in the library's own folder: name a file outside of it")
    if file.exists() and not file.is_file():
        raise LibraryError(f"{file}: is no file that could be replaced: name another")
    try:
        _delete_leftovers(file)
        # A folder that nobody else may look into: at a name that can be guessed, a link could lie in wait.
        with tempfile.TemporaryDirectory(prefix=f"{file.name}.{os.getpid()}.", suffix=".part", dir=file.parent) as own:
            part = Path(own) / "copy"
            catalog.copy_to(part, called=file)
            sync(part)
            part.replace(file)
        return file.stat().st_size
    except OSError as error:
        raise LibraryError(f"{file}: can't be written ({error.strerror}): name a file in a folder of yours") from error


def _delete_leftovers(file: Path) -> None:
    """Delete what backups to this file left that were killed on their way."""
    parts = re.compile(rf"{re.escape(file.name)}\.([0-9]{{1,9}})(\.[a-z0-9_]{{8}})?\.part")
    for path in file.parent.iterdir():
        if (found := parts.fullmatch(path.name)) and not _runs(int(found[1])):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Tell whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        return True
    return True


def restore(file: Path, folder: Path, index: str | None = None) -> Path | None:
    """Make the library of a folder the one in a backup file.

    A catalog that is there already, be it damaged, is kept under another name, which is returned. The index is built
    from what was restored. An index on a server is used only where `index` names it, whatever the backup says: it may
    be somebody else's gift. Raises `LibraryError` for a file that is no sound backup, or a folder of something else.
    """
    if index not in (None, NO_INDEX):
        parse_address(index or "")
    _check(file)
    refuse_other(folder)
    make_folder(folder)
    size, free = file.stat().st_size, shutil.disk_usage(folder).free
    if size > free:
        raise LibraryError(
            f"{file}: has {size:,} bytes, {free:,} are free in {folder}: free some space, or name another"
        )
    with writing(folder, "restoring"):
        with draft(folder) as new:
            with explained(folder), closing(_opened(file)) as source, closing(sqlite3.connect(new)) as copy:
                source.backup(copy)
                schema.guard(copy)
                copy.executescript(f"PRAGMA journal_mode = DELETE; {schema.NEW_LINEAGE}")
                dropped = _rename_index(copy, index)
            kept = put_in_place(folder)
        if dropped:
            log.warning(
                "%s: says that the index of its library is besides on a server: nothing is sent there; name the server "
                "with --index URL if it is yours",
                file,
            )
        with closing(Catalog(folder)) as catalog:
            if any(catalog.damages()):
                log.warning("%s: holds damaged rows: `pincite doctor --repair` sets them aside", file)
            else:
                builds.rebuild(folder, catalog)
        name_index(folder, None if index == NO_INDEX else index)
        return kept


def _rename_index(copy: sqlite3.Connection, index: str | None) -> bool:
    """Make the index on a server the one that the user names; tell whether the copy named one and the user none."""
    told = copy.execute("SELECT value FROM meta WHERE key = 'index'").fetchall()
    copy.execute("DELETE FROM meta WHERE key = 'index'")
    if index is not None:
        copy.execute("INSERT INTO meta VALUES ('index', ?)", [index])
    copy.commit()
    return index is None and told not in ([], [(NO_INDEX,)])


def _opened(file: Path) -> sqlite3.Connection:
    """Open a backup to read it, and nothing beside it: a journal of the same name is somebody else's."""
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    schema.guard(connection)
    return connection


def _check(file: Path) -> None:
    """Refuse what is no backup, or one that is cut or damaged, before anything is touched."""
    if not file.is_file():
        raise LibraryError(f"{file}: there is no such file: name one that `pincite backup` wrote")
    refuse_links_beside(file.resolve())
    try:
        with file.open("rb") as opened:
            header = opened.read(HEADER)
    except OSError as error:
        raise LibraryError(f"{file}: can't be read ({error.strerror}): give yourself the right to read it") from error
    if not header.startswith(MAGIC) or _number(header, 68) != schema.APPLICATION_ID:
        raise LibraryError(
            f"{file}: is no backup of a Pincite library: name one that `pincite backup` wrote; the parts of one that "
            "was split must be joined in their order first"
        )
    whole, there = _page_size(header) * _number(header, 28), file.stat().st_size
    if there < whole:
        raise LibraryError(
            f"{file}: is cut, {there:,} bytes of {whole:,} are there: copy it anew, or join all of its parts in order"
        )
    try:
        with closing(_opened(file)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            schema.refuse_unknown(file, version)
            if version == schema.FORMAT:  # an older one is looked at once it is migrated
                schema.refuse_strange(connection, file)
            told = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        told = str(error)
    if told != "ok":
        raise LibraryError(f"{file}: is damaged ({told}): copy it anew, or restore another backup")


def _number(header: bytes, start: int) -> int:
    return int.from_bytes(header[start : start + 4], "big")


def _page_size(header: bytes) -> int:
    size = int.from_bytes(header[16:18], "big")
    return 65_536 if size == 1 else size
