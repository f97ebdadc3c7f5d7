"""Pseudo-relevance feedback on the dense side: the question moves towards the papers that lead (Rocchio 1971).

What the leading papers share, besides the words of the question, is what the question is about; papers near to them
rise. Feedback on the lexical side (RM3) helped one set and harmed the other, and stays out: docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.vectors import Vectors

# How many papers lead, and what their mean weighs beside the question.
LEADERS = 3
WEIGHT = 0.4


def towards(question: Vectors, leaders: Sequence[Vectors]) -> Vectors:
    """Return the question's vector moved towards papers given by their windows, each paper one vote."""
    means = [_unit(windows.mean(axis=0)) for windows in leaders if len(windows)]
    return _unit(question + WEIGHT * np.mean(means, axis=0)) if means else question


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
    return unit
