"""Merging: a paper computed from all of its records, by pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import lru_cache

from rag.catalog.agreement import completed, is_part, is_title_of, same_title, same_venue
from rag.catalog.identity import strong_identities
from rag.text.dois import is_of_a_copy
from rag.text.words import fold, fold_title
from rag.types import PRINTED, Bibliographic, Notice, Paper, Record, Section

# Single-valued fields that any record may fill, whichever publication it describes.
_FILLED = tuple(f.name for f in fields(Bibliographic) if f.default is None and f.name not in PRINTED)
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_RAISED_FIGURE = re.compile(r"(?<=\d)[⁰¹²³⁴-⁹]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SAME_SIGN = str.maketrans("−–—‐‑·‧⋅≦≧", "-----...≤≥")
# The end of a text that doesn't break off; three full stops stand for what is left out.
_WHOLE = re.compile(r"(?<![.…])[.!?。！？][\"'”’)\]}»]*\s*\Z")
_CONTENT = re.compile(r"(?P<figure>(?<![^\W_])-?\d+(?:\.\d+)*)|[^\W\d_]+|[<>=≤≥±+%^~≈×]")


def merge(paper_id: str, records: Sequence[Record]) -> Paper:
    """Compute a paper from its records, oldest first: its abstract, and every field that any record has.

    The order decides wherever records contradict each other: what an older one says stays, and a later one fills what
    is missing or writes the same out. Only of a preprint and its article the article's year, journal and DOI are used,
    and those that come with the abstract in use come first: the words of one never get the year of the other.
    """
    used = abstract_of(records)
    words = wording(used)
    aged = sorted(records, key=lambda r: not words.startswith(wording(r)))
    printed = sorted(aged, key=lambda r: (not words.startswith(wording(r)), _is_copy(r)))
    ranked = sorted(records, key=lambda r: (words.startswith(wording(r)), _completeness(r)), reverse=True)
    year = next((r.year for r in printed if r.year), None)
    venue = _agreed("venue", printed, ranked, same_venue)
    of_year = [r for r in printed if r.published and (not year or r.published.startswith(str(year)))]
    people = _people("authors", aged)
    published = [r for r in printed if _is_of_publication(r, venue, next((r.doi for r in printed if r.doi), None))]
    editors = _people("editors", published)
    keywords, notes = (
        max((getattr(r, name) for r in ranked), key=lambda n: (len(n), n)) for name in ("keywords", "notes")
    )
    groups = {group for r in ranked for group in r.groups}
    filled = {name: _first(name, printed) for name in _FILLED}
    filled |= {name: _first(name, published) for name in PRINTED}
    filled |= {"year": year, "venue": venue, "published": _agreed("published", of_year, ranked, _is_said_by)}
    return Paper(
        id=paper_id,
        title=_agreed("title", aged, ranked, same_title) or "",
        abstract=used.abstract,
        authors=people,
        sections=used.sections,
        notices=union(r.notices for r in ranked),
        aliases=tuple(sorted({f"{kind}:{value}" for r in ranked for kind, value in strong_identities(r)} - {paper_id})),
        origins=tuple(sorted((r.origin for r in records), key=lambda o: (o.file, o.position, o.key or "", o.format))),
        editors=editors,
        more_authors=bool(people) and any(r.more_authors for r in ranked if r.authors == people),
        keywords=keywords,
        notes=notes,
        collections=tuple(sorted({name for r in ranked for name in r.collections})),
        groups=tuple(name for name in dict.fromkeys((*people, *editors)) if name in groups),
        **filled,  # type: ignore[arg-type]  # each keeps its type from Record
    )


def differing(records: Sequence[Record]) -> list[tuple[str, ...]]:
    """Return for each record, oldest first, the fields in which it contradicts what is in use for the paper.

    A shorter form isn't a contradiction: initials, the first authors alone, a title without its subtitle. The year and
    the journal of a preprint don't conflict with those of its article.
    """
    paper = merge("", records)
    abstracts = {id(record) for record in conflicting(records)}
    article = not all(map(_is_copy, records))
    return [
        (*(["abstract"] if id(record) in abstracts else []), *_contradicted(record, paper, article))
        for record in records
    ]


def _contradicted(record: Record, paper: Paper, article: bool) -> Iterator[str]:
    if record.title and not is_title_of(record.title, paper.title):
        yield "title"
    if record.authors and not is_part(record.authors, paper.authors):
        yield "authors"
    if record.venue and paper.venue and not same_venue(record.venue, paper.venue) and article != _is_copy(record):
        yield "venue"
    for name in ("year", "kind", "doi"):
        if getattr(record, name) not in (None, getattr(paper, name)) and article != _is_copy(record):
            yield name
    for name in ("pmid", "arxiv_id"):
        if getattr(record, name) not in (None, getattr(paper, name)):
            yield name


def _first(name: str, records: Iterable[Record]) -> object:
    return next((value for r in records if (value := getattr(r, name)) not in (None, "", ())), None)


def _agreed(
    name: str, aged: Sequence[Record], ranked: Sequence[Record], same: Callable[[str, str], bool]
) -> str | None:
    """Return what the oldest record says that says anything, as the fullest of those write it that say the same."""
    said = next((value for r in aged if (value := getattr(r, name))), None)
    return said and next(value for r in ranked if (value := getattr(r, name)) and same(value, said))


def _is_said_by(date: str, said: str) -> bool:
    return date.startswith(said)


def _people(name: str, aged: Iterable[Record]) -> tuple[str, ...]:
    """Return the oldest list of names, as later ones complete it."""
    people: tuple[str, ...] = ()
    more = False
    for record in aged:
        if completed(people, more, others := getattr(record, name)):
            people, more = others, record.more_authors
    return people


def abstract_of(records: Sequence[Record]) -> Record:
    """Return the record whose abstract is used, given records in the order in which they were added.

    That is the oldest abstract, or where it breaks off, the fullest of those that continue it. An abstract that says
    anything else, or more than a whole one, conflicts with it and never replaces it, however long it is.
    """
    used = records[0]
    for record in records[1:]:
        ours, theirs = wording(used), wording(record)
        continues = ours == theirs or (theirs.startswith(ours) and not _WHOLE.search(used.abstract))
        if continues and _fullness(record, theirs) > _fullness(used, ours):
            used = record
    return used


def conflicting(records: Sequence[Record]) -> list[Record]:
    """Return the records whose abstract is neither the one in use nor a cut copy of it."""
    used = wording(abstract_of(records))
    return [record for record in records if not used.startswith(wording(record))]


def wording(record: Record) -> str:
    """Normalise an abstract to its content: letters, figures and the symbols that change a figure.

    Two copies of one text then agree, whatever exports did to case, accents, spaces, hyphens, markup and section
    labels.
    """
    return wording_of(record.abstract, record.sections)


@lru_cache(maxsize=4096)
def wording_of(abstract: str, sections: Sequence[Section] = ()) -> str:
    """Return the wording of a text without its section labels, see `wording`."""
    parts, end = [], len(abstract)
    for section in reversed(sections):
        parts.append(abstract[section.start : end])
        before = abstract[: section.start].rstrip(" :.—–-")
        end = len(before) - len(section.label) if before.casefold().endswith(section.label.casefold()) else len(before)
    text = " ".join([abstract[: max(0, end)], *reversed(parts)])
    plain = _THOUSANDS.sub("", fold(_RAISED_FIGURE.sub(r"^\g<0>", _MARKUP.sub("", text))).translate(_SAME_SIGN))
    # Figures are kept apart, so that 1 2 isn't 12; letters are joined, so that a hyphen changes nothing.
    return "".join(f"#{found[0]}#" if found["figure"] else found[0] for found in _CONTENT.finditer(plain))


def _fullness(record: Record, wording: str) -> tuple[int, int, str]:
    return len(wording), len(record.abstract), record.abstract


def _is_copy(record: Record) -> bool:
    """Return whether a record is of a preprint or an archive's copy alone, by its identities or its kind."""
    names = strong_identities(record)
    if any(kind == "doi" and not is_of_a_copy(value) for kind, value in names):
        return False
    return record.kind == "article" or any(kind in ("doi", "arxiv") for kind, _ in names)


def _is_of_publication(record: Record, venue: str | None, doi: str | None) -> bool:
    """Return whether a record describes the publication in the paper's venue: by its name, or by the paper's DOI."""
    return fold_title(record.venue or "") == fold_title(venue or "") or bool(doi and record.doi == doi)


def union(groups: Iterable[Sequence[Notice]]) -> tuple[Notice, ...]:
    """Return all notices, each once, in a fixed order."""
    return tuple(sorted({notice for notices in groups for notice in notices}, key=lambda n: (n.kind, n.text)))


def _completeness(record: Record) -> tuple[object, ...]:
    """Rank records: the journal's before the preprint's, fuller ones first; the rest makes the order total."""
    doi = next((kind for kind, _ in strong_identities(record)), "") == "doi"
    known = sum(getattr(record, name) is not None for name in _FILLED)
    return (
        doi,
        known,
        len(record.authors),
        len(record.abstract),
        record.title,
        record.abstract,
        repr(record.origin),
        repr(record),
    )
