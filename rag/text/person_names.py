"""The names of authors: comparing them, family and given names, and the authors that "Fell et al." means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.words import fold
from rag.types import Hit, Paper

# Names without a comma that contain one of these belong to groups, not to people.
_GROUP = re.compile(
    r"\b(?:of|for|the|and|group|team|consortium|collaboration|committee|network|institute|university|organi[sz]ation"
    r"|society|association|centre|center|agency|laborator(?:y|ies)|project|investigators|department|ministry)\b",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"(?:[^\W\d_a-zß-öø-ÿ]\.?-?){1,3}")
_SUFFIX = re.compile(r",\s*(?:[JS]r|I{2,3}|IV)\.?\s*$")
_PARTICLES = frozenset(
    ["van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "ten", "bin", "al"]
)
# Letters that Unicode doesn't decompose, as people without them on their keyboard write them.
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
          "’": "'", "ʼ": "'"}  # fmt: skip
_PLAIN_LETTERS = str.maketrans(_PLAIN)
_WRITTEN = re.compile("|".join(sorted(set(_PLAIN.values()), key=len, reverse=True)))
# By custom the name before "et al." is the first author's.
_NAMED = re.compile(
    r"([^\W\d_][\w'’-]*),? (?:et al\b|and (?:colleagues|co-?authors)\b)|"
    r"\b(?:did|does|do|has|have) ([^\W\d_a-z][\w'’-]+) "
    r"(?:say|said|find|found|argue|claim|report|show|propose|conclude|write)\b|"
    r"\b[Aa]ccording to ([^\W\d_a-z][\w'’-]+)"
)


def family_and_given(name: str) -> tuple[str, str]:
    """Split `Fell, Ada`, `Ada van Fell` and `Fell AM`; a group's name is all family name."""
    family, comma, given = name.partition(",")
    if comma:
        return family.strip(), _SUFFIX.sub("", given).strip()
    parts = name.split()
    if len(parts) < 2 or len(parts) > 5 or _GROUP.search(name):
        return name, ""
    if _INITIALS.fullmatch(parts[-1]) and not _INITIALS.fullmatch(parts[0]):  # "Fell AM", as in PubMed and Scopus
        return " ".join(parts[:-1]), parts[-1]
    start = next((at for at, part in enumerate(parts[1:-1], start=1) if part.lower() in _PARTICLES), len(parts) - 1)
    return " ".join(parts[start:]), " ".join(parts[:start])


def name_parts(paper: Paper, name: str) -> tuple[str, str]:
    """Split the name of an author or editor of a paper, unless its source says that it is an organisation's."""
    return (name, "") if name in paper.groups else family_and_given(name)


def fold_name(text: str) -> str:
    """Fold a name as names are compared everywhere: without case, accents and strokes; Sørensen is sorensen."""
    return fold(text).translate(_PLAIN_LETTERS)


def spellings(folded: str) -> str:
    """Return a regular expression for every form, folded by `fold`, of a name that was folded by `fold_name`.

    Characters with a meaning in regular expressions must already be escaped.
    """
    return _WRITTEN.sub(lambda found: _any_of(found[0]), folded)


def _any_of(letters: str) -> str:
    """Return an expression for these letters, separate or written as another single letter."""
    signs = [sign for sign, plain in _PLAIN.items() if plain == letters]
    itself = letters if len(letters) == 1 else "".join(map(_any_of, letters))
    return f"(?:{'|'.join([itself, *signs])})" if signs else itself


def first_authors(question: str) -> frozenset[str]:
    """Return the folded family names of the authors that a question asks for: "What did Fell et al. find?"."""
    return frozenset(fold_name(name) for found in _NAMED.findall(question) for name in found if name)


def papers_of(names: frozenset[str], hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits whose first author is one of these."""
    return [hit for hit in hits if first_author(hit.paper) in names]


def first_author(paper: Paper) -> str | None:
    """Return the folded family name of the first author, without "van" and "de"; None if unknown."""
    family = fold_name(name_parts(paper, paper.authors[0])[0]).split() if paper.authors else []
    return family[-1] if family else None
