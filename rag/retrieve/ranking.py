"""The search: dense and lexical scores of the candidates, fused, one vote a paper."""

from __future__ import annotations

import numpy as np

from rag.errors import InputError
from rag.models.embedding import Embedder, Vectors
from rag.retrieve.fusion import coverage, fuse
from rag.retrieve.question import read_question
from rag.retrieve.searchable import Mask, Rows, Scores, Searchable, Sentences
from rag.types import Filters, Hit, Paper

# How many papers each side may propose; fusing all papers instead changes no measured figure.
CANDIDATES = 200


def search(
    question: str, library: Searchable, embedder: Embedder, k: int = 10, filters: Filters | None = None
) -> list[Hit]:
    """Return up to `k` papers, best first, each with the sentence of its abstract that fits the question best.

    Raises `InputError` for an empty question or a `k` below 1.
    """
    if k < 1:
        raise InputError(f"k={k}: ask for at least 1 paper")
    query = read_question(question, library, embedder)
    mask = library.mask(filters) if filters else None
    covered = coverage(library.lexical_scores(query.weights), query.most)
    nearest, _ = library.nearest(query.vector, max(k, CANDIDATES), mask)
    rows = np.union1d(nearest, _best(covered, max(k, CANDIDATES), mask)).astype(np.intp)
    if not rows.size:
        return []
    dense = library.dense_scores(query.vector, rows)
    fused = fuse(dense, covered[rows])
    order = np.lexsort((rows, -fused))[:k]
    chosen = rows[order]
    return [
        _hit(paper, sentences, query.vector, float(fused[i]), float(dense[i]), float(covered[row]))
        for paper, sentences, i, row in zip(
            library.papers(chosen), library.sentences(chosen), order, chosen, strict=True
        )
    ]


def _best(scores: Scores, count: int, mask: Mask | None) -> Rows:
    """Return the rows of the highest scores above 0 among the allowed."""
    allowed = scores > 0 if mask is None else (scores > 0) & mask
    rows = np.flatnonzero(allowed)
    if rows.size > count:
        rows = rows[np.argpartition(-scores[rows], count - 1)[:count]]
    return rows


def _hit(paper: Paper, sentences: Sentences, vector: Vectors, score: float, dense: float, lexical: float) -> Hit:
    if not sentences.spans:
        return Hit(paper, score, "", 0, 0, dense, lexical)
    span = sentences.spans[int(np.argmax(sentences.vectors @ vector))]
    return Hit(paper, score, paper.abstract[span.start : span.end], span.start, span.end, dense, lexical)
