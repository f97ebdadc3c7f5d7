"""What Ovid adds to names and titles, and its text by field names: `Author` on a line, the authors indented below.

https://ospguides.ovid.com/OSPguides/medline.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.record_boundaries import checked, tagged_records
from rag.sources.source_line import source_line
from rag.sources.tagged_record import Layout, TaggedLine, TaggedRecord

NUMBER = re.compile(r"\s*<\d+\.? *>\s*$")  # Ovid counts the records
_NAME = re.compile(r"[A-Z][A-Za-z()/&-]*(?: [A-Za-z()/&-]+){0,4}\.?\s*$")
_FIRST = re.compile(r"\s*<\d+\.? *>[ \t]*\r?\n[A-Z][A-Za-z ()/-]+[ \t]*\r?\n {1,4}\S")
_FOOTNOTES = re.compile(r"\s*\[[^\]]*\]|(?:[\s,]+(?:\d[\d,]*|[*†‡§¶#]+(?:,[*†‡§¶#\d]+)*))+\s*$")
_DEGREES = re.compile(
    r"(?P<name>[^,]+,\s*[^\s,]+(?:\s+[A-Z]\.)*.*?)"
    r"(?:[\s,]+(?:[A-Z]{2,6}|[A-Z][a-z]{0,2}[A-Z][a-z]?|[A-Z]{1,3}[a-z]{1,2}|DPhil|DrPH|Dr\.?|Prof\.?)(?=[\s,]|$))+\s*"
)
_REMARK = re.compile(r"(?<=\S)\s*\[(?!(?i:retract|withdr|errat|corrig|correct|express))[A-Z][^\[\]]{2,60}\]\s*$")
_NEW = "#"
_LAYOUT = Layout("Ovid", starts={_NEW}, titles={"TITLE"}, abstracts={"ABSTRACT"}, indented=True)


def name(text: str) -> str:
    """Return an author's name without degrees and footnote marks: `Okafor, Lena Y. MD, MPH 1`."""
    bare = _FOOTNOTES.sub("", text).strip(" ,")
    degrees = _DEGREES.fullmatch(bare)
    return (degrees["name"] if degrees else bare).strip(" ,")


def title(text: str) -> str:
    """Return a title without what Ovid says of the article after it: `[Review]`."""
    return _REMARK.sub("", text).strip()


def recognise(head: str) -> bool:
    """Recognise a record's number, a field's name on the next line and an indented text."""
    return bool(_FIRST.match(head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records; each begins with its number."""
    for record in tagged_records(_lines(document), _LAYOUT):
        yield from checked(record, _LAYOUT, _entry)


def _lines(document: Document) -> Iterator[TaggedLine]:
    for number, text in document.lines():
        if NUMBER.match(text):
            yield TaggedLine(number, _NEW, "")
        elif _NAME.match(text):
            yield TaggedLine(number, text.strip(" .").upper(), "")
        else:
            if text[:1].strip():  # its texts are indented: this is no part of the one above
                yield TaggedLine(number, None, "")
            yield TaggedLine(number, None, text.strip())


def _entry(record: TaggedRecord) -> Entry:
    source = source_line(record.first("SOURCE"))
    names = record.first("AUTHOR", "AUTHORS", "AUTHORS FULL NAME").replace("\n", " ").split(";")
    return Entry(
        line=record.line,
        title=title(record.first("TITLE")),
        abstract=record.first("ABSTRACT"),
        authors=tuple(map(name, names)),
        year=record.first("YEAR OF PUBLICATION", "PUBLICATION YEAR", "DATE OF PUBLICATION") or source.date,
        published=record.first("DATE OF PUBLICATION") or source.date,
        venue=record.first("JOURNAL NAME") or source.venue,
        doi=record.first("DOI NUMBER", "DOI", "DIGITAL OBJECT IDENTIFIER"),
        pmid=record.first("PMID", "PUBMED ID"),
        volume=record.first("VOLUME") or source.volume,
        issue=record.first("ISSUE", "ISSUE/PART") or source.issue,
        pages=record.first("PAGE", "PAGES") or source.pages,
        publisher=record.first("PUBLISHER"),
        types=(record.first("PUBLICATION TYPE"), record.first("DOCUMENT TYPE")),
    )


FORMAT = Format("ovid", recognise, entries)
