"""The built-in checker: word coverage and embedding similarity, and hard guards that similarity is blind to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from rag.models.embedding import Embedder, Vectors
from rag.sentences import split_sentences
from rag.types import Support, Verdict
from rag.words import terms, words

LONGEST = 200  # sentences of evidence that are looked at
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATIONS = frozenset(
    {"not", "no", "never", "neither", "nor", "without", "cannot", "fail", "failed", "fails", "lack", "lacks"}
)


class BuiltinChecker:
    """Judges without any model but the embedding. Holds the vectors of the sentences seen last."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vector = lru_cache(maxsize=4096)(self._embed)

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        pieces = [text[s.start : s.end] for text in evidence for s in split_sentences(text)][:LONGEST]
        claim = words(sentence)
        if not claim or not pieces:
            return Support(0.0, Verdict.UNSUPPORTED, "there is nothing to compare")
        if f" {' '.join(claim)} " in f" {' '.join(w for p in pieces for w in words(p))} ":
            return Support(1.0, Verdict.SUPPORTED, "the evidence says it word for word")
        best = max(pieces, key=lambda piece: self._likeness(sentence, piece))
        score = self._likeness(sentence, best)
        fault = _fault(sentence, best)
        if fault and score > 0.5:
            return Support(0.1, Verdict.CONTRADICTED, fault)
        if score >= 0.6:
            return Support(score, Verdict.SUPPORTED, "the words and the sense agree")
        if score >= 0.45:
            return Support(score, Verdict.PARTIAL, "the evidence carries a part of it")
        return Support(score, Verdict.UNSUPPORTED, "the evidence speaks of something else")

    def _likeness(self, sentence: str, piece: str) -> float:
        cosine = float(self._vector(sentence) @ self._vector(piece))
        mine, theirs = set(terms(sentence)), set(terms(piece))
        coverage = len(mine & theirs) / max(1, len(mine))
        return min(1.0, max(0.0, 0.5 * cosine + 0.5 * coverage))

    def _embed(self, text: str) -> Vectors:
        shortened = text[:1200]
        while self._embedder.count_tokens([shortened])[0] > self._embedder.max_tokens:
            shortened = shortened[: len(shortened) * 3 // 4]
        vector: Vectors = np.asarray(self._embedder.embed([shortened])[0])
        return vector


def _fault(sentence: str, piece: str) -> str:
    """Say what in the sentence the evidence speaks against, empty where nothing does."""
    strange = set(_NUMBER.findall(sentence)) - set(_NUMBER.findall(piece))
    if strange:
        return f"the number {min(strange)} does not stand in the evidence"
    if (len(_NEGATIONS & set(words(sentence))) - len(_NEGATIONS & set(words(piece)))) % 2:
        return "one of the two says no"
    return ""
