"""Vectors of single sentences, made when first needed and kept next to the catalog.

They have their own file: readers fill it while another process writes the catalog, and losing it costs only time.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from rag.models.embedding import Embedder, Vectors
from rag.models.embedding_cache import Remembered

NAME = "sentences.sqlite"
_TABLE = "CREATE TABLE IF NOT EXISTS abstract (digest BLOB PRIMARY KEY, vectors BLOB NOT NULL) WITHOUT ROWID"


class SentenceVectors:
    """A cache from an abstract's sentences to their vectors, keyed by text and embedding."""

    def __init__(self, folder: Path, embedder: Remembered) -> None:
        self._embedder = embedder
        self._guard = threading.Lock()
        self._connection = _connect(folder / NAME)
        self.close = weakref.finalize(self, self._connection.close)

    def get(self, abstracts: Sequence[Sequence[str]]) -> list[Vectors]:
        """Return one array of shape (sentences, dimension) for each abstract, embedding only new ones."""
        digests = [self._digest(sentences) for sentences in abstracts]
        found = {digest: self._read(digest) for digest in set(digests)}
        new = [i for i, digest in enumerate(digests) if found[digest] is None]
        for i, vectors in zip(new, self._embed([abstracts[i] for i in new]), strict=True):
            found[digests[i]] = vectors
            self._write(digests[i], vectors)
        for sentences, digest in zip(abstracts, digests, strict=True):
            if (kept := found[digest]) is not None:
                self._embedder.learn(sentences, kept)
        empty = np.empty((0, self._embedder.dimension), dtype=np.float32)
        return [empty if (v := found[digest]) is None else v for digest in digests]

    def _embed(self, abstracts: Sequence[Sequence[str]]) -> list[Vectors]:
        flat = [sentence for sentences in abstracts for sentence in sentences]
        vectors = embed_long(self._embedder, flat)
        ends = np.cumsum([len(sentences) for sentences in abstracts])
        return [vectors[end - len(sentences) : end] for sentences, end in zip(abstracts, ends, strict=True)]

    def _digest(self, sentences: Sequence[str]) -> bytes:
        text = "\x00".join([self._embedder.fingerprint, *sentences])
        return hashlib.sha256(text.encode()).digest()[:16]

    def _read(self, digest: bytes) -> Vectors | None:
        with self._guard:
            row = self._connection.execute("SELECT vectors FROM abstract WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            return None
        vectors: Vectors = np.frombuffer(row[0], dtype="<f2").astype(np.float32)
        return vectors.reshape(-1, self._embedder.dimension)

    def _write(self, digest: bytes, vectors: Vectors) -> None:
        # Half precision: the cosines differ by less than 0.001, the file is half as large.
        content = vectors.astype("<f2").tobytes()
        try:
            with self._guard:
                self._connection.execute("INSERT OR IGNORE INTO abstract VALUES (?, ?)", (digest, content))
        except sqlite3.OperationalError:
            pass  # a full disk, a read-only folder or a busy file: results are right without a cache


def embed_long(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Embed texts of any length: the end of one that is too long is cut off."""
    fitting = list(texts)
    too_long = [i for i, n in enumerate(embedder.count_tokens(fitting)) if n > embedder.max_tokens]
    for i in too_long:
        while (tokens := embedder.count_tokens([fitting[i]])[0]) > embedder.max_tokens:
            fitting[i] = fitting[i][: int(len(fitting[i]) * min(0.95, embedder.max_tokens / tokens))]
    return embedder.embed(fitting)


def _connect(path: Path) -> sqlite3.Connection:
    """Open the cache; if it is damaged or can't be written, use one in memory instead."""
    with suppress(sqlite3.DatabaseError):
        return _opened(str(path))
    return _opened(":memory:")


def _opened(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_TABLE)
        connection.execute("SELECT count(*) FROM abstract").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
