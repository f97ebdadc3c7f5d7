"""One JSON object to an entry: the plain names of a paper's fields, whatever their type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rag.sources.entry import Entry


def json_object(text: str) -> dict[str, Any] | str:
    """Parse one JSON object; return the reason in words where the text is none."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return f"not JSON ({error.msg} at character {error.pos + 1})"
    except RecursionError:
        return "not a record: JSON nested too deeply"
    except ValueError as error:  # an integer of more digits than Python turns into a number
        return f"not JSON ({error})"
    return value if isinstance(value, dict) else f"not a record but a JSON {_kind(value)}"


def entry_of(record: Mapping[str, Any], line: int | None) -> Entry:
    """Return the entry of a record under plain names: title, abstract, id, authors, year, venue, doi, arxiv_id, url."""
    fields = {str(name).lower().replace(" ", "_").replace("-", "_"): value for name, value in record.items()}
    return Entry(
        line=line,
        key=first(fields, "id", "_id", "key", "citation_key", "citekey"),
        title=first(fields, "title"),
        abstract=first(fields, "abstract", "text", "summary"),
        authors=names(fields.get("authors") or fields.get("author")),
        year=first(fields, "year", "publication_year", "date", "published"),
        published=first(fields, "published", "publication_date", "date"),
        venue=first(fields, "venue", "journal", "booktitle", "publication"),
        doi=first(fields, "doi"),
        arxiv_id=first(fields, "arxiv_id", "arxiv", "arxivid", "eprint"),
        pmid=first(fields, "pmid", "pubmed_id"),
        url=first(fields, "url", "link"),
    )


def first(fields: Mapping[str, Any], *wanted: str) -> str:
    """Return the first of the wanted fields that says something, as text."""
    return next((found for name in wanted if (found := text_of(fields.get(name)))), "")


def text_of(value: Any) -> str:
    """Return a value as text; lists are joined, what has no text (null, NaN, true, an object) is empty."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None or value != value:
        return ""
    if isinstance(value, int | float):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if isinstance(value, list):
        return " ".join(filter(None, (text_of(item) for item in value)))
    return ""


def names(value: Any) -> tuple[str, ...]:
    """Return authors' names from a list of texts or objects, or from one text with `;` or ` and ` between them."""
    if isinstance(value, str):
        return split_names(value)
    if isinstance(value, list):
        return tuple(filter(None, (_name(item) for item in value)))
    return ()


def split_names(text: str) -> tuple[str, ...]:
    """Split a line of names at `;`, else at ` and `, else at commas where they can't be "Family, Given"."""
    for separator in (";", " and ", "|", "\n"):
        if separator in text:
            return tuple(filter(None, (name.strip() for name in text.split(separator))))
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    family_given = len(pieces) == 2 and " " not in pieces[0]
    return (text.strip(),) if family_given and text.strip() else tuple(pieces)


def _name(value: Any) -> str:
    if not isinstance(value, Mapping):
        return text_of(value)
    whole = first(value, "name", "literal", "fullName", "full_name", "display_name", "raw_author_name")
    family, given = (
        first(value, "family", "last", "lastName", "last_name"),
        first(value, "given", "first", "firstName", "first_name"),
    )
    return whole or ", ".join(filter(None, (family, given)))


def _kind(value: Any) -> str:
    return {list: "list", str: "text", int: "number", float: "number", bool: "value", type(None): "null"}[type(value)]
