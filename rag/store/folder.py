"""A library's folder before anything is in it: what is no place for one, and how it is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rag.errors import LibraryError
from rag.store.catalog import NAME

# The catalog while a backup is copied into it.
RESTORING = "catalog.restored"


def make_folder(folder: Path) -> None:
    """Make a library's folder where there is none. Raises `LibraryError` where that can't be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"{folder}: can't be made ({error.strerror}): name a folder that you may write to"
        ) from error


def refuse_other(folder: Path) -> None:
    """Raise `LibraryError` for what is no library and no place for one."""
    if folder.exists() and not folder.is_dir():
        raise LibraryError(f"{folder}: is a file, not a library: name the folder that holds the library")
    if folder.is_dir() and not (folder / NAME).exists() and any(_visible(folder)):
        raise LibraryError(
            f"{folder}: holds other files and no Pincite library: name an empty folder, or one that is not there"
        )


def _visible(folder: Path) -> Iterator[Path]:
    """Yield what a folder holds, but for the system's own hidden files and what a first add or restore left behind."""
    return (p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in ("writer.json", RESTORING))
