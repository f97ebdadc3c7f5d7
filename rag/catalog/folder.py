"""A library's folder before anything is in it: which folders are refused, and how one is created."""

from __future__ import annotations

from pathlib import Path

from rag.catalog.catalog import NAME
from rag.catalog.database import DAMAGED
from rag.catalog.links import OURS
from rag.errors import LibraryDamagedError, LibraryError


def make_folder(folder: Path) -> None:
    """Create a library's folder if it is missing. Raises `LibraryError` if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"{folder}: can't be created ({error.strerror}): choose a folder that you may write to"
        ) from error


def refuse_other(folder: Path) -> None:
    """Raise `LibraryError` for a path that neither is nor can become a library."""
    if folder.exists() and not folder.is_dir():
        raise LibraryError(f"{folder}: is a file, not a library: name the folder that holds the library")
    if folder.is_dir() and not (folder / NAME).exists() and strangers(folder):
        raise LibraryError(f"{folder}: holds other files and no Pincite library: name an empty or new folder")


def refuse_headless(folder: Path) -> None:
    """Raise `LibraryDamagedError` for a library without its catalog: a new one must not start among its remains."""
    if (folder / "derived").exists() and not (folder / NAME).exists():
        raise LibraryDamagedError(f"{folder}: its {NAME} is missing: {DAMAGED[1]}")


def strangers(folder: Path) -> list[str]:
    """Return the names of files that are neither Pincite's nor the system's hidden ones."""
    names = (path.name for path in folder.iterdir())
    return [name for name in names if not name.startswith((".", *OURS))]
