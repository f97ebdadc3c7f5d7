"""MEDLINE tagged text, as PubMed ("PubMed" and ".nbib") and Ovid export it.

https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources import identifiers
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.notices import PUBLICATION_TYPES
from rag.sources.reading import Document
from rag.sources.tagged import TaggedRecord, tagged_records
from rag.types import Notice

_TAG = re.compile(r"^([A-Z][A-Z0-9]{1,3}) *- ?(.*)$")
_UPDATES = {"RIN": "retraction", "EIN": "correction", "CRI": "correction", "ECI": "concern"}


def recognise(head: str) -> bool:
    """Recognise a PubMed id or Ovid's first line, tagged, before any other line of text."""
    return bool(re.match(r"\s*(?:PMC *- .*\s+|<\d+>\s*)?(?:PMID- *\d|VN *- *Ovid|UI *- *\d)", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records; each begins with its PubMed id."""
    start = re.match(r"\s*(?:PMC *- .*\s+|<\d+>\s*)?([A-Z]+)", document.head)
    for record in tagged_records(document.lines(), _TAG, {start.group(1) if start else "PMID"}):
        yield _entry(record)


def _entry(record: TaggedRecord) -> Entry:
    return Entry(
        line=record.line,
        title=record.first("TI", "BTI", "CTI", "TT"),
        abstract=" ".join(record.all("AB")) or " ".join(record.all("OAB")),
        authors=(*record.all("FAU", "AU", "FA"), *record.all("CN")),
        year=record.first("DP", "YR", "DEP"),
        published=record.first("DP") if identifiers.year(record.first("DP")) else _electronic(record.first("DEP")),
        venue=record.first("JT", "TA", "JN", "SO"),
        doi=next(
            (text for text in (*record.all("LID"), *record.all("AID"), *record.all("DO")) if identifiers.doi(text)), ""
        ),
        pmid=record.first("PMID", "UI"),
        notices=_notices(record),
    )


def _electronic(date: str) -> str:
    """Write `20190512` with hyphens."""
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if re.fullmatch(r"\d{8}", date) else date


def _notices(record: TaggedRecord) -> tuple[Notice, ...]:
    told = [Notice(kind, " ".join(text.split())) for tag, kind in _UPDATES.items() for text in record.all(tag)]
    kinds = {notice.kind for notice in told}
    types = {PUBLICATION_TYPES[name.lower()]: name for name in record.all("PT") if name.lower() in PUBLICATION_TYPES}
    return (*told, *(Notice(kind, name) for kind, name in types.items() if kind not in kinds))


FORMAT = Format("medline", recognise, entries, (".nbib", ".medline"))
