"""The citations that reference managers keep in the fields of a Word document: Zotero, Mendeley, EndNote, Word itself.

A field holds the record of each paper that it cites, so its title and DOI are known whatever the style shows of them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from rag.manuscript.author_year import author_year_key

# A title and what else names a paper, in the order in which an entry of a list of references has them.
Named = tuple[str, str, str, str]

_MENDELEY_TAG = "MENDELEY_CITATION_v3_"
_RECORD = re.compile(r"<record>(.*?)</record>", re.DOTALL)
_TAGS = re.compile(r"<[^<>]{1,300}>")
_WORD_KEYS = re.compile(r"CITATION\s+(\S+)|\\m\s+(\S+)")
_SOURCE = re.compile(r"<b:Source>(.*?)</b:Source>", re.DOTALL)


def cited_in_field(code: str, sources: Mapping[str, Named]) -> list[Named]:
    """Return the papers that a field cites by its code, none for a field of another kind."""
    if "CSL_CITATION" in code:
        return _of_json(code[code.find("{") :] if "{" in code else "")
    if "EN.CITE" in code:
        return [named for record in _RECORD.findall(code) if (named := _of_endnote(record))]
    if code.strip().startswith("CITATION "):
        keys = (one or other for one, other in _WORD_KEYS.findall(code))
        return [sources[key] for key in keys if key in sources]
    return []


def cited_in_tag(tag: str) -> list[Named]:
    """Return the papers that a content control cites by its tag, as Mendeley Cite writes it."""
    if not tag.startswith(_MENDELEY_TAG):
        return []
    try:
        return _of_json(base64.b64decode(tag.removeprefix(_MENDELEY_TAG) + "==").decode())
    except ValueError:
        return []


def unpacked(data: str) -> str:
    """Return what EndNote packs next to a long field, empty where it is something else."""
    try:
        return base64.b64decode(data).decode("utf-8").rstrip("\0") if data.strip() else ""
    except ValueError:
        return ""


def sources_of(xml: str) -> dict[str, Named]:
    """Return Word's own list of sources by tag."""
    found = {}
    for source in _SOURCE.findall(xml):
        named = (
            _between(source, "<b:Last>", "</b:Last>"),
            _between(source, "<b:Year>", "</b:Year>"),
            _between(source, "<b:Title>", "</b:Title>"),
            _between(source, "<b:DOI>", "</b:DOI>"),
        )
        found[_between(source, "<b:Tag>", "</b:Tag>")] = named
    return found


def entry_of(named: Named) -> tuple[str, str]:
    """Return the key and the entry of a list of references for a paper."""
    author, year, title, doi = named
    key = author_year_key(author, year) if author.strip() and year else title or doi
    return key, " ".join(part for part in (f"{author}." if author else "", f"({year}).", f"{title}.", doi) if part)


def _of_json(text: str) -> list[Named]:
    try:
        citation, _ = json.JSONDecoder().raw_decode(text)
        return list(_items(citation))
    except (ValueError, RecursionError):
        return []


def _items(citation: Any) -> Iterator[Named]:
    items = citation.get("citationItems") if isinstance(citation, dict) else None
    for item in items if isinstance(items, list) else ():
        data = item.get("itemData") if isinstance(item, dict) else None
        if isinstance(data, dict) and (data.get("title") or data.get("DOI")):
            yield _author(data), _year(data), str(data.get("title") or ""), str(data.get("DOI") or "")


def _author(data: Mapping[str, Any]) -> str:
    authors = data.get("author")
    first = authors[0] if isinstance(authors, list) and authors else None
    return str(first.get("family") or first.get("literal") or "") if isinstance(first, dict) else ""


def _year(data: Mapping[str, Any]) -> str:
    found = re.search(r"\b(?:1[89]|20)\d\d\b", str(data.get("issued") or ""))
    return found[0] if found else ""


def _of_endnote(record: str) -> Named | None:
    author = _between(record, "<author>", "</author>").partition(",")[0]
    title = _between(record, "<title>", "</title>")
    doi = _between(record, "<electronic-resource-num>", "</electronic-resource-num>")
    return (author, _between(record, "<year>", "</year>"), title, doi) if title or doi else None


def _between(text: str, opening: str, closing: str) -> str:
    """Return what is between two tags the first time, as plain text."""
    _, _, rest = text.partition(opening)
    return " ".join(unescape(_TAGS.sub("", rest.partition(closing)[0])).split())
