"""Abbreviations that abstracts introduce, as in "large language models (LLMs)": both forms are one name.

Found by the first letters of the words before the bracket, the simplest case of Schwartz and Hearst (2003).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rag.text.words import fold, stem, term_set

_INTRODUCED = re.compile(r"\b((?:[\w’']+[ -]){2,8})\(([A-Z][\w-]{1,9})\)")

# Stem of an abbreviation → stems of the words that it stands for.
LongForms = Mapping[str, frozenset[str]]


def long_forms(abstracts: Iterable[str]) -> LongForms:
    """Return the abbreviations that these abstracts introduce."""
    found: dict[str, frozenset[str]] = {}
    for abstract in abstracts:
        found |= _introduced(abstract)
    return found


def with_both_forms(found: frozenset[str], forms: LongForms) -> frozenset[str]:
    """Return these stems plus the long forms of abbreviations among them, and the abbreviations of long forms."""
    long = (forms[term] for term in found if term in forms)
    short = (term for term, words in forms.items() if words <= found)
    return found.union(*long).union(short)


@lru_cache(maxsize=1024)
def _introduced(abstract: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for before, name in _INTRODUCED.findall(abstract):
        letters = [letter.lower() for letter in name.removesuffix("s") if letter.isalpha()]
        words = re.split("[ -]", before.strip(" -"))[-len(letters) :]
        if len(letters) > 1 and [word[:1].lower() for word in words] == letters:
            short = fold(name.removesuffix("s"))
            found |= dict.fromkeys((stem(short), stem(f"{short}s")), term_set(" ".join(words)))
    return found
