"""JSON of every kind: each record is read in the dialect that its fields show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from rag.errors import SourceError
from rag.sources import arxiv, beir, crossref, csljson, europepmc, openalex, plainjson, semanticscholar, solr, zotero
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.json_nesting import no_paper, papers_in
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
    for module in (zotero, openalex, semanticscholar, europepmc, arxiv, crossref, solr, beir, csljson, plainjson)
)


def recognise(head: str) -> bool:
    """Recognise JSON by its first characters: a list or an object with a name in quotes."""
    return bool(
        re.match(r"\s*(?:\[(?:\s*null\s*,)*\s*(?:\[\s*)?(?:\{\s*(?:\"|\})|\]|$)|\[\s*\[\s*\"|\{\s*(?:\"|\}|$))", head)
    )


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
        for one in papers_in(record, _is_read):
            reason = no_paper(one) if alone and not _is_read(one) else ""
            yield Flaw(reason, line) if reason else _read(one, line, plain)


def _is_read(record: JsonObject) -> bool:
    """Return whether a service's dialect finds a title or an abstract in an object, maybe one level down."""
    dialect = _dialect(record)
    if dialect.name == plainjson.NAME:
        return False
    found = dialect.entry(record, None)
    return bool(found.title or found.abstract)


def _dialect(record: JsonObject) -> Dialect:
    return next(known for known in DIALECTS if known.matches(record))


def _read(record: JsonObject, line: int, plain: str) -> Entry:
    """Return the entry of a record in its own dialect; `plain` is what to call one of our own names."""
    dialect = _dialect(record)
    found = dialect.entry(record, line)
    return replace(found, format=plain if dialect.name == plainjson.NAME else dialect.name)


FORMAT = Format("json", recognise, entries, (".json", ".jsonl", ".ndjson"))
