"""Europe PMC's articles, as JSON and as XML (result type "core").

https://europepmc.org/RestfulWebService
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.jsonrecord import JsonObject, first, table, tables, text_of
from rag.sources.notice_fields import combined, names_in, update_kind
from rag.sources.xmlfile import inner, parsed, text, texts, xml_records
from rag.types import Notice

NAME = "europepmc"
# "Retraction of", "Erratum for": what this record says of another.
_OF_OTHERS = re.compile(r" (?:of|for|from)$", re.IGNORECASE)


def matches(record: JsonObject) -> bool:
    """Recognise a result by its source and the author string or abstract text."""
    return "abstractText" in record or ("authorString" in record and "source" in record)


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of a JSON result."""
    journal = table(table(record.get("journalInfo")).get("journal"))
    authors = tables(table(record.get("authorList")).get("author"))
    types = table(record.get("pubTypeList")).get("pubType")
    words = table(record.get("keywordList")).get("keyword")
    comments = [(first(item, "type"), first(item, "reference"), first(item, "id")) for item in tables(
        table(record.get("commentCorrectionList")).get("commentCorrection"))]  # fmt: skip
    date = first(record, "firstPublicationDate")
    return Entry(
        line=line,
        title=first(record, "title"),
        abstract=first(record, "abstractText"),
        groups=tuple(filter(None, (first(author, "collectiveName") for author in authors))),
        authors=tuple(filter(None, (first(author, "fullName", "collectiveName") for author in authors)))
        or _split(first(record, "authorString")),
        year=first(record, "pubYear") or date,
        published=date or first(record, "pubYear"),
        venue=first(journal, "title") or first(record, "journalTitle"),
        doi=first(record, "doi"),
        pmid=first(record, "pmid"),
        notices=_notices(comments, [str(name) for name in types] if isinstance(types, list) else []),
        kind=_kind(first(record, "source"), journal or first(record, "journalTitle")),
        volume=first(table(record.get("journalInfo")), "volume") or first(record, "journalVolume"),
        issue=first(table(record.get("journalInfo")), "issue") or first(record, "issue"),
        pages=first(record, "pageInfo"),
        keywords=tuple(map(text_of, words)) if isinstance(words, list) else (),
        issn=first(journal, "issn", "essn"),
    )


def recognise(head: str) -> bool:
    """Recognise the XML reply."""
    known = re.search(r"<(?:responseWrapper|authorString|abstractText)[\s>]", head)
    return bool(known and re.search(r"<resultList[\s>].*?<result[\s>]", head, re.DOTALL))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the results of an XML reply."""
    for record in xml_records(document, ("result",)):
        found = record.flaw or parsed(record.text)
        yield Flaw(found, record.line) if isinstance(found, str) else _xml_entry(found, record.line)


def _xml_entry(result: Element, line: int) -> Entry:
    comments = [
        (text(item, "type"), text(item, "reference"), text(item, "id"))
        for item in result.iterfind("commentCorrectionList/commentCorrection")
    ]
    authors = result.findall("authorList/author")
    date = text(result, "firstPublicationDate")
    return Entry(
        line=line,
        title=inner(result.find("title")),
        abstract=inner(result.find("abstractText")),
        groups=texts(result, "authorList/author/collectiveName"),
        authors=tuple(text(author, "fullName") or text(author, "collectiveName") for author in authors)
        or _split(text(result, "authorString")),
        year=text(result, "pubYear") or date,
        published=date or text(result, "pubYear"),
        venue=text(result, "journalInfo/journal/title") or text(result, "journalTitle"),
        doi=text(result, "doi"),
        pmid=text(result, "pmid"),
        notices=_notices(comments, list(texts(result, "pubTypeList/pubType"))),
        kind=_kind(text(result, "source"), text(result, "journalInfo/journal/title") or text(result, "journalTitle")),
        volume=text(result, "journalInfo/volume") or text(result, "journalVolume"),
        issue=text(result, "journalInfo/issue") or text(result, "issue"),
        pages=text(result, "pageInfo"),
        keywords=texts(result, "keywordList/keyword"),
        issn=text(result, "journalInfo/journal/ISSN") or text(result, "journalInfo/journal/ESSN"),
    )


def _kind(source: str, journal: object) -> str:
    """Return whether this is a preprint (source PPR)."""
    return "article" if source == "PPR" else "article-journal" if journal else ""


def _split(authors: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip(" .") for name in authors.split(","))))


def _notices(comments: list[tuple[str, str, str]], types: list[str]) -> tuple[Notice, ...]:
    found = []
    for name, reference, pmid in [*comments, *((name, "", "") for name in types)]:
        if kind := update_kind(name):
            words = f"{name} {reference}".strip()
            of = (*names_in(words), *([f"pmid:{pmid}"] if pmid.isdigit() else []))
            found.append(Notice(kind, words, of=of if _OF_OTHERS.search(name) else ()))
    return combined(found)


FORMAT = Format(NAME, recognise, entries)
