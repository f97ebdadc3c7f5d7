"""One published build, open for searching: what retrieval is handed (`rag.retrieve.searchable.Searchable`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from rag.models.embedding import Embedder
from rag.store.catalog import Catalog
from rag.store.derived import Build
from rag.store.index import Index
from rag.store.lexical import LexicalIndex
from rag.store.sentence_vectors import SentenceVectors
from rag.types import Filters, Paper
from rag.vectors import Mask, Rows, Scores, Sentences, Vectors

# Windows asked of Chroma for each paper wanted: a paper has 1.4 windows on average, but several of one may lead.
WINDOWS_PER_PAPER = 4


class Snapshot:
    """One unchanging view of a library. Papers are rows; texts come from the catalog, as it is now."""

    def __init__(self, build: Build, catalog: Catalog, embedder: Embedder, sentence_vectors: SentenceVectors) -> None:
        self.build = build
        self._catalog = catalog
        self._embedder = embedder
        self._sentence_vectors = sentence_vectors
        self._index = Index(build.folder / "chroma")
        self._lexical = LexicalIndex(build.folder / "lexical", build.papers)
        self._vectors: Vectors = np.load(build.folder / "vectors.npy", mmap_mode="r")
        self._owners = np.load(build.folder / "owners.npy")
        self.paper_ids: Sequence[str] = json.loads((build.folder / "papers.json").read_text(encoding="utf-8"))
        self._row_of = {paper_id: row for row, paper_id in enumerate(self.paper_ids)}
        # Windows of one paper stand together: paper r owns windows first[r] … first[r + 1] - 1.
        self._first = np.searchsorted(self._owners, np.arange(len(self.paper_ids) + 1))

    def close(self) -> None:
        """Let go of the build's files."""
        self._index.close()

    def nearest(self, vector: Vectors, k: int, mask: Mask | None) -> tuple[Rows, Scores]:
        """Return up to `k` papers with the cosine of their best window, best first.

        Chroma answers where nothing is masked; its filters are slow (260 ms at 100,000 windows), so a mask is
        answered by an exact scan of the vectors (6 ms there).
        """
        if mask is not None:
            return self._scan(vector, k, mask)
        best: dict[int, float] = {}
        for paper_id, cosine in self._index.nearest(vector, k * WINDOWS_PER_PAPER):
            best.setdefault(self._row_of[paper_id], cosine)
        rows = list(best)[:k]
        return np.array(rows, dtype=np.intp), np.array([best[row] for row in rows], dtype=np.float32)

    def _scan(self, vector: Vectors, k: int, mask: Mask) -> tuple[Rows, Scores]:
        best = np.full(len(self.paper_ids), -np.inf, dtype=np.float32)
        np.maximum.at(best, self._owners, self._vectors @ vector)
        best[~mask] = -np.inf
        order = np.argsort(-best, kind="stable")[:k]
        order = order[np.isfinite(best[order])]
        return order, best[order]

    def dense_scores(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the cosine of the best window of each of these papers, 0 for one without windows."""
        best = [max((w @ vector).max(initial=-1.0), -1.0) if len(w) else 0.0 for w in self.window_vectors(rows)]
        return np.array(best, dtype=np.float32)

    def window_vectors(self, rows: Rows) -> list[Vectors]:
        """Return the window vectors of each of these papers, shape (windows, dimension) each."""
        return [self._vectors[self._first[row] : self._first[row + 1]] for row in rows]

    def lexical_scores(self, weights: Mapping[str, float]) -> Scores:
        """Return the BM25 score of every paper for these stemmed terms, each term's part times its weight."""
        return self._lexical.scores(weights)

    def idf(self, term: str) -> float | None:
        """Return the BM25 inverse document frequency of a stemmed term, None where no paper holds it."""
        return self._lexical.idf(term)

    def vocabulary(self) -> Mapping[str, int]:
        """Return every stemmed term with the number of papers that hold it."""
        return self._lexical.vocabulary()

    def mask(self, filters: Filters) -> Mask | None:
        """Return which papers pass the filters, None where nothing is filtered."""
        allowed = self._catalog.matching(filters)
        if allowed is None:
            return None
        return np.fromiter((paper_id in allowed for paper_id in self.paper_ids), np.bool_, len(self.paper_ids))

    def papers(self, rows: Rows) -> list[Paper]:
        """Return these papers, in this order. Ones removed since the build come back without text."""
        ids = [self.paper_ids[row] for row in rows]
        found = self._catalog.papers(ids)
        return [found.get(paper_id) or Paper(id=paper_id, title="", abstract="") for paper_id in ids]

    def sentences(self, rows: Rows) -> list[Sentences]:
        """Return the sentences of these papers with their vectors, embedding those not seen before."""
        papers = self.papers(rows)
        spans = self._catalog.sentences([paper.id for paper in papers])
        texts = [[p.abstract[s.start : s.end] for s in spans.get(p.id, ())] for p in papers]
        vectors = self._sentence_vectors.get(texts)
        return [Sentences(spans.get(p.id, ()), v) for p, v in zip(papers, vectors, strict=True)]
