"""CSL-JSON, as Zotero, pandoc and DOI resolvers write it: a list of items, or one.

https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables
"""

from __future__ import annotations

import re

from rag.bibliography import publication_types
from rag.sources.entry import Entry, keyword_line
from rag.sources.jsonrecord import JsonObject, date_parts, first, groups, names
from rag.sources.notice_fields import noted

NAME = "csl-json"
_TYPES = {row.csl for row in publication_types.KINDS.values()}
# Lines of a note in which Zotero keeps fields.
_EXTRA = re.compile(r"\s*(?:arxiv|pmid|pmcid|doi|citation[ -]key|tex\.\w+|original[ -]\w+|type|is[sb]n)\b[^:]*:", re.I)
_PLAIN_NAMES = {"authors", "year", "venue", "journal", "date", "published"}


def matches(record: JsonObject) -> bool:
    """Recognise an item by names that only CSL writes so, or by a type of CSL where nothing is named otherwise."""
    return any(name in record for name in ("container-title", "issued", "citation-key")) or (
        "type" in record
        and (
            "DOI" in record or "URL" in record or (first(record, "type") in _TYPES and _PLAIN_NAMES.isdisjoint(record))
        )
    )


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of an item."""
    note = first(record, "note", "annote")
    date = date_parts(record.get("issued")) or date_parts(record.get("published"))
    return Entry(
        line=line,
        key=_key(record),
        title=first(record, "title"),
        abstract=first(record, "abstract"),
        authors=names(record.get("author") or record.get("editor")),
        year=date,
        published=date,
        venue=first(record, "container-title", "event-title", "collection-title", "container-title-short"),
        doi=first(record, "DOI", "doi"),
        arxiv_id=extra_field("arxiv", note)
        or (first(record, "number") if "arxiv" in first(record, "number").lower() else ""),
        pmid=first(record, "PMID") or extra_field("pmid", note),
        url=first(record, "URL"),
        notices=noted(note),
        kind=publication_types.of_csl(first(record, "type"), first(record, "genre")),
        volume=first(record, "volume"),
        issue=first(record, "issue") or ("" if "arxiv" in first(record, "number").lower() else first(record, "number")),
        pages=first(record, "page"),
        series=first(record, "collection-title"),
        edition=first(record, "edition"),
        publisher=first(record, "publisher"),
        editors=names(record.get("editor")),
        groups=(*groups(record.get("author")), *groups(record.get("editor"))),
        types=(first(record, "genre"), note),
        keywords=(keyword_line(first(record, "keyword")),),
        isbn=first(record, "ISBN"),
        issn=first(record, "ISSN"),
        notes=tuple(line for line in note.split("\n") if not (_EXTRA.match(line) or noted(line))),
    )


def _key(record: JsonObject) -> str:
    """Return the user's key; Zotero without keys puts an item's address in its place."""
    key = first(record, "citation-key", "id")
    return "" if "://" in key else key


def extra_field(name: str, note: str) -> str:
    """Return what Zotero keeps in its extra field: lines such as `PMID: 123` and `arXiv: 2001.01234`."""
    match = re.search(rf"^\s*{name}[^:\n]*:\s*(\S+)", note, re.IGNORECASE | re.MULTILINE)
    return match.group(1) if match else ""
