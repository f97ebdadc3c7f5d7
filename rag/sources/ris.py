"""RIS, in the dialects of Scopus, Embase, Ovid, Web of Science, EndNote, Mendeley and Zotero.

https://en.wikipedia.org/wiki/RIS_(file_format). The dialects differ in where the abstract, the title and the year stand
and in the space around the hyphen; some leave `ER` out, and some break long texts over lines without a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources import identifiers
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.reading import Document
from rag.sources.tagged import TaggedRecord, tagged_records

_START = re.compile(r"^\s*TY {1,2}- ?\S*", re.MULTILINE)
# The standard has two spaces before the hyphen. Only a file without them is read by the looser rule, under which a
# line of an abstract such as "UV - visible light" passes for a tag.
_STRICT = re.compile(r"^\s*([A-Z][A-Z0-9])  -(?: (.*))?\s*$", re.DOTALL)
_LOOSE = re.compile(r"^\s*([A-Z][A-Z0-9]) ?- ?(.*)$", re.DOTALL)
_BOOKS = {"BOOK", "EBOOK", "EDBOOK", "WHOLE"}


def recognise(head: str) -> bool:
    """Recognise a line that begins with `TY  - `."""
    return bool(_START.search(head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records."""
    tag = _STRICT if re.search(r"^\s*TY  -", document.head, re.MULTILINE) else _LOOSE
    for record in tagged_records(document.lines(), tag, {"TY"}, {"ER"}):
        yield _entry(record)


def _entry(record: TaggedRecord) -> Entry:
    book = record.first("TY").upper() in _BOOKS
    date = record.first("DA", "Y1", "PY", "Y2")
    return Entry(
        line=record.line,
        key=record.first("ID", "LB") if not record.first("ID").isspace() else "",
        title=record.first("T1", "TI", "BT", "CT") if book else record.first("TI", "T1", "CT", "ST"),
        abstract=_abstract(record),
        authors=record.all("AU", "A1"),
        year=record.first("PY", "Y1", "DA", "YR"),
        published=date if identifiers.year(date) else "",
        venue=record.first("JF", "JO", "T2", "JA", "J2", "J1", "BT"),
        doi=_doi(record),
        arxiv_id=next((text for text in record.all("UR", "L1", "L2") if identifiers.arxiv_id_of_url(text)), "")
        or next((text for text in record.all("AN", "M1", "N1") if "arxiv" in text.lower()), ""),
        pmid=_pmid(record),
        url=record.first("UR", "L2", "LK"),
    )


def _abstract(record: TaggedRecord) -> str:
    """Return AB or N2, whichever says more; an abstract in several lines of one tag is one abstract."""
    parts = [" ".join(dict.fromkeys(record.all(tag))) for tag in ("AB", "N2", "A5")]
    return max(parts, key=len)


def _doi(record: TaggedRecord) -> str:
    for text in (*record.all("DO"), *record.all("DI"), *record.all("M3"), *record.all("L3"), *record.all("LK")):
        if identifiers.doi(text):
            return text
    return next((text for text in (*record.all("UR"), *record.all("N1")) if "doi" in text.lower()), "")


def _pmid(record: TaggedRecord) -> str:
    """Return the PubMed id where a tag is its own, or the database or a mark says that the number is one."""
    notes = " ".join(
        text for tag in ("AN", "N1", "M1", "M2", "U1", "U2", "C1", "C2", "C7", "UR") for text in record.all(tag)
    )
    if marked := re.search(
        r"(?:PMID|PubMed ?ID|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/)[\s:\-]*(\d{1,8})\b", notes, re.IGNORECASE
    ):
        return marked.group(1)
    source = " ".join((*record.all("DB"), *record.all("DP"))).lower()
    number = record.first("AN")
    from_pubmed = any(name in source for name in ("pubmed", "medline", "nlm"))
    return record.first("PM") or (number if from_pubmed and number.isdigit() else "")


FORMAT = Format("ris", recognise, entries, (".ris",))
