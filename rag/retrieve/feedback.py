"""Pseudo-relevance feedback on the dense side: the question moves towards the papers that lead (Rocchio 1971).

What the leading papers share, besides the words of the question, is what the question is about; papers near to them
rise. Feedback on the lexical side (RM3) helped one set and harmed the other, and stays out: docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.vectors import Scores, Vectors

# How many papers lead, and what their mean weighs beside the question.
LEADERS = 10
WEIGHT = 0.4
# A leader weighs half of one whose score is 0.02 higher: where one paper stands out, the others hardly count.
FALL = 0.03


def towards(question: Vectors, leaders: Sequence[Vectors], scores: Scores) -> Vectors:
    """Return the question's vector moved towards papers given by their windows, each weighed by its score."""
    held = [place for place, windows in enumerate(leaders) if len(windows)]
    if not held:
        return question
    means = np.stack([_unit(leaders[place].mean(axis=0)) for place in held])
    weights = np.exp((scores[held] - scores[held].max()) / FALL)
    return _unit(question + WEIGHT * (weights / weights.sum()) @ means)


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
    return unit
