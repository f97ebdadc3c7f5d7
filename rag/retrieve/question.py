"""A question as the two sides of the search see it: one vector, and weighted stemmed terms."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from rag.errors import InputError
from rag.models.embedding import Embedder, Vectors
from rag.retrieve.searchable import Searchable
from rag.retrieve.typos import nearest_term
from rag.words import terms


@dataclass(frozen=True, slots=True)
class Query:
    """`vector` has shape (dimension,); `weights` and `idf` are by stemmed term; `most` is the most they could score.

    A BM25 score is a sum over the terms of weight times idf times a saturation below 1 (Robertson and Zaragoza 2009).
    """

    vector: Vectors
    weights: dict[str, float]
    idf: dict[str, float]
    most: float


def read_question(question: str, library: Searchable, embedder: Embedder) -> Query:
    """Turn a question into a query of this library. Raises `InputError` for an empty question."""
    if not question.strip():
        raise InputError("the question is empty: ask something")
    weights, idf, most = _weigh(question, library)
    return Query(embed_question(question, embedder), weights, idf, most)


def embed_question(question: str, embedder: Embedder) -> Vectors:
    """Return one vector of length 1, shape (dimension,); a question too long to embed is the mean of its pieces."""
    vectors = embedder.embed(_pieces(question.strip(), embedder))
    mean = vectors.mean(axis=0)
    vector: Vectors = (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
    return vector


def _pieces(text: str, embedder: Embedder) -> list[str]:
    """Halve a text at the white space nearest to its middle until each piece can be embedded."""
    if embedder.count_tokens([text])[0] <= embedder.max_tokens:
        return [text]
    middle = len(text) // 2
    cut = text.rfind(" ", 1, middle)
    cut = cut if cut > 0 else middle
    halves = (text[:cut].strip(), text[cut:].strip())
    return [piece for half in halves if half for piece in _pieces(half, embedder)]


def _weigh(question: str, library: Searchable) -> tuple[dict[str, float], dict[str, float], float]:
    """Weigh each term of the question that the library holds, or that is the misspelling of one that it holds.

    A term that no paper holds counts among what the question could have scored, as the rarest of terms: a paper that
    shares one chance word with a question of ten covers little of it.
    """
    weights: dict[str, float] = {}
    idf: dict[str, float] = {}
    most = 0.0
    for term, count in Counter(terms(question)).items():
        known = term if library.idf(term) is not None else nearest_term(term, library.vocabulary())
        value = library.idf(known) if known else None
        if known and value is not None:
            weights[known] = weights.get(known, 0.0) + count
            idf[known] = value
        most += count * (_rarest(library) if value is None else value)
    return weights, idf, most


def _rarest(library: Searchable) -> float:
    """Return the idf of a term that no paper holds, by the formula of BM25."""
    return math.log(1 + (len(library.paper_ids) + 0.5) / 0.5)
