"""Records handed in as values: dictionaries, the rows of a DataFrame, or `Record`s."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol, TypeAlias

from rag.errors import InputError
from rag.serialization import to_json
from rag.sources.finish import finish
from rag.sources.json_dialects import DIALECTS
from rag.types import Record, Rejection


class Table(Protocol):
    """What a DataFrame of pandas or one of its kin offers."""

    def to_dict(self, orient: str) -> Any:
        """Return the rows as dictionaries, for `orient="records"`."""


Records: TypeAlias = Iterable[Record | Rejection | Mapping[str, Any]] | Table
_GIVE = "give a list of dictionaries with title and abstract, a DataFrame with these columns, or Records"


def records_of(items: Records, source: str) -> Iterator[Record | Rejection]:
    """Yield the records. Raises `InputError`, before the first, for what isn't records."""
    rows: Any = items
    if hasattr(items, "to_dict"):
        with suppress(TypeError):  # one column or row of a table has a `to_dict` of another kind
            rows = items.to_dict("records")
    if not isinstance(rows, Iterable) or isinstance(rows, str | bytes | Mapping):
        raise InputError(f"{type(items).__name__} isn't a list of records: {_GIVE}")
    return (_record(item, source, position) for position, item in enumerate(rows, 1))


def _record(item: object, source: str, position: int) -> Record | Rejection:
    if isinstance(item, Record):
        return _storable(item, source, position)
    if isinstance(item, Rejection):
        return item
    if not isinstance(item, Mapping):
        raise InputError(f"record {position} of {source} is a {type(item).__name__}: {_GIVE}")
    plain = _plain(item)
    dialect = next(known for known in DIALECTS if known.matches(plain))
    return finish(dialect.entry(plain, None), source, dialect.name, position)


def _storable(record: Record, source: str, position: int) -> Record:
    """Return a record as it was made. Raises `InputError` for one with text that no file or database takes."""
    try:
        json.dumps(to_json(record), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(
            f"record {position} of {source} holds half a character (a surrogate): decode it as UTF-8"
        ) from None
    return record


def _plain(value: Any) -> Any:
    """Return a value as JSON would have it: a DataFrame holds numpy's numbers, timestamps, and NaN for nothing."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if hasattr(value, "tolist"):  # a number or an array of numpy's
        return _plain(value.tolist())
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") and value == value else None
