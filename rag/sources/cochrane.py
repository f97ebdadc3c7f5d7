"""The Cochrane Library's plain text: `Record #1 of 2`, then `TI: title`, `AB: abstract`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources import identifiers
from rag.sources.decoding import Document, Line
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.record_boundaries import tagged_entries
from rag.sources.source_line import source_line
from rag.sources.tagged_record import Layout, TaggedRecord

_NUMBER = re.compile(r"\s*Record #\d+ of \d+\s*$")
# Its own tags alone: a line of an abstract may begin with "CI: 1.2 to 3.4".
_TAG = re.compile(
    r"^(ID|AU|TI|SO|YR|VL|NO|PG|PM|PT|KY|DOI?|AB|U[SR]|PB|CC|XR|AN|SN|LA|ED|C[NATY]|DE|IS[BS]N|HC|LM|SG): ?(.*)$"
)
_LAYOUT = Layout("Cochrane", starts={"ID"}, titles={"TI"}, abstracts={"AB"}, once={"YR", "DOI"}, authors={"AU"})


def recognise(head: str) -> bool:
    """Recognise tags from the beginning on, a Cochrane id among them."""
    named = re.search(r"^ID: C[DN]-?\d+", head, re.MULTILINE)
    return bool(named and re.match(r"\s*(?:Record #\d+ of \d+\s*\n)?[A-Z]{2,3}: ", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records."""
    lines = (Line(line.number, "" if _NUMBER.match(line.text) else line.text) for line in document.lines())
    return tagged_entries(lines, _TAG, _LAYOUT, _entry)


def _entry(record: TaggedRecord) -> Entry:
    source = source_line(record.first("SO"))
    pubmed = re.search(r"(?:PUBMED|PMID)[\s:]*(\d+)", record.first("PM"), re.IGNORECASE)
    return Entry(
        line=record.line,
        title=record.first("TI"),
        abstract=record.first("AB"),
        authors=record.all("AU"),
        year=record.first("YR") or source.date,
        published=source.date if identifiers.year(source.date) else "",
        venue=source.venue,
        doi=record.first("DOI", "DO"),
        pmid=pubmed[1] if pubmed else "",
        url=record.first("US", "UR"),
        volume=record.first("VL") or source.volume,
        issue=record.first("NO") or source.issue,
        pages=record.first("PG") or source.pages,
        publisher=record.first("PB"),
        types=record.all("PT"),
        keywords=record.all("KY"),
    )


FORMAT = Format("cochrane", recognise, entries)
