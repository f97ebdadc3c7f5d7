"""What every embedding model offers, whoever makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.vectors import Vectors as Vectors


class Embedder(Protocol):
    """Turns texts into vectors of length 1.

    `fingerprint` changes whenever the vectors would. `max_tokens` is the longest text that `embed` takes, special
    tokens included.
    """

    fingerprint: str
    dimension: int
    max_tokens: int

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, special tokens included."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a float32 array of shape (len(texts), dimension) with rows of length 1.

        Raises `EmbeddingError` where a text is longer than `max_tokens` or the model fails.
        """
        ...
