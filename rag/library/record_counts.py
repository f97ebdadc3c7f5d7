"""How much of an add is done, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Sized
from pathlib import Path

from rag import sources
from rag.errors import InputError, SourceError
from rag.progress import Progress
from rag.types import Record, Rejection


def counted_files(files: Sequence[Path], progress: Progress | None) -> Callable[[int], None]:
    """Return what to call with the number of records done, so that `progress` also gets the total."""
    if progress is None:
        return lambda _done: None
    total = sum(1 for path in files for _ in _readable(path))
    return lambda done: progress(done, max(total, done))


def counted_items(items: object, progress: Progress | None) -> Callable[[int], None]:
    """Return what to call with the number of records done; of a generator, how many there will be is unknown."""
    if progress is None:
        return lambda _done: None
    total = len(items) if isinstance(items, Sized) else 0
    return lambda done: progress(done, max(total, done))


def _readable(path: Path) -> Iterable[Record | Rejection]:
    """Read a file for counting only: the add itself reports what is wrong with it."""
    try:
        yield from sources.read(path)
    except (SourceError, InputError):
        return
