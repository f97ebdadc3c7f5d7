"""BEIR's corpus.jsonl: `_id`, `title`, `text`, `metadata`.

https://github.com/beir-cellar/beir
"""

from __future__ import annotations

from rag.sources.entry import Entry
from rag.sources.jsonrecord import JsonObject, first, names, table

NAME = "beir"


def matches(record: JsonObject) -> bool:
    """Recognise a document by `_id` and `text`."""
    return "_id" in record and "text" in record


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of a document."""
    about = table(record.get("metadata"))
    return Entry(
        line=line,
        key=first(record, "_id"),
        title=first(record, "title"),
        abstract=first(record, "text"),
        authors=names(about.get("authors") or about.get("author")),
        year=first(about, "year", "date"),
        venue=first(about, "venue", "journal"),
        doi=first(about, "doi"),
        pmid=first(about, "pubmed_id", "pmid"),
        url=first(about, "url"),
    )
