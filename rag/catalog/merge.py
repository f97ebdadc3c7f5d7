"""Merging: a paper computed from all of its records, by pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import lru_cache

from rag.catalog.identity import strong_identities
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

    The order decides which of two different abstracts is used (see `abstract_of`), and whose DOI, year and title are
    preferred with it: the words of a preprint never stand under the year of its article. It decides nothing else.
    """
    used = abstract_of(records)
    words = wording(used)
    ranked = sorted(records, key=lambda r: (words.startswith(wording(r)), _completeness(r)), reverse=True)

    def first(name: str) -> object:
        return next((value for r in ranked if (value := getattr(r, name)) not in (None, "", ())), None)

    authors = max((r.authors for r in ranked), key=lambda a: (len(a), a))
    naming = [r for r in ranked if r.authors == authors]
    keywords, notes = (
        max((getattr(r, name) for r in ranked), key=lambda n: (len(n), n)) for name in ("keywords", "notes")
    )
    editors = max((r.editors for r in _of_one_publication(ranked)), key=lambda e: (len(e), e), default=())
    groups = {group for r in ranked for group in r.groups}
    return Paper(
        id=paper_id,
        title=str(first("title") or ""),
        abstract=used.abstract,
        authors=authors,
        sections=used.sections,
        notices=union(r.notices for r in ranked),
        aliases=tuple(sorted({f"{kind}:{value}" for r in ranked for kind, value in strong_identities(r)} - {paper_id})),
        origins=tuple(sorted((r.origin for r in records), key=lambda o: (o.file, o.position, o.key or "", o.format))),
        editors=editors,
        more_authors=bool(authors) and any(r.more_authors for r in naming),
        keywords=keywords,
        notes=notes,
        collections=tuple(sorted({name for r in ranked for name in r.collections})),
        groups=tuple(name for name in dict.fromkeys((*authors, *editors)) if name in groups),
        **_printed(ranked) | {name: first(name) for name in _FILLED},  # type: ignore[arg-type]  # each keeps its type from Record
    )


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
    """Normalise an abstract to its content: letters, figures and the signs that change a figure.

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


def _of_one_publication(ranked: Sequence[Record]) -> list[Record]:
    """Return the records that describe the publication in the paper's venue: by its name, or by the paper's DOI."""
    venue = next((r.venue for r in ranked if r.venue), None)
    doi = next((r.doi for r in ranked if r.doi), None)
    return [r for r in ranked if fold_title(r.venue or "") == fold_title(venue or "") or (doi and r.doi == doi)]


def _printed(ranked: Sequence[Record]) -> dict[str, object]:
    published = _of_one_publication(ranked)
    return {name: next((value for r in published if (value := getattr(r, name))), None) for name in PRINTED}


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
