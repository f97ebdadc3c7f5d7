"""Reranking: a second look at the best papers by a model that reads question and abstract together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from rag.errors import RerankerError
from rag.models.boundary import boundary, name_of
from rag.types import Hit
from rag.vectors import Scores

# How many papers are reranked if fewer are asked for.
RERANKED = 20


class Reranker(Protocol):
    """Scores passages for a question; `rag.models.cross_encoder.CrossEncoder` is one."""

    @property
    def name(self) -> str:
        """The model's name, unique to it."""
        ...

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """Return how well each passage answers the question, in [0, 1]."""
        ...


def rerank(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """Return the hits in the reranker's order and with its scores; ties keep their order.

    Raises `RerankerError` if it fails, or doesn't return a finite score for each passage.
    """
    who = f"the reranker {name_of(reranker)}"
    with boundary(who, RerankerError, "fix it, or search without one"):
        scores = np.asarray(
            reranker.score(question, [f"{hit.paper.title}. {hit.paper.abstract}" for hit in hits]), dtype=np.float32
        )
    if scores.shape != (len(hits),) or not np.isfinite(scores).all():
        raise RerankerError(
            f"{who} returned scores of shape {scores.shape} for {len(hits)} passages, or one that isn't finite: "
            "return one finite number for each"
        )
    scored = [replace(hit, score=float(score)) for hit, score in zip(hits, scores, strict=True)]
    return sorted(scored, key=lambda hit: -hit.score)
