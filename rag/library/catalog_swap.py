"""A restored catalog takes the place of the library's own, wholly or not at all, wherever process or power fails.

The new catalog is written to `catalog.restored`, which counts for nothing. Renaming it to `catalog.restored.STAMP`
decides: from then on it is the library, and the next process to open the folder puts it in the old one's place. The old
catalog can't simply be overwritten: SQLite would read its journal (`-wal`) as the new one's, and programs that still
have it open would share that journal.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rag.catalog.catalog import NAME
from rag.catalog.lock import writing
from rag.errors import LibraryBusyError
from rag.index.segment import sync

_NEW = "catalog.restored"
_DECIDED = re.compile(rf"{re.escape(_NEW)}\.([0-9T]{{1,40}})")
# How long a reader waits for another process to put a catalog in place: four renames.
_SECONDS = 5.0


@contextmanager
def draft(folder: Path) -> Iterator[Path]:
    """Offer a path to write a new catalog to; gone in the end, also if it was put in place.

    The caller holds the library's lock.
    """
    tidy(folder)
    try:
        yield folder / _NEW
    finally:
        _delete_draft(folder)


def tidy(folder: Path) -> None:
    """Finish a killed restore that was decided, or delete what it had written. The caller holds the lock."""
    finish(folder)
    _delete_draft(folder)


def _delete_draft(folder: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):  # a new file must not find the journal of an older one
        (folder / (_NEW + ending)).unlink(missing_ok=True)


def put_in_place(folder: Path) -> Path | None:
    """Make the draft the library's catalog; return where the old one is kept. The caller holds the library's lock."""
    sync(folder / _NEW)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    (folder / _NEW).replace(folder / f"{_NEW}.{stamp}")
    return finish(folder)


def finish(folder: Path) -> Path | None:
    """Put the catalog in place that was decided on; return where the old one is kept, None where there was none.

    The caller holds the library's lock. Every step can be taken again after a kill.
    """
    kept = None
    for decided, stamp in sorted(_decided(folder)):
        sync(folder)
        kept = folder / f"catalog-replaced-{stamp}.sqlite"
        for ending in ("", "-wal", "-shm"):
            beside = folder / (NAME + ending)
            if beside.exists():
                beside.replace(kept.with_name(kept.name + ending))
        sync(folder)
        decided.replace(folder / NAME)
        sync(folder)
    return kept if kept is not None and kept.exists() else None


def settle(folder: Path) -> None:
    """Finish what a killed restore left, or wait for one that is running. Raises `LibraryBusyError` if that takes long.

    Raises `LibraryError` where the folder can't be written.
    """
    until = time.monotonic() + _SECONDS
    while any(_decided(folder)):
        try:
            with writing(folder):
                finish(folder)
        except LibraryBusyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def holds_catalog(folder: Path) -> bool:
    """Return whether the folder holds a catalog, also in the moment in which one takes the place of another."""
    # Looked for twice: the swap may end between the first look and the second.
    return (folder / NAME).exists() or any(_decided(folder)) or (folder / NAME).exists()


def _decided(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each catalog that is to take the place, with its stamp."""
    for path in folder.glob(f"{_NEW}.*"):
        if found := _DECIDED.fullmatch(path.name):
            yield path, found[1]
