"""The lexical index: BM25 over title and abstract, by bm25s. Derived from the catalog, written once, then mapped."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.words import terms

# Lucene's BM25 (Kamphuis et al. 2020); k1 and b as there.
METHOD = {"method": "lucene", "k1": 1.2, "b": 0.75}
# It logs its every step at DEBUG, handlers or not.
logging.getLogger("bm25s").disabled = True
_COUNTS = "document-counts.npy"


def build(folder: Path, texts: Iterator[tuple[str, str]]) -> None:
    """Index (title, abstract) of every paper, in order, into an empty folder."""
    import bm25s  # imports scipy where it is installed: only where an index is built or opened

    numbers: dict[str, int] = {}
    documents = [
        np.array([numbers.setdefault(term, len(numbers)) for term in terms(f"{title}\n{abstract}")], dtype=np.int32)
        for title, abstract in texts
    ]
    counts = np.zeros(len(numbers), dtype=np.int32)
    for document in documents:
        counts[np.unique(document)] += 1
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / _COUNTS, counts)
    (folder / "vocabulary.json").write_text(json.dumps(list(numbers), ensure_ascii=False), encoding="utf-8")
    if numbers:
        index = bm25s.BM25(**METHOD)
        index.index((documents, numbers), create_empty_token=False, show_progress=False)
        index.save(folder / "bm25", show_progress=False)


class LexicalIndex:
    """A published BM25 index of `papers` papers, open for reading."""

    def __init__(self, folder: Path, papers: int) -> None:
        names = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        self._number: dict[str, int] = {name: number for number, name in enumerate(names)}
        self._counts = np.load(folder / _COUNTS)
        self._papers = papers
        self._postings: Any = None
        if names:
            import bm25s

            self._postings = bm25s.BM25.load(folder / "bm25", mmap=True, load_corpus=False).scores

    def vocabulary(self) -> Mapping[str, int]:
        """Return every stemmed term with the number of papers that hold it."""
        return {term: int(self._counts[number]) for term, number in self._number.items()}

    def idf(self, term: str) -> float | None:
        """Return Lucene's inverse document frequency, None for a term that no paper holds."""
        number = self._number.get(term)
        if number is None:
            return None
        count = int(self._counts[number])
        return float(np.log(1 + (self._papers - count + 0.5) / (count + 0.5)))

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """Return each paper's BM25 score for these stemmed terms, each term's part times its weight."""
        total = np.zeros(self._papers, dtype=np.float32)
        for term, weight in weights.items():
            number = self._number.get(term)
            if number is not None:
                begin, end = self._postings["indptr"][number : number + 2]
                total[self._postings["indices"][begin:end]] += weight * self._postings["data"][begin:end]
        return total
