"""JSON of every kind: each record is read in the dialect that its fields show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from rag.errors import SourceError
from rag.sources import arxiv, beir, crossref, csljson, europepmc, openalex, plainjson, semanticscholar, zotero
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.jsonfile import is_json_lines, json_records
from rag.sources.jsonrecord import JsonObject, first


class Dialect(NamedTuple):
    """One service's way to write a record."""

    name: str
    matches: Callable[[JsonObject], bool]
    entry: Callable[[JsonObject, int | None], Entry]


# In the order in which they are asked; the plain names come last and take what is left.
DIALECTS = tuple(
    Dialect(module.NAME, module.matches, module.entry)
    for module in (zotero, openalex, semanticscholar, europepmc, arxiv, crossref, beir, csljson, plainjson)
)


# Names under which the dialects know a paper's title or abstract, in lower case.
_TITLED = {"title", "paper_title", "papertitle", "display_name", "abstract", "abstract_text", "abstracttext", "text",
           "abstract_inverted_index", "summary", "name", "itemtype"}  # fmt: skip
_IDENTIFIED = {"DOI", "doi", "paperId", "id", "key", "pmid"}
# Names under which a dialect looks for the paper itself.
_WITH_PAPER_INSIDE = ("data", "message", "paper", "citedPaper", "citingPaper")


def recognise(head: str) -> bool:
    """Recognise JSON by its first characters: a list or an object with a name in quotes."""
    return bool(re.match(r"\s*(?:\[\s*(?:\[\s*)?(?:\{\s*(?:\"|\})|\]|$)|\{\s*(?:\"|\}|$))", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records. Raises SourceError where the file breaks off in the middle of a list or of its only record."""
    if not recognise(document.head):
        raise SourceError(document.name, "this isn't JSON: it must begin with [ or {", 1)
    plain = "jsonl" if is_json_lines(document.head) else plainjson.NAME
    alone = plain != "jsonl" and document.head.lstrip().startswith("{")
    for line, record in json_records(document):
        if isinstance(record, str):
            yield Flaw(record, line)
            continue
        if set(record) & {"error", "errors"} and not set(record) & {"title", "abstract"}:
            yield Flaw(f"a service's error, not a paper: {first(record, 'message', 'error')[:200]}", line)
            continue
        for one in _papers_in(_unwrapped(record)):
            yield Flaw(reason, line) if alone and (reason := _no_paper(one)) else _read(one, line, plain)


def _read(record: JsonObject, line: int, plain: str) -> Entry:
    """Return the entry of a record in its own dialect; `plain` is what to call one of our own names."""
    dialect = next(known for known in DIALECTS if known.matches(record))
    found = dialect.entry(record, line)
    return replace(found, format=plain if dialect.name == plainjson.NAME else dialect.name)


def _papers_in(record: JsonObject) -> list[JsonObject]:
    """Return the papers of an object that is none: each under its id, or all in a list, as a page of a reply has them.

    Any other object is returned as it is.
    """
    if not record.keys().isdisjoint({*_TITLED, *_IDENTIFIED}):
        return [record]
    inside = [value for value in record.values() if isinstance(value, dict) and not _TITLED.isdisjoint(value)]
    if len(inside) == len(record) > 1 and record.keys().isdisjoint(_WITH_PAPER_INSIDE):
        return inside
    lists = [found for value in record.values() if (found := _listed(value))]
    return lists[0] if len(lists) == 1 else [record]


def _listed(value: object) -> list[JsonObject]:
    """Return the papers in a list whose first item has a title or an abstract of its own; else nothing."""
    items = [_unwrapped(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return items if items and not {"title", "abstract"}.isdisjoint(items[0]) else []


def _unwrapped(record: JsonObject) -> JsonObject:
    """Return the paper in an object that only wraps it, such as `{"node": {…}}` or `{"_source": {…}}`."""
    while _TITLED.isdisjoint(record):
        inside = [value for value in record.values() if isinstance(value, dict) and not _TITLED.isdisjoint(value)]
        if len(inside) != 1 or any(name in record for name in _WITH_PAPER_INSIDE):
            return record
        record = inside[0]
    return record


def _no_paper(record: JsonObject) -> str:
    """Name the lists and objects of an object that is no paper but may hold some; empty for others."""
    nested = [str(name) for name, value in record.items() if value and isinstance(value, dict | list)]
    inside = any(name in record for name in _WITH_PAPER_INSIDE)
    if not nested or inside or not _TITLED.isdisjoint({str(name).lower() for name in record}):
        return ""
    if not any(isinstance(record[name], dict) or _has_objects(record[name]) for name in nested):
        return ""
    return f"an object around {', '.join(map(repr, nested[:4]))}, no paper: save the list of papers alone, as an array"


def _has_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


FORMAT = Format("json", recognise, entries, (".json", ".jsonl", ".ndjson"))
