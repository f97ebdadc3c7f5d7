"""From the JSON of `rag.types.to_json` back to the values of `rag.types`."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

_kinds_of = cache(get_type_hints)  # resolving a class's annotations anew for every value took nearly all of the time


def from_json(kind: Any, plain: Any) -> Any:
    """Return the value of type `kind` that `plain` is the JSON of; fields that it lacks take their defaults."""
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


def _tuple(kinds: tuple[Any, ...], plain: list[Any]) -> tuple[Any, ...]:
    if kinds[1:] == (Ellipsis,):
        return tuple(from_json(kinds[0], item) for item in plain)
    return tuple(from_json(kind, item) for kind, item in zip(kinds, plain, strict=True))
