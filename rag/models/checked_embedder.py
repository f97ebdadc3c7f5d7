"""An embedder that was passed in, checked against `Embedder`: wrong vectors would silently spoil a library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.errors import EmbeddingError
from rag.models.boundary import boundary
from rag.models.embedding import Embedder, QuestionEmbedder, TokenEmbedder, TokenVectors, Vectors

# How far a vector of length 1 may be off in half precision.
_OFF = 1e-2


class CheckedEmbedder:
    """Wraps an embedder and checks its vectors. It has the same methods."""

    def __init__(self, embedder: Embedder) -> None:
        self.fingerprint = embedder.fingerprint
        self.dimension = embedder.dimension
        self.max_tokens = embedder.max_tokens
        self._embedder = embedder
        self._who = f"the embedder {type(embedder).__qualname__}"
        if isinstance(embedder, TokenEmbedder):
            self._token_embedder = embedder
            self.embed_tokens = self._embed_tokens
        if isinstance(embedder, QuestionEmbedder):
            self._question_embedder = embedder
            self.embed_questions = self._embed_questions

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text; see `Embedder.count_tokens`."""
        with boundary(self._who, EmbeddingError, "fix its count_tokens"):
            counted = [int(count) for count in self._embedder.count_tokens(texts)]
        if len(counted) != len(texts):
            raise EmbeddingError(f"{self._who} counted the tokens of {len(counted)} texts, not of {len(texts)}: fix it")
        return counted

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text; see `Embedder.embed`."""
        with boundary(self._who, EmbeddingError, "fix its embed"):
            made = np.asarray(self._embedder.embed(texts))
        return self._checked(made, len(texts))

    def _embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each question; see `QuestionEmbedder.embed_questions`."""
        with boundary(self._who, EmbeddingError, "fix its embed_questions"):
            made = np.asarray(self._question_embedder.embed_questions(texts))
        return self._checked(made, len(texts))

    def _checked(self, made: np.ndarray[tuple[int, ...], np.dtype[np.generic]], count: int) -> Vectors:
        if fault := self._fault(made, count):
            raise EmbeddingError(f"{self._who} returned {fault}")
        vectors: Vectors = made.astype(np.float32, copy=False)
        return vectors

    def _fault(self, made: np.ndarray[tuple[int, ...], np.dtype[np.generic]], count: int) -> str:
        """Say what is wrong with these vectors, and the fix; empty where nothing is."""
        if made.shape != (count, self.dimension):
            wanted = (count, self.dimension)
            return f"vectors of shape {made.shape}, not {wanted}: return a row of `dimension` numbers for each text"
        if made.dtype not in (np.float32, np.float64):
            return f"vectors of type {made.dtype}: return float32"
        lengths = np.linalg.norm(made.astype(np.float64), axis=1)
        if not np.isfinite(lengths).all():
            return "a vector that isn't finite: return finite numbers"
        off = lengths[np.abs(lengths - 1) > _OFF]
        return f"a vector of length {off[0]:.4g}, not 1: divide each by its length" if off.size else ""

    def _embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the tokens of each text; see `TokenEmbedder.embed_tokens`."""
        with boundary(self._who, EmbeddingError, "fix its embed_tokens"):
            made = list(self._token_embedder.embed_tokens(texts))
        if len(made) != len(texts):
            raise EmbeddingError(f"{self._who} returned the tokens of {len(made)} texts, not of {len(texts)}: fix it")
        return made
