"""arXiv's two formats: the Atom feed of its API, and the metadata snapshot with one JSON object a paper.

https://info.arxiv.org/help/api/user-manual.html#_details_of_atom_results_returned,
https://www.kaggle.com/datasets/Cornell-University/arxiv
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rag.errors import SourceError
from rag.sources import identifiers
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.jsonrecord import JsonObject, first, tables, text_of
from rag.sources.xmlfile import inner, parsed, text, texts, xml_records
from rag.types import Notice

NAME = "arxiv"
_ANNOUNCED = "oai:arxiv.org:"
# What a list of new papers writes above an abstract: "arXiv:2405.01234v1 Announce Type: new \n Abstract: …".
_ANNOUNCEMENT = re.compile(r"\A\s*(?:arXiv:\S+\s+)?(?:Announce Type: \S+\s+)?(?:Abstract: )?(?=\S)")
_WITHDRAWN = re.compile(r"\bwithdrawn\b", re.IGNORECASE)


def matches(record: JsonObject) -> bool:
    """Recognise a paper of the snapshot by fields that no other format has."""
    return "authors_parsed" in record or ("categories" in record and ("submitter" in record or "versions" in record))


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of a paper of the snapshot. The first version's date is the paper's."""
    versions = tables(record.get("versions"))
    created = first(versions[0], "created") if versions else first(record, "update_date")
    return Entry(
        line=line,
        title=first(record, "title"),
        abstract=first(record, "abstract"),
        authors=_parsed_names(record.get("authors_parsed")) or _names(first(record, "authors")),
        year=created,
        published=re.sub(r"^[A-Z][a-z]{2}, ", "", created),
        venue=first(record, "journal-ref"),
        doi=first(record, "doi").split(" ")[0],
        arxiv_id=first(record, "id"),
        url=f"https://arxiv.org/abs/{first(record, 'id')}" if first(record, "id") else "",
        notices=withdrawal(first(record, "comments")),
        kind="" if first(record, "journal-ref") else "article",
    )


def _parsed_names(value: object) -> tuple[str, ...]:
    rows = [row for row in value if isinstance(row, list)] if isinstance(value, list) else []
    names = (([text_of(part) for part in row] + ["", "", ""])[:3] for row in rows)
    return tuple(filter(None, (", ".join(filter(None, (" ".join(filter(None, (n[0], n[2]))), n[1]))) for n in names)))


def _names(authors: str) -> tuple[str, ...]:
    """Split `A. Fell, B. Ng (Fjord Lab) and C. Oe`: the text in brackets is their affiliation."""
    outside = re.sub(r"\([^()]*\)", "", authors)
    return tuple(name.strip() for name in re.split(r",|\sand\s", outside) if name.strip())


def withdrawal(comment: str) -> tuple[Notice, ...]:
    """Return a notice where an author's comment says that the paper is withdrawn."""
    return (Notice("retraction", comment),) if _WITHDRAWN.search(comment) else ()


def recognise(head: str) -> bool:
    """Recognise a feed with entries that are named by arXiv's addresses, or its error."""
    named = re.search(r"<(?:\w+:)?id>\s*https?://[\w.]*arxiv\.org/", head, re.IGNORECASE)
    return bool(named and re.search(r"<(?:\w+:)?(?:feed|entry)[\s>]", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the papers of a feed. Raises SourceError where arXiv answered with an error, which holds no paper."""
    for record in xml_records(document, ("entry",)):
        found = record.flaw or parsed(record.text)
        if isinstance(found, str):
            title = re.search(r"<title[^>]*>([^<]*)", record.text)
            yield Flaw(found, record.line, title.group(1) if title else "")
        elif "/api/errors" in text(found, "id"):
            raise SourceError(
                document.name, f"arXiv answered with an error, no papers: {text(found, 'summary')}", record.line
            )
        elif text(found, "id").lower().startswith(_ANNOUNCED):
            yield announced_entry(found, record.line)
        elif "arxiv.org/" not in text(found, "id"):
            yield Flaw("an entry of another feed, not an arXiv paper", record.line, text(found, "title"))
        else:
            yield feed_entry(found, record.line)


def announced_entry(found: Element, line: int | None) -> Entry:
    """Return the entry of a paper in a list of new ones, as RSS or Atom: its date is that of the list."""
    name = next((value for place in ("guid", "id", "link") if (value := text(found, place))), "")
    number = identifiers.arxiv_id(name) or ""
    month = re.search(r"(?:^|/)(\d\d)(\d\d)", number)
    century = "19" if month and month[1] > "90" else "20"
    date = f"{century}{month[1]}-{month[2]}" if month else ""
    authors = texts(found, "creator")
    return Entry(
        line=line,
        title=inner(found.find("title")),
        abstract=_ANNOUNCEMENT.sub("", text(found, "description") or text(found, "summary")),
        authors=tuple(name for one in authors for name in _names(one)),
        year=date,
        published=date,
        venue=text(found, "journal_reference"),
        doi=text(found, "DOI"),
        arxiv_id=number,
        url=f"https://arxiv.org/abs/{number}" if number else text(found, "link"),
        kind="" if text(found, "journal_reference") else "article",
    )


def feed_entry(found: Element, line: int | None) -> Entry:
    """Return the entry of one `<entry>` of a feed."""
    links = {link.get("title") or link.get("rel") or "": link.get("href") or "" for link in found.iterfind("link")}
    return Entry(
        line=line,
        title=inner(found.find("title")),
        abstract=inner(found.find("summary")),
        authors=texts(found, "author/name"),
        year=text(found, "published"),
        published=text(found, "published"),
        venue=text(found, "journal_ref"),
        doi=text(found, "doi") or links.get("doi", ""),
        arxiv_id=text(found, "id"),
        url=links.get("alternate") or text(found, "id"),
        notices=withdrawal(text(found, "comment")),
        kind="" if text(found, "journal_ref") else "article",
    )


FORMAT = Format(NAME, recognise, entries)
