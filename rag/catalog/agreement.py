"""When two records say the same about a paper, though one abbreviates it: its authors, its title, its journal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.catalog.titles import title_key
from rag.text.words import fold, fold_title

_LONGEST_INITIALS = 3  # "LY", "JPW"; longer capitals are a name
_SHORT = 3  # letters of words that abbreviated journals leave out
_SHORTEST_ACRONYM = 3


def completed(authors: Sequence[str], more: bool, others: Sequence[str]) -> bool:
    """Return whether the other list is the same one written out: the names, or those after an "et al." (`more`)."""
    if not authors or len(others) < len(authors) or not _same_people(authors, others):
        return not authors
    if len(others) > len(authors):
        return more
    return _letters(others) > _letters(authors)


def is_part(authors: Sequence[str], whole: Sequence[str]) -> bool:
    """Return whether a list of authors is the whole one, or its beginning."""
    return len(authors) <= len(whole) and _same_people(authors, whole)


def same_title(one: str, other: str) -> bool:
    """Return whether two titles are the same, ignoring spelling and a mark of retraction."""
    return title_key(one) == title_key(other)


def is_title_of(part: str, whole: str) -> bool:
    """Return whether a title is the whole one, or lacks its end, such as the subtitle."""
    return f"{title_key(whole)} ".startswith(f"{title_key(part)} ") or not title_key(part)


def same_venue(one: str, other: str) -> bool:
    """Return whether two names mean one journal: "J. Sea" is the Journal of Sea, PNAS is its initials."""
    short, long = sorted((fold_title(one).split(), fold_title(other).split()), key=lambda words: len("".join(words)))
    if short == long:
        return True
    initials = "".join(word[0] for word in long if len(word) > _SHORT)
    acronym = len(short) == 1 and len(short[0]) >= _SHORTEST_ACRONYM and initials.startswith(short[0])
    return acronym or _abbreviates(short, long)


def _abbreviates(short: Sequence[str], long: Sequence[str]) -> bool:
    rest = [*short]
    for word in long:
        if rest and _is_short_for(rest[0], word):
            rest.pop(0)
        elif len(word) > _SHORT:
            return False
    return not rest


def _is_short_for(short: str, word: str) -> bool:
    """Return whether a word has all the letters of the short one in their order, the first at its beginning."""
    letters = iter(word)
    return short[0] == word[0] and all(letter in letters for letter in short)


def _same_people(some: Sequence[str], others: Sequence[str]) -> bool:
    return all(_same_person(one, other) for one, other in zip(some, others, strict=False))


@lru_cache(maxsize=4096)
def _same_person(one: str, other: str) -> bool:
    """Return whether two names may be one person's: a name in common, and no others but initials and middle names."""
    short, long = sorted((_names(one), _names(other)), key=len)
    common = [name for name in short if name in long and len(name) > 1]
    if not common:
        return short == long
    left = [*long]
    for name in sorted(short, key=lambda name: name not in common):
        match = name if name in left else next((one for one in left if _are_alike(one, name)), "")
        if not match:
            return False
        left.remove(match)
    return True


def _are_alike(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def _names(name: str) -> list[str]:
    """Return the names and initials in a name, in lower case: "Okafor LY" has the initials l and y."""
    written = re.findall(r"[^\W\d_]+", name)
    shouted = name.isupper()
    parts = []
    for part in written:
        initials = part.isupper() and len(part) <= _LONGEST_INITIALS and not shouted
        parts += [fold(letter) for letter in part] if initials else [fold(part)]
    return parts


def _letters(authors: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    return sum(map(len, authors)), tuple(authors)
