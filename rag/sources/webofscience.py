"""Web of Science plain text (savedrecs.txt): tags of two letters, continuation lines indented by three spaces.

https://webofscience.help.clarivate.com/en-us/Content/wos-core-collection/wos-full-record.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format, page_range
from rag.sources.record_boundaries import tagged_entries
from rag.sources.tagged_record import Layout, TaggedRecord

_TAG = re.compile(r"^([A-Z][A-Z0-9])(?: (.*))?$")
_LAYOUT = Layout(
    "Web of Science", starts={"PT"}, ends={"ER", "EF"}, titles={"TI"}, abstracts={"AB"}, once={"UT", "DI", "PY"},
    authors={"AU"}, header={"FN", "VR"}, indented=True,
)  # fmt: skip


# https://webofscience.help.clarivate.com: publication types
_KINDS = {"J": "article-journal", "B": "book", "S": "chapter", "C": "paper-conference", "P": "patent"}


def recognise(head: str) -> bool:
    """Recognise the first lines, or a publication type followed by authors."""
    whole = re.search(r"^PT [A-Z]\s*$", head, re.MULTILINE) and re.search(r"^TI \S", head, re.MULTILINE)
    return bool(re.match(r"\s*FN .{0,80}\s+VR 1", head) or (whole and re.match(r"\s*[A-Z][A-Z0-9] \S", head)))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records."""
    return tagged_entries(document.lines(), _TAG, _LAYOUT, _entry)


def _entry(record: TaggedRecord) -> Entry:
    date = " ".join(filter(None, (record.first("PD").title(), record.first("PY"))))
    groups = _lines(record, "CA")
    return Entry(
        line=record.line,
        title=record.first("TI"),
        abstract=record.first("AB"),
        authors=(*_lines(record, "AF", "AU"), *groups) or _lines(record, "BE"),
        year=record.first("PY", "EY"),
        published=date if record.first("PY") else "",
        venue=record.first("SO", "SE", "JI"),
        doi=record.first("DI", "D2"),
        arxiv_id=record.first("AR") if "arxiv" in record.first("AR").lower() else "",
        pmid=record.first("PM"),
        kind=_kind(record),
        volume=record.first("VL"),
        issue=record.first("IS"),
        pages=page_range(record.first("BP"), record.first("EP")) or record.first("AR"),
        series=record.first("SE"),
        publisher=record.first("PU"),
        editors=_lines(record, "BE"),
        groups=groups,
        types=record.all("DT"),
        keywords=record.all("DE"),
        isbn=record.first("BN"),
        issn=record.first("SN", "EI"),
    )


def _kind(record: TaggedRecord) -> str:
    """Return the kind: a paper of a conference is in a book or a journal."""
    if "proceedings paper" in record.first("DT").lower() and record.first("PT") in "BC":
        return "paper-conference"
    if record.first("PT") == "B" and "chapter" in record.first("DT").lower():
        return "chapter"
    return _KINDS.get(record.first("PT"), "")


def _lines(record: TaggedRecord, *tags: str) -> tuple[str, ...]:
    """Return the names under the first of the tags that has any, one a line, wherever the tag is repeated."""
    given = next((found for tag in tags if (found := record.all(tag))), ())
    return tuple(filter(None, "\n".join(given).split("\n")))


FORMAT = Format("webofscience", recognise, entries)
