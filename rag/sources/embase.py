"""Embase's CSV by rows: each field on a line of its own, `"TITLE","…"`, an empty line between the records."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from rag.bibliography import publication_types
from rag.sources.decoding import Document, Line
from rag.sources.entry import Entry, Flaw, Format, page_range
from rag.sources.record_boundaries import checked, tagged_records
from rag.sources.source_line import source_line
from rag.sources.tagged_record import Layout, TaggedLine, TaggedRecord

_ROW = r"\s*\"?[A-Z][A-Z /()-]+\"?,.*\r?\n"
_FIRST = re.compile(rf"(?:{_ROW}){{0,9}}\s*\"?TITLE\"?,.*\r?\n\s*\"?(?:[A-Z][A-Z /()-]+\"?,|\s*$)", re.MULTILINE)
_ROW_LINES = 200  # no quoted abstract has more
_LAYOUT = Layout(
    "Embase", starts={"TITLE"}, titles={"TITLE"}, abstracts={"ABSTRACT"}, once={"DOI", "PUBLICATION YEAR"},
    authors={"AUTHOR NAMES"},
)  # fmt: skip


def recognise(head: str) -> bool:
    """Recognise a title's line with other fields' lines around it."""
    return bool(_FIRST.match(head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records, separated by empty lines; in most files each begins with its title's line."""
    flaws: list[Flaw] = []
    for record in tagged_records(_lines(document, flaws), _LAYOUT):
        yield from flaws
        flaws.clear()
        yield from checked(record, _LAYOUT, _entry)
    yield from flaws


def _lines(document: Document, flaws: list[Flaw]) -> Iterator[TaggedLine]:
    for line in _rows(document):
        try:
            name, *values = next(csv.reader([f"{part}\n" for part in line.text.split("\n")]), None) or [""]
        except csv.Error as error:
            flaws.append(Flaw(f"not a row ({error})", line.number))
            continue
        if values and name.strip():
            yield from (TaggedLine(line.number, name.strip(), value) for value in values)
        else:
            yield TaggedLine(line.number, None, name.strip())


def _rows(document: Document) -> Iterator[Line]:
    """Yield the rows; a quoted text may span several lines."""
    row: list[Line] = []
    for line in document.lines():
        row.append(Line(line.number, line.text.replace("\0", "")))
        if sum(part.text.count('"') for part in row) % 2 == 0 or len(row) == _ROW_LINES:
            yield from _together(row)
            row = []
    yield from row


def _together(row: list[Line]) -> list[Line]:
    """Return the lines of a row as one; where a quote never closes, each stays a row."""
    return row if len(row) == _ROW_LINES else [Line(row[0].number, "\n".join(part.text for part in row))]


def _entry(record: TaggedRecord) -> Entry:
    source = source_line(record.first("SOURCE"))
    return Entry(
        line=record.line,
        title=record.first("TITLE", "ORIGINAL (NON-ENGLISH) TITLE"),
        abstract=record.first("ABSTRACT", "ORIGINAL ABSTRACT"),
        authors=record.all("AUTHOR NAMES"),
        year=record.first("PUBLICATION YEAR", "DATE OF PUBLICATION") or source.date,
        published=record.first("DATE OF PUBLICATION"),
        venue=record.first("SOURCE TITLE") or source.venue,
        doi=record.first("DOI"),
        pmid=record.first("MEDLINE PMID", "PMID"),
        url=record.first("FULL TEXT LINK", "EMBASE LINK"),
        kind=publication_types.of_name(record.first("PUBLICATION TYPE")),
        volume=record.first("VOLUME") or source.volume,
        issue=record.first("ISSUE") or source.issue,
        pages=page_range(record.first("FIRST PAGE"), record.first("LAST PAGE")) or source.pages,
        publisher=record.first("PUBLISHER", "SOURCE PUBLISHER"),
        types=record.all("PUBLICATION TYPE"),
    )


FORMAT = Format("embase", recognise, entries)
