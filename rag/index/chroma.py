"""The vector index: Chroma, embedded. Derived from the catalog, built aside, never written in place.

Chroma 1.5.9 rewrites its files in place without fsync and loses vectors to a second writer, so an index folder is
built whole, checked, and from then on only read. It is only ever given vectors, never text to embed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from rag.errors import DerivedIndexError
from rag.vectors import Vectors

COLLECTION = "windows"
# Cosine recall@10 against exact neighbours is 1.000 at 10,000 windows with these (docs/lab/performance.md).
HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 100, "max_neighbors": 16}
# Chroma takes at most 5,461.
WINDOWS_PER_BATCH = 5_000
# Chroma keeps one system per folder for the whole process and counts its users, but not thread-safely.
_opening = threading.Lock()


class VectorIndexBuilder:
    """Builds one index in an empty folder. Use it in a `with` block; `finish` checks what was written."""

    def __init__(self, folder: Path, windows: int) -> None:
        self._folder = folder
        # Chroma moves vectors from its log into the graph once `sync_threshold` of them wait. It is set to our smallest
        # batch, so that nothing waits at the end: a reader would have to replay the log each time it opens.
        batches = max(1, -(-windows // WINDOWS_PER_BATCH))
        self._batch = max(1, -(-windows // batches))
        smallest = max(1, windows - (batches - 1) * self._batch)
        with _explained(folder):
            self._client = _client(folder)
            self._collection = self._client.create_collection(
                COLLECTION,
                configuration={"hnsw": HNSW | {"sync_threshold": smallest, "batch_size": smallest}},
                embedding_function=None,
            )
        self._waiting: list[tuple[str, Vectors]] = []
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _opening:
            self._client.close()

    def add(self, windows: Iterable[tuple[str, Vectors]]) -> None:
        """Add windows as (id, vector)."""
        for window in windows:
            self._waiting.append(window)
            if len(self._waiting) == self._batch:
                self._flush()

    def finish(self) -> None:
        """Write the rest. Raises `DerivedIndexError` if the index doesn't hold all that was written."""
        self._flush()
        with _explained(self._folder):
            held = self._collection.count()
        if held != self._written:
            raise DerivedIndexError(f"{self._folder}: Chroma holds {held} of {self._written} windows: check the disk")

    def _flush(self) -> None:
        if self._waiting:
            ids = [window for window, _ in self._waiting]
            with _explained(self._folder):
                self._collection.upsert(ids=ids, embeddings=np.stack([vector for _, vector in self._waiting]))
            self._written += len(ids)
            self._waiting = []


class Index:
    """A finished index, open for reading."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _explained(folder):
            self._client = _client(folder)
            self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
            self.count: int = self._collection.count()

    def nearest(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return (window id, cosine) of the `k` nearest windows, best first. Raises `DerivedIndexError`."""
        if not self.count:
            return []
        with _explained(self._folder):
            found = self._collection.query(
                query_embeddings=vector.reshape(1, -1), n_results=min(k, self.count), include=["distances"]
            )
        return [(str(i), 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def close(self) -> None:
        """Stop Chroma's threads and release the folder, unless it is open elsewhere in this process."""
        with _opening:
            self._client.close()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn any error of Chroma into `DerivedIndexError`."""
    try:
        yield
    except Exception as error:  # errors of its Rust side, SQLite and the disk share no class
        raise DerivedIndexError(f"{folder}: Chroma failed ({error}): check that the disk has space left") from error


def _client(folder: Path) -> Any:
    import chromadb  # 1.3 s to import: only where an index is opened
    from chromadb.config import Settings

    with _opening:
        return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
