"""JSON records under the plain names of a paper's fields: title, abstract, id, authors, year, venue, doi and so on.

Services nest some of them: names and identifiers in lists of objects, the journal in an object of its own. Those of
Lens, Dimensions, IEEE Xplore, Springer Nature, CORE, DOAJ, Scopus, Web of Science, DataCite, Zenodo, ADS, INSPIRE and
OpenReview are read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rag.bibliography import publication_types
from rag.sources import identifiers
from rag.sources.entry import Entry, page_range
from rag.sources.jsonrecord import JsonObject, first, groups, names, table, tables, text_of
from rag.types import Notice

NAME = "json"
_YEARS = ("year", "publication_year", "pub_year", "yearpublished", "year_published", "publicationyear", "publishyear",
          "published", "date", "date_published", "publicationdate", "publication_date", "publisheddate", "coverdate",
          "pubdate", "earliest_date")  # fmt: skip
_DATES = ("published", "publication_date", "date_published", "publicationdate", "publisheddate", "coverdate", "date",
          "update_date", "pubdate", "earliest_date")  # fmt: skip
_VENUES = ("venue", "journal", "journal_name", "booktitle", "publication", "container_title", "publication_title",
           "publicationname", "source_title", "sourcetitle", "journal_title", "fulljournalname", "parenttitle",
           "pub")  # fmt: skip
_AUTHORS = ("authors", "author", "creators", "creator", "names")
# Objects around the journal's name, and what else is known of the place in it.
_PLACES = ("journal", "journals", "source", "container", "publication_info", "publicationinfo")
_IDENTIFIERS = ("external_ids", "externalids", "identifiers", "identifier", "articleids", "ids", "dois",
                "arxiv_eprints")  # fmt: skip
_ABSTRACTS = ("abstract", "abstract_text", "text", "summary", "page_content", "abstracts", "descriptions")


def matches(record: JsonObject) -> bool:
    """Take any object: it is the last dialect to be asked."""
    return isinstance(record, dict)


def entry(record: JsonObject, line: int | None) -> Entry:
    """Return the entry; names of fields are compared without case, spaces and hyphens are underscores."""
    fields = _named(record)
    place: JsonObject = {}
    for name in _PLACES:
        for one in tables(fields.get(name))[:1]:
            place = {**_named(one), **place}
    authors = _people(fields)
    return Entry(
        line=line,
        key=first(fields, "key", "citation_key", "citekey", "id", "_id"),
        title=_title(fields),
        abstract=_abstract(fields),
        authors=names(authors),
        year=_date(fields, *_YEARS) or _date(place, *_YEARS),
        published=_date(fields, *_DATES),
        venue=first(fields, *_VENUES) or first(place, "title", "name", *_VENUES, "display_name"),
        doi=first(fields, "doi") or _identified(fields, "doi"),
        arxiv_id=first(fields, "arxiv_id", "arxiv", "arxivid", "eprint") or _identified(fields, "arxiv"),
        pmid=_pmid(fields),
        url=first(fields, "url", "link"),
        author_count=_count(fields.get("author_count")),
        organisation=first(fields, "organisation", "organization"),
        notices=_notices(fields),
        kind=_kind(fields),
        volume=first(fields, "volume") or first(place, "volume", "journal_volume"),
        issue=_issue(fields) or _issue(place),
        pages=_pages(fields) or _pages(place),
        series=first(fields, "series"),
        edition=first(fields, "edition"),
        publisher=first(fields, "publisher") or first(place, "publisher"),
        editors=names(fields.get("editors") or fields.get("editor")),
        groups=(*names(fields.get("groups")), *_collective(authors)),
        more_authors=fields.get("more_authors") is True,
        keywords=_keywords(fields),
        isbn=first(fields, "isbn"),
        issn=first(fields, "issn"),
        notes=tuple(text_of(note) for note in notes) if isinstance(notes := fields.get("notes"), list) else (),
        types=(first(fields, "type", "document_type", "publication_type"), first(fields, "note", "notes")),
    )


def _named(record: JsonObject) -> JsonObject:
    """Return the fields by plain names, without the namespace in `dc:title`; `{"value": x}` is x, as OpenReview has."""
    fields: JsonObject = {}
    for name, value in record.items():
        plain = str(name).lower().rpartition(":")[2].replace(" ", "_").replace("-", "_")
        fields.setdefault(plain, value["value"] if isinstance(value, dict) and "value" in value else value)
    return fields


def _title(fields: JsonObject) -> str:
    title = fields.get("title")
    title = title[0] if isinstance(title, list) and title else title
    one = text_of(title) or _only(title) or first(fields, "paper_title")
    titles = (first(item, "title", "value") for item in tables(fields.get("titles")))
    return one or next(filter(None, titles), "") or first(fields, "name")


def _abstract(fields: JsonObject) -> str:
    """Return the abstract, also where it is in objects; `description` is one in the vocabulary of Dublin Core."""
    texts = (_written(fields.get(name)) for name in _ABSTRACTS)
    found = next(filter(None, texts), "")
    described = first(fields, "description") if {"creator", "creators"} & fields.keys() else ""
    return found or described


def _written(value: Any) -> str:
    """Return a text, the paragraphs of one under their headings, or the abstract among several descriptions."""
    if isinstance(value, dict):
        return _paragraphs(value) or _only(value)
    if not isinstance(value, list) or not tables(value):
        return text_of(value)
    items = (item for item in tables(value) if first(item, "descriptionType").lower() in ("", "abstract"))
    return next((text for item in items if (text := first(item, "value", "description", "text"))), "")


def _only(value: Any) -> str:
    """Return the first text of an object that holds texts alone: `{"text": …}`, or one in each language."""
    texts = list(value.values()) if isinstance(value, dict) else []
    return text_of(texts[0]) if texts and all(isinstance(text, str) for text in texts) else ""


def _paragraphs(value: JsonObject) -> str:
    """Return Springer Nature's `{"h1": "Abstract", "h2": ["Background", …], "p": ["…", …]}` as one text."""
    parts = paragraphs if isinstance(paragraphs := value.get("p"), list) else [value.get("p")]
    headings = heads if isinstance(heads := value.get("h2"), list) else [value.get("h2")]
    labels = [text_of(head) for head in headings] if len(headings) == len(parts) else []
    labelled = zip(labels or [""] * len(parts), map(text_of, parts), strict=True)
    return " ".join(f"{label}: {text}" if label else text for label, text in labelled if text)


