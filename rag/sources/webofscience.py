"""Web of Science plain text (savedrecs.txt): tags of two letters, lines that go on indented by three spaces.

https://webofscience.help.clarivate.com/en-us/Content/wos-core-collection/wos-full-record.htm
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources.entry import Entry, Flaw, Format
from rag.sources.reading import Document
from rag.sources.tagged import TaggedRecord, tagged_records

_TAG = re.compile(r"^([A-Z][A-Z0-9])(?: (.*))?$")


def recognise(head: str) -> bool:
    """Recognise the first lines, or a publication type followed by authors."""
    return bool(re.match(r"\s*FN .{0,80}\s+VR 1", head) or re.match(r"\s*PT [A-Z]\r?\n(?:AU|CA|BA|BE|TI|ED) ", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records."""
    for record in tagged_records(document.lines(), _TAG, {"PT"}, {"ER", "EF"}):
        yield _entry(record)


def _entry(record: TaggedRecord) -> Entry:
    date = " ".join(filter(None, (record.first("PD").title(), record.first("PY"))))
    return Entry(
        line=record.line,
        title=record.first("TI"),
        abstract=record.first("AB"),
        authors=tuple(record.first("AF", "AU", "CA", "BE").split("\n")),
        year=record.first("PY", "EY"),
        published=date if record.first("PY") else "",
        venue=record.first("SO", "SE", "JI"),
        doi=record.first("DI", "D2"),
        arxiv_id=record.first("AR") if "arxiv" in record.first("AR").lower() else "",
        pmid=record.first("PM"),
    )


FORMAT = Format("webofscience", recognise, entries)
