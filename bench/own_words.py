"""How well sentences match what a question asks beyond the subject of their paper.

"How can lamp drift be undone?" shares "lamp drift" with every sentence of a paper on it: what tells them apart is
"undone". So of the question's words only those count that the title lacks, each matched with the word of the sentence
that is nearest in its context ("restores"). What counts is how much better a sentence matches than its paper's do in
the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from rag.models.embedding import Embedder, TokenEmbedder, TokenVectors
from rag.text.words import STOPWORDS, term_set
from rag.types import Evidence


def own_words(question: str, evidence: Sequence[Evidence], embedder: Embedder) -> dict[int, float]:
    """Return by number how much better each sentence matches the question's own words than its paper's do in the mean.

    A sentence that is longer than the embedder reads is left out; so are all where it has no vectors of tokens.
    """
    if not isinstance(embedder, TokenEmbedder) or embedder.count_tokens([question])[0] > embedder.max_tokens:
        return {}
    lengths = embedder.count_tokens([item.text for item in evidence])
    kept = [item for item, length in zip(evidence, lengths, strict=True) if length <= embedder.max_tokens]
    asked, *read = embedder.embed_tokens([question, *(item.text for item in kept)])
    found: dict[int, float] = {}
    for paper, some in groupby(zip(kept, read, strict=True), key=lambda one: one[0].paper):
        items, sentences = zip(*some, strict=True)
        better = _better(asked, paper.title, sentences)
        found |= {item.number: float(one) for item, one in zip(items, better, strict=True)}
    return found


def _better(asked: TokenVectors, title: str, sentences: Sequence[TokenVectors]) -> NDArray[np.float64]:
    """Return for each sentence of a paper how much better than the mean it matches the question's own words."""
    places = _own(asked.words, title)
    if not places:
        return np.zeros(len(sentences))
    matches = np.array([_matches(asked, sentence)[places].mean() for sentence in sentences])
    better: NDArray[np.float64] = matches - matches.mean()
    return better


def _own(words: Sequence[str], title: str) -> list[int]:
    """Return the places of the question's content words that the title lacks, of all of them where it lacks none."""
    content = [
        place for place, word in enumerate(words) if word not in STOPWORDS and any(letter.isalnum() for letter in word)
    ]
    subject = term_set(title)
    return [place for place in content if not term_set(words[place]) & subject] or content


def _matches(asked: TokenVectors, sentence: TokenVectors) -> NDArray[np.float64]:
    """Return for each word of the question the mean over its tokens of the best cosine in the sentence."""
    if not sentence.places:
        return np.zeros(len(asked.words))
    best = (asked.vectors @ sentence.vectors.T).max(axis=1)
    counts = np.bincount(asked.places, minlength=len(asked.words))
    sums = np.bincount(asked.places, weights=best, minlength=len(asked.words))
    return sums / np.maximum(counts, 1)
