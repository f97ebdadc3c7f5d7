"""Which records speak of one paper, and what that paper then is: pure functions over records.

One paper, one vote: by DOI, arXiv id (versions folded), PMID, and by folded title for the rest. A paper is computed
from the set of its records, so the order in which they came can't matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from rag.types import Notice, Paper, Record
from rag.words import fold_title, words

# Shorter titles ("Editorial", "Introduction") name many papers: they need more than the title to be the same.
TELLING_TITLE_WORDS = 4
# Preprint and journal abstracts of one paper shared 0.55 to 1.0 of their words where looked at, other pairs under 0.4.
SAME_ABSTRACT = 0.5

Identity = tuple[str, str]


def strong_identities(record: Record | Paper) -> tuple[Identity, ...]:
    """Return the identities that name exactly one paper."""
    named = (("doi", record.doi), ("arxiv", record.arxiv_id), ("pmid", record.pmid))
    return tuple((kind, value.lower()) for kind, value in named if value)


def title_identity(record: Record | Paper) -> Identity:
    """Return the folded title, or where there is none the abstract's own words."""
    title = fold_title(record.title)
    return ("title", title) if title else ("abstract", fold_title(record.abstract))


def new_id(record: Record, taken: Sequence[str] = ()) -> str:
    """Return the id for a paper first seen in this record; `taken` are ids that other papers bear already."""
    if strong := strong_identities(record):
        kind, value = strong[0]
        return f"{kind}:{value}"
    base = title_identity(record)[1]
    told_apart = (
        base,
        f"{base}|{_first_author(record)}|{record.year}",
        f"{base}|{_first_author(record)}|{record.year}|{record.abstract}",
    )
    for text in told_apart:
        candidate = f"title:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        if candidate not in taken:
            return candidate
    raise AssertionError(f"two papers with one title, author, year and abstract: {record.title!r}")


def same_paper(record: Record, other: Record) -> bool:
    """Judge whether two records with the same folded title are one paper."""
    if alike(record.abstract, other.abstract) >= SAME_ABSTRACT:
        return True
    ours, theirs = dict(strong_identities(record)), dict(strong_identities(other))
    if any(ours[kind] != theirs[kind] for kind in ours.keys() & theirs.keys()):
        return False
    authors = _first_author(record), _first_author(other)
    if all(authors):
        return authors[0] == authors[1]
    return len(fold_title(record.title).split()) >= TELLING_TITLE_WORDS


def alike(one: str, other: str) -> float:
    """Return the share of the shorter text's different words that stand in the other too, in [0, 1]."""
    a, b = set(words(one)), set(words(other))
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def merge(paper_id: str, records: Sequence[Record]) -> Paper:
    """Compute a paper from everything that was said of it: the longest abstract, and no field empty that one knows.

    The records may come in any order; the result is the same.
    """
    ranked = sorted(records, key=_completeness, reverse=True)
    fullest = max(ranked, key=lambda r: (len(r.abstract), r.abstract))

    def first(name: str) -> object:
        return next((value for r in ranked if (value := getattr(r, name)) not in (None, "", ())), None)

    return Paper(
        id=paper_id,
        title=str(first("title") or ""),
        abstract=fullest.abstract,
        authors=max((r.authors for r in ranked), key=lambda a: (len(a), a)),
        sections=fullest.sections,
        notices=_union(ranked),
        aliases=tuple(sorted({f"{kind}:{value}" for r in ranked for kind, value in strong_identities(r)} - {paper_id})),
        origins=tuple(sorted((r.origin for r in records), key=lambda o: (o.file, o.position))),
        **{name: first(name) for name in _FILLED},  # type: ignore[arg-type]  # each keeps the type it has in Record
    )


_FILLED = ("year", "venue", "doi", "arxiv_id", "pmid", "url", "published", "author_count", "organisation")


def _completeness(record: Record) -> tuple[object, ...]:
    """Rank records: the one that tells more first; the rest only makes the order total."""
    known = sum(getattr(record, name) is not None for name in _FILLED)
    return (record.doi is not None, known, len(record.authors), len(record.abstract), record.title, repr(record))


def _union(records: Sequence[Record]) -> tuple[Notice, ...]:
    notices = {notice for r in records for notice in r.notices}
    return tuple(sorted(notices, key=lambda n: (n.kind, n.text)))


def _first_author(record: Record) -> str:
    """Return the first author's family name, folded: "Smith, J.", "J. Smith" and "Smith J" agree."""
    if not record.authors:
        return ""
    name = record.authors[0]
    if "," in name:
        return fold_title(name.split(",")[0])
    parts = fold_title(name).split()
    long = [p for p in parts if len(p) > 2] or parts
    # "Smith JA": the family name stands first where initials follow; otherwise it stands last.
    return (long[0] if parts and len(parts[-1]) <= 2 else long[-1]) if long else ""
