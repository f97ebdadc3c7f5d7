"""The names that an answer cites a passage by: the id of its paper, its title, or the system's own `key` for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from eval.answers.responses import Passage

# "doi:", "PMID: " and the address of a server come before an id.
_BEFORE_ID = re.compile(r"^(?:[a-z]+\s*:\s*(?!//)|https?://[^/]+/(?:abs/|articles?/|pdf/)?)|/$", re.IGNORECASE)
LOCATOR = re.compile(r",?\s*(?:\bpp?\.|\bpages?\b|\bchunk\b).*$", re.IGNORECASE)
# "Fell 2020", "Fell et al., 2020" and "Fell and Moss (2020a)" for the key "Fell2020".
_AUTHOR_YEAR = re.compile(r"(?P<author>[^\W\d_]+)\b[^\d;]*?\b(?P<year>(?:1[89]|20)\d\d[a-z]?)\W*")
_SIGNS = re.compile(r"[\W_]+")


def names_of(passages: Sequence[Passage]) -> dict[str, int]:
    """Return the number of each passage by its id, key and title; of several pieces of one paper, the first."""
    found: dict[str, int] = {}
    for number, passage in enumerate(passages, start=1):
        for name in (passage.key, passage.id, passage.title, _author_year(passage.key)):
            if folded(name):
                found.setdefault(folded(name), number)
    return found


def _author_year(name: str) -> str:
    """Return "Fell2020" for "Fell and Moss (2020)", nothing for what names no author and year."""
    match = _AUTHOR_YEAR.fullmatch(name.strip())
    return match["author"] + match["year"] if match else ""


def folded(name: str) -> str:
    """Reduce a name to its letters and digits: "Fell (2020)" is "fell2020"."""
    return _SIGNS.sub("", name.casefold())


def named(piece: str, names: Mapping[str, int]) -> int | None:
    """Return the passage that a piece of a mark names, None where it names none."""
    key = piece.split("@")[-1].split("†")[0]
    bare = _BEFORE_ID.sub("", piece.strip())
    spelled = (piece, LOCATOR.sub("", piece), key, LOCATOR.sub("", key), bare, _author_year(piece))
    found = (names.get(folded(name)) for name in spelled)
    return next((number for number in found if number), None)
