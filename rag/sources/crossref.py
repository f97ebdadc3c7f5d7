"""Crossref's JSON: works of its REST API, one or a list, with abstracts in JATS and updates such as retractions.

https://api.crossref.org/swagger-ui/index.html, https://github.com/CrossRef/rest-api-doc/blob/master/api_format.md
"""

from __future__ import annotations

from rag.bibliography import publication_types
from rag.sources.entry import Entry
from rag.sources.jsonrecord import JsonObject, date_parts, first, groups, names, table, tables, text_of
from rag.sources.notice_fields import combined, names_in, update_kind
from rag.types import Notice

NAME = "crossref"
_DATES = ("published", "published-print", "published-online", "issued", "posted", "created")


def matches(record: JsonObject) -> bool:
    """Recognise a work by a DOI and a list of titles, or the reply around one."""
    inner = table(record.get("message")) or record
    return "DOI" in inner and (isinstance(inner.get("title"), list) or "reference-count" in inner or "prefix" in inner)


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of a work."""
    work = table(record.get("message")) or record
    date = next((found for name in _DATES if (found := date_parts(work.get(name)))), "")
    return Entry(
        line=line,
        title=_title(work),
        abstract=first(work, "abstract"),
        authors=names(work.get("author")),
        year=date,
        published=date,
        venue=_first_of(work.get("container-title")) or _institution(work),
        doi=first(work, "DOI"),
        url=first(work, "URL") or first(table(table(work.get("resource")).get("primary")), "URL"),
        notices=_notices(work),
        kind=publication_types.of_name(first(work, "type")),
        volume=first(work, "volume"),
        issue=first(work, "issue"),
        pages=first(work, "page", "article-number"),
        edition=first(work, "edition-number"),
        publisher=first(work, "publisher"),
        editors=names(work.get("editor")),
        groups=(*groups(work.get("author")), *groups(work.get("editor"))),
        types=(first(work, "type"), first(work, "subtype")),
        keywords=tuple(text_of(word) for word in subjects) if isinstance(subjects := work.get("subject"), list) else (),
        isbn=_first_of(work.get("ISBN")),
        issn=_first_of(work.get("ISSN")),
    )


def _title(work: JsonObject) -> str:
    title, subtitle = _first_of(work.get("title")), _first_of(work.get("subtitle"))
    return f"{title}: {subtitle}" if title and subtitle and subtitle.lower() not in title.lower() else title


def _first_of(value: object) -> str:
    """Return the first text of a list: the others are translations or abbreviations."""
    return next((text_of(item) for item in value if text_of(item)), "") if isinstance(value, list) else text_of(value)


def _institution(work: JsonObject) -> str:
    """Return a preprint's server."""
    return next((first(item, "name") for item in tables(work.get("institution"))), "")


def _notices(work: JsonObject) -> tuple[Notice, ...]:
    """Return updates of this work, and what this work is an update of (then it is a notice itself)."""
    found = []
    for field, words in (("updated-by", "by"), ("update-to", "of")):
        for update in tables(work.get(field)):
            kind = update_kind(first(update, "type", "update-type") or first(update, "label"))
            if kind:
                text = f"{first(update, 'label', 'type')} {words} {first(update, 'DOI')}".strip()
                found.append(Notice(kind, text, of=names_in(first(update, "DOI")) if words == "of" else ()))
    for name, others in table(work.get("relation")).items():
        kinds = {"is-retracted-by": "retraction", "is-corrected-by": "correction", "retracts": "retraction",
                 "corrects": "correction"}  # fmt: skip
        if kind := kinds.get(str(name).lower()):
            ids = ", ".join(first(other, "id") for other in tables(others))
            of = () if str(name).lower().endswith("by") else names_in(ids)
            found.append(Notice(kind, f"{name} {ids}".strip(), of=of))
    return combined(found)
