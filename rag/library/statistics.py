"""What a library holds, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.catalog.catalog import Catalog
from rag.index import builds


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts, the range of years (None if no paper has one), bytes by part, and the last changes.

    `server` is the collection that also holds the index, None if there is none.
    """

    papers: int
    sentences: int
    windows: int
    retracted: int
    first_year: int | None
    last_year: int | None
    segments: int
    embedding: str
    server: str | None
    bytes: dict[str, int]
    changes: tuple[tuple[str, str], ...]


def statistics(folder: Path, catalog: Catalog, embedding: str, server: str | None) -> Statistics:
    """Count what this folder's library holds; `server` also holds its index."""
    papers, sentences, retracted, first_year, last_year = catalog.counts()
    build = builds.current(folder, catalog)
    return Statistics(
        papers=papers,
        sentences=sentences,
        windows=catalog.window_count(),
        retracted=retracted,
        first_year=first_year,
        last_year=last_year,
        segments=len(build.parts) if build else 0,
        embedding=embedding,
        server=server,
        bytes={name: _size(folder, name) for name in ("catalog", "sentences", "derived")},
        changes=tuple(catalog.history(5)),
    )


def _size(folder: Path, name: str) -> int:
    """Return the bytes of everything whose name starts like this, folders with their contents."""
    files = (f for top in folder.glob(f"{name}*") for f in ([top] if top.is_file() else top.rglob("*")))
    return sum(f.stat().st_size for f in files if f.is_file())
