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


def recognise(head: str) -> bool:
    """Recognise JSON by its first characters: a list or an object with a name in quotes."""
    return bool(re.match(r"\s*(?:\[\s*(?:\{\s*(?:\"|\})|\]|$)|\{\s*(?:\"|\}|$))", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records. Raises SourceError where the file breaks off in the middle of a list or of its only record."""
    if not recognise(document.head):
        raise SourceError(document.name, "this isn't JSON: it must begin with [ or {", 1)
    plain = "jsonl" if is_json_lines(document.head) else plainjson.NAME
    for line, record in json_records(document):
        if isinstance(record, str):
            yield Flaw(record, line)
            continue
        if set(record) & {"error", "errors"} and not set(record) & {"title", "abstract"}:
            yield Flaw(f"a service's error, not a paper: {first(record, 'message', 'error')[:200]}", line)
            continue
        dialect = next(known for known in DIALECTS if known.matches(record))
        found = dialect.entry(record, line)
        yield replace(found, format=plain if dialect.name == plainjson.NAME else dialect.name)


FORMAT = Format("json", recognise, entries, (".json", ".jsonl", ".ndjson"))
