"""Nothing in a library's folder may lead out of it: links, devices and pipes are refused before anything is opened.

A library may come from someone else. What Pincite writes or deletes there would go through a symbolic link, and
into a file that has a second name elsewhere. The folder itself may be a link: its owner chose that.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from rag.errors import LibraryError

# Prefixes of the names that Pincite writes; SQLite keeps files next to its own.
OURS = (
    ".lock", "catalog.sqlite", "catalog.restored", "catalog-", "sentences.sqlite", "replies.sqlite", "derived",
    "writer.json",
)  # fmt: skip
_FIX = "put the file or folder itself there, or delete that name"
# What SQLite keeps next to a file, and writes or deletes when it opens that file.
_BESIDE = ("-wal", "-shm", "-journal")


def refuse_links(folder: Path) -> None:
    """Raise `LibraryError` if a library's folder holds a link, a device or a pipe at any name that Pincite uses."""
    try:
        for path in _entries(folder):
            if path.name.startswith(OURS):
                _check(path, deep=True)
    except OSError as error:
        raise LibraryError(
            f"{error.filename}: can't be read ({error.strerror}): make it readable and writable for you"
        ) from error


def refuse_links_beside(file: Path) -> None:
    """Raise `LibraryError` for a SQLite file with a link, a device or a pipe where SQLite keeps its own files."""
    for ending in _BESIDE:
        _check(file.with_name(file.name + ending), deep=False)


def _check(path: Path, *, deep: bool) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:  # deleted by its writer a moment ago
        return
    if fault := _fault(path, found):
        raise LibraryError(f"{path}: {fault}, and Pincite never follows a link out of a library: {_FIX}")
    if deep and stat.S_ISDIR(found.st_mode):
        for inside in _entries(path):
            _check(inside, deep=True)


def _entries(folder: Path) -> list[Path]:
    """Return a folder's entries, nothing if it is gone."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return list(folder.iterdir())
    return []


def _fault(path: Path, found: os.stat_result) -> str:
    """Return what is wrong with an entry, empty for a folder or a file with a single name."""
    if stat.S_ISLNK(found.st_mode):
        return "is a link"
    if stat.S_ISDIR(found.st_mode):
        return ""
    if not stat.S_ISREG(found.st_mode):
        return "isn't a regular file"
    # A file that can't be written is safe: it is read, or replaced by name.
    return "is a hard link to a file elsewhere" if found.st_nlink > 1 and os.access(path, os.W_OK) else ""
