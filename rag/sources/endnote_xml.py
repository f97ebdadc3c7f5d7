"""EndNote XML, as EndNote, Mendeley, Zotero and bibutils write it: texts wrapped in `<style>`, lines ended by CR."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rag.bibliography import publication_types
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.notice_fields import of_note
from rag.sources.xmlfile import inner, parsed, text, texts, xml_records

_FACES = {"superscript": "sup", "subscript": "sub"}


def recognise(head: str) -> bool:
    """Recognise records with a type or number of a reference, or a list of records with titles inside titles."""
    within = r"<records[\s>].*?<record[\s>].*?<(?:contributors|titles)[\s>]"
    return bool(re.search(rf"<record[\s>].*?<(?:ref-type|rec-number)[\s>]|{within}", head, re.DOTALL))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records."""
    for record in xml_records(document, ("record",)):
        found = record.flaw or parsed(record.text)
        if isinstance(found, str):
            title = re.search(r"<title>\s*(?:<style[^>]*>)?([^<]*)", record.text)
            yield Flaw(found, record.line, title.group(1) if title else "")
        else:
            yield _entry(found, record.line)


def _entry(record: Element, line: int) -> Entry:
    for style in record.iter("style"):
        style.tag = _FACES.get(style.get("face", ""), "span")
    authors = texts(record, "contributors/authors/author")
    editors = texts(record, "contributors/secondary-authors/author")
    link = next((url for url in texts(record, "urls/*/url") if url.startswith("http")), "")
    return Entry(
        line=line,
        key=text(record, "label") if re.fullmatch(r"[\w:.+/-]+", text(record, "label")) else "",
        title=inner(record.find("titles/title")),
        abstract=inner(record.find("abstract")),
        authors=tuple(name.rstrip(" ,") for name in authors),
        year=text(record, "dates/year") or text(record, "dates/pub-dates/date"),
        published=" ".join(filter(None, (text(record, "dates/pub-dates/date"), text(record, "dates/year")))),
        venue=text(record, "periodical/full-title")
        or text(record, "titles/secondary-title")
        or text(record, "alt-periodical/full-title"),
        doi=text(record, "electronic-resource-num")
        or next((url for url in texts(record, "urls/*/url") if "doi.org/" in url), ""),
        pmid=_pmid(record),
        url=link,
        kind=publication_types.of_name(reference.get("name", ""))
        if (reference := record.find("ref-type")) is not None
        else "",
        volume=text(record, "volume"),
        issue=text(record, "number") or text(record, "issue"),
        pages=text(record, "pages"),
        series=text(record, "titles/tertiary-title"),
        edition=text(record, "edition"),
        publisher=text(record, "publisher"),
        editors=tuple(name.rstrip(" ,") for name in editors),
        groups=tuple(name.rstrip(" ,") for name in (*authors, *editors) if name.endswith(",")),
        notices=tuple(notice for note in _notes(record) for notice in of_note(note)),
        types=(text(record, "work-type"),),
        keywords=texts(record, "keywords/keyword"),
        isbn=text(record, "isbn"),
        issn=text(record, "isbn"),
        notes=tuple(note for note in _notes(record) if not of_note(note)),
    )


def _notes(record: Element) -> list[str]:
    """Return the notes, with the line ends that EndNote puts between PubMed's publication types."""
    found = (element for name in ("notes", "research-notes") for element in record.iterfind(name))
    return ["".join(element.itertext()).replace("\r", "\n") for element in found]


def _pmid(record: Element) -> str:
    """Return the accession number where the database is PubMed."""
    database = f"{text(record, 'remote-database-name')} {text(record, 'remote-database-provider')}".lower()
    number = text(record, "accession-num")
    known = any(name in database for name in ("pubmed", "medline", "nlm")) or number.upper().startswith("PMID")
    return number if known else ""


FORMAT = Format("endnote-xml", recognise, entries)
