"""Vectors of single sentences, made when first needed and kept next to the catalog.

They have their own file: readers fill it while another process writes the catalog, and losing it costs only time. Only
what this user stored is believed: vectors decide which sentences count as alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.models.embedding import Embedder, Vectors
from rag.models.embedding_cache import Remembered
from rag.own_cache import OwnCache

NAME = "sentences.sqlite"


class SentenceVectors:
    """A cache from an abstract's sentences to their vectors, keyed by text and embedding."""

    def __init__(self, folder: Path, embedder: Remembered) -> None:
        self._embedder = embedder
        self._kept = OwnCache(folder / NAME)
        self.close = self._kept.close

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
        if (kept := self._kept.read(digest)) is None:
            return None
        vectors: Vectors = np.frombuffer(kept, dtype="<f2").astype(np.float32)
        return vectors.reshape(-1, self._embedder.dimension)

    def _write(self, digest: bytes, vectors: Vectors) -> None:
        # Half precision: the cosines differ by less than 0.001, the file is half as large.
        self._kept.write(digest, vectors.astype("<f2").tobytes())


def embed_long(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Embed texts of any length: the end of one that is too long is cut off."""
    fitting = list(texts)
    too_long = [i for i, n in enumerate(embedder.count_tokens(fitting)) if n > embedder.max_tokens]
    for i in too_long:
        while (tokens := embedder.count_tokens([fitting[i]])[0]) > embedder.max_tokens:
            fitting[i] = fitting[i][: int(len(fitting[i]) * min(0.95, embedder.max_tokens / tokens))]
    return embedder.embed(fitting)
