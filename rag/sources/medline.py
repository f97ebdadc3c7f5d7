"""MEDLINE tagged text, as PubMed ("PubMed" and ".nbib") and Ovid export it.

https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources import identifiers, ovid
from rag.sources.decoding import Document, Line
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.notice_fields import names_in
from rag.sources.record_boundaries import tagged_entries
from rag.sources.source_line import source_line
from rag.sources.tagged_record import Layout, TaggedRecord
from rag.types import Notice

# The hyphen is in the fifth column, in ERIC's ISSN and ISBN in the sixth; in Ovid's files continuation lines begin in
# the first ("SARS - positive", "HER2- tumours"), so a tag of four characters is one of MEDLINE's.
_LONG = "PMID|OABL?|AUID|CTDT|EDAT|MHDA|CRDT|PHST|COIS|IRAD|ISBN|ISSN|PUBM|SPIN|SRPR|UIOF|PRIN|PROF|[DC]RIN|DDIN|DRDT"
_TAG = re.compile(rf"^(?=.{{4}}-(?: |$)|IS[SB]N - )([A-Z][A-Z0-9]{{1,2}}|{_LONG}) *-(?: (.*))?$")
# What begins a record: the first of these tags that the file has: PubMed, Ovid, old MEDLINE, ERIC.
_STARTS = {
    "PMID": re.compile(r"^PMID- *\d", re.MULTILINE),
    "VN": re.compile(r"^VN *- *Ovid", re.MULTILINE),
    "UI": re.compile(r"^UI *- *\d", re.MULTILINE),
    "OWN": re.compile(r"^OWN *- \S", re.MULTILINE),
    "FAU": re.compile(r"^FAU *- \S", re.MULTILINE),
}
# https://www.nlm.nih.gov/bsd/mms/medlineelements.html: each names the notice, or the paper that this is a notice about.
_ABOUT_OTHERS = {"ROF", "PROF", "EFR", "CRF", "ECF"}
_UPDATES = {"RIN": "retraction", "ROF": "retraction", "PRIN": "retraction", "PROF": "retraction", "EIN": "correction",
            "EFR": "correction", "CRI": "correction", "CRF": "correction", "ECI": "concern",
            "ECF": "concern"}  # fmt: skip


def recognise(head: str) -> bool:
    """Recognise tags from the beginning on, with one among them that MEDLINE alone begins its records with."""
    lines = [line for line in head.splitlines() if line.strip() and not ovid.NUMBER.match(line)]
    return bool(lines and _TAG.match(lines[0].strip()) and _start(head))


def _start(head: str) -> str:
    return next((tag for tag, found in _STARTS.items() if found.search(head)), "")


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records; most files begin each with its id."""
    start = _start(document.head) or "PMID"
    indented = start == "PMID" and re.search(r"^[ \t]+\S", document.head, re.MULTILINE)  # as PubMed does
    layout = Layout(
        "MEDLINE", starts={start}, titles={"TI", "BTI"}, abstracts={"AB"}, once={"DP", "PMID", "UI", "OWN"},
        authors={"FAU", "AU"}, indented=bool(indented),
    )  # fmt: skip
    lines = (Line(line.number, "" if ovid.NUMBER.match(line.text) else line.text) for line in document.lines())
    return tagged_entries(lines, _TAG, layout, _entry)


def _entry(record: TaggedRecord) -> Entry:
    source = source_line(record.first("SO"))
    names = (*record.all("FAU", "AU", "FA"), *record.all("CN"))
    from_ovid = "ovid" in record.first("VN").lower()
    title = record.first("TI", "BTI", "CTI", "TT")
    date = record.first("DP", "YR")
    printed = date if identifiers.year(record.first("DP")) else _electronic(record.first("DEP"))
    if from_ovid and date in source.date:  # the year alone, and the day after the journal
        printed = source.date
    return Entry(
        line=record.line,
        title=ovid.title(title) if from_ovid else title,
        abstract=" ".join(record.all("AB")) or " ".join(record.all("OAB")),
        authors=tuple(map(ovid.name, names)) if from_ovid else names,
        year=date or record.first("DEP") or source.date,
        published=printed or ("" if date else source.date),
        venue=record.first("JT", "TA", "JN") or (record.first("BTI") if record.first("TI") else "") or source.venue,
        doi=_doi(record),
        pmid=record.first("PMID", "PM") or (record.first("UI") if "medline" in record.first("DB").lower() else ""),
        url=next((text for text in record.all("LID", "UR", "LK") if "://" in text), ""),
        notices=_notices(record),
        kind=_kind(record),
        volume=record.first("VO") or source.volume if from_ovid else record.first("VI", "VO"),  # Ovid's VI is a version
        issue=record.first("IP") or source.issue,
        pages=record.first("PG") or source.pages,
        edition=record.first("EN"),
        publisher=record.first("PB"),
        editors=tuple(name for name in record.all("FED", "ED") if not name.isdigit()),  # Ovid's ED is a date
        groups=record.all("CN"),
        types=(*record.all("PT"), *record.all("DT")),
        keywords=(*record.all("OT"), *record.all("KW")),
        isbn=record.first("ISBN"),
        issn=record.first("IS", "ISSN").split(" ")[0],
    )


def _doi(record: TaggedRecord) -> str:
    texts = (text for tag in ("LID", "AID", "DO", "DI") for text in record.all(tag))
    return next((text for text in texts if identifiers.doi(text)), "")


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
    return tuple(
        Notice(kind, text, of=names_in(text) if tag in _ABOUT_OTHERS else ())
        for tag, kind in _UPDATES.items()
        for text in (" ".join(text.split()) for text in record.all(tag))
    )


FORMAT = Format("medline", recognise, entries, (".nbib", ".medline"))
