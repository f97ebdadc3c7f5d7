"""A library read from a Chroma server alone: by its URL, without the catalog.

Papers are found by meaning only: the server holds vectors and texts, but no word counts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from rag import retrieve
from rag.errors import DerivedIndexError, PinciteError
from rag.index.sentence_vectors import embed_long
from rag.index.server_collection import Collection, Marker
from rag.index.server_records import StoredPaper, WindowId
from rag.index.server_sync import refuse_foreign
from rag.index.snapshot import WINDOWS_PER_PAPER
from rag.models.embedding_cache import Remembered
from rag.retrieve.evidence import SENTENCES
from rag.retrieve.query import embed_question
from rag.retrieve.ranking import CANDIDATES
from rag.text import windows as chunks
from rag.text.sentences import split_sentences
from rag.types import Evidence, Filters, Hit, Paper, Span
from rag.vectors import Mask, Rows, Scores, Sentences, Vectors

log = logging.getLogger("pincite")

# How often a search starts again because a writer replaced what it found before it could read it.
TRIES = 3


class OnServer:
    """The backend of a library opened by URL. Several threads may call it."""

    exists = True
    folder = None

    def __init__(self, collection: Collection, embedder: Remembered) -> None:
        """Check the collection. Raises a `ServerError`, and `LibraryError` for one that can't be read here."""
        self._collection = collection
        self._embedder = embedder
        try:
            self._marker()
        except PinciteError:
            collection.close()
            raise
        log.warning("%s: read from the server alone: papers are found by meaning, not by words", self)

    def __str__(self) -> str:
        return str(self._collection.address)

    @property
    def name(self) -> str:
        """The collection's name."""
        return self._collection.address.collection

    calibration = None

    def close(self) -> None:
        """Close the connections."""
        self._collection.close()

    def __len__(self) -> int:
        return self._marker().papers

    @property
    def fingerprint(self) -> str:
        """A text that no other state of the library has, in the same form as in the folder."""
        there = self._marker()
        return f"{there.generation}{'+' * there.updating}:{there.embedding}:{there.chunking}"

    def papers(self) -> list[Paper]:
        """Return all papers, oldest first."""
        return [stored.paper for stored in self._collection.papers()]

    def find_paper(self, name: str) -> Paper | None:
        """Return the paper of this id or alias."""
        stored = self._collection.find(name)
        return None if stored is None else stored.paper

    def matching(self, filters: Filters) -> int:
        """Return how many papers pass the filters."""
        return len(self) if filters == Filters() else self._collection.matching(filters)

    def search(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Return up to `k` papers, best first. Raises `InputError` as `retrieve.search` does."""
        for left in reversed(range(TRIES)):
            try:
                hits = retrieve.search(question, self._candidates(question, k, filters), self._embedder, k)
                return [replace(hit, lexical=None) for hit in hits]
            except DerivedIndexError:
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def gather(self, question: str, hits: Sequence[Hit], limit: int = SENTENCES) -> tuple[Evidence, ...]:
        """Return the numbered sentences of these papers, as they were when they were found."""
        now = self._collection.papers_by_id([hit.paper_id for hit in hits])
        papers = {hit.paper_id: _as_found(hit.paper, now.get(hit.paper_id)) for hit in hits}
        seen = Candidates(dict.fromkeys(papers, _NOTHING), lambda _: papers, self._embedder)
        return retrieve.gather(question, hits, seen, self._embedder, limit)

    def _candidates(self, question: str, k: int, filters: Filters) -> Candidates:
        """Return the papers nearest to a question, with the vectors of all their windows."""
        self._marker()
        if k < 1 or not question.strip():
            return Candidates(
                {}, self._collection.papers_of_records, self._embedder
            )  # the search itself reports what is wrong
        vector = embed_question(question, self._embedder)
        asked = int(max(k, CANDIDATES) * WINDOWS_PER_PAPER)
        nearest: dict[str, WindowId] = {}
        for found in self._collection.nearest(vector, asked, filters):
            nearest.setdefault(found.paper, found)  # a paper that is being replaced may be there twice
        windows = self._windows(nearest)

        def read(papers: Sequence[str]) -> Mapping[str, StoredPaper]:
            found = self._collection.papers_of_records([str(nearest[paper].all()[0]) for paper in papers])
            replaced = [paper for paper in papers if paper not in found]
            return found | self._collection.papers_by_id(replaced)

        return Candidates(windows, read, self._embedder)

    def _windows(self, nearest: Mapping[str, WindowId]) -> dict[str, Vectors]:
        """Return the vectors of all windows of these papers; a paper removed a moment ago is left out."""
        held = self._collection.vectors([str(name) for found in nearest.values() for name in found.all()])
        parts = {p: [held[n] for n in map(str, found.all()) if n in held] for p, found in nearest.items()}
        whole = {paper: np.stack(part) for paper, part in parts.items() if len(part) == nearest[paper].windows}
        now = self._collection.vectors_of([paper for paper in nearest if paper not in whole])
        found = whole | now
        return {paper: found[paper] for paper in nearest if paper in found}

    def _marker(self) -> Marker:
        """Read the collection's current metadata. Raises `LibraryError` for vectors that mean nothing here."""
        there = self._collection.marker()
        mine = Marker(embedding=self._embedder.fingerprint, chunking=chunks.FINGERPRINT)
        refuse_foreign(self._collection, there, mine)
        return there


class Candidates:
    """The papers nearest to a question as retrieval sees a library (`rag.retrieve.searchable.Searchable`).

    There are no word counts here, so nothing scores by words. Filtered papers are not among the candidates.
    """

    def __init__(
        self,
        windows: Mapping[str, Vectors],
        read: Callable[[Sequence[str]], Mapping[str, StoredPaper]],
        embedder: Remembered,
    ) -> None:
        self.paper_ids: Sequence[str] = list(windows)
        self._windows = list(windows.values())
        self._read = read
        self._known: dict[str, StoredPaper] = {}
        self._embedder = embedder

    def nearest(self, vector: Vectors, k: int, mask: Mask | None) -> tuple[Rows, Scores]:
        """Return up to `k` papers with the cosine of their best window, best first."""
        rows = np.arange(len(self.paper_ids)) if mask is None else np.flatnonzero(mask)
        scores = self.dense_scores(vector, rows)
        order = np.argsort(-scores, kind="stable")[:k]
        return rows[order], scores[order]

    def dense_scores(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the cosine of the best window of each of these papers."""
        return np.array([(windows @ vector).max() for windows in self.window_vectors(rows)], dtype=np.float32)

    def window_vectors(self, rows: Rows) -> list[Vectors]:
        """Return the window vectors of each of these papers, shape (windows, dimension) each."""
        return [self._windows[row] for row in rows]

    def lexical_scores(self, weights: Mapping[str, float]) -> Scores:  # noqa: ARG002  there are no word counts here
        """Return 0 for every paper."""
        return np.zeros(len(self.paper_ids), dtype=np.float32)

    def idf(self, term: str) -> float | None:  # noqa: ARG002  there are no word counts here
        """Return None: no term has a count."""
        return None

    def vocabulary(self) -> Mapping[str, int]:
        """Return nothing: no term has a count."""
        return {}

    def mask(self, filters: Filters) -> Mask | None:  # noqa: ARG002  the server has narrowed the search already
        """Return None: all candidates pass."""
        return None

    def papers(self, rows: Rows) -> list[Paper]:
        """Return these papers, in this order."""
        return [stored.paper for stored in self._stored(rows)]

    def spans(self, rows: Rows) -> list[Sequence[Span]]:
        """Return the sentence offsets of each of these papers in its abstract."""
        return [stored.sentences for stored in self._stored(rows)]

    def sentences(self, rows: Rows) -> list[Sentences]:
        """Return the sentences of these papers with their vectors, embedded here."""
        stored = self._stored(rows)
        texts = [item.paper.abstract[span.start : span.end] for item in stored for span in item.sentences]
        ends = np.cumsum([len(item.sentences) for item in stored])
        parts = np.split(embed_long(self._embedder, texts), ends[:-1])
        return [Sentences(item.sentences, vectors) for item, vectors in zip(stored, parts, strict=True)]

    def _stored(self, rows: Rows) -> list[StoredPaper]:
        wanted = [self.paper_ids[row] for row in rows]
        if new := [paper for paper in wanted if paper not in self._known]:
            self._known |= self._read(new)
        found = self._known
        if gone := len(set(wanted) - set(found)):
            raise DerivedIndexError(
                f"{gone} of the papers found are being replaced on the server, or are damaged there: ask again, or "
                "repair it with `pincite doctor --repair` where the library's folder is"
            )
        return [found[paper] for paper in wanted]


_NOTHING: Vectors = np.empty((0, 0), dtype=np.float32)


def _as_found(paper: Paper, now: StoredPaper | None) -> StoredPaper:
    """Return a paper as it was found, with its sentences, even if the server holds another text by now."""
    unchanged = now is not None and now.paper.abstract == paper.abstract
    return now if now is not None and unchanged else StoredPaper(0, paper, tuple(split_sentences(paper.abstract)))
