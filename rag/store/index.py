"""The vector index: Chroma, embedded. Derived from the catalog, built aside, never written in place.

Chroma 1.5.9 rewrites its files in place without fsync and loses vectors to a second writer, so an index folder is
built whole, checked, and from then on only read. Only vectors are ever handed to it, never text to embed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import DerivedIndexError
from rag.models.embedding import Vectors

COLLECTION = "windows"
# Cosine recall@10 against exact neighbours is 1.000 at 100,000 windows with these (docs/performance.md).
HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 100, "max_neighbors": 16}


def build(folder: Path, windows: Iterator[tuple[str, str, Vectors]]) -> int:
    """Build an index of all windows in an empty folder; return how many it holds.

    Raises `DerivedIndexError` where what was written can't be found again.
    """
    client = _client(folder)
    collection = client.create_collection(
        COLLECTION, configuration={"hnsw": HNSW}, embedding_function=None, metadata={"pincite": "windows"}
    )
    written = 0
    batch_size = client.get_max_batch_size()
    while batch := list(islice(windows, batch_size)):
        collection.upsert(
            ids=[window for window, _, _ in batch],
            embeddings=np.stack([vector for _, _, vector in batch]),
            metadatas=[{"paper": paper} for _, paper, _ in batch],
        )
        written += len(batch)
    if collection.count() != written:
        raise DerivedIndexError(f"{folder}: Chroma holds {collection.count()} of {written} windows: check the disk")
    _close(client)
    return written


class Index:
    """A published index, open for reading."""

    def __init__(self, folder: Path) -> None:
        self._client = _client(folder)
        self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
        self.count: int = self._collection.count()

    def nearest(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return (paper id, cosine) of the `k` nearest windows, best first."""
        if not self.count:
            return []
        found = self._collection.query(
            query_embeddings=vector.reshape(1, -1), n_results=min(k, self.count), include=["metadatas", "distances"]
        )
        return [
            (str(metadata["paper"]), 1.0 - float(distance))
            for metadata, distance in zip(found["metadatas"][0], found["distances"][0], strict=True)
        ]

    def close(self) -> None:
        """Let go of the folder's files."""
        _close(self._client)


def _client(folder: Path) -> Any:
    import chromadb  # 1.3 s to import: only where an index is opened
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def _close(client: Any) -> None:
    """Stop Chroma's threads and forget the folder: Chroma keeps one system a path for the whole process."""
    client.close()
