"""Which records describe the same paper: pure functions over pairs of records.

Records are matched by DOI, arXiv id (versions folded), PMID, and otherwise by title. `link` looks only at the two
records, and its result is the same both ways; a paper is a set of linked records, so the order of adding can't matter.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.catalog.titles import title_key
from rag.text.words import STOPWORDS, fold_title, terms, words
from rag.types import Paper, Record

# Shorter titles ("Editorial", "Introduction") name many papers: these need almost the same abstract as well.
DISTINCTIVE_WORDS = 4
# Shares of the shorter abstract's word stems, without stop words, that are in the other too. Measured on the
# Cranfield collection, where 205 pairs of different papers have the same title: these share up to 0.69, its two real
# copies 0.96 and 1.0; unrelated abstracts share 0.38 in the worst hundredth.
SAME_ABSTRACT = 0.7
SAME_ABSTRACT_UNDER_A_SHORT_TITLE = 0.8
SAME_ABSTRACT_BY_ONE_AUTHOR = 0.35
# An abstract with fewer stems isn't evidence either way.
FEWEST_STEMS = 8
# Years between a preprint and its journal version: yearly reports under one title are further apart.
YEARS_APART = 2
# Shares of stop words: English prose has over a third, other languages almost none.
ENGLISH, NOT_ENGLISH = 0.2, 0.08

Identity = tuple[str, str]
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)  # https://info.arxiv.org/help/doi.html
_ASKED = {
    "doi": re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE),
    "arxiv": re.compile(  # https://info.arxiv.org/help/arxiv_identifier.html: 2007 on, and before
        r"(?:arxiv:\s*|https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/)?"
        r"(?:(\d{4}\.\d{4,5})|([a-z-]+)(?:\.[a-z]{2})?/(\d{7}))(?:v\d+)?(?:\.pdf)?",
        re.IGNORECASE,
    ),
    "pmid": re.compile(r"(?:pmid:?\s*|https?://pubmed\.ncbi\.nlm\.nih\.gov/)(\d+)/?", re.IGNORECASE),
}
_ARXIV_VERSION = re.compile(r"v\d+$")


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a record that are compared.

    `marks` identify it wherever it comes from: by its names and title, and by these with its abstract.
    """

    names: frozenset[Identity]
    title: str
    author: frozenset[str]
    year: int | None
    stems: frozenset[str]
    english: bool | None
    marks: tuple[str, str]


def strong_identities(record: Record | Paper) -> tuple[Identity, ...]:
    """Return the identities that name one paper, in the order in which they become its id."""
    named = [("doi", record.doi), ("arxiv", record.arxiv_id), ("pmid", record.pmid)]
    return tuple(dict.fromkeys(identity(kind, value) for kind, value in named if value))


def identity(kind: str, value: str) -> Identity:
    """Return the canonical spelling of an identity: an arXiv DOI becomes the arXiv id, which loses its version."""
    value = value.strip().lower()
    if kind == "doi" and (match := _ARXIV_DOI.fullmatch(value)):
        kind, value = "arxiv", match.group(1)
    return kind, _ARXIV_VERSION.sub("", value) if kind == "arxiv" else value


def asked(name: str) -> Identity:
    """Return the identity that a user's name for a paper means: `doi:…`, a bare identifier, or its address.

    A bare number isn't a name: it might be a PMID, or anything else.
    """
    text = name.strip()
    for kind, spelling in _ASKED.items():
        if match := spelling.fullmatch(text):
            return identity(kind, "/".join(filter(None, match.groups())))
    before, _, behind = text.partition(":")
    return identity(before.lower(), behind)


def title_identity(record: Record | Paper) -> Identity:
    """Return the key for finding records with the same title; without a title, the abstract's own words."""
    if title_key(record.title) or not title_key(record.abstract):
        return "title", title_hash(record.title)
    return "abstract", title_hash(record.abstract)


def title_hash(title: str) -> str:
    """Return a short name for a folded title; a title of nothing but signs stands for itself."""
    return _digest(title_key(title) or title)


def names(record: Record | Paper) -> set[Identity]:
    """Return every name that finds a record's paper; `named` are the ids that its title could give."""
    return {*strong_identities(record), title_identity(record), ("named", next(_title_ids(record)))}


def possible_ids(record: Record | Paper) -> Iterator[str]:
    """Yield the ids that a paper may get, the best first: DOI, arXiv id, PMID, title, title with author and year."""
    for kind, value in strong_identities(record):
        yield f"{kind}:{value}"
    yield from _title_ids(record)


