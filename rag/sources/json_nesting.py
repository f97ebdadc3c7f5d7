"""Which papers a JSON object holds: itself, the one that it wraps, those under their ids, in a list, or in a table.

A table is what data frames are saved as: columns under their names, or rows after a line of names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rag.sources.jsonrecord import JsonObject

# Names under which the dialects know a paper's title and its abstract, in lower case.
_TITLES = {"title", "titles", "paper_title", "papertitle", "display_name"}
_ABSTRACTS = {"abstract", "abstracts", "abstract_text", "abstracttext", "abstract_inverted_index", "descriptions",
              "description"}  # fmt: skip
_TITLED = {*_TITLES, *_ABSTRACTS, "text", "page_content", "summary", "name", "itemtype"}
_IDENTIFIED = {"doi", "paperid", "id", "key", "pmid"}
# What a paper has and the heading of a list of papers hasn't.
_OF_A_PAPER = {
    *_ABSTRACTS,
    "authors",
    "author",
    "creators",
    "year",
    "doi",
    "paperid",
    "pmid",
    "itemtype",
    "authorships",
}
# Under these a text keeps what is known about it: chunks and documents of search frameworks.
_ABOUT = ("metadata", "meta")
_DEEPEST = 8


def papers_in(record: JsonObject, is_read: Callable[[JsonObject], bool], depth: int = 0) -> list[JsonObject]:
    """Return the papers of an object; any object that holds none is returned as it is.

    `is_read` returns whether a service's dialect finds a paper in an object as it is; `depth` objects are around it.
    """
    if table := _table(record):
        return table
    if is_read(record):
        return [record]
    if _has(record, _TITLED):
        return (_headed(record, is_read, depth) if depth < _DEEPEST else []) or [_joined(record)]
    found = _held(record, is_read, depth) if depth < _DEEPEST else []
    return found or [record]


def no_paper(record: JsonObject) -> str:
    """Name the lists and objects of an object that isn't a paper but may hold some; empty for others."""
    nested = [str(name) for name, value in record.items() if value and isinstance(value, dict | list)]
    if not nested or _has(record, _TITLED):
        return ""
    if not any(isinstance(record[name], dict) or _objects(record[name]) for name in nested):
        return ""
    within = ", ".join(map(repr, nested[:4]))
    return f"an object around {within}, not a paper: save the list of papers alone, as an array"


def holds_paper(value: Any, depth: int = 0) -> int:
    """Return 2 for an object that has or wraps a title and an abstract, 1 for one of both, 0 for neither."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return 0
    own = int(_has(value, _TITLES)) + int(_has(value, _ABSTRACTS))
    inner = (item for one in value.values() for item in (one[:1] if isinstance(one, list) else [one]))
    return own if own == 2 else max([own, *(holds_paper(one, depth + 1) for one in inner)])


def _headed(record: JsonObject, is_read: Callable[[JsonObject], bool], depth: int) -> list[JsonObject]:
    """Return the papers of a list under a title of its own, such as a reading list's or an author's name."""
    if _has(record, _OF_A_PAPER):
        return []
    lists = [found for value in record.values() if (found := _listed(value, is_read, depth))]
    return lists[0] if len(lists) == 1 and holds_paper(lists[0][0]) == 2 else []


def _held(record: JsonObject, is_read: Callable[[JsonObject], bool], depth: int) -> list[JsonObject]:
    """Return the papers inside an object that isn't one itself: in its objects, else in the one list that has some."""
    inside = [value for value in record.values() if isinstance(value, dict)]
    titled = [value for value in inside if _has(value, _TITLES) or is_read(value)]
    whole = [value for value in titled if _has(value, _ABSTRACTS) or is_read(value)]
    if len(whole) == 1 and len(titled) < len(record):
        around = {name: value for name, value in record.items() if str(name).lower() in ("doi", "pmid")}
        return papers_in({**around, **whole[0]}, is_read, depth + 1)
    if len(whole) > 1 or (titled and len(titled) == len(record)):
        return titled
    deep = (value for value in inside if not _has(value, _TITLES))
    deeper = [one for value in deep for one in papers_in(value, is_read, depth + 1) if _is_paper(one, is_read)]
    if deeper or _has(record, _IDENTIFIED):
        return deeper
    lists = [found for value in record.values() if (found := _listed(value, is_read, depth))]
    return lists[0] if len(lists) == 1 else titled if len(titled) == 1 else []


def _listed(value: Any, is_read: Callable[[JsonObject], bool], depth: int) -> list[JsonObject]:
    """Return the papers of a list whose first object is or wraps one; else nothing."""
    found = [one for item in _objects(value) for one in papers_in(item, is_read, depth + 1)]
    return found if found and _is_paper(found[0], is_read) else []


def _is_paper(record: JsonObject, is_read: Callable[[JsonObject], bool]) -> bool:
    return _has(record, {"title", "abstract"}) or is_read(record)


def _joined(record: JsonObject) -> JsonObject:
    """Return a text without a title together with what is known about it, or that alone if it has the whole paper."""
    about: JsonObject = next((record[name] for name in _ABOUT if isinstance(record.get(name), dict)), {})
    if _has(record, _TITLES) or not _has(about, _TITLES):
        return record
    return about if _has(about, _ABSTRACTS) else {**about, **record}


def _table(record: JsonObject) -> list[JsonObject]:
    """Return the rows of a table as objects; nothing for anything else."""
    values = list(record.values())
    if _has(record, {"title"}) and len(values) > 1:
        if all(isinstance(value, dict) for value in values) and len({tuple(value) for value in values}) == 1:
            return _rows(list(record), zip(*(value.values() for value in values), strict=True))
        if all(isinstance(value, list) for value in values) and len({len(value) for value in values}) == 1:
            return _rows(list(record), zip(*values, strict=True))
    lists = [value for value in values if isinstance(value, list) and value]
    rows = next((value for value in lists if all(isinstance(row, list) for row in value)), [])
    header = next((value for value in (*lists, *rows[:1]) if _is_header(value)), None)
    return _rows(header, (row for row in rows if row is not header)) if header else []


def _is_header(value: Any) -> bool:
    return all(isinstance(name, str) for name in value) and _has(dict.fromkeys(value), {"title"})


def _rows(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[JsonObject]:
    return [dict(zip(header, row, strict=True)) if len(row) == len(header) else {"row": [*row]} for row in rows]


def _objects(value: Any) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _has(record: JsonObject, names: set[str]) -> bool:
    return not names.isdisjoint(str(name).lower().rpartition(":")[2] for name in record)  # Scopus: dc:title
