"""The JSON in a language model's reply, found anywhere in it and read as models write it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from rag.models.lenient_json import lenient, lenient_at
from rag.models.thoughts import without_thoughts

OPENS_JSON = re.compile(r"\{|\[\s*[\{\"'“]")
# Failed places to try: each may read all of the text, and leniently that is slow.
_MOST_MISSES = 200
_MOST_LENIENT = 20
_DECODER = json.JSONDecoder(strict=False)


def json_objects(text: str) -> list[dict[str, Any]]:
    """Return the JSON objects in a whole reply after its thoughts, inner ones first; empty where there is no JSON."""
    return [found for _, _, value in values_in(without_thoughts(text)) for found in objects_in(value)]


def values_in(text: str, accept: Callable[[Any], bool] = bool) -> Iterator[tuple[int, int, Any]]:
    """Return the JSON values in a text that are accepted, with where they start and end, none within another."""
    position = misses = 0
    while misses < _MOST_MISSES and (opening := OPENS_JSON.search(text, position)):
        start = opening.start()
        value, end = _value_at(text, start, strict=misses >= _MOST_LENIENT)
        if value is not None and accept(value):
            yield start, end, value
            position = end
        else:
            position = start + 1
            misses += 1


def _value_at(text: str, start: int, *, strict: bool) -> tuple[Any, int]:
    """Return the JSON value that starts here, None where it doesn't end, and where it ends."""
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        pass
    with contextlib.suppress(ValueError):
        if not strict and (found := lenient_at(text, start))[2]:
            return found[:2]
    return None, start


def parsed(text: str) -> Any:
    """Read JSON as models write it, None where it can't be read."""
    for read in (_DECODER.decode, lenient):
        try:
            return read(text)
        except (ValueError, RecursionError):
            continue
    return None


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Return the objects within a value, inner ones first; JSON in a string is read too."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = parsed(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from objects_in(item)
    if isinstance(value, dict):
        yield value
