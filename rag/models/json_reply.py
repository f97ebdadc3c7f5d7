"""The JSON in a language model's reply, found anywhere in it and read as models write it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from rag.models.thoughts import without_thoughts

OPENS_JSON = re.compile(r"\{|\[\s*[\{\"]")
# Failed places to try: each may read all of the text.
_MOST_MISSES = 200
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def json_objects(text: str) -> list[dict[str, Any]]:
    """Return the JSON objects in a whole reply after its thoughts, inner ones first; empty where there is no JSON."""
    return [found for _, _, value in values_in(without_thoughts(text)) for found in objects_in(value)]


def values_in(text: str, accept: Callable[[Any], bool] = bool) -> Iterator[tuple[int, int, Any]]:
    """Return the JSON values in a text that are accepted, with where they start and end, none within another."""
    position = misses = 0
    while misses < _MOST_MISSES and (opening := OPENS_JSON.search(text, position)):
        start = opening.start()
        end = end_of(text, start)
        value = parsed(text[start:end]) if end else None
        if end is not None and value is not None and accept(value):
            yield start, end, value
            position = end
        else:
            position = start + 1
            misses += 1


def parsed(text: str) -> Any:
    """Read JSON as models write it: with line breaks in strings, and commas after the last item."""
    for form in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(form, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def end_of(text: str, start: int) -> int | None:
    """Return where the JSON value that starts here ends, None where it doesn't."""
    scan = _Scan()
    for position in range(start, len(text)):
        if scan.ends_at(text[position]):
            return position + 1
    return None


class _Scan:
    """Follows one JSON value to its end."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def ends_at(self, sign: str) -> bool:
        """Follow one character; return whether it ends the value."""
        if self._in_string:
            self._in_string = self._escaped or sign != '"'
            self._escaped = sign == "\\" and not self._escaped
        elif sign == '"':
            self._in_string = True
        else:
            self._depth += (sign in "{[") - (sign in "}]")
            return self._depth == 0
        return False


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Return the objects within a value, inner ones first; JSON in a string is read too."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = parsed(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from objects_in(item)
    if isinstance(value, dict):
        yield value
