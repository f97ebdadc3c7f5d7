"""What every embedding model offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from rag.errors import EmbeddingError
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


@runtime_checkable
class QuestionEmbedder(Embedder, Protocol):
    """An embedder that reads questions differently from passages, as models with prompts do."""

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each question. Raises `EmbeddingError` as `Embedder.embed` does."""
        ...


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The tokens of one text in order, special tokens left out.

    `words` are the words and marks that the tokenizer sees, folded as it folds them; `places` has for each token the
    word that it is part of; `vectors` has a row of length 1 for each token, shape (len(places), dimension).
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


def check_length(text: str, tokens: int, most: int, model: str) -> None:
    """Raise `EmbeddingError` for a text of more tokens than a model reads, which would be cut silently."""
    if tokens > most:
        raise EmbeddingError(
            f"a text of {tokens} tokens ({text[:60]!r}…) is longer than the {most} that {model} reads: "
            "cut it into windows first"
        )


def unit(vectors: Vectors) -> Vectors:
    """Scale each row to length 1."""
    scaled: Vectors = (vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)).astype(np.float32)
    return scaled


def token_vectors(encoded: Any, states: Vectors) -> TokenVectors:
    """Leave the special tokens out, and put the pieces of a word together: "pin", "##cite".

    `encoded` is what the tokenizer made of a text, `states` has a row for each of its tokens.
    """
    kept = [i for i, word in enumerate(encoded.word_ids) if word is not None]
    words: dict[int, str] = {}
    for i in kept:
        words[encoded.word_ids[i]] = words.get(encoded.word_ids[i], "") + encoded.tokens[i].removeprefix("##")
    order = {number: place for place, number in enumerate(words)}
    places = tuple(order[encoded.word_ids[i]] for i in kept)
    return TokenVectors(tuple(words.values()), places, unit(states[kept]))
