"""The search: dense and lexical scores of the candidates, fused, one vote per paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.errors import InputError
from rag.models.embedding import Embedder
from rag.retrieve.evidence import best_sentence
from rag.retrieve.query import read_question
from rag.retrieve.searchable import Searchable
from rag.retrieve.wording import READ_CLOSELY, otherwise_written, wording
from rag.types import Filters, Hit
from rag.vectors import Mask, Rows, Scores, Vectors

# Each side proposes at least this many papers; scoring all of them improves no figure in docs/lab/retrieval.md.
CANDIDATES = 30
# The share of the dense similarity in the sum; the plateau around it is in docs/lab/retrieval.md.
DENSE_SHARE = 0.4
# The share of the wording, taken from that of the coverage, for papers that are read closely.
WORDING_SHARE = 0.1
# How many top papers count, and the weight of their mean relative to the question's vector.
LEADERS = 10
WEIGHT = 0.4
# A leader weighs half as much as one whose score is 0.02 higher: if one paper stands out, the others hardly count.
FALL = 0.03


def search(
    question: str, library: Searchable, embedder: Embedder, k: int = 10, filters: Filters | None = None
) -> list[Hit]:
    """Return up to `k` papers, best first, each with the sentence of its abstract that fits the question best.

    Raises `InputError` for an empty question or a `k` below 1.
    """
    if k < 1:
        raise InputError(f"k must be at least 1 (got {k}), for example 10")
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
    # A closer look lowers no score but that of a paper which holds another name in the letters of an acronym.
    order = _order(fused)[: max(k, READ_CLOSELY)]
    near, papers = order[:READ_CLOSELY], library.papers(rows[order])
    fused[near] = look_closer(fused[near], covered[rows[near]], wording(query.terms, papers[:READ_CLOSELY]))
    fused[near] -= (1 - DENSE_SHARE) * otherwise_written(query.terms, query.most, papers[:READ_CLOSELY])
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
    if rows.size > count:  # values first: that is faster than selecting rows
        found = scores[rows]
        rows = rows[found >= np.partition(found, -count)[-count]]
    if rows.size > count:
        rows = rows[np.argpartition(-scores[rows], count - 1)[:count]]
    return rows


def _order(scores: Scores) -> Rows:
    return np.argsort(-scores, kind="stable")


def coverage(lexical: Scores, most: float) -> Scores:
    """Scale BM25 scores to [0, 1] by the most that the question could score.

    Ordinary min-max scaling stretches the best BM25 score to 1 however poor it is, so that chance matches mislead a
    question that shares no words with its paper. Here a poor match stays poor.
    """
    if most <= 0:
        return np.zeros_like(lexical)
    scaled: Scores = np.clip(lexical / most, 0.0, 1.0).astype(np.float32)
    return scaled


def fuse(dense: Scores, covered: Scores) -> Scores:
    """Return the fused score of each paper from its cosine and its coverage.

    The coverage is squared: a question of ten words shares one or two with many abstracts by chance, and two half
    matches aren't worth a whole one.
    """
    fused: Scores = (DENSE_SHARE * dense + (1 - DENSE_SHARE) * covered**2).astype(np.float32)
    return fused


def look_closer(fused: Scores, covered: Scores, wording: Scores) -> Scores:
    """Return fused scores in which wording replaces a part of the coverage; no score falls."""
    closer: Scores = (fused + WORDING_SHARE * np.maximum(wording - covered**2, 0)).astype(np.float32)
    return closer


def towards(question: Vectors, leaders: Sequence[Vectors], scores: Scores) -> Vectors:
    """Return the question's vector moved towards papers given by their windows, each weighed by its score.

    Pseudo-relevance feedback (Rocchio 1971) on the dense side: what the leading papers share, apart from the words of
    the question, is what the question is about. Lexical feedback (RM3) helped one set and harmed the other.
    """
    held = [place for place, windows in enumerate(leaders) if len(windows)]
    if not held:
        return question
    means = np.stack([_unit(leaders[place].mean(axis=0)) for place in held])
    weights = np.exp((scores[held] - scores[held].max()) / FALL)
    return _unit(question + WEIGHT * (weights / weights.sum()) @ means)


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
    return unit
