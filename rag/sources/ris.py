"""RIS, in the dialects of Scopus, Embase, Ovid, Web of Science, EndNote, Mendeley and Zotero.

https://en.wikipedia.org/wiki/RIS_(file_format). The dialects differ in where they put the abstract, the title and the
year and in the space around the hyphen; some leave `ER` out, and some break long texts over lines without a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.bibliography import publication_types
from rag.sources import identifiers, medline
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format, page_range
from rag.sources.notice_fields import noted, of_note
from rag.sources.record_boundaries import tagged_entries
from rag.sources.tagged_record import Layout, TaggedRecord
from rag.types import Notice

_START = re.compile(r"^\s*TY {1,2}- ?\S*", re.MULTILINE)
# The standard has two spaces before the hyphen. Only a file without them is read by the looser rule, and
# with known tags alone, or the line "UV - visible light" of an abstract would pass for one.
_STRICT = re.compile(r"^\s*([A-Z][A-Z0-9]{1,9})  -(?: (.*))?\s*$", re.DOTALL)
_TAGS = (
    "A[1-5BDNUV]|B[TY]|C[1-8APTYN]|D[ABIOPS]|E[DPRT]|I[DS]|J[1AFO]|K[1W]|L[1-4ABK]|LA|M[1-3]|N[12OV]|O[PL]|P[BGMPTY]"
    "|DOI|R[1INPT]|S[ENPT]|T[1-4AITY]|U[1-5R]|V[LO]|Y[1-2R]"
)
_LOOSE = re.compile(rf"^\s*({_TAGS}) ?- ?(.*)$", re.DOTALL)
_ANY = re.compile(rf"^\s*({_TAGS}) {{0,2}}- ?(.*)$", re.DOTALL)
_KNOWN = re.compile(_TAGS)
_BOOKS = {"BOOK", "EBOOK", "EDBOOK", "WHOLE"}
_LAYOUT = Layout(
    "RIS", starts={"TY"}, ends={"ER"}, titles={"TI", "T1"}, abstracts={"AB", "N2"}, once={"DO", "PY", "Y1"},
    authors={"AU", "A1"},
)  # fmt: skip


def is_tag(text: str) -> bool:
    """Return whether a text is a tag of RIS."""
    return bool(_KNOWN.fullmatch(text))


def recognise(head: str) -> bool:
    """Recognise a line that begins with `TY  - `, or a file of RIS's other tags, titles among them."""
    return bool(_START.search(head)) or (_is_without_types(head) and not medline.recognise(head))


