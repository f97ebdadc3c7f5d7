"""One published build, open for searching: what retrieval gets (`rag.retrieve.searchable.Searchable`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.catalog.catalog import Catalog
from rag.errors import DerivedIndexError
from rag.index.bm25 import LexicalIndex
from rag.index.builds import Build, BuildSegment
from rag.index.chroma import Index
from rag.index.segment import Segment
from rag.index.sentence_vectors import SentenceVectors
from rag.types import Filters, Paper, Span
from rag.vectors import Mask, Rows, Scores, Sentences, Vectors

# Windows asked of Chroma for each paper wanted: a paper has 1.4 windows on average, and more cost more time.
WINDOWS_PER_PAPER = 1.5
# Vectors scanned at once: 768 kB. With four times as many, NumPy spreads the work over all cores, which costs ten times
# the processor time when they are busy.
_BLOCK = 512


class Snapshot:
    """One immutable view of a library. Papers are rows, oldest first; texts come from the current catalog.

    Rows follow the catalog's order, whatever segments hold the papers, so that ties always have the same order.
    """

    def __init__(
        self, build: Build, segments: Sequence[Segment], catalog: Catalog, sentence_vectors: SentenceVectors
    ) -> None:
        self.build = build
        self._segments = segments
        self._catalog = catalog
        self._sentence_vectors = sentence_vectors
        ids = catalog.ids_by_row()
        alive = [_alive(part, segment, ids) for part, segment in zip(build.parts, segments, strict=True)]
        catalog_rows = [s.papers[places, 0] for s, places in zip(segments, alive, strict=True)]
        self._catalog_rows: NDArray[np.int64] = np.concatenate([*catalog_rows, np.empty(0, dtype=np.int64)])
        order = np.argsort(self._catalog_rows)
        self._catalog_rows = self._catalog_rows[order]
        if (np.diff(self._catalog_rows) == 0).any():
            raise DerivedIndexError(f"{build.folder}: two segments hold one paper")
        # Where each row's paper lies: its segment, and its place there.
        numbers = [np.full(len(places), number) for number, places in enumerate(alive)]
        self._segment_of = np.concatenate([*numbers, np.empty(0, dtype=np.intp)])[order]
        self._place_in = np.concatenate([*alive, np.empty(0, dtype=np.intp)])[order]
        # And the reverse: the row of each paper of each segment; the number of rows marks one that is gone.
        self._rows_of = [np.full(part.papers, len(order), dtype=np.intp) for part in build.parts]
        for number, rows in enumerate(self._rows_of):
            here = np.flatnonzero(self._segment_of == number)
            rows[self._place_in[here]] = here
        self._row_of = {catalog_row: row for row, catalog_row in enumerate(self._catalog_rows.tolist())}
        self.paper_ids: Sequence[str] = [ids[row] for row in self._row_of]
        self._lexical = LexicalIndex([s.postings for s in segments], self._rows_of, len(order))

    def nearest(self, vector: Vectors, k: int, mask: Mask | None) -> tuple[Rows, Scores]:
        """Return up to `k` papers with the cosine of their best window, best first.

        Chroma answers for large segments without a mask. Its filters are slow (260 ms at 100,000 windows), so with a
        mask the vectors are scanned (6 ms), as those of small segments always are.
        """
        best = np.full(len(self.paper_ids) + 1, -np.inf, dtype=np.float32)  # the last place is for papers that are gone
        for number, segment in enumerate(self._segments):
            if mask is None and segment.index is not None:
                self._query(number, segment.index, vector, int(k * WINDOWS_PER_PAPER), best)
            else:
                self._scan(number, vector, mask, best)
        best = best[:-1]
        if mask is not None:
            best[~mask] = -np.inf
        order = _highest(best, k)
        return order, best[order]

    def _query(self, number: int, index: Index, vector: Vectors, asked: int, best: Scores) -> None:
        """Write the cosines of those papers of a segment that Chroma finds into `best` by row."""
        gone = min(len(self.build.parts[number].gone), asked)
        for window, cosine in index.nearest(vector, asked + gone):
            paper = window.partition("#")[0]
            if not (paper.isascii() and paper.isdigit() and len(paper) < 19):
                raise DerivedIndexError(f"{self.build.folder}: Chroma returned a window {window!r:.80}")
            row = self._row_of.get(int(paper), -1)
            # The same paper may be in another segment, with another text.
            if row >= 0 and self._segment_of[row] == number:
                best[row] = max(best[row], cosine)

    def _scan(self, number: int, vector: Vectors, mask: Mask | None, best: Scores) -> None:
        """Write the cosines of the papers of a segment that the mask allows into `best` by row."""
        segment, rows = self._segments[number], self._rows_of[number]
        wanted = np.diff(segment.first) > 0  # papers with windows: reduceat can't take an empty run
        if mask is not None:
            wanted &= np.append(mask, False)[rows]
        places = np.flatnonzero(wanted)
        if len(places):
            best[rows[places]] = _best_cosines(segment, places, vector)

    def dense_scores(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the cosine of the best window of each of these papers, 0 for one without windows."""
        found = self.window_vectors(rows)
        counts = np.array([len(windows) for windows in found])
        scores = np.zeros(len(rows), dtype=np.float32)
        if counts.any():
            starts = np.cumsum(counts) - counts
            cosines = np.concatenate([windows for windows in found if len(windows)]) @ vector
            scores[counts > 0] = np.maximum.reduceat(cosines, starts[counts > 0])
        return scores

    def window_vectors(self, rows: Rows) -> list[Vectors]:
        """Return the window vectors of each of these papers, shape (windows, dimension) each."""
        found = []
        for row in rows:
            segment, place = self._segments[self._segment_of[row]], self._place_in[row]
            found.append(segment.vectors[segment.first[place] : segment.first[place + 1]])
        return found

    def lexical_scores(self, weights: Mapping[str, float]) -> Scores:
        """Return the BM25 score of every paper for these stemmed terms, each term's part times its weight."""
        return self._lexical.scores(weights)

    def idf(self, term: str) -> float | None:
        """Return the BM25 inverse document frequency of a stemmed term, None where no paper holds it."""
        return self._lexical.idf(term)

    def vocabulary(self) -> Mapping[str, int]:
        """Return every stemmed term with the number of papers that hold it."""
        return self._lexical.vocabulary

    def mask(self, filters: Filters) -> Mask | None:
        """Return which papers pass the filters, None without filters."""
        found = self._catalog.matching(filters)
        if found is None:
            return None
        rows, passing = found
        return np.isin(self._catalog_rows, rows[passing])

    def papers(self, rows: Rows) -> list[Paper]:
        """Return these papers, in this order. Those removed since the build have no text."""
        ids = [self.paper_ids[row] for row in rows]
        found = self._catalog.papers(ids)
        return [found.get(paper_id) or Paper(id=paper_id, title="", abstract="") for paper_id in ids]

    def spans(self, rows: Rows) -> list[Sequence[Span]]:
        """Return the sentence offsets of each of these papers in its abstract."""
        ids = [self.paper_ids[row] for row in rows]
        found = self._catalog.sentences(ids)
        return [found.get(paper_id, ()) for paper_id in ids]

    def sentences(self, rows: Rows) -> list[Sentences]:
        """Return the sentences of these papers with their vectors, embedding those not seen before."""
        papers = self.papers(rows)
        spans = self._catalog.sentences([paper.id for paper in papers])
        texts = [[p.abstract[s.start : s.end] for s in spans.get(p.id, ())] for p in papers]
        vectors = self._sentence_vectors.get(texts)
        return [Sentences(spans.get(p.id, ()), v) for p, v in zip(papers, vectors, strict=True)]


