"""JSON that is still arriving: each of its objects as soon as it closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rag.errors import ModelReplyError
from rag.models.json_reply import parsed

# Characters of one string: a weak model that starts repeating itself never ends.
LONGEST_STRING = 2_000


class GrowingJson:
    """Finds the JSON objects of a growing text as they close, inner ones first; None for one that can't be read."""

    def __init__(self, is_sentence: Callable[[dict[str, Any]], bool]) -> None:
        self._is_sentence = is_sentence
        self.closed = False  # the outermost value is whole
        self.outermost: Any = None
        self._at: int | None = None
        self._starts: list[int] = []  # of the objects and lists that are open
        self._string: int | None = None  # where the string starts that is open
        self._escaped = False
        self._is_bare = False  # the outermost value is a sentence

    def read(self, text: str, begin: int) -> list[dict[str, Any] | None]:
        """Return the objects that close in what is new of the text. Raises `ModelReplyError`."""
        found: list[dict[str, Any] | None] = []
        position = begin if self._at is None else self._at
        while position < len(text):
            if self.closed and not self._starts and not self._goes_on(text, position):
                position = len(text)
                break
            if self._closes_at(text[position], position):
                found += self._closed(text, self._starts.pop(), position + 1)
            position += 1
        self._at = position
        if self._string is not None and position - self._string > LONGEST_STRING:
            raise ModelReplyError(f"a sentence went on past {LONGEST_STRING:,} characters: try another model")
        return found

    def _goes_on(self, text: str, position: int) -> bool:
        """Whether another sentence follows one without a wrapper: one object on each line."""
        return self._is_bare and text[position] in " \t\r\n,{"

    def _closed(self, text: str, start: int, end: int) -> Iterator[dict[str, Any] | None]:
        outermost = not self._starts
        self.closed = self.closed or outermost
        value = parsed(text[start:end])
        if outermost:
            self._is_bare = isinstance(value, dict) and self._is_sentence(value)
            self.outermost = value
        if isinstance(value, dict):
            yield value
        elif value is None and text[start] == "{" and "{" not in text[start + 1 : end]:
            yield None

    def _closes_at(self, sign: str, position: int) -> bool:
        """Follow one character; return whether it closes an object or a list."""
        if self._string is not None:
            if not self._escaped and sign == '"':
                self._string = None
            self._escaped = sign == "\\" and not self._escaped
        elif sign == '"':
            self._string = position
        elif sign in "{[":
            self._starts.append(position)
        else:
            return sign in "}]" and bool(self._starts)
        return False
