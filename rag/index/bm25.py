"""The lexical index: which papers hold a term, and how often. BM25 is computed from it when a question is asked.

Only counts are stored, so a segment never changes when papers come or go elsewhere: idf and the mean length, which do
change, are computed over all segments at once. Measured against bm25s and SQLite's FTS5 in docs/lab/performance.md.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.index.arrays import load_array, runs
from rag.text.words import terms
from rag.vectors import Rows, Scores

# Lucene's BM25 (Kamphuis et al. 2020), k1 and b as there.
K1 = 1.2
B = 0.75
FILES = ("terms.json", "starts.npy", "holders.npy", "counts.npy", "lengths.npy")


def build(folder: Path, texts: Iterable[str]) -> None:
    """Index texts, in order, into an empty folder."""
    writer = Bm25Builder()
    for text in texts:
        writer.add(text)
    writer.save(folder)


class Bm25Builder:
    """Collects the postings of one segment: about 12 bytes per distinct term of a text."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._terms, self._papers, self._counts, self._lengths = array("i"), array("i"), array("i"), array("i")

    def add(self, text: str) -> None:
        """Count the terms of the next text."""
        found = Counter(terms(text))
        numbers = self._numbers
        self._terms.extend([numbers.setdefault(term, len(numbers)) for term in found])
        self._counts.extend(found.values())
        self._papers.extend([len(self._lengths)] * len(found))
        self._lengths.append(found.total())

    def save(self, folder: Path) -> None:
        """Write the postings, ordered by term, into an empty folder."""
        folder.mkdir(parents=True, exist_ok=True)
        owners = np.frombuffer(self._terms, dtype=np.int32)
        order = np.argsort(owners, kind="stable")
        sizes = np.bincount(owners, minlength=len(self._numbers))
        np.save(folder / "starts.npy", np.concatenate(([0], np.cumsum(sizes))).astype(np.int64))
        np.save(folder / "holders.npy", np.frombuffer(self._papers, dtype=np.int32)[order])
        np.save(folder / "counts.npy", np.frombuffer(self._counts, dtype=np.int32)[order].astype(np.float32))
        np.save(folder / "lengths.npy", np.frombuffer(self._lengths, dtype=np.int32))
        (folder / "terms.json").write_text(json.dumps(list(self._numbers), ensure_ascii=False), encoding="utf-8")


class Postings:
    """The postings of one segment, mapped from disk."""

    def __init__(self, folder: Path, papers: int) -> None:
        """Raise `ValueError` or similar if the files don't match each other and this number of papers."""
        names = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        self.numbers: dict[str, int] = {name: number for number, name in enumerate(names)}
        self.starts: NDArray[np.int64] = np.array(load_array(folder / "starts.npy", "<i8", len(names) + 1))
        self.papers: NDArray[np.int32] = load_array(folder / "holders.npy", "<i4", None)
        self.counts: Scores = load_array(folder / "counts.npy", "<f4", len(self.papers))
        self.lengths: NDArray[np.int32] = np.array(load_array(folder / "lengths.npy", "<i4", papers))
        held = len(self.papers)
        if not runs(self.starts, held) or len(self.numbers) != len(names) or not all(isinstance(n, str) for n in names):
            raise ValueError("the terms are not those of the postings")
        if held and not 0 <= self.papers.min() <= self.papers.max() < papers:
            raise ValueError("the postings name papers that are not there")

    def holding(self, living: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return for each term how many of the current papers hold it."""
        if living.all():
            return np.diff(self.starts)
        alive_before: NDArray[np.int64] = np.concatenate(([0], np.cumsum(living[self.papers])))
        return alive_before[self.starts[1:]] - alive_before[self.starts[:-1]]


class LexicalIndex:
    """BM25 over the current papers of several segments.

    `places[s][p]` is the row of paper `p` of segment `s` in the snapshot, or `papers` if it is gone.
    """

    def __init__(self, segments: Sequence[Postings], places: Sequence[Rows], papers: int) -> None:
        self._segments = segments
        self._places = places
        self._papers = papers
        living = [place < papers for place in places]
        self._holding = [s.holding(alive) for s, alive in zip(segments, living, strict=True)]
        length = sum(int(s.lengths[alive].sum()) for s, alive in zip(segments, living, strict=True))
        mean = length / papers if length else 1.0
        self._norms = [(K1 * (1 - B + B * s.lengths / mean)).astype(np.float32) for s in segments]

    @cached_property
    def vocabulary(self) -> Mapping[str, int]:
        """Every stemmed term with the number of papers that hold it."""
        found: Counter[str] = Counter()
        for segment, holding in zip(self._segments, self._holding, strict=True):
            found.update({term: int(holding[number]) for term, number in segment.numbers.items() if holding[number]})
        return dict(found)

    def idf(self, term: str) -> float | None:
        """Return Lucene's inverse document frequency, None for a term that no paper holds."""
        pairs = zip(self._segments, self._holding, strict=True)
        count = sum(int(holding[s.numbers[term]]) for s, holding in pairs if term in s.numbers)
        return float(np.log(1 + (self._papers - count + 0.5) / (count + 0.5))) if count else None

    def scores(self, weights: Mapping[str, float]) -> Scores:
        """Return each paper's BM25 score for these stemmed terms, each term's part times its weight."""
        total = np.zeros(self._papers + 1, dtype=np.float32)  # the last slot collects the scores of removed papers
        for term, weight in weights.items():
            idf = self.idf(term)
            if idf is None:
                continue
            for segment, place, norms in zip(self._segments, self._places, self._norms, strict=True):
                number = segment.numbers.get(term)
                if number is not None:
                    here = slice(segment.starts[number], segment.starts[number + 1])
                    papers, counts = segment.papers[here], segment.counts[here]
                    total[place[papers]] += np.float32(weight * idf) * counts / (counts + norms[papers])
        return total[:-1]
