"""A closer look at the leading papers: how much of the question's wording each contains, in any inflection.

BM25 counts how often a stem occurs, relative to the length of the text. This module asks whether a paper contains
everything that was asked for, even once, and accepts "fluorescein" where "fluorescent" was asked. docs/lab/retrieval.md
compares it with vectors of words and of sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from rag.retrieve.query import Term
from rag.text.words import content_words, stems
from rag.types import Paper
from rag.vectors import Scores

# Each paper takes a tenth of a millisecond; with 20, SciFact loses 0.0004.
READ_CLOSELY = 30
# The similarity of two words, in [0, 1], is raised to this power: 0.9 counts two thirds, 0.5 hardly anything.
SHARPNESS = 4
# Texts whose words are cached, since the same papers often come first: about 20 MB.
REMEMBERED = 2_048


def wording(asked: Sequence[Term], papers: Sequence[Paper]) -> Scores:
    """Return the share of the question's terms, each once and weighted by idf, that each paper holds, in [0, 1].

    A word with the same stem counts fully, another by its similar spelling: the share of letters in common, in order
    (the longest common subsequence, as `rapidfuzz` scales it).
    """
    held = [_read(f"{paper.title}\n{paper.abstract}") for paper in papers]
    place = {word: column for column, word in enumerate(dict.fromkeys(chain.from_iterable(found for found, _ in held)))}
    weights = np.array([term.idf for term in asked], dtype=np.float32)
    if not weights.sum() or not place:
        return np.zeros(len(papers), dtype=np.float32)
    alike = cdist([term.word for term in asked], list(place), scorer=Indel.normalized_similarity, dtype=np.float32)
    alike **= SHARPNESS
    likest = [alike[:, [place[word] for word in found]].max(axis=1, initial=0) for found, _ in held]
    whole = np.array([[not stemmed.isdisjoint(term.stems) for term in asked] for _, stemmed in held])
    # Not `@`: for so few terms BLAS reads past the row, and sometimes warns of an invalid number that it found there.
    shares: Scores = (np.where(whole, 1, likest) * (weights / weights.sum())).sum(axis=1).astype(np.float32)
    return shares


def otherwise_written(asked: Sequence[Term], most: float, papers: Sequence[Paper]) -> Scores:
    """Return the share of the most that a question can score that each paper owes to another name in the same letters.

    "ChIP" isn't CHIP where another of these papers writes CHIP. Where none does, the case says nothing.
    """
    shares = np.zeros(len(papers), dtype=np.float32)
    texts = [f"{paper.title}\n{paper.abstract}" for paper in papers]
    for term in asked:
        if not term.acronym:
            continue
        letters = re.compile(rf"(?<![^\W_])({term.acronym})s?(?![^\W_])", re.IGNORECASE)
        held = [set(letters.findall(text)) for text in texts]
        if any(term.acronym in found for found in held):
            another = np.array([bool(found) and term.acronym not in found for found in held])
            shares += np.where(another, term.count * term.idf / most, 0).astype(np.float32)
    return shares


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the distinct content words of a text, and their stems."""
    found = tuple(dict.fromkeys(content_words(text)))
    return found, frozenset(stems(found))
