"""What every embedding model offers, whoever makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

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


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The tokens of one text in order, special tokens left out.

    `words` are the words and marks that the tokenizer sees, folded as it folds them; `places` tells for each token
    which of them it is a part of; `vectors` has a row of length 1 for each token, shape (len(places), dimension).
    """

    words: tuple[str, ...]
    places: tuple[int, ...]
    vectors: Vectors


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An embedder that also gives a vector for each token in its context. Not every one can: ask with `isinstance`."""

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the tokens of each text. Raises `EmbeddingError` as `Embedder.embed` does."""
        ...
