"""EndNote's tagged export (.enw): `%0 Journal Article`, `%T title`, `%X abstract`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.bibliography import publication_types
from rag.sources import identifiers
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.notice_fields import of_note
from rag.sources.record_boundaries import tagged_entries
from rag.sources.tagged_record import Layout, TaggedRecord

# EndNote's own tags alone: a line of an abstract may begin with "%5 of the plots".
_TAGS = r"[0-46-9A-Z@!#$&*+~<>?()\[\]^=]"
_TAG = re.compile(rf"^\s{{0,3}}%({_TAGS})(?: (.*))?$")
_LAYOUT = Layout("EndNote", starts={"0"}, titles={"T"}, abstracts={"X"}, once={"R", "D"}, authors={"A"})


def recognise(head: str) -> bool:
    """Recognise a tag at the beginning, and a type or a title among the others."""
    first = re.match(rf"\s*%({_TAGS}) \S", head)
    return bool(first and (first.group(1) in "0T" or re.search(r"^\s{0,3}%[0T] \S", head, re.MULTILINE)))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records: most files begin each with its type `%0`, others with its title or first author."""
    return tagged_entries(document.lines(), _TAG, _LAYOUT, _entry)


def _entry(record: TaggedRecord) -> Entry:
    links = record.all("U")
    date = record.first("8")
    kind = publication_types.of_name(record.first("0"))
    proceedings = kind == "paper-conference" and not record.first("J", "B")  # ACL Anthology: %S, their editors in %Y
    editors = record.all("E") or (record.all("Y") if proceedings else ())
    return Entry(
        line=record.line,
        key=record.first("F"),
        title=record.first("T"),
        abstract=" ".join(record.all("X")),
        authors=tuple(name.rstrip(" ,") for name in record.all("A")),
        year=record.first("D", "8"),
        published=date if identifiers.year(date) else f"{date} {record.first('D')}" if date else "",
        venue=record.first("J", "B") or (record.first("S") if proceedings else ""),
        doi=record.first("R") or next((link for link in links if "doi.org" in link), ""),
        pmid=_pmid(record),
        url=links[0] if links else "",
        kind=kind,
        volume=record.first("V"),
        issue=record.first("N"),
        pages=record.first("P"),
        series="" if proceedings else record.first("S"),
        edition=record.first("7"),
        publisher=record.first("I"),
        editors=tuple(name.rstrip(" ,") for name in editors),
        groups=tuple(name.rstrip(" ,") for name in (*record.all("A"), *editors) if name.endswith(",")),
        notices=tuple(notice for text in record.all("Z") for notice in of_note(text)),
        types=record.all("9"),
        keywords=record.all("K"),
        isbn=record.first("@"),
        issn=record.first("@"),
        notes=tuple(text for text in record.all("Z", "O") if not of_note(text)),
    )


def _pmid(record: TaggedRecord) -> str:
    """Return the accession number where it comes from PubMed."""
    database = f"{record.first('~')} {record.first('W')}".lower()
    number = record.first("M")
    if any(name in database for name in ("pubmed", "medline", "nlm")) or number.lower().startswith("pmid"):
        return number
    return ""


FORMAT = Format("endnote-tagged", recognise, entries, (".enw",))
