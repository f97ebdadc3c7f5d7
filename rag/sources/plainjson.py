"""JSON records under the plain names of a paper's fields: title, abstract, id, authors, year, venue, doi and so on."""

from __future__ import annotations

import re

from rag.bibliography import publication_types
from rag.sources import identifiers
from rag.sources.entry import Entry, page_range
from rag.sources.jsonrecord import JsonObject, first, names, text_of
from rag.types import Notice

NAME = "json"


def matches(record: JsonObject) -> bool:
    """Take any object: it is the last dialect to be asked."""
    return isinstance(record, dict)


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry; names of fields are compared without case, spaces and hyphens are underscores."""
    fields = {str(name).lower().replace(" ", "_").replace("-", "_"): value for name, value in record.items()}
    return Entry(
        line=line,
        key=first(fields, "key", "citation_key", "citekey", "id", "_id"),
        title=first(fields, "title", "paper_title", "name"),
        abstract=first(fields, "abstract", "abstract_text", "text", "summary", "page_content"),
        authors=names(fields.get("authors") or fields.get("author")),
        year=_date(
            fields,
            "year",
            "publication_year",
            "pub_year",
            "yearpublished",
            "year_published",
            "published",
            "date",
            "date_published",
            "publicationdate",
        ),
        published=_date(
            fields, "published", "publication_date", "date_published", "publicationdate", "date", "update_date"
        ),
        venue=first(
            fields,
            "venue",
            "journal",
            "journal_name",
            "booktitle",
            "publication",
            "container_title",
            "publication_title",
            "publicationname",
            "source_title",
        ),
        doi=first(fields, "doi"),
        arxiv_id=first(fields, "arxiv_id", "arxiv", "arxivid", "eprint"),
        pmid=first(fields, "pmid", "pubmed_id"),
        url=first(fields, "url", "link"),
        author_count=_count(fields.get("author_count")),
        organisation=first(fields, "organisation", "organization"),
        notices=_notices(fields),
        kind=_kind(fields),
        volume=first(fields, "volume"),
        issue=first(fields, "issue", "number"),
        pages=first(fields, "pages")
        or page_range(first(fields, "start_page", "startingpage"), first(fields, "end_page", "endingpage")),
        series=first(fields, "series"),
        edition=first(fields, "edition"),
        publisher=first(fields, "publisher"),
        editors=names(fields.get("editors") or fields.get("editor")),
        groups=names(fields.get("groups")),
        more_authors=fields.get("more_authors") is True,
        keywords=tuple(map(text_of, words)) if isinstance(words := fields.get("keywords"), list) else (text_of(words),),
        isbn=first(fields, "isbn"),
        issn=first(fields, "issn"),
        notes=tuple(text_of(note) for note in notes) if isinstance(notes := fields.get("notes"), list) else (),
        types=(first(fields, "type", "document_type", "publication_type"), first(fields, "note", "notes")),
    )


def _date(fields: JsonObject, *wanted: str) -> str:
    """Return the first of the wanted fields that holds a year: bioRxiv's `published` is the DOI of the article."""
    texts = (text_of(fields.get(name)) for name in wanted)
    return next((text for text in texts if not identifiers.doi(text) and identifiers.year(text)), "")


def _kind(fields: JsonObject) -> str:
    """Return the kind as Pincite writes it, else by the name of a type."""
    written = first(fields, "kind")
    return (
        written
        if re.fullmatch(r"[a-z]+(?:[-_][a-z]+)*", written)
        else publication_types.of_name(written or first(fields, "type"))
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _notices(fields: JsonObject) -> tuple[Notice, ...]:
    """Read the notices as Pincite writes them; `retracted: true` of others says the same."""
    notices = fields.get("notices")
    found = tuple(
        Notice(text_of(item.get("kind")), text_of(item.get("text")))
        for item in (notices if isinstance(notices, list) else [])
        if isinstance(item, dict) and text_of(item.get("kind"))
    )
    return found or (
        (Notice("retraction"),) if fields.get("is_retracted") is True or fields.get("retracted") is True else ()
    )
