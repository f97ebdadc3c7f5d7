"""JSON as language models write it when no schema enforces the form.

Also read, beyond JSON itself: quotes within a text that aren't escaped, single and typographic quotes, keys without
quotes, comments, commas too many, Python's and JavaScript's constants, LaTeX's backslashes, and brackets left open at
the end.
"""

from __future__ import annotations

import json
import re
from typing import Any

_DEEPEST = 50
_BLANK = re.compile(r"(?:\s|//[^\n]*|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "„": "“", "`": "`"}
_BARE_KEY = re.compile(r"[^\W\d][\w$-]*")
_CONSTANT = re.compile(r"(?:true|false|null|none|undefined|nan|-?infinity)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d{1,18}(?:\.\d{1,18})?(?:[eE][-+]?\d{1,3})?(?![\w.])")
# What may follow the comma after a text in an object: the next key, or the end.
_NEXT_KEY = re.compile(r"\s*(?:[\"'“‘„`}]|[^\W\d][\w$-]*\s*:|$)")
_ESCAPE = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/", "'": "'", "\n": ""}
_LATEX = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[^ntrbfu\"\\/'\n]|u(?![0-9a-fA-F]{4}))")


def lenient(text: str) -> Any:
    """Return the JSON value that a text is. Raises `ValueError` for anything else."""
    value, end, _ = lenient_at(text, 0)
    blank = _BLANK.match(text, end)
    if blank and blank.end() < len(text):
        raise ValueError(f"more text after the value, at {end}")
    return value


def lenient_at(text: str, start: int) -> tuple[Any, int, bool]:
    """Return the JSON value that starts here, where it ends, and whether it is closed. Raises `ValueError`."""
    reading = _Reading(text, start)
    value = reading.value(0, "")
    return value, min(reading.position, len(text)), reading.closed


class _Reading:
    """A text, read from left to right."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.position = start
        self.closed = True

    def skip(self) -> int:
        """Pass over blanks and comments; return the position after them."""
        blank = _BLANK.match(self.text, self.position)
        self.position = blank.end() if blank else self.position
        return self.position

    def value(self, depth: int, around: str) -> Any:
        """Read the next value; `around` is the bracket that encloses it."""
        sign = self.text[self.skip() : self.position + 1]
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._list(depth)
        return self._string(around) if sign in _QUOTES and sign else self._word()

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.position += 1
        while not self._closes("}"):
            key = self._key()
            if self.text[self.skip() : self.position + 1] != ":":
                raise ValueError(f"no colon after a key, at {self.position}")
            self.position += 1
            found[key] = self.value(depth + 1, "{")
        return found

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self.position += 1
        while not self._closes("]"):
            found.append(self.value(depth + 1, "["))
        return found

    def _closes(self, bracket: str) -> bool:
        """Pass over commas and the closing bracket; return whether it, or the end of the text, is reached."""
        while self.text[self.skip() : self.position + 1] == ",":
            self.position += 1
        at_end = self.position >= len(self.text)
        self.closed = self.closed and not at_end
        if not at_end and self.text[self.position] != bracket:
            return False
        self.position += 1
        return True

    def _key(self) -> str:
        if self.text[self.position] in _QUOTES:
            return self._string(":")
        bare = _BARE_KEY.match(self.text, self.position)
        if bare is None:
            raise ValueError(f"no key, at {self.position}")
        self.position = bare.end()
        return bare.group()

    def _word(self) -> Any:
        if number := _NUMBER.match(self.text, self.position):
            self.position = number.end()
            return float(number[0]) if re.search("[.eE]", number[0]) else int(number[0])
        constant = _CONSTANT.match(self.text, self.position)
        if constant is None:
            raise ValueError(f"no value, at {self.position}")
        self.position = constant.end()
        return {"true": True, "false": False}.get(constant[0].lower())

    def _string(self, around: str) -> str:
        """Read a text; a quote that can't end it here is one of its characters."""
        closing = _QUOTES[self.text[self.position]]
        start = self.position + 1
        end = self.text.find(closing, start)
        while end >= 0 and (self._is_escaped(end) or not self._may_end(end + 1, around)):
            end = self.text.find(closing, end + 1)
        if end < 0:
            raise ValueError("a text without an end")
        self.position = end + 1
        return _plain(self.text[start:end])

    def _is_escaped(self, position: int) -> bool:
        before = position
        while before and self.text[before - 1] == "\\":
            before -= 1
        return (position - before) % 2 == 1

    def _may_end(self, position: int, around: str) -> bool:
        """Whether what follows a quote here can follow a text: a colon a key, a comma or a bracket a value."""
        blank = _BLANK.match(self.text, position)
        after = blank.end() if blank else position
        sign = self.text[after : after + 1]
        if around == ":" or not sign:
            return sign in (":", "")
        if sign == "," and around == "{":
            return _NEXT_KEY.match(self.text, after + 1) is not None
        return sign in ",}]"


def _plain(text: str) -> str:
    """Return a text with its escapes read; in one with LaTeX's commands, a backslash before a word stays."""
    latex = _LATEX.search(text) is not None

    def read(escape: re.Match[str]) -> str:
        if escape[1]:
            return str(json.loads(f'"{escape[1]}"'))
        is_command = latex and escape[2].isalpha() and text[escape.end() : escape.end() + 1].isalpha()
        return escape[0] if is_command else _ESCAPED.get(escape[2], escape[0])

    return _ESCAPE.sub(read, text)
