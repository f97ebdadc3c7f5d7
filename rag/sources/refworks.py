"""RefWorks' tagged format: `RT Journal Article`, `T1 title`, `AB abstract`, tags of two letters and a space.

https://www.refworks.com/RefWorks/help/RefWorks_Tagged_Format.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.bibliography import publication_types
from rag.sources import identifiers
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format, page_range
from rag.sources.notice_fields import noted
from rag.sources.record_boundaries import tagged_entries
from rag.sources.tagged_record import Layout, TaggedRecord

# Its own tags alone: a continuation line may begin with "US" or "AI". CNKI writes "vo".
_TAG = re.compile(
    r"^(RT|SR|ID|A[1-6DN]|T[1-3]|J[FO]|YR|FD|RD|VO|IS|SP|OP|K1|AB|NO|P[BP]|ED|S[NF]|L[AK]|CL|U[1-9L]|DO|D[BS]|C[NR]|WT|WV|vo)"
    r"(?: (.*))?$"
)
_LAYOUT = Layout("RefWorks", starts={"RT"}, titles={"T1"}, abstracts={"AB"}, once={"DO", "YR"}, authors={"A1"})


def recognise(head: str) -> bool:
    """Recognise RefWorks' tags from the beginning on, a type and a title among them."""
    first = next(filter(None, map(str.strip, head.splitlines())), "")
    typed = re.search(r"^RT [A-Z][A-Za-z /,]+\s*$", head, re.MULTILINE)
    return bool(typed and _TAG.match(first) and re.search(r"^T1 \S", head, re.MULTILINE))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records."""
    return tagged_entries(document.lines(), _TAG, _LAYOUT, _entry)


def _entry(record: TaggedRecord) -> Entry:
    day = record.first("FD")
    year = record.first("YR")
    database = f"{record.first('DB')} {record.first('DS')}".lower()
    return Entry(
        line=record.line,
        title=record.first("T1"),
        abstract=" ".join(record.all("AB")),
        authors=record.all("A1"),
        year=year or day,
        published=day if identifiers.year(day) else f"{day} {year}".strip() if year else "",
        venue=record.first("JF", "JO", "T2"),
        doi=record.first("DO"),
        pmid=record.first("AN") if "pubmed" in database or "medline" in database else "",
        url=record.first("UL", "LK"),
        notices=tuple(notice for text in record.all("NO") for notice in noted(text)),
        kind=publication_types.of_name(record.first("RT")),
        volume=record.first("VO"),
        issue=record.first("IS"),
        pages=page_range(record.first("SP"), record.first("OP")),
        series=record.first("T3"),
        edition=record.first("ED"),
        publisher=record.first("PB"),
        editors=record.all("A2"),
        types=record.all("NO"),
        keywords=record.all("K1"),
        isbn=record.first("SN"),
        issn=record.first("SN"),
        notes=tuple(text for text in record.all("NO") if not noted(text)),
    )


FORMAT = Format("refworks", recognise, entries)
