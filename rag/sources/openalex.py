"""OpenAlex works. Their abstracts come as an inverted index, word → places, from which the text is rebuilt.

https://docs.openalex.org/api-entities/works/work-object
"""

from __future__ import annotations

from typing import Any

from rag.bibliography import publication_types
from rag.sources.entry import Entry, page_range
from rag.sources.jsonrecord import JsonObject, first, table, tables
from rag.types import Notice

NAME = "openalex"
_LONGEST = 100_000  # words; a place beyond it is damage, and must not fill the memory


def matches(record: JsonObject) -> bool:
    """Recognise a work by its inverted index, its authorships, or its id without the names of other formats."""
    if not {"abstract_inverted_index", "authorships"}.isdisjoint(record):
        return True
    own = first(record, "id").startswith("https://openalex.org/")
    return own and {"abstract", "authors", "author"}.isdisjoint(record)  # its id may be the key of an export


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry of a work."""
    ids = table(record.get("ids"))
    place = table(record.get("primary_location"))
    source = table(place.get("source")) or table(record.get("host_venue"))
    biblio = table(record.get("biblio"))
    links = [
        first(place, "landing_page_url"),
        *(first(where, "landing_page_url") for where in tables(record.get("locations"))),
    ]
    arxiv = next((link for link in links if "arxiv.org" in link), "")
    return Entry(
        line=line,
        title=first(record, "title", "display_name"),
        abstract=rebuilt(record.get("abstract_inverted_index")) or first(record, "abstract"),
        authors=tuple(filter(None, (_author(person) for person in tables(record.get("authorships"))))),
        year=first(record, "publication_year"),
        published=first(record, "publication_date"),
        venue=first(source, "display_name"),
        doi=first(record, "doi") or first(ids, "doi"),
        arxiv_id=arxiv,
        pmid=first(ids, "pmid") or first(record, "pmid"),
        url=next(filter(None, links), "") or first(record, "id"),
        notices=(Notice("retraction", "marked as retracted by OpenAlex"),)
        if record.get("is_retracted") is True
        else (),
        kind=publication_types.of_name(first(record, "type_crossref", "type")),
        volume=first(biblio, "volume"),
        issue=first(biblio, "issue"),
        pages=page_range(first(biblio, "first_page"), first(biblio, "last_page")),
        publisher=first(source, "host_organization_name"),
        types=(first(record, "type"), first(record, "type_crossref")),
        more_authors=record.get("is_authors_truncated") is True,
        keywords=tuple(first(word, "display_name", "keyword") for word in tables(record.get("keywords"))),
        issn=first(source, "issn_l"),
    )


def rebuilt(index: Any) -> str:
    """Put the words of an inverted index in their places; a place that no word has stays out."""
    if not isinstance(index, dict):
        return ""
    index = index["InvertedIndex"] if isinstance(index.get("InvertedIndex"), dict) else index  # as older dumps nest it
    words: dict[int, str] = {}
    for word, places in index.items():
        for place in places if isinstance(places, list) else []:
            if isinstance(place, int) and 0 <= place < _LONGEST:
                words[place] = str(word)
    return " ".join(words[place] for place in sorted(words))


def _author(authorship: JsonObject) -> str:
    return first(table(authorship.get("author")), "display_name") or first(authorship, "raw_author_name")
