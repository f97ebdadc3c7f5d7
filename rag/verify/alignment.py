"""How similar a claim is to the sentences of its evidence: word by word, or by whole sentences.

Words in context (the last hidden states of the embedding) show more than whole sentences do: a claim with one detail
too many is as close as a whole, but one of its words matches nothing. Greedy matching is that of BERTScore (Zhang et
al. 2020, ICLR). For an embedder without token vectors, cosines of whole sentences are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.models.embedding import Embedder, TokenEmbedder, TokenVectors
from rag.text.reading import Reading
from rag.text.words import STOPWORDS
from rag.verify.features import Weights, share
from rag.verify.weights import ALIGNED, WHOLE

STRETCH = 4  # content words
# Below this mean match of a stretch, machine-written claims that otherwise resemble the evidence are rarely supported.
ANSWERED_FROM = 0.45
HEAD_START = 0.2  # any two sentences of one field have a cosine about this much above their share of common words


@dataclass(frozen=True, slots=True)
class Measured:
    """A claim compared with sentences: how near each is (at most 1), and the features that the model weighs.

    `unanswered` is a stretch of the claim that matches nothing in any sentence, empty where there is none.
    """

    near: tuple[float, ...]
    features: dict[str, float]
    unanswered: str = ""


class Likeness(Protocol):
    """A way to measure likeness, with the weights that were fitted to it.

    From `alike_from` two sentences are about the same thing: a difference is a conflict, not a change of subject;
    from `close_from` one stays so close to the other's words that the finer guards (names, hedges, who did what) can be
    trusted.
    """

    name: str
    weights: Weights
    alike_from: float
    close_from: float

    def measure(self, claim: Reading, pieces: Sequence[Reading]) -> Measured:
        """Compare a claim with each sentence; there is at least one."""
        ...


def likeness_of(embedder: Embedder) -> Likeness:
    """Return the best measure that this embedder allows."""
    return AlignedWords(embedder) if isinstance(embedder, TokenEmbedder) else WholeSentences(embedder)


class AlignedWords:
    """Matches each content word of the claim with its nearest word in the evidence."""

    name = "aligned words"
    weights = ALIGNED
    # Below these, what the guards found on labelled pairs was more often a rewording than a fault.
    alike_from, close_from = 0.65, 0.9

    def __init__(self, embedder: TokenEmbedder) -> None:
        self._embedder = embedder

    def measure(self, claim: Reading, pieces: Sequence[Reading]) -> Measured:
        """Return for each sentence the mean match of the claim's words, and the features of all together."""
        mine, *theirs = self._embedder.embed_tokens([shortened(r.text, self._embedder) for r in (claim, *pieces)])
        words = _content(mine.words)
        if not words:
            return Measured((0.0,) * len(pieces), {"aligned": 0.0, "least_aligned": 0.0, "new_words_aligned": 0.0})
        matches = np.array([_matches(mine, other)[words] for other in theirs])
        best = matches.max(axis=0)
        held = {word for other in theirs for word in other.words}
        new = [match for match, place in zip(best, words, strict=True) if mine.words[place] not in held]
        return Measured(
            tuple(float(row.mean()) for row in matches),
            {
                "aligned": float(best.mean()),
                "least_aligned": float(best.min()),
                "new_words_aligned": float(np.mean(new)) if new else 1.0,
            },
            _unanswered([mine.words[place] for place in words], best),
        )


class WholeSentences:
    """Compares whole sentences, for an embedder without token vectors."""

    name = "whole sentences"
    weights = WHOLE
    alike_from, close_from = 0.5, 0.9

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def measure(self, claim: Reading, pieces: Sequence[Reading]) -> Measured:
        """Return for each sentence the larger of its cosine less `HEAD_START` and the share of words in common."""
        vector, *others = self._embedder.embed([shortened(r.text, self._embedder) for r in (claim, *pieces)])
        cosines = [float(vector @ other) for other in others]
        shares = [share(claim.content or claim.stems, piece.content) for piece in pieces]
        near = tuple(max(c - HEAD_START, s) for c, s in zip(cosines, shares, strict=True))
        return Measured(near, {"cosine": max(cosines)})


def shortened(text: str, embedder: Embedder) -> str:
    """Cut a text from its end until the embedder reads it all."""
    while embedder.count_tokens([text])[0] > embedder.max_tokens:
        text = text[: len(text) * 3 // 4]
    return text


def _content(words: Sequence[str]) -> list[int]:
    """Return the places of the content words, or of all words where there are none."""
    wordlike = [place for place, word in enumerate(words) if any(c.isalnum() for c in word)]
    return [place for place in wordlike if words[place] not in STOPWORDS] or wordlike


def _unanswered(words: Sequence[str], best: NDArray[np.float32]) -> str:
    """Return the stretch of content words that matches worst, if it hardly matches at all."""
    means = [best[i : i + STRETCH].mean() for i in range(len(words) - STRETCH + 1)]
    place = int(np.argmin(means)) if means else 0
    return " ".join(words[place : place + STRETCH]) if means and means[place] < ANSWERED_FROM else ""


def _matches(claim: TokenVectors, other: TokenVectors) -> NDArray[np.float32]:
    """Return for each word of the claim the mean over its tokens of the best cosine in the other text."""
    if not other.places:
        return np.zeros(len(claim.words), dtype=np.float32)
    best = (claim.vectors @ other.vectors.T).max(axis=1)
    counts = np.bincount(claim.places, minlength=len(claim.words))
    sums = np.bincount(claim.places, weights=best, minlength=len(claim.words))
    means: NDArray[np.float32] = (sums / counts).astype(np.float32)
    return means
