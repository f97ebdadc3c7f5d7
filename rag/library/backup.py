"""A library in one file, and back. The catalog is the truth, so a copy of it is a backup; the index is rebuilt."""

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
from rag.catalog.database import copy_pages, explained
from rag.catalog.folder import make_folder, refuse_other
from rag.catalog.links import refuse_links_beside
from rag.catalog.lock import writing
from rag.errors import LibraryError
from rag.index import builds
from rag.index.segment import sync
from rag.index.server_client import parse_address
from rag.index.server_collection import NO_INDEX
from rag.library.catalog_swap import draft, put_in_place
from rag.library.named_indexes import name_index
from rag.progress import Progress, unwatched

log = logging.getLogger("pincite")

# How a SQLite file begins (https://sqlite.org/fileformat.html, "The Database Header"): its name; bytes per page at 16,
# pages in the file at 28, the program that it belongs to at 68; all big-endian.
MAGIC = b"SQLite format 3\x00"
HEADER = 100


def backup(catalog: Catalog, file: Path, progress: Progress = unwatched) -> int:
    """Write the library's current state into one file while others read and write; return the file's size in bytes.

    An existing file is replaced in one step. `progress` is called with the bytes. Raises `LibraryError` if the file
    can't be written or belongs to the library itself.
    """
    if catalog.path.resolve().parent in file.resolve().parents:
        raise LibraryError(f"{file}: is in the library's own folder: name a file outside it")
    if file.exists() and not file.is_file():
        raise LibraryError(f"{file}: isn't a file that can be replaced: name another")
    try:
        _delete_leftovers(file)
        # A folder that nobody else may enter: at a name that can be guessed, someone could place a link.
        with tempfile.TemporaryDirectory(prefix=f"{file.name}.{os.getpid()}.", suffix=".part", dir=file.parent) as own:
            part = Path(own) / "copy"
            catalog.copy_to(part, called=file, progress=progress)
            sync(part)
            part.replace(file)
        return file.stat().st_size
    except OSError as error:
        raise LibraryError(f"{file}: can't be written ({error.strerror}): name a file in a folder of yours") from error


def _delete_leftovers(file: Path) -> None:
    """Delete what interrupted backups to this file left behind."""
    parts = re.compile(rf"{re.escape(file.name)}\.([0-9]{{1,9}})(\.[a-z0-9_]{{8}})?\.part")
    for path in file.parent.iterdir():
        if (found := parts.fullmatch(path.name)) and not _runs(int(found[1])):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Return whether there is a process with this id."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it belongs to another user
        return True
    return True


def restore(
    file: Path, folder: Path, index: str | None = None, progress: Progress = unwatched, indexing: Progress = unwatched
) -> Path | None:
    """Replace a folder's library with the one in a backup file.

    An existing catalog, even a damaged one, is kept under another name, which is returned. The index is built from
    what was restored. An index on a server is used only if `index` names it, whatever the backup says, since the
    backup may be someone else's. `progress` gets the bytes copied, `indexing` the papers indexed. Raises
    `LibraryError` if the file isn't a sound backup, or the folder isn't a library.
    """
    if index not in (None, NO_INDEX):
        parse_address(index or "")
    _check(file)
    refuse_other(folder)
    make_folder(folder)
    size, free = file.stat().st_size, shutil.disk_usage(folder).free
    if size > free:
        raise LibraryError(
            f"{file}: needs {size:,} bytes, but only {free:,} are free in {folder}: free space, or name another folder"
        )
    with writing(folder, "restoring"):
        with draft(folder) as new:
            with explained(folder), closing(_opened(file)) as source, closing(sqlite3.connect(new)) as copy:
                copy_pages(source, copy, progress)
                schema.guard(copy)
                copy.executescript(f"PRAGMA journal_mode = DELETE; {schema.NEW_LINEAGE}")
                dropped = _rename_index(copy, index)
            kept = put_in_place(folder)
        if dropped:
            log.warning(
                "%s: its library also has an index on a server, which you have not confirmed: nothing is sent there; "
                "name it with --index URL if it is yours",
                file,
            )
        with closing(Catalog(folder, create=True)) as catalog:  # with a log of its own: readers don't wait for writers
            if any(catalog.damages()):
                log.warning("%s: holds damaged rows: `pincite doctor --repair` sets them aside", file)
            else:
                builds.rebuild(folder, catalog, indexing)
        name_index(folder, None if index == NO_INDEX else index)
        return kept


def _rename_index(copy: sqlite3.Connection, index: str | None) -> bool:
    """Set the index on a server to the one that the user names; return whether a named one was dropped."""
    named = copy.execute("SELECT value FROM meta WHERE key = 'index'").fetchall()
    copy.execute("DELETE FROM meta WHERE key = 'index'")
    if index is not None:
        copy.execute("INSERT INTO meta VALUES ('index', ?)", [index])
    copy.commit()
    return index is None and named not in ([], [(NO_INDEX,)])


def _opened(file: Path) -> sqlite3.Connection:
    """Open a backup to read it, and nothing next to it: a journal of that name belongs to something else."""
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    schema.guard(connection)
    return connection


def _check(file: Path) -> None:
    """Refuse a file that isn't a backup, or a cut or damaged one, before anything is touched."""
    if not file.is_file():
        raise LibraryError(f"{file}: doesn't exist: name a file that `pincite backup` wrote")
    refuse_links_beside(file.resolve())
    try:
        with file.open("rb") as opened:
            header = opened.read(HEADER)
    except OSError as error:
        raise LibraryError(f"{file}: can't be read ({error.strerror}): make it readable for you") from error
    if not header.startswith(MAGIC) or _number(header, 68) != schema.APPLICATION_ID:
        raise LibraryError(
            f"{file}: isn't a backup of a Pincite library: name a file that `pincite backup` wrote; if a backup was "
            "split, join its parts in order first"
        )
    whole, there = _page_size(header) * _number(header, 28), file.stat().st_size
    if there < whole:
        raise LibraryError(
            f"{file}: is cut short, {there:,} of {whole:,} bytes are there: copy it again, or join its parts in order"
        )
    try:
        with closing(_opened(file)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            schema.refuse_unknown(file, version)
            if version == schema.FORMAT:  # an older one is checked once it is migrated
                schema.refuse_strange(connection, file)
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise LibraryError(f"{file}: is damaged ({found}): copy it again, or restore another backup")


def _number(header: bytes, start: int) -> int:
    return int.from_bytes(header[start : start + 4], "big")


def _page_size(header: bytes) -> int:
    size = int.from_bytes(header[16:18], "big")
    return 65_536 if size == 1 else size
