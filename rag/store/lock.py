"""One writer a library. The operating system holds the lock, so a process that dies gives it back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import LibraryBusyError, LibraryError


def make_folder(folder: Path) -> None:
    """Make a library's folder where there is none. Raises `LibraryError` where that can't be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"{folder}: can't be made ({error.strerror}): name a folder that you may write to"
        ) from error


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the library's only write lock. Raises `LibraryBusyError` at once where another process holds it."""
    note = folder / "writer.json"
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LibraryBusyError(
            f"{folder}: {_holder(note)} is writing to this library: wait until it has finished, or stop it"
        ) from None
    except OSError as error:
        raise LibraryError(
            f"{folder}: can't be written ({error.strerror}): give yourself the right to write there"
        ) from error
    try:
        _leave(note)
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _leave(note: Path) -> None:
    """Write down who writes, for others to name. On a full disk they go without."""
    with suppress(OSError):
        note.write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")


def _holder(note: Path) -> str:
    """Name the process that holds the lock, as far as it is known."""
    try:
        return f"another process (pid {json.loads(note.read_text(encoding='utf-8'))['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"  # it took the lock a moment ago, or is about to give it back
