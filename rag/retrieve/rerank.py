"""Reranking: a second look at the best papers by a model that reads question and abstract together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.types import Hit
from rag.vectors import Scores

# How many papers are looked at, where fewer are asked for.
LOOKED_AT = 20


class Reranker(Protocol):
    """Scores passages for a question; `rag.models.cross_encoder.CrossEncoder` is one."""

    @property
    def name(self) -> str:
        """The model's name; no two models share one."""
        ...

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """Return how well each passage answers the question, in [0, 1]."""
        ...


def rerank(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """Return the hits in the order of the reranker, whose scores they take; equal ones stay in their order."""
    scores = reranker.score(question, [f"{hit.paper.title}. {hit.paper.abstract}" for hit in hits])
    scored = [replace(hit, score=float(score)) for hit, score in zip(hits, scores, strict=True)]
    return sorted(scored, key=lambda hit: -hit.score)
