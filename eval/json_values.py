"""Values of a JSON object, each checked for its kind: an error names the key, what is there and what to give."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from rag.views.suggestion import suggestion

# A longer value is cut in a message.
SHOWN = 60
KINDS: Mapping[type, str] = {str: "a text", float: "a number", int: "a whole number", bool: "true or false"}


def refuse_unknown(row: object, keys: Collection[str], what: str, hidden: Collection[str] = ()) -> None:
    """Raise `ValueError` for a value that isn't an object, or has an unknown key; `hidden` keys are never suggested."""
    if not isinstance(row, Mapping):
        raise ValueError(f"{what} is {shown(row)}: give an object")
    unknown = sorted(set(row) - set(keys) - set(hidden))
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r} of {what}: {suggestion(unknown[0], sorted(keys))}")


def value_of(row: Mapping[str, Any], name: str, kind: type) -> Any:
    """Return a value of this kind; a whole number is a number too. Raises `KeyError` where there is none."""
    return checked(row[name], name, kind)


def checked(value: Any, name: str, kind: type) -> Any:
    """Return a value if it is of this kind. Raises `ValueError` otherwise."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if not fits or (kind is float and not math.isfinite(value)):
        raise ValueError(f"{name} is {shown(value)}: give {KINDS[kind]}")
    return value


def amount_of(row: Mapping[str, Any], name: str, kind: type, most: float = math.inf) -> Any:
    """Return a number from 0 to `most`."""
    value = value_of(row, name, kind)
    if not 0 <= value <= most:
        raise ValueError(f"{name} is {value!r}: give a number from 0" + (f" to {most:g}" if most < math.inf else ""))
    return value


def said_of(row: Mapping[str, Any], name: str) -> str:
    """Return a text that isn't blank."""
    return said(row[name], name)


def said(value: object, name: str) -> str:
    """Return a value if it is a text that isn't blank."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is {shown(value)}: give a text")
    return value


def list_of(row: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list, an empty one where the key is missing."""
    value = row.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{name} is {shown(value)}: give a list, in [ ]")
    return value


def texts_of(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts, an empty one where the key is missing."""
    return tuple(said(value, f"a text of {name}") for value in list_of(row, name))


def objects_of(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a list of objects, an empty one where the key is missing."""
    for value in list_of(row, name):
        if not isinstance(value, Mapping):
            raise ValueError(f"an entry of {name} is {shown(value)}: give an object, in {{ }}")
    return list_of(row, name)


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
