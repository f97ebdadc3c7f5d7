"""Zotero's RDF: items, and apart from them the journals, books and collections that they are in.

https://github.com/zotero/translators/blob/master/Zotero%20RDF.js
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from rag.bibliography import publication_types
from rag.sources.csljson import extra_field
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.notice_fields import noted
from rag.sources.xmlfile import inner, parsed, text, texts, xml_records

_ITEMS = ("Article", "Book", "BookSection", "Thesis", "Letter", "Manuscript", "Interview", "Report", "Document",
          "Patent", "Data", "Illustration", "Image", "Recording", "MotionPicture", "Legislation", "UserItem",
          "Description")  # fmt: skip
_PLACES = ("Journal", "Series", "Conference", "Periodical", "Newspaper", "Magazine")
_NO_PAPERS = {"", "attachment", "note", "annotation"}
# The names of nodes, which are read without their namespace as all else is.
_NODE = re.compile(r"\srdf:(about|resource)(?=\s*=)")


@dataclass
class _Places:
    """What items refer to: containers by their names, how often each is one, and the collections of each item."""

    containers: dict[str, Element] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)
    collections: dict[str, list[str]] = field(default_factory=dict)


def recognise(head: str) -> bool:
    """Recognise RDF with Zotero's own names in it."""
    return bool(re.match(r"\s*(?:<[?!][^<>]*>\s*)*<rdf:RDF\b[^<>]*zotero\.org/namespaces/export", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the items. Containers and collections come below them, so the file is read twice."""
    places = _Places()
    for _, element in _elements(document, (*_ITEMS, *_PLACES, "Collection")):
        if isinstance(element, Element):
            _note(element, places)
    for line, element in _elements(document, _ITEMS):
        if isinstance(element, str):
            yield Flaw(element, line)
        elif text(element, "itemType") not in _NO_PAPERS:
            yield _entry(element, places, line)


def _elements(document: Document, names: tuple[str, ...]) -> Iterator[tuple[int, Element | str]]:
    for record in xml_records(document, names):
        yield record.line, record.flaw or parsed(_NODE.sub(r" \1", record.text))


def _note(element: Element, places: _Places) -> None:
    name = element.get("about", "")
    if element.tag == "Collection":
        for part in element.iterfind("hasPart"):
            places.collections.setdefault(part.get("resource", ""), []).append(text(element, "title"))
    elif text(element, "itemType"):
        places.used.update(part.get("resource", "") for part in element.iterfind("isPartOf"))
    elif name:
        places.containers[name] = element


def _entry(item: Element, places: _Places, line: int) -> Entry:
    held = [_held(part, places) for part in item.iterfind("isPartOf")]
    around = [one for one in held if one is not None and one.tag != "Series"]
    # What is in a container that several items share is of none of them alone.
    own = [one for one in around if places.used[one.get("about", "")] < 2]
    nodes = [item, *own]
    identifiers = [value for node in nodes for value in (*texts(node, "identifier"), *texts(node, "URI/value"))]
    extra = "\n".join("".join(found.itertext()) for found in item.iterfind("description"))
    authors, editors = _people(item, "authors"), _people(item, "editors")
    return Entry(
        line=line,
        key=extra_field("citation key", extra),
        title=inner(item.find("title")),
        abstract=inner(item.find("abstract")),
        authors=tuple(name for name, _ in authors),
        year=text(item, "date"),
        published=text(item, "date"),
        venue=_venue(item, around),
        doi=_named(identifiers, "DOI") or extra_field("doi", extra),
        arxiv_id=extra_field("arxiv", extra) or next((one for one in identifiers if "arxiv.org/" in one), ""),
        pmid=extra_field("pmid", extra),
        url=next((one for one in identifiers if one.startswith("http")), ""),
        kind=publication_types.of_name(text(item, "itemType")),
        volume=_first(nodes, "volume"),
        issue=_first(nodes, "number"),
        pages=text(item, "pages"),
        series=next((text(one, "title") for one in held if one is not None and one.tag == "Series"), ""),
        edition=text(item, "edition"),
        publisher=text(item, "publisher/Organization/name"),
        editors=tuple(name for name, _ in editors),
        groups=tuple(name for name, is_group in (*authors, *editors) if is_group),
        notices=noted(extra),
        types=(text(item, "type"), extra),
        keywords=texts(item, "subject"),
        isbn=" ".join(value for node in (item, *around) for value in texts(node, "identifier") if "ISBN" in value),
        issn=" ".join(value for node in (item, *around) for value in texts(node, "identifier") if "ISSN" in value),
        collections=tuple(places.collections.get(item.get("about", ""), ())),
    )


def _held(part: Element, places: _Places) -> Element | None:
    """Return the container that an item is part of: inside it, or under its name."""
    return next(iter(part), None) if len(part) else places.containers.get(part.get("resource", ""))


def _venue(item: Element, around: list[Element]) -> str:
    found = next((text(one, "title") for one in around if text(one, "title")), "")
    return found or text(item, "presentedAt/Conference/title") or text(item, "repository")


def _first(nodes: list[Element], name: str) -> str:
    return next((found for node in nodes if (found := text(node, name))), "")


def _named(identifiers: list[str], kind: str) -> str:
    return next((one for one in identifiers if one.startswith(f"{kind} ")), "")


def _people(item: Element, role: str) -> list[tuple[str, bool]]:
    """Return the names, and which of them are not a person's: those without a given name in a field of its own."""
    people = []
    for person in item.iterfind(f"{role}/Seq/li/*"):
        family, given = text(person, "surname"), text(person, "givenName") or text(person, "givenname")
        name = ", ".join(filter(None, (family, given))) or text(person, "name")
        people.append((name, not given))
    return people


FORMAT = Format("zotero-rdf", recognise, entries)