def _alive(part: BuildSegment, segment: Segment, ids: Mapping[int, str]) -> NDArray[np.intp]:
    """Return the places of the papers of a segment that the build counts and the catalog still holds."""
    places = np.delete(np.arange(part.papers), part.gone)
    rows = segment.papers[places, 0].tolist()
    return places[np.fromiter((row in ids for row in rows), np.bool_, len(rows))]


def _best_cosines(segment: Segment, places: NDArray[np.intp], vector: Vectors) -> Scores:
    """Return the cosine of the best window of each of these papers of a segment, which have windows."""
    counts = np.diff(segment.first)[places]
    starts = np.cumsum(counts) - counts
    windows = np.repeat(segment.first[places] - starts, counts) + np.arange(counts.sum())
    if 2 * len(windows) > len(segment.vectors):
        whole = np.empty(len(segment.vectors), dtype=np.float32)
        for begin in range(0, len(whole), _BLOCK):
            whole[begin : begin + _BLOCK] = segment.vectors[begin : begin + _BLOCK] @ vector
        cosines: Scores = whole[windows]
    else:  # reading the few is faster than computing all
        cosines = np.empty(len(windows), dtype=np.float32)
        block = np.empty((min(_BLOCK, len(windows)), len(vector)), dtype=np.float32)
        for begin in range(0, len(windows), _BLOCK):
            some = windows[begin : begin + _BLOCK]
            np.take(
                segment.vectors, some, axis=0, out=block[: len(some)], mode="clip"
            )  # "raise" would make another copy
            cosines[begin : begin + len(some)] = block[: len(some)] @ vector
    best: Scores = np.maximum.reduceat(cosines, starts)
    return best


def _highest(scores: Scores, k: int) -> Rows:
    """Return the places of the `k` highest finite scores, best first, ties in order."""
    rows = np.flatnonzero(np.isfinite(scores))
    if len(rows) > k:
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]
    return rows[np.argsort(-scores[rows], kind="stable")][:k]
