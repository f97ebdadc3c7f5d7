"""Vectors made elsewhere, by a team's own embedding job, and passed in by key.

A text's key depends only on the text, so neither side has to know how a library cuts its papers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from rag.errors import InputError
from rag.models.embedding import Embedder, Vectors
from rag.models.vector_files import VectorFile
from rag.views.counts import counted

# The first texts of an add, and about one in this many of the others, are also embedded here to compare.
FIRST, ONE_IN = 8, 500
# Engines and precisions of one model differ by less; another model, other pooling or a cut text by more.
LEAST_COSINE = 0.99


class MissingVectorsError(InputError):
    """Texts for which no vector was given; `texts` holds those of the batch at which the add stopped."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)
        super().__init__(
            f"no vector was given for {counted(len(texts), 'text')}, such as {texts[0][:60]!r}: write them with "
            "`pincite texts` and embed them too, or let this machine embed them with --embed-missing"
        )


def key_of(text: str) -> str:
    """Return the key of a text: the first 32 digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Given:
    """An embedder that takes vectors from files and has a sample of them compared with a local one.

    `embed` raises `MissingVectorsError` for a text that is in no file, unless `embed_missing` leaves it to the local
    embedder, and `InputError` where a vector isn't the one that the local embedder makes.
    """

    def __init__(self, embedder: Embedder, files: Sequence[VectorFile], *, embed_missing: bool = False) -> None:
        self.fingerprint = embedder.fingerprint
        self.dimension = embedder.dimension
        self.max_tokens = embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self._embedder = embedder
        self._files = files
        self._embed_missing = embed_missing
        self._compared = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text; see `Embedder.embed`."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        keys = np.array([key_of(text) for text in texts], dtype="S32")
        missing = np.ones(len(texts), dtype=np.bool_)
        for file in self._files:
            found, rows = file.find(keys)
            vectors[found], missing[found] = rows, False
        self._compare([text for text, lacks in zip(texts, missing, strict=True) if not lacks], vectors[~missing])
        absent = [text for text, lacks in zip(texts, missing, strict=True) if lacks]
        if absent:
            if not self._embed_missing:
                raise MissingVectorsError(absent)
            vectors[missing] = self._embedder.embed(absent)
        return vectors

    def holds(self, text: str) -> bool:
        """Return whether a file has the vector of this text."""
        return any(len(file.find(np.array([key_of(text)], dtype="S32"))[0]) for file in self._files)

    def _compare(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Embed a sample here too. Raises `InputError` where the given vectors are from another embedding."""
        sample = [
            i for i, text in enumerate(texts) if self._compared + i < FIRST or int(key_of(text), 16) % ONE_IN == 0
        ]
        self._compared += len(texts)
        if not sample:
            return
        cosines = (vectors[sample] * self._embedder.embed([texts[i] for i in sample])).sum(axis=1)
        worst = int(cosines.argmin())
        if cosines[worst] < LEAST_COSINE:
            raise InputError(
                f"the vector given for {texts[sample[worst]][:60]!r} has a cosine of {cosines[worst]:.3f} to the one "
                f"that {self.fingerprint} makes of it, under {LEAST_COSINE}: embed with that model and its pooling, "
                f"and texts of up to {self.max_tokens} tokens uncut"
            )


class Noting:
    """An embedder that passes every text to `take`, once each, and returns meaningless vectors."""

    dimension = 1

    def __init__(self, embedder: Embedder, take: Callable[[str], None]) -> None:
        self.fingerprint = embedder.fingerprint
        self.max_tokens = embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self._take = take
        self._taken: set[bytes] = set()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text."""
        for text in texts:
            digest = hashlib.sha256(text.encode()).digest()[:16]
            if digest not in self._taken:
                self._taken.add(digest)
                self._take(text)
        return np.ones((len(texts), 1), dtype=np.float32)
