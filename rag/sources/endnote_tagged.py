"""EndNote's tagged export (.enw): `%0 Journal Article`, `%T title`, `%X abstract`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.bibliography import publication_types
from rag.sources import identifiers
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.reading import Document
from rag.sources.tagged import TaggedRecord, tagged_records

_TAG = re.compile(r"^\s{0,3}%([0-9A-Z@!#$&*+~<>?()\[\]^=:])(?: (.*))?$")


def recognise(head: str) -> bool:
    """Recognise `%0 ` at the beginning, or an author or title tag among the first lines."""
    return bool(re.match(r"\s*%[0AT] \S", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records; each begins with `%0`, or where a file has none, with the tag that it begins with."""
    start = "0" if re.search(r"^\s*%0 ", document.head, re.MULTILINE) else document.head.lstrip()[1:2]
    for record in tagged_records(document.lines(), _TAG, {start}):
        yield _entry(record)


def _entry(record: TaggedRecord) -> Entry:
    links = record.all("U")
    date = record.first("8")
    return Entry(
        line=record.line,
        key=record.first("F"),
        title=record.first("T"),
        abstract=" ".join(record.all("X")),
        authors=tuple(name.rstrip(" ,") for name in record.all("A")),
        year=record.first("D", "8"),
        published=date if identifiers.year(date) else f"{date} {record.first('D')}" if date else "",
        venue=record.first("J", "B"),
        doi=record.first("R") or next((link for link in links if "doi.org" in link), ""),
        pmid=_pmid(record),
        url=links[0] if links else "",
        kind=publication_types.of_name(record.first("0")),
        volume=record.first("V"),
        issue=record.first("N"),
        pages=record.first("P"),
        series=record.first("S"),
        edition=record.first("7"),
        publisher=record.first("I"),
        editors=tuple(name.rstrip(" ,") for name in record.all("E")),
        groups=tuple(name.rstrip(" ,") for name in (*record.all("A"), *record.all("E")) if name.endswith(",")),
    )


def _pmid(record: TaggedRecord) -> str:
    """Return the accession number where it comes from PubMed."""
    database = f"{record.first('~')} {record.first('W')}".lower()
    number = record.first("M")
    if any(name in database for name in ("pubmed", "medline", "nlm")) or number.lower().startswith("pmid"):
        return number
    return ""


FORMAT = Format("endnote-tagged", recognise, entries, (".enw",))