def _people(fields: JsonObject) -> Any:
    """Return the authors: one object down in IEEE Xplore's and Web of Science's replies, or an object of them."""
    found = next((value for name in _AUTHORS if (value := fields.get(name))), None)
    inner = table(found)
    if not inner or names([inner]):
        return [inner] if inner else found
    return next((value for name in _AUTHORS if (value := inner.get(name))), [*inner.values()])


def _collective(authors: Any) -> tuple[str, ...]:
    return groups([item for item in tables(authors) if first(item, "collective_name", "collectiveName")])


def _identified(fields: JsonObject, kind: str) -> str:
    """Return an identifier of a kind among those in a list or an object of their own."""
    return next((text for name in _IDENTIFIERS for text in _of_kind(name, fields.get(name), kind) if text), "")


def _of_kind(name: str, value: Any, kind: str) -> Iterator[str]:
    for item in tables(value):
        named = _named(item)
        said = first(named, "type", "idtype", "id_type", "identifiertype", "scheme").lower() or name
        yield first(named, kind) or (first(named, "value", "id", "identifier") if said.startswith(kind) else "")
    for text in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
        if isinstance(text, str) and text.lower().startswith(f"{kind}:"):
            yield text


def _pmid(fields: JsonObject) -> str:
    found = first(fields, "pmid", "pubmed_id", "pubmedid")
    return (found or _identified(fields, "pmid") or _identified(fields, "pubmed")).removeprefix("MEDLINE:")


def _issue(fields: JsonObject) -> str:
    return first(fields, "issue", "number", "issueidentifier", "journal_issue")


def _pages(fields: JsonObject) -> str:
    """Return the pages as they are written, or from the first to the last."""
    inner = _named(table(fields.get("pages")))
    start = first(fields, "start_page", "startingpage", "page_start")
    end = first(fields, "end_page", "endingpage", "page_end")
    whole = first(fields, "pages", "pagerange") or first(inner, "range")
    return whole or page_range(start, end) or first(fields, "page")


def _keywords(fields: JsonObject) -> tuple[str, ...]:
    words = fields.get("keywords") or fields.get("keyword") or fields.get("authkeywords")
    terms = table(table(fields.get("index_terms")).get("author_terms")).get("terms")
    words = words or terms
    return tuple(map(text_of, words)) if isinstance(words, list) else (text_of(words),)


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
        else publication_types.of_name(written or first(fields, "type", "publication_type"))
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
