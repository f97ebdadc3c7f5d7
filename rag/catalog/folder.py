"""A library's folder before anything is in it: what is no place for one, and how it is made."""

from __future__ import annotations

from pathlib import Path

from rag.catalog.catalog import NAME
from rag.catalog.database import DAMAGED
from rag.catalog.links import OURS
from rag.errors import LibraryDamagedError, LibraryError

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
    if folder.is_dir() and not (folder / NAME).exists() and strangers(folder):
        raise LibraryError(
            f"{folder}: holds other files and no Pincite library: name an empty folder, or one that is not there"
        )


def refuse_headless(folder: Path) -> None:
    """Raise `LibraryDamagedError` for a library that has lost its catalog: another would begin beside its remains."""
    if (folder / "derived").exists() and not (folder / NAME).exists():
        raise LibraryDamagedError(f"{folder}: its {NAME} is gone: {DAMAGED[1]}")


def strangers(folder: Path) -> list[str]:
    """Return the names of files that are not Pincite's, nor hidden ones of the system."""
    names = (path.name for path in folder.iterdir())
    return [name for name in names if not name.startswith((".", *OURS))]
