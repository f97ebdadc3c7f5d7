"""A library in memory for the retrieval tests: the same scores as the stored one, from plain arrays."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from rag.retrieve.searchable import Sentences
from rag.text.sentences import split_sentences
from rag.text.words import fold, terms
from rag.types import Paper

K1, B = 1.5, 0.75


class WordEmbedder:
    """Each word has a fixed random direction, words of one meaning share it; a text is the sum of its words."""

    fingerprint = "words"
    dimension = 256
    max_tokens = 60

    def __init__(self, meanings=()):
        self._meaning = {word: group[0] for group in meanings for word in group}

    def count_tokens(self, texts):
        return [len(text.split()) + 2 for text in texts]

    def embed(self, texts):
        assert all(count <= self.max_tokens for count in self.count_tokens(texts))
        return np.array([self._one(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)

    def _one(self, text):
        total = np.full(self.dimension, 1e-3)
        for term in terms(text):
            word = self._meaning.get(term, term)
            total += np.random.default_rng(list(word.encode())).normal(size=self.dimension)
        return total / np.linalg.norm(total)


class MemoryLibrary:
    """A `Searchable` over papers held in memory."""

    def __init__(self, papers, embedder):
        self._papers = list(papers)
        self._embedder = embedder
        self.paper_ids = [paper.id for paper in self._papers]
        self._windows = [embedder.embed([f"{p.title} {p.abstract}"]) for p in self._papers]
        self._counts = [Counter(terms(f"{p.title} {p.abstract}")) for p in self._papers]
        self._lengths = np.array([sum(c.values()) for c in self._counts], dtype=float)
        self._frequency = Counter(term for c in self._counts for term in c)

    def nearest(self, vector, k, mask):
        rows = np.arange(len(self._papers)) if mask is None else np.flatnonzero(mask)
        scores = self.dense_scores(vector, rows)
        order = np.argsort(-scores, kind="stable")[:k]
        return rows[order], scores[order]

    def dense_scores(self, vector, rows):
        return np.array([(self._windows[row] @ vector).max() for row in rows], dtype=np.float32)

    def window_vectors(self, rows):
        return [self._windows[row] for row in rows]

    def lexical_scores(self, weights):
        scores = np.zeros(len(self._papers), dtype=np.float32)
        for row, counts in enumerate(self._counts):
            for term, weight in weights.items():
                if counts[term]:
                    norm = K1 * (1 - B + B * self._lengths[row] / self._lengths.mean())
                    scores[row] += weight * self.idf(term) * counts[term] / (counts[term] + norm)
        return scores

    def idf(self, term):
        n = self._frequency.get(term)
        return math.log(1 + (len(self._papers) - n + 0.5) / (n + 0.5)) if n else None

    def vocabulary(self):
        return self._frequency

    def mask(self, filters):
        allowed = np.array([_passes(paper, filters) for paper in self._papers], dtype=bool)
        return None if allowed.all() else allowed

    def papers(self, rows):
        return [self._papers[row] for row in rows]

    def spans(self, rows):
        return [tuple(split_sentences(self._papers[row].abstract)) for row in rows]

    def sentences(self, rows):
        return [self._sentences(self._papers[row]) for row in rows]

    def _sentences(self, paper):
        spans = tuple(split_sentences(paper.abstract))
        return Sentences(spans, self._embedder.embed([paper.abstract[s.start : s.end] for s in spans]))


def _passes(paper, filters):
    year = paper.year
    return (
        (filters.year_from is None or (year is not None and year >= filters.year_from))
        and (filters.year_to is None or (year is not None and year <= filters.year_to))
        and (filters.venue is None or fold(filters.venue) in fold(paper.venue or ""))
        and (filters.author is None or any(fold(filters.author) in fold(author) for author in paper.authors))
    )


def paper(number, title, abstract, **fields):
    return Paper(id=f"p{number}", title=title, abstract=abstract, **fields)


EMBEDDER = WordEmbedder(meanings=[("slept", "slumber", "doze"), ("felin", "cat", "kitten")])
BARN = MemoryLibrary(
    [
        paper(0, "Soil moisture and barley", "We watered barley for a month. Moist plots gave 37.5% more grain.",
              year=2021, venue="Field Notes", authors=("Ångström, Eva",)),
        paper(1, "Rest in barn cats", "A cat was filmed at night. The kitten slept eleven hours. Dogs did not.",
              year=2023, venue="Barn Letters"),
        paper(2, "Tin roofs in hail", "Hail dents tin. A thicker sheet of tin cut dents by half.", year=2024),
        paper(3, "Barley prices", "Prices of barley rose after the drought. Farmers sold early."),
    ],
    EMBEDDER,
)  # fmt: skip
