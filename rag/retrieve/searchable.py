"""What retrieval needs from a library: anything with this protocol can be searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from rag.types import Filters, Paper, Span
from rag.vectors import Mask as Mask
from rag.vectors import Rows as Rows
from rag.vectors import Scores as Scores
from rag.vectors import Sentences as Sentences
from rag.vectors import Vectors as Vectors


class Searchable(Protocol):
    """One immutable view of a library. Papers are rows 0 … len(paper_ids) - 1; all scores are per paper."""

    paper_ids: Sequence[str]

    def nearest(self, vector: Vectors, k: int, mask: Mask | None) -> tuple[Rows, Scores]:
        """Return up to `k` papers with the cosine of their best window, best first; `mask` True marks the allowed."""
        ...

    def dense_scores(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the cosine of the best window of each of these papers."""
        ...

    def window_vectors(self, rows: Rows) -> list[Vectors]:
        """Return the window vectors of each of these papers, shape (windows, dimension) each."""
        ...

    def lexical_scores(self, weights: Mapping[str, float]) -> Scores:
        """Return the BM25 score of every paper for these stemmed terms, each term's part times its weight."""
        ...

    def idf(self, term: str) -> float | None:
        """Return the BM25 inverse document frequency of a stemmed term, None where no paper holds it."""
        ...

    def vocabulary(self) -> Mapping[str, int]:
        """Return every stemmed term with the number of papers that hold it."""
        ...

    def mask(self, filters: Filters) -> Mask | None:
        """Return which papers pass the filters, None if all do."""
        ...

    def papers(self, rows: Rows) -> list[Paper]:
        """Return these papers, in this order."""
        ...

    def spans(self, rows: Rows) -> list[Sequence[Span]]:
        """Return the sentence offsets of each of these papers in its abstract."""
        ...

    def sentences(self, rows: Rows) -> list[Sentences]:
        """Return the sentences of these papers with their vectors, embedding those not seen before."""
        ...
