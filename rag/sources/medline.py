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

# The hyphen is in the fifth column; in Ovid's files continuation lines begin in the first ("HIV - positive").
_TAG = re.compile(r"^(?=.{4}-(?: |$))([A-Z][A-Z0-9]{1,3}) *-(?: (.*))?$")
_NUMBER = re.compile(r"\s*<\d+\.? *>\s*$")  # Ovid counts the records
_BEGIN = re.compile(r"\s*(?:PMC *- .*\s+|<\d+\.? *>\s*)?(?:(PMID)- *\d|(VN) *- *Ovid|(UI) *- *\d)")
_UPDATES = {"RIN": "retraction", "EIN": "correction", "CRI": "correction", "ECI": "concern"}


def recognise(head: str) -> bool:
    """Recognise a PubMed id or Ovid's first tag before any other line of text."""
    return bool(_BEGIN.match(head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records; each begins with its PubMed id."""
    begin = _BEGIN.match(document.head)
    start = next(filter(None, begin.groups()), "PMID") if begin else "PMID"
    lines = (line for line in document.lines() if not _NUMBER.match(line.text))
    for record in tagged_records(lines, _TAG, {start}):
        yield _entry(record)


def _entry(record: TaggedRecord) -> Entry:
    return Entry(
        line=record.line,
        title=record.first("TI", "BTI", "CTI", "TT"),
        abstract=" ".join(record.all("AB")) or " ".join(record.all("OAB")),
        authors=(*record.all("FAU", "AU", "FA"), *record.all("CN")),
        year=record.first("DP", "YR", "DEP"),
        published=record.first("DP") if identifiers.year(record.first("DP")) else _electronic(record.first("DEP")),
        venue=record.first("JT", "TA", "JN") or record.first("SO").split(". ")[0],
        doi=next(
            (text for text in (*record.all("LID"), *record.all("AID"), *record.all("DO")) if identifiers.doi(text)), ""
        ),
        pmid=record.first("PMID", "PM") or (record.first("UI") if "medline" in record.first("DB").lower() else ""),
        notices=_notices(record),
        kind=_kind(record),
        volume=record.first("VI", "VO"),
        issue=record.first("IP"),
        pages=record.first("PG"),
        edition=record.first("EN"),
        publisher=record.first("PB"),
        editors=record.all("FED", "ED"),
        groups=record.all("CN"),
    )


def _kind(record: TaggedRecord) -> str:
    if "preprint" in map(str.lower, record.all("PT")):
        return "article"
    if record.first("BTI"):
        return "chapter" if record.first("TI") else "book"
    return "article-journal" if record.first("JT", "TA", "JN") else ""


def _electronic(date: str) -> str:
    """Write `20190512` with hyphens."""
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if re.fullmatch(r"\d{8}", date) else date


def _notices(record: TaggedRecord) -> tuple[Notice, ...]:
    notices = [Notice(kind, " ".join(text.split())) for tag, kind in _UPDATES.items() for text in record.all(tag)]
    kinds = {notice.kind for notice in notices}
    types = {PUBLICATION_TYPES[name.lower()]: name for name in record.all("PT") if name.lower() in PUBLICATION_TYPES}
    return (*notices, *(Notice(kind, name) for kind, name in types.items() if kind not in kinds))


FORMAT = Format("medline", recognise, entries, (".nbib", ".medline"))
