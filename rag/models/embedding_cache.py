"""Vectors of recent texts, so that a question is embedded once for search, evidence and check, and a sentence once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from rag.models.embedding import Embedder, QuestionEmbedder, TokenEmbedder, TokenVectors, Vectors

# Single sentences and questions: about 30 MB with the default embedding.
MOST = 20_000
# Starts the key of a text that was embedded as a question: no text of a paper starts with it.
_AS_QUESTION = "\0question\0"
# A sentence has about forty tokens: another 30 MB.
MOST_TOKENS = 500


class Remembered:
    """Wraps an embedder and caches recent texts. Several threads may use it.

    It offers `embed_tokens` and `embed_questions` where the other one does.
    """

    def __init__(self, embedder: Embedder, most: int = MOST) -> None:
        self.fingerprint = embedder.fingerprint
        self.dimension = embedder.dimension
        self.max_tokens = embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self._embedder = embedder
        self._most = most
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._guard = threading.Lock()
        if isinstance(embedder, TokenEmbedder):
            self._token_embedder = embedder
            self._tokens: OrderedDict[str, TokenVectors] = OrderedDict()
            self.embed_tokens = self._embed_tokens
        if isinstance(embedder, QuestionEmbedder):
            self._question_embedder = embedder
            self.embed_questions = self._embed_questions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text; see `Embedder.embed`."""
        return self._recalled(texts, self._embedder.embed)

    def _embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text; see `QuestionEmbedder.embed_questions`."""
        return self._recalled(texts, self._question_embedder.embed_questions, _AS_QUESTION)

    def _recalled(self, texts: Sequence[str], make: Callable[[Sequence[str]], Vectors], before: str = "") -> Vectors:
        with self._guard:
            found = {text: self._known[before + text] for text in texts if before + text in self._known}
        new = list(dict.fromkeys(text for text in texts if text not in found))
        if new:
            vectors = make(new)
            self.learn([before + text for text in new], vectors)
            found |= dict(zip(new, vectors, strict=True))
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack([found[text] for text in texts])

    def learn(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Cache vectors that were made elsewhere, dropping the oldest where there are too many."""
        with self._guard:
            for text, vector in zip(texts, vectors, strict=True):
                self._known[text] = vector
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def _embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the tokens of each text; see `TokenEmbedder.embed_tokens`."""
        with self._guard:
            found = {text: self._tokens[text] for text in texts if text in self._tokens}
        new = list(dict.fromkeys(text for text in texts if text not in found))
        if new:
            made = self._token_embedder.embed_tokens(new)
            with self._guard:
                for text, tokens in zip(new, made, strict=True):
                    found[text] = self._tokens[text] = tokens
                while len(self._tokens) > MOST_TOKENS:
                    self._tokens.popitem(last=False)
        return [found[text] for text in texts]
