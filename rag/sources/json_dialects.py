"""JSON of every kind: each record is read in the dialect that its fields show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from rag.errors import SourceError
from rag.sources import arxiv, beir, crossref, csljson, europepmc, openalex, plainjson, semanticscholar, zotero
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.jsonfile import is_json_lines, json_records
from rag.sources.jsonrecord import JsonObject, first
from rag.sources.reading import Document


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
# Names under which a dialect looks for the paper itself.
_WITH_PAPER_INSIDE = ("data", "message", "paper", "citedPaper", "citingPaper")


def recognise(head: str) -> bool:
    """Recognise JSON by its first characters: a list or an object with a name in quotes."""
    return bool(re.match(r"\s*(?:\[\s*(?:\{\s*(?:\"|\})|\]|$)|\{\s*(?:\"|\}|$))", head))


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
        record = _unwrapped(record)
        if alone and (reason := _no_paper(record)):
            yield Flaw(reason, line)
            continue
        dialect = next(known for known in DIALECTS if known.matches(record))
        found = dialect.entry(record, line)
        yield replace(found, format=plain if dialect.name == plainjson.NAME else dialect.name)


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
