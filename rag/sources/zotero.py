"""Zotero's own JSON: items of its web API, and Better BibTeX's export `{"items": [...]}`.

https://www.zotero.org/support/dev/web_api/v3/types_and_fields
"""

from __future__ import annotations

from rag.bibliography import publication_types
from rag.sources.csljson import extra_field
from rag.sources.entry import Entry
from rag.sources.jsonrecord import JsonObject, first, groups, names, table, tables
from rag.sources.notice_fields import noted

NAME = "zotero-json"


def matches(record: JsonObject) -> bool:
    """Recognise an item by its type."""
    return "itemType" in record or "itemType" in table(record.get("data"))


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of an item; notes and attachments have no title or abstract and are rejected as such."""
    item = table(record.get("data")) or record
    extra = first(item, "extra")
    authors = [person for person in tables(item.get("creators")) if first(person, "creatorType") in ("author", "")]
    editors = [person for person in tables(item.get("creators")) if first(person, "creatorType") == "editor"]
    return Entry(
        line=line,
        key=first(item, "citationKey", "citekey") or extra_field("citation key", extra),
        title=first(item, "title"),
        abstract=first(item, "abstractNote", "abstract"),
        authors=names(authors),
        year=first(item, "date"),
        published=first(item, "date"),
        venue=first(
            item, "publicationTitle", "proceedingsTitle", "bookTitle", "conferenceName", "repository", "publisher"
        ),
        doi=first(item, "DOI") or extra_field("doi", extra),
        arxiv_id=extra_field("arxiv", extra) or first(item, "archiveID"),
        pmid=first(item, "PMID") or extra_field("pmid", extra),
        url=first(item, "url"),
        kind=publication_types.of_name(first(item, "itemType")),
        volume=first(item, "volume"),
        issue=first(item, "issue", "reportNumber", "number"),
        pages=first(item, "pages"),
        series=first(item, "series", "seriesTitle"),
        edition=first(item, "edition"),
        publisher=first(item, "publisher", "university", "institution"),
        editors=names(editors),
        groups=groups([*authors, *editors]),
        notices=noted(extra),
        types=(first(item, "genre", "type"), extra),
        keywords=tuple(first(tag, "tag") for tag in tables(item.get("tags"))),
        isbn=first(item, "ISBN"),
        issn=first(item, "ISSN"),
    )