def _is_without_types(head: str) -> bool:
    """Return whether the file begins with RIS's tags and has titles among them."""
    lines = [line for line in head.splitlines() if line.strip()]
    tags = [match.group(1) for line in lines if (match := _ANY.match(line))]
    begins = any(_ANY.match(line) for line in lines[:1])
    return begins and bool({"TI", "T1"} & set(tags)) and len(set(tags)) > 2


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records."""
    first = "TY" if _START.search(document.head) else "[A-Z][A-Z0-9]"
    tag = _STRICT if re.search(rf"^\s*{first}  -", document.head, re.MULTILINE) else _LOOSE
    return tagged_entries(document.lines(), tag, _LAYOUT, _entry)


def _entry(record: TaggedRecord) -> Entry:
    date = record.first("DA", "Y1", "PY")  # Y2 is the day of a visit
    date = date if identifiers.year(date) else f"{date} {record.first('PY')}"  # EndNote: "May 4", and the year apart
    kind = publication_types.of_ris(record.first("TY"), record.first("M3"))
    authors = record.all("AU", "A1")
    editors = record.all("ED", "A2") or record.all("A3")
    return Entry(
        line=record.line,
        key=record.first("ID", "LB"),
        title=_title(record),
        abstract=_abstract(record),
        authors=tuple(map(_name, authors)),
        year=record.first("PY", "Y1", "YR", "DA"),
        published=date if identifiers.year(date) else "",
        venue=_venue(record, kind),
        doi=_doi(record),
        arxiv_id=next((text for text in record.all("UR", "L1", "L2") if identifiers.arxiv_id_of_url(text)), "")
        or next((text for text in _notes(record) if "arxiv" in text.lower()), ""),
        pmid=_pmid(record),
        url=record.first("UR", "L2", "LK"),
        notices=_notices(record),
        kind=kind,
        volume=record.first("VL"),
        issue=record.first("IS", "CP") or _cochrane(record, "NO"),
        pages=page_range(record.first("SP"), record.first("EP")) or record.first("AR") or _cochrane(record, "PG"),
        series=record.first("T3") or (record.first("T2") if _is_series_in_t2(record) else ""),
        edition=record.first("ET"),
        publisher=record.first("PB"),
        editors=tuple(map(_name, editors)),
        groups=tuple(_name(name) for name in (*authors, *editors) if name.endswith(",")),
        keywords=record.all("KW", "K1"),
        isbn=" ".join(record.all("SN")),
        issn=" ".join(record.all("SN")),
        notes=tuple(text for text in record.all("N1") if _is_note(text)),
        types=(*record.all("M3"), *record.all("PT"), *record.all("DT"), *record.all("U2")),
    )


def _cochrane(record: TaggedRecord, tag: str) -> str:
    """Return the issue or the pages as Cochrane writes them; elsewhere NO is a note."""
    text = record.first(tag)
    return text if re.fullmatch(r"[\w.,/ -]{1,20}", text) else ""


def _is_note(text: str) -> bool:
    """Return whether a note is one: Scopus puts its references there, Pincite the notices, EndNote the types."""
    return not (of_note(text) or text.startswith(("References", "Export Date", "Cited By")))


def _notices(record: TaggedRecord) -> tuple[Notice, ...]:
    """Return the notices in notes, as Pincite, EndNote and Zotero keep them."""
    texts = [*record.all("N1"), *record.all("M1")]
    return tuple(dict.fromkeys(notice for text in texts for notice in of_note(text)))


def _name(text: str) -> str:
    """Return a name; one that ends with a comma is all family name, as EndNote marks organisations."""
    return text.rstrip(" ,")


def _venue(record: TaggedRecord, kind: str) -> str:
    """Return the journal or book; of a conference C3 is its proceedings in files of Scopus and Zotero."""
    if _is_series_in_t2(record):
        return record.first("C3")
    others = {"paper-conference": "C3", "book": "T3"}
    return record.first("JF", "JO", "T2", "JA", "J2", "J1", "BT", *([others[kind]] if kind in others else []))


def _is_series_in_t2(record: TaggedRecord) -> bool:
    """Return whether this is a Scopus paper in a conference (C3) of a series (T2)."""
    return bool(record.first("DB") == "Scopus" and record.first("TY") == "CONF" and record.first("C3"))


def _title(record: TaggedRecord) -> str:
    """Return the title; with both TI and T1, one may be cut off."""
    if record.first("TY").upper() in _BOOKS and record.first("BT"):
        return record.first("BT")
    return max(record.first("TI"), record.first("T1"), key=len) or record.first("CT", "BT", "ST")


def _abstract(record: TaggedRecord) -> str:
    """Return AB or N2, whichever says more; an abstract in several lines of one tag is one abstract."""
    parts = [" ".join(dict.fromkeys(record.all(tag))) for tag in ("AB", "N2", "A5")]
    return max(parts, key=len)


def _doi(record: TaggedRecord) -> str:
    for tag in ("DO", "DOI", "DI", "M3", "L3", "LK"):
        found = next((text for text in record.all(tag) if identifiers.doi(text)), "")
        if found:
            return found
    address = next((text for text in record.all("UR") if "doi" in text.lower()), "")
    return address or next(filter(None, map(identifiers.doi_of_note, _notes(record))), "")


def _notes(record: TaggedRecord) -> Iterator[str]:
    """Yield the notes on the paper itself: Scopus puts the whole list of its references into one."""
    for tag in ("N1", "M1", "M2", "U1", "U2", "C1", "C2", "C7", "AN"):
        notes = (text for text in record.all(tag) if len(text) < 200 and not text.startswith("References"))
        yield from (text for text in notes if not noted(text))  # a notice names its own DOI and PMID


def _pmid(record: TaggedRecord) -> str:
    """Return the PubMed id where a tag is its own, or the database or a mark says that the number is one."""
    notes = " ".join((*_notes(record), *record.all("UR")))
    if marked := re.search(
        r"(?:PMID|PubMed ?ID|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/)[\s:\-]*(\d{1,8})\b", notes, re.IGNORECASE
    ):
        return marked.group(1)
    database = " ".join((*record.all("DB"), *record.all("DP"))).lower()
    # Scopus keeps it in C2, which holds PMC's number in files of EndNote.
    number = record.first("C2") if "scopus" in database else record.first("AN")
    known = any(name in database for name in ("pubmed", "medline", "nlm", "scopus"))
    return record.first("PM") or (number if known and number.isdigit() else "")


FORMAT = Format("ris", recognise, entries, (".ris",))
