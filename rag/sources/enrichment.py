"""What another source knows about a paper of a library, and the record that fills it in."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from rag.types import Notice, Origin, Paper, Record

FORMAT = "metadata"


@dataclass(frozen=True, slots=True)
class Known:
    """What `source` knows about a paper; None and empty where it knows nothing."""

    source: str
    doi: str | None = None
    year: int | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field of a paper that is missing, and what a source says: a DOI, a year, or a notice by its kind."""

    paper_id: str
    title: str
    field: str
    value: str
    source: str


def changes(paper: Paper, known: Known) -> tuple[FilledField, ...]:
    """Return what a source would fill in: only what the paper lacks, so nothing that is there changes."""
    found = {
        "doi": known.doi if known.doi and not paper.doi else None,
        "year": str(known.year) if known.year and paper.year is None else None,
    } | {notice.kind: notice.text for notice in _new(paper, known)}
    return tuple(
        FilledField(paper.id, paper.title, name, value, known.source) for name, value in found.items() if value
    )


def completed(paper: Paper, known: Known) -> Record:
    """Return the paper as a record of this source: with the paper's own title and abstract, so that it joins it.

    It also has what the source filled in before, because the record replaces that of an earlier update.
    """
    before = tuple(notice for notice in paper.notices if not notice.said_by and known.source in notice.text)
    return Record(
        title=paper.title,
        abstract=paper.abstract,
        origin=Origin(known.source, max(1, zlib.crc32(paper.id.encode()) >> 1), format=FORMAT),
        authors=paper.authors,
        sections=paper.sections,
        kind=paper.kind,
        doi=paper.doi or known.doi,
        arxiv_id=paper.arxiv_id,
        pmid=paper.pmid,
        year=paper.year or known.year,
        notices=(*before, *_new(paper, known)),
    )


def _new(paper: Paper, known: Known) -> tuple[Notice, ...]:
    kinds = {notice.kind for notice in paper.notices}
    return tuple(notice for notice in known.notices if notice.kind not in kinds)
