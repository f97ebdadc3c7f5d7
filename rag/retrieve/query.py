"""A question as the two sides of the search see it: one vector, and weighted stemmed terms."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract

from rag.errors import InputError
from rag.models.embedding import Embedder, QuestionEmbedder, Vectors
from rag.retrieve.searchable import Searchable
from rag.text.spelling import spellings
from rag.text.words import content_words, fold, stems

_ACRONYM = re.compile(r"(?<![^\W_])([A-Z]{2,}[A-Z0-9]*)s?(?![^\W_])")


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the question: `word` as asked, `stem` as the library has it, and how often it was asked.

    If no paper holds the stem, nor a term that it probably misspells, it isn't `known`, and it gets the idf of the
    rarest term: a paper that shares one chance word with a question of ten covers little of it.
    """

    word: str
    stem: str
    count: int
    idf: float
    known: bool
    also: tuple[tuple[str, float], ...] = ()
    """The stems of its rarer spellings (British or American) that papers hold, each with its idf."""
    acronym: str = ""
    """The acronym as the question writes it in capitals: "CHIP"."""

    @property
    def stems(self) -> tuple[str, ...]:
        """Its stem in each spelling."""
        return (self.stem, *(stem for stem, _ in self.also))


@dataclass(frozen=True, slots=True)
class Query:
    """`vector` has shape (dimension,)."""

    vector: Vectors
    terms: tuple[Term, ...]

    @property
    def weights(self) -> dict[str, float]:
        """How often each stem that papers hold was asked; one spelling of a word weighs as much as another."""
        found: dict[str, float] = {}
        for term in self.terms:
            for stem, idf in ((term.stem, term.idf), *term.also) if term.known else ():
                found[stem] = found.get(stem, 0.0) + term.count * term.idf / idf
        return found

    @property
    def idf(self) -> dict[str, float]:
        """The idf of each stem that papers hold."""
        return {stem: term.idf for term in self.terms if term.known for stem in term.stems}

    @property
    def most(self) -> float:
        """The most that a paper could score.

        A BM25 score is a sum over the terms of count times idf times a saturation below 1 (Robertson and Zaragoza
        2009).
        """
        return sum(term.count * term.idf for term in self.terms)


def read_question(question: str, library: Searchable, embedder: Embedder) -> Query:
    """Turn a question into a query of this library. Raises `InputError` for an empty question."""
    if not question.strip():
        raise InputError("the question is empty: ask something")
    return Query(embed_question(question, embedder), tuple(_terms(question, library)))


def embed_question(question: str, embedder: Embedder) -> Vectors:
    """Return one vector of length 1, shape (dimension,); a question too long to embed is the mean of its pieces."""
    embed = embedder.embed_questions if isinstance(embedder, QuestionEmbedder) else embedder.embed
    vectors = embed(_pieces(question.strip(), embedder))
    mean = vectors.mean(axis=0)
    vector: Vectors = (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
    return vector


def _pieces(text: str, embedder: Embedder) -> list[str]:
    """Halve a text at the white space nearest its middle until each piece can be embedded."""
    if embedder.count_tokens([text])[0] <= embedder.max_tokens:
        return [text]
    middle = len(text) // 2
    cut = text.rfind(" ", 1, middle)
    cut = cut if cut > 0 else middle
    halves = (text[:cut].strip(), text[cut:].strip())
    return [piece for half in halves if half for piece in _pieces(half, embedder)]


def _terms(question: str, library: Searchable) -> Iterator[Term]:
    """Look up each term of the question in its spellings, or, if no paper holds it, the term that it misspells."""
    asked = content_words(question)
    stemmed = stems(asked)
    word_of = dict(zip(reversed(stemmed), reversed(asked), strict=True))
    written = _acronyms(question)
    for stem, count in Counter(stemmed).items():
        word = word_of[stem]
        held = _held(stem, word, library)
        if held:
            (known, idf), *also = held
            yield Term(word, known, count, idf, known=True, also=tuple(also), acronym=written.get(word, ""))
        else:
            yield Term(word, stem, count, _rarest(library), known=False)


def _held(stem: str, word: str, library: Searchable) -> list[tuple[str, float]]:
    """Return the stems that papers hold of a word in its spellings, each with its idf, the commonest first."""
    ways = dict.fromkeys((stem, *stems(sorted(spellings(word)))))
    held = [(way, idf) for way in ways if (idf := library.idf(way)) is not None]
    if not held and (near := nearest_term(stem, library.vocabulary())):
        held = [(near, idf) for idf in (library.idf(near),) if idf is not None]
    return sorted(held, key=lambda found: found[1])


def _acronyms(question: str) -> dict[str, str]:
    """Return the acronyms that a question writes in capitals by the folded word; none where it is all in capitals."""
    if question.isupper():
        return {}
    return {fold(found[0]): found[1] for found in _ACRONYM.finditer(question)}


def _rarest(library: Searchable) -> float:
    """Return the idf of a term that no paper holds, by the formula of BM25."""
    return math.log(1 + (len(library.paper_ids) + 0.5) / 0.5)


# A short word is one letter away from too many others: "cell", "cello", "bell".
SHORTEST = 5
# From this length on, two letters may be wrong.
LONG = 9


def nearest_term(term: str, vocabulary: Mapping[str, int]) -> str | None:
    """Return the vocabulary's term that `term` probably misspells, None if there is none.

    The fewest edits (Damerau 1964: a letter added, lost, changed, or two swapped) win, then the commonest term.
    Terms with a digit are never corrected: 37.5 is not a misspelling of 37.6.
    """
    if len(term) < SHORTEST or not term.isalpha():
        return None
    edits = 2 if len(term) >= LONG else 1
    found = extract(term, vocabulary.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=edits, limit=None)
    likely = [(distance, -vocabulary[word], word) for word, distance, _ in found if word[:1] == term[:1]]
    return min(likely)[2] if likely else None
