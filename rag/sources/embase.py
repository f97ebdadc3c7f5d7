"""Embase's CSV by rows: each field on a line of its own, `"TITLE","…"`, an empty line between the records."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from rag.bibliography import publication_types
from rag.sources.entry import Entry, Flaw, Format, page_range
from rag.sources.reading import Document
from rag.sources.tagged import TaggedRecord

_FIRST = re.compile(r"\s*\"?TITLE\"?,.*\r?\n(?:\s*\"?[A-Z][A-Z /()-]+\"?,)")


def recognise(head: str) -> bool:
    """Recognise a title's line followed by another field's line."""
    return bool(_FIRST.match(head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records; each begins with its title's line."""
    record: TaggedRecord | None = None
    for line in document.lines():
        try:
            name, *values = next(csv.reader([line.text.replace("\0", "")]), None) or [""]
        except csv.Error as error:
            yield Flaw(f"not a row ({error})", line.number)
            continue
        if name == "TITLE":
            if record:
                yield _entry(record)
            record = TaggedRecord(line.number)
        if record and name:
            for value in values:
                record.add(name, value)
    if record:
        yield _entry(record)


def _entry(record: TaggedRecord) -> Entry:
    return Entry(
        line=record.line,
        title=record.first("TITLE", "ORIGINAL (NON-ENGLISH) TITLE"),
        abstract=record.first("ABSTRACT", "ORIGINAL ABSTRACT"),
        authors=record.all("AUTHOR NAMES"),
        year=record.first("PUBLICATION YEAR", "DATE OF PUBLICATION", "SOURCE"),
        published=record.first("DATE OF PUBLICATION"),
        venue=record.first("SOURCE TITLE", "SOURCE"),
        doi=record.first("DOI"),
        pmid=record.first("MEDLINE PMID", "PMID"),
        url=record.first("FULL TEXT LINK", "EMBASE LINK"),
        kind=publication_types.of_name(record.first("PUBLICATION TYPE")),
        volume=record.first("VOLUME"),
        issue=record.first("ISSUE"),
        pages=page_range(record.first("FIRST PAGE"), record.first("LAST PAGE")),
        publisher=record.first("PUBLISHER", "SOURCE PUBLISHER"),
    )


FORMAT = Format("embase", recognise, entries)