def features(record: Record | Paper) -> Features:
    """Return the features of a record that are compared."""
    strong = frozenset(strong_identities(record))
    key = title_key(record.title) or title_key(record.abstract) or record.title
    tokens = words(record.abstract)
    share = sum(word in STOPWORDS for word in tokens) / len(tokens) if len(tokens) >= FEWEST_STEMS else ENGLISH
    return Features(
        names=strong,
        title=key,
        author=_author(record),
        year=record.year,
        stems=frozenset(terms(record.abstract)),
        english=True if share > ENGLISH else False if share < NOT_ENGLISH else None,
        marks=(_digest(repr((sorted(strong), key))), _digest(repr((sorted(strong), key, fold_title(record.abstract))))),
    )


def link(one: Features, other: Features) -> str | None:
    """Return why two records are one paper, such as `doi:10.1000/x` or `title and abstract`; None if they aren't.

    A shared arXiv id or PMID settles it. A DOI may be that of a whole volume or supplement, so the titles or the
    abstracts must agree too, or be in two languages.
    """
    for kind, value in sorted(one.names & other.names):
        if kind != "doi" or _agree(one, other):
            return f"{kind}:{value}"
    if one.title != other.title or _differ("pmid", one, other):
        return None
    return _by_title(one, other)


def _agree(one: Features, other: Features) -> bool:
    """Return whether two records with one DOI can be one paper: a title may lack its subtitle, a text be translated."""
    short, long = sorted((one.title, other.title), key=len)
    return f"{long} ".startswith(f"{short} ") or _alike(one, other) >= SAME_ABSTRACT or _foreign(one, other)


def restated(one: Features, other: Features) -> bool:
    """Return whether two records at the same place in a file are one paper: a looser rule than `link`."""
    return bool(one.names & other.names) or one.title == other.title or _alike(one, other) >= SAME_ABSTRACT


def _by_title(one: Features, other: Features) -> str | None:
    """Compare two records with the same title."""
    share, distinctive = _alike(one, other), len(one.title.split()) >= DISTINCTIVE_WORDS
    silent = min(len(one.stems), len(other.stems)) < FEWEST_STEMS or _foreign(one, other)
    if one.stems == other.stems or (share >= SAME_ABSTRACT_UNDER_A_SHORT_TITLE and not silent):
        return "title and abstract"
    if distinctive and share >= SAME_ABSTRACT:
        return "title and abstract"
    years_apart = abs(one.year - other.year) if one.year and other.year else 0
    if not distinctive or years_apart > YEARS_APART:
        return None
    conflict = _differ("doi", one, other) or _differ("arxiv", one, other)
    if one.author and other.author:
        if one.author.isdisjoint(other.author) or (conflict and share < SAME_ABSTRACT_BY_ONE_AUTHOR):
            return None
        return "title and first author"
    return "title" if silent and not conflict else None


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the smaller set that is in the larger, in [0, 1]."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _alike(one: Features, other: Features) -> float:
    """Return how much of the shorter abstract is in the other; a text too short to judge scores 0 or 1."""
    share = alike(one.stems, other.stems)
    return share if share == 1.0 or min(len(one.stems), len(other.stems)) >= FEWEST_STEMS else 0.0


def _foreign(one: Features, other: Features) -> bool:
    """Return whether one abstract is English and the other isn't: their words can't be compared."""
    return one.english is not None and other.english is not None and one.english != other.english


def _differ(kind: str, one: Features, other: Features) -> bool:
    """Return whether both have names of this kind, and none in common."""
    if not (one.names and other.names):
        return False
    mine, theirs = ({n for n in f.names if n[0] == kind} for f in (one, other))
    return bool(mine and theirs and mine.isdisjoint(theirs))


def _title_ids(record: Record | Paper) -> Iterator[str]:
    """Yield `title:` and a hash of the folded title, then hashes of more fields in case it is taken. Never ends."""
    base = fold_title(record.title) or fold_title(record.abstract)
    with_author = f"{base}|{' '.join(sorted(_author(record)))}|{record.year}"
    yield f"title:{_digest(base)}"
    yield f"title:{_digest(with_author)}"
    for number in itertools.count(1):
        yield f"title:{_digest(f'{with_author}|{record.abstract}|{number}')}"


def _author(record: Record | Paper) -> frozenset[str]:
    """Return the possible names of the first author: "Smith, J.", "J. Smith", "Smith JA" and "Jane Smith" agree.

    Without a comma or initials, the family name is the last word; "Wei Zhang" agrees with "Zhang Wei".
    """
    if not record.authors:
        return frozenset()
    name = record.authors[0]
    parts = fold_title(name).split()
    long = [part for part in parts if len(part) > 2] or parts
    if not long:
        return frozenset()
    family = long[0] if len(parts[-1]) <= 2 else long[-1]
    if "," in name:
        family = fold_title(name.split(",")[0])
    return frozenset({family, " ".join(sorted(parts))})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
