"""The search: dense and lexical scores of the candidates, fused, one vote a paper."""

from __future__ import annotations

import numpy as np

from rag.errors import InputError
from rag.models.embedding import Embedder
from rag.retrieve.feedback import LEADERS, towards
from rag.retrieve.fusion import coverage, fuse, look_closer
from rag.retrieve.query import read_question
from rag.retrieve.quote import best_sentence
from rag.retrieve.searchable import Searchable
from rag.retrieve.wording import LOOKED_AT, wording
from rag.types import Filters, Hit
from rag.vectors import Mask, Rows, Scores

# How many papers each side proposes at least; scoring all papers instead raises no figure of docs/retrieval.md.
CANDIDATES = 30


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
    leaders = _order(fused)[:LEADERS]
    vector = towards(query.vector, library.window_vectors(rows[leaders]), fused[leaders])
    fused = fuse(library.dense_scores(vector, rows), covered[rows])
    # Those looked at stay before the others: a closer look lowers no score.
    order = _order(fused)[: max(k, LOOKED_AT)]
    near, papers = order[:LOOKED_AT], library.papers(rows[order])
    fused[near] = look_closer(fused[near], covered[rows[near]], wording(query.terms, papers[:LOOKED_AT]))
    best = _order(fused[order])[:k]
    idf = query.idf
    hits = []
    for place, spans in zip(best, library.spans(rows[order[best]]), strict=True):
        i, paper = order[place], papers[place]
        span = best_sentence(paper, spans, idf)
        quote = paper.abstract[span.start : span.end]
        score, lexical = float(fused[i]), float(covered[rows[i]])
        hits.append(Hit(paper, score, quote, span.start, span.end, float(dense[i]), lexical))
    return hits


def _best(scores: Scores, count: int, mask: Mask | None) -> Rows:
    """Return the rows of the highest scores above 0 among the allowed."""
    rows = np.flatnonzero(scores > 0 if mask is None else (scores > 0) & mask)
    if rows.size > count:  # the value first: that is quicker than sorting out the rows of all
        found = scores[rows]
        rows = rows[found >= np.partition(found, -count)[-count]]
    if rows.size > count:
        rows = rows[np.argpartition(-scores[rows], count - 1)[:count]]
    return rows


def _order(scores: Scores) -> Rows:
    return np.argsort(-scores, kind="stable")
