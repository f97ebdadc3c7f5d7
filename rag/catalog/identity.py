"""Which records describe the same paper: pure functions over pairs of records.

Records are matched by DOI, arXiv id (versions folded), PMID, and otherwise by title. `link` looks only at the two
records, and its result is the same both ways; a paper is a set of linked records, so the order of adding can't matter.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from rag.catalog.titles import title_key
from rag.text.dois import is_of_a_copy, named_doi
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
# A yearly report repeats its words and changes its figures; a copy repeats both. A preprint may change some: of at
# least this many figures, at most this share.
SAME_FIGURES, FEWEST_FIGURES = 0.5, 3
# An abstract of fewer stems isn't evidence either way.
FEWEST_STEMS = 8
# Years between a preprint and its journal; and between the first copy and the printed one of an article.
YEARS_APART, YEARS_IN_PRINT = 2, 1
# Shares of stop words: English prose has above a third, other languages next to none.
ENGLISH, NOT_ENGLISH = 0.2, 0.08

Identity = tuple[str, str]
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)  # https://info.arxiv.org/help/doi.html
_ASKED = {
    "arxiv": re.compile(  # https://info.arxiv.org/help/arxiv_identifier.html: 2007 on, and before
        r"(?:arxiv:\s*|https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/)?"
        r"(?:(\d{4}\.\d{4,5})|([a-z-]+)(?:\.[a-z]{2})?/(\d{7}))(?:v\d+)?(?:\.pdf)?",
        re.IGNORECASE,
    ),
    "pmid": re.compile(r"(?:pmid:?\s*|https?://pubmed\.ncbi\.nlm\.nih\.gov/)(\d+)/?", re.IGNORECASE),
}
_ARXIV_VERSION = re.compile(r"v\d+$")
_FIGURE = re.compile(r"\d+(?:\.\d+)*")
# The same figure as exports write it: 12,480 and 12 480, 0.05 and .05, 0,05 and 0·05.
_THOUSANDS = re.compile(r"(?<=\d)[, \u00a0\u2009\u202f](?=\d{3}(?!\d))")
_POINT = re.compile(r"(?<=\d)[,·‧⋅](?=\d)")
_BARE_POINT = re.compile(r"(?<![\d.])\.(?=\d)")
_COPYRIGHT = re.compile(r"(?:©|\bcopyright\b|\(c\)\s*(?:19|20)\d\d).{0,300}$", re.IGNORECASE | re.DOTALL)


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
    figures: tuple[str, ...] = ()  # as they follow each other
    volume: str = ""
    copy: bool = False  # a preprint or an archive's copy: its journal gives the paper another DOI, year and venue


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
    """Return the identity that a user's name for a paper means: `doi:…`, a bare identifier, or an address.

    A DOI may be escaped in any way. A bare number isn't a name: it might be a PMID, or anything else.
    """
    text = name.strip()
    if found := named_doi(text):
        return identity("doi", found)
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
    """Return a short name for a folded title; a title of nothing but symbols is its own name."""
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
    figures = _figures(record.abstract)
    share = sum(word in STOPWORDS for word in tokens) / len(tokens) if len(tokens) >= FEWEST_STEMS else ENGLISH
    return Features(
        names=strong,
        title=key,
        author=_author(record),
        year=record.year,
        stems=frozenset(terms(record.abstract)),
        english=True if share > ENGLISH else False if share < NOT_ENGLISH else None,
        marks=(_digest(repr((sorted(strong), key))), _digest(repr((sorted(strong), key, fold_title(record.abstract))))),
        figures=tuple(figures),
        volume=fold_title(f"{record.venue} {record.volume}") if record.venue and record.volume else "",
        copy=record.kind == "article" or any(kind == "arxiv" or is_of_a_copy(value) for kind, value in strong),
    )


def link(one: Features, other: Features) -> str | None:
    """Return why two records are one paper, such as `doi:10.1000/x` or `title and abstract`; None if they aren't.

    An arXiv id or a PMID that both have settles it. A DOI may be that of a whole volume or supplement, so the titles or
    the abstracts must agree too, or be in two languages. Records that have different DOIs of journals are two papers.
    """
    for kind, value in sorted(one.names & other.names):
        if kind != "doi" or _agree(one, other):
            return f"{kind}:{value}"
    if one.title != other.title or are_apart(one, other):
        return None
    return _by_title(one, other)


def components(records: Mapping[int, Features], allowed: Callable[[Features, Features], bool]) -> list[set[int]]:
    """Group records into papers: the sets connected by links.

    A record whose title alone links it to two papers that are apart, such as a copy without a DOI of a review that was
    updated, could be either: it belongs to neither. So no record joins what is apart.
    """
    by = {(a, b): found for a, b in combinations(records, 2) if (found := link(records[a], records[b]))}
    by = {pair: found for pair, found in by.items() if allowed(records[pair[0]], records[pair[1]])}
    titled = [pair for pair, found in by.items() if ":" not in found]
    near: dict[int, set[int]] = {row: set() for row in records}
    for a, b in titled:
        near[a].add(b)
        near[b].add(a)
    torn = {
        row for row, rows in near.items() if any(are_apart(records[a], records[b]) for a, b in combinations(rows, 2))
    }
    whole = {row: {row} for row in records}
    for a, b in by:
        if ((a, b) not in titled or torn.isdisjoint((a, b))) and whole[a] is not whole[b]:
            whole[a] |= whole[b]
            whole |= dict.fromkeys(whole[b], whole[a])
    return list({id(rows): rows for rows in whole.values()}.values())


def are_apart(one: Features, other: Features) -> bool:
    """Return whether two records have identities that no paper has two of: PMIDs, arXiv ids, DOIs of journals.

    A preprint and its article, and an archive's copy, have a DOI each; two preprints are two.
    """
    if _differ("pmid", one, other) or _differ("arxiv", one, other):
        return True
    return one.copy == other.copy and _differ("doi", one, other)


def _agree(one: Features, other: Features) -> bool:
    """Return whether two records with one DOI can be one paper: a title may lack its subtitle, a text be translated."""
    share = _alike(one, other)
    if share >= SAME_ABSTRACT or _foreign(one, other):
        return True
    short, long = sorted((one.title, other.title), key=len)
    parted = _comparable(one, other) and share < SAME_ABSTRACT_BY_ONE_AUTHOR
    return f"{long} ".startswith(f"{short} ") and not parted and not _by_others(one, other)


def restated(one: Features, other: Features) -> bool:
    """Return whether two records at the same place in a file are one paper: a looser rule than `link`."""
    return bool(one.names & other.names) or one.title == other.title or _alike(one, other) >= SAME_ABSTRACT


def _by_title(one: Features, other: Features) -> str | None:
    """Judge two records of one title that no identity keeps apart."""
    share, distinctive = _alike(one, other), len(one.title.split()) >= DISTINCTIVE_WORDS
    compared = _comparable(one, other)
    if one.stems == other.stems and one.figures == other.figures and not _in_other_years(one, other):
        return "title and abstract"
    if _in_other_years(one, other) or _in_other_volumes(one, other) or (compared and _in_other_figures(one, other)):
        return None
    if compared and share >= (SAME_ABSTRACT if distinctive else SAME_ABSTRACT_UNDER_A_SHORT_TITLE):
        return "title and abstract"
    if not distinctive or _by_others(one, other) or (compared and share < SAME_ABSTRACT_BY_ONE_AUTHOR):
        return None
    if one.author and other.author:
        return "title and first author"
    return None if compared or _differ("doi", one, other) else "title"


def _comparable(one: Features, other: Features) -> bool:
    """Return whether the words of two abstracts can be compared: both are long enough, and of one language."""
    return min(len(one.stems), len(other.stems)) >= FEWEST_STEMS and not _foreign(one, other)


def _by_others(one: Features, other: Features) -> bool:
    return bool(one.author and other.author and one.author.isdisjoint(other.author))


def _figures(abstract: str) -> list[str]:
    """Return the figures of an abstract in their order, without those of its copyright line."""
    text = _THOUSANDS.sub("", unicodedata.normalize("NFKC", _COPYRIGHT.sub("", abstract)))
    return _FIGURE.findall(_BARE_POINT.sub("0.", _POINT.sub(".", text)))


def _in_other_years(one: Features, other: Features) -> bool:
    """Return whether two records are further apart than a preprint and its article, or an article and its print."""
    if not (one.year and other.year):
        return False
    if not _comparable(one, other) and not (one.copy or other.copy):
        return one.year != other.year
    return abs(one.year - other.year) > (YEARS_APART if one.copy or other.copy else YEARS_IN_PRINT)


def _in_other_volumes(one: Features, other: Features) -> bool:
    """Return whether two records are in two volumes of journals, in two years: a report of each year."""
    return bool(one.volume and other.volume and one.volume != other.volume and one.year != other.year)


def _in_other_figures(one: Features, other: Features) -> bool:
    """Return whether two texts of one wording contradict each other: each has a figure that the other lacks.

    Of 10^-3 an export may make 10-3 or 103: the digits in their order stay the same. A copy may be cut.
    """
    mine, theirs = Counter(one.figures), Counter(other.figures)
    if mine <= theirs or theirs <= mine:
        return False
    if one.copy or other.copy:
        enough = min(len(mine), len(theirs)) >= FEWEST_FIGURES
        return enough and alike(frozenset(mine), frozenset(theirs)) < SAME_FIGURES
    digits = ["".join(found.figures).replace(".", "") for found in (one, other)]
    return digits[0] not in digits[1] and digits[1] not in digits[0]


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
