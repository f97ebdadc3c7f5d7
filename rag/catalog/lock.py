"""One writer per library. The operating system holds the lock, so a process that dies releases it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from rag.catalog.links import refuse_links
from rag.errors import LibraryBusyError, LibraryError
from rag.serialization import parse_json

Work = Literal["writing to", "repairing the index of", "restoring"]
# A reader that updates the index soon releases the lock: a writer waits for it, at most this long.
REPAIR_SECONDS = 60.0
# Which activities each waits for, and how long: a restored library has no index until the restore has built it.
PATIENCE: dict[Work, dict[str, float]] = {
    "writing to": {"repairing the index of": REPAIR_SECONDS},
    "repairing the index of": {"restoring": REPAIR_SECONDS},
    "restoring": {"repairing the index of": REPAIR_SECONDS},
}
# How long the holder's note may be missing: it is written just after taking the lock, and removed just before.
NOTE_SECONDS = 1.0


@contextmanager
def writing(folder: Path, work: Work = "writing to") -> Iterator[None]:
    """Hold the library's only write lock. Raises `LibraryBusyError` if another process holds it.

    Raises `LibraryError` for a folder that can't be written, or with links in it: every writer passes here.

    `PATIENCE` states which activity waits for which, and how long.
    """
    refuse_links(folder)
    note = folder / "writer.json"
    lock = FileLock(folder / ".lock")
    try:
        _acquire(lock, note, PATIENCE[work])
    except Timeout:
        raise LibraryBusyError(
            f"{folder}: {_holder(note)} is {_work(note) or 'writing to'} this library: "
            "wait until it has finished, or stop it"
        ) from None
    except OSError as error:
        raise LibraryError(f"{folder}: can't be written ({error.strerror}): make it writable for you") from error
    try:
        _leave(note, work)
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, note: Path, patience: Mapping[str, float]) -> None:
    """Take the lock. Raises `Timeout` if nobody waits for the holder's activity, or if it took too long."""
    started = time.monotonic()
    while True:
        try:
            lock.acquire(timeout=0)
            return
        except Timeout:
            holder = _work(note)
            seconds = patience.get(holder, 0.0) if holder else NOTE_SECONDS
            if time.monotonic() - started > seconds:
                raise
        time.sleep(0.02)


def _leave(note: Path, work: Work) -> None:
    """Note who holds the lock, for the messages of other processes. On a full disk there is no note."""
    with suppress(OSError):
        note.write_text(json.dumps({"pid": os.getpid(), "work": work}), encoding="utf-8")


def _read(note: Path) -> dict[str, object]:
    """Return the holder's note; nothing if it has just taken the lock or is about to release it."""
    try:
        return dict(parse_json(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _work(note: Path) -> str:
    return str(_read(note).get("work", ""))


def _holder(note: Path) -> str:
    """Name the process that holds the lock, if known."""
    pid = _read(note).get("pid")
    return "another process" if pid is None else f"another process (pid {pid})"
