"""How two rankings become one: dense similarity and BM25, brought to one scale.

The usual min-max scaling stretches the best BM25 score to 1 however poor it is, so that a question which shares no
words with its paper is led astray by chance matches. Here BM25 is divided by the most that the question could have
scored, which makes it a coverage in [0, 1]: a poor match stays poor. Measured beside other rules in docs/retrieval.md.
"""

from __future__ import annotations

import numpy as np

from rag.retrieve.searchable import Scores

# The share of the dense similarity in the sum; the plateau around it is in docs/retrieval.md.
DENSE_SHARE = 0.4
# The share of the wording, taken from that of the coverage where papers are looked at closely.
WORDING_SHARE = 0.1


def coverage(lexical: Scores, most: float) -> Scores:
    """Scale BM25 scores to [0, 1] by the most that the question could score."""
    if most <= 0:
        return np.zeros_like(lexical)
    scaled: Scores = np.clip(lexical / most, 0.0, 1.0).astype(np.float32)
    return scaled


def fuse(dense: Scores, covered: Scores) -> Scores:
    """Return the fused score of each paper from its cosine and its coverage.

    The coverage is squared: a question of ten words shares one or two with many abstracts by chance, and two half
    matches are not worth a whole one.
    """
    fused: Scores = (DENSE_SHARE * dense + (1 - DENSE_SHARE) * covered**2).astype(np.float32)
    return fused


def look_closer(fused: Scores, covered: Scores, wording: Scores) -> Scores:
    """Return fused scores with the wording in the place of a part of the coverage; no score falls."""
    closer: Scores = (fused + WORDING_SHARE * np.maximum(wording - covered**2, 0)).astype(np.float32)
    return closer
