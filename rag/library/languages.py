"""Questions in other languages: the top papers are reread by a model for them (extra `languages`).

Its vectors are made when a question first needs them, those of the leading papers first, and kept with the vectors of
sentences; so adding papers takes no longer, and a question that is asked again costs only its own vector.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np

from rag.index.sentence_vectors import SentenceVectors
from rag.models import multilingual
from rag.models.embedding import Embedder
from rag.models.embedding_cache import Remembered
from rag.retrieve.query import embed_question
from rag.types import Evidence, Hit, Paper

# Papers that are read again for a question, and the time to read those that no question met before.
READ, SECONDS = 400, 20.0
# Papers whose sentences are read again: more than an answer without a model draws on.
SENTENCES_OF = 5
# Papers read between two checks of the clock.
_AT_ONCE = 8
# Keeps the first of a list from outweighing all else (Cormack et al. 2009, "Reciprocal Rank Fusion"), and how much a
# place in the model's order weighs, against one in the usual order.
_RANK, _WEIGHT = 10, 2
# The shipped model finds any two texts similar: above this cosine, its cosines are stretched to the scale of the
# default embedding, so that one threshold decides what is declined (docs/lab/retrieval.md).
_NOTHING_ALIKE, _STRETCH = 0.76, 5.0


class Languages:
    """What a multilingual embedder makes of a library's papers."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        """Keep the vectors in the library's folder."""
        self.name = embedder.fingerprint
        self._embedder = Remembered(embedder)
        self._folder = folder
        self._kept: SentenceVectors | None = None

    def close(self) -> None:
        """Close the file with the vectors."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def ordered(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits by their place in this order and in that of the model, with scores to match."""
        vector = embed_question(question, self._embedder)
        near = self._near(vector, [hit.paper for hit in hits])
        places = {i: place for place, i in enumerate(sorted(near, key=lambda i: -near[i]))}
        scores = [
            (_share(place) + (_WEIGHT * _share(places[place]) if place in places else 0.0)) / (1 + _WEIGHT)
            for place in range(len(hits))
        ]
        return [replace(hits[i], score=scores[i]) for i in sorted(range(len(hits)), key=lambda i: -scores[i])]

    def _near(self, vector: np.ndarray, papers: Sequence[Paper]) -> dict[int, float]:
        """Return the cosine of each paper that was read, by its place: the known ones and what there is time for."""
        ends = time.monotonic() + SECONDS
        near: dict[int, float] = {}
        for start in range(0, len(papers), _AT_ONCE):
            if time.monotonic() > ends:
                break
            some = papers[start : start + _AT_ONCE]
            found = self._vectors.get([[f"{paper.title}. {paper.abstract}"] for paper in some])
            near |= {start + i: float(vectors[0] @ vector) for i, vectors in enumerate(found)}
        return near

    def weighed(self, question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """Return the evidence, each sentence of the first papers with its cosine by this model, the others with 0.

        The cosines are on the scale of the default embedding.
        """
        vector = embed_question(question, self._embedder)
        papers = [list(items) for _, items in groupby(evidence, key=lambda item: item.paper.id)]
        found = self._vectors.get([[item.text for item in items] for items in papers[:SENTENCES_OF]])
        read = [self._drawn_out(float(cosine)) for vectors in found for cosine in vectors @ vector]
        near = [*read, *[0.0] * (len(evidence) - len(read))]
        return tuple(replace(item, relevance=one) for item, one in zip(evidence, near, strict=True))

    def _drawn_out(self, cosine: float) -> float:
        shipped = self.name == multilingual.MultilingualE5.fingerprint
        return min(1.0, _STRETCH * (cosine - _NOTHING_ALIKE)) if shipped else cosine

    @property
    def _vectors(self) -> SentenceVectors:
        if self._kept is None:
            self._kept = SentenceVectors(self._folder, self._embedder)
        return self._kept


@cache
def installed() -> Embedder | None:
    """Return the model of the extra `languages`, one for all libraries, None where it isn't installed."""
    return multilingual.MultilingualE5() if multilingual.WEIGHTS.is_installed else None


def _share(place: int) -> float:
    return (_RANK + 1) / (_RANK + 1 + place)
