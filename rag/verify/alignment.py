"""How like a claim and the sentences of its evidence are: by words that answer each other, or sentence by sentence.

Words in their context (the last hidden states of the embedding) tell more than whole sentences do: a claim that says
one thing too much is as near as a whole, but one of its words answers to nothing. Greedy matching is that of BERTScore
(Zhang et al. 2020, ICLR). An embedder without token vectors is served by cosines of whole sentences.
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
# Mean match of a stretch, below which machine-written claims that are alike the evidence otherwise are rarely carried.
ANSWERED_FROM = 0.45
HEAD_START = 0.2  # any two sentences of one field have about this much more cosine than words in common


@dataclass(frozen=True, slots=True)
class Measured:
    """A claim beside sentences: how near each is, at most 1, what the model weighs, and words that nothing answers.

    `unanswered` is a stretch of the claim for which no sentence has anything alike, empty where there is none.
    """

    near: tuple[float, ...]
    features: dict[str, float]
    unanswered: str = ""


class Likeness(Protocol):
    """A way to measure likeness, with the weights that were fitted to it.

    From `alike_from` two sentences are about the same thing, so that a difference is a clash and no change of subject;
    from `close_from` one keeps so much to the words of the other that the finer guards (names, hedges, who did what)
    can be trusted.
    """

    name: str
    weights: Weights
    alike_from: float
    close_from: float

    def measure(self, claim: Reading, pieces: Sequence[Reading]) -> Measured:
        """Compare a claim with each sentence; there is at least one."""
        ...


def likeness_of(embedder: Embedder) -> Likeness:
    """Return the best way that this embedder allows."""
    return AlignedWords(embedder) if isinstance(embedder, TokenEmbedder) else WholeSentences(embedder)


class AlignedWords:
    """Matches each content word of the claim with its nearest word in the evidence."""

    name = "aligned words"
    weights = ALIGNED
    # Below these, what the guards found on labelled pairs was more often another wording than a fault.
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
    """Compares sentences as wholes, for an embedder that gives no vectors of tokens."""

    name = "whole sentences"
    weights = WHOLE
    alike_from, close_from = 0.5, 0.9

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def measure(self, claim: Reading, pieces: Sequence[Reading]) -> Measured:
        """Return for each sentence the larger of its cosine, less `HEAD_START`, and the share of words in common."""
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
    """Return the places of the content words; of all words where there are none such."""
    spoken = [place for place, word in enumerate(words) if any(c.isalnum() for c in word)]
    return [place for place in spoken if words[place] not in STOPWORDS] or spoken


def _unanswered(words: Sequence[str], best: NDArray[np.float32]) -> str:
    """Return the stretch of content words that is least answered, if it is hardly at all."""
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
