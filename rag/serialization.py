"""The values of `rag.types` as plain JSON values, and back."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from rag.types import Hit, Paper

_kinds_of = cache(get_type_hints)  # resolving a class's annotations again for every value took nearly all of the time


def parse_json(text: str | bytes) -> Any:
    """Return what a JSON text from anyone holds. Raises `ValueError` for any other, also one nested without end."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def to_json(value: Any) -> Any:
    """Turn a value of `rag.types` into what `json.dumps` takes: fields in order, paper under its own keys."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain = {name: to_json(getattr(value, name)) for name in _in_order(type(value))}
        if isinstance(value, Hit):
            plain = {"paper_id": value.paper.id, "title": value.paper.title} | plain
        if isinstance(value, Paper):
            plain["retracted"] = value.retracted
        return plain
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [to_json(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return value


@cache
def _in_order(kind: type) -> tuple[str, ...]:
    """Return the names of a class's fields for a reader: what it needs, what it inherits, what else it may have."""
    inherited = {f.name for base in kind.__bases__ if dataclasses.is_dataclass(base) for f in dataclasses.fields(base)}
    of_kind = dataclasses.fields(kind)
    needed = [f.name for f in of_kind if f.default is f.default_factory is dataclasses.MISSING]
    return tuple(
        dict.fromkeys([*needed, *(f.name for f in of_kind if f.name in inherited), *(f.name for f in of_kind)])
    )


def from_json(kind: Any, plain: Any) -> Any:
    """Return the value of type `kind` that `plain` is the JSON of; missing fields take their defaults."""
    if plain is None:
        return None
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _kinds_of(kind)
        known = [f.name for f in dataclasses.fields(kind) if f.name in plain]
        return kind(**{name: from_json(hints[name], plain[name]) for name in known})
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), plain)
    if get_origin(kind) is Mapping:
        return dict(plain)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(plain)
    return plain


def is_of(kind: Any, value: Any) -> bool:
    """Return whether a value, such as `from_json` made of a file of unknown origin, is all of type `kind`."""
    if get_origin(kind) in (Union, types.UnionType):
        return any(is_of(one, value) for one in get_args(kind))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _kinds_of(kind)
        return isinstance(value, kind) and all(is_of(hint, getattr(value, name)) for name, hint in hints.items())
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(is_of(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is Mapping:
        of = get_args(kind)[1]
        return isinstance(value, Mapping) and all(is_of(of, item) for item in value.values())
    return kind is Any or isinstance(value, kind)


def _tuple(kinds: tuple[Any, ...], plain: list[Any]) -> tuple[Any, ...]:
    if kinds[1:] == (Ellipsis,):
        return tuple(from_json(kinds[0], item) for item in plain)
    return tuple(from_json(kind, item) for kind, item in zip(kinds, plain, strict=True))
