"""Misspelt words, put right without a model: the nearest words of the library's own vocabulary."""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract

# A short word is one letter away from too many others: "cell", "cello", "bell".
SHORTEST = 5
# From this length on two letters may be wrong.
LONG = 9


def nearest_term(term: str, vocabulary: Mapping[str, int]) -> str | None:
    """Return the term of the vocabulary that `term` is probably a misspelling of, None where there is none.

    The fewest edits (Damerau 1964: a letter added, lost, changed, or two swapped) win, then the commonest term.
    Terms with a digit stand for themselves: 37.5 is no misspelling of 37.6.
    """
    if len(term) < SHORTEST or not term.isalpha():
        return None
    edits = 2 if len(term) >= LONG else 1
    found = extract(term, vocabulary.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=edits, limit=None)
    likely = [(distance, -vocabulary[word], word) for word, distance, _ in found if word[:1] == term[:1]]
    return min(likely)[2] if likely else None
