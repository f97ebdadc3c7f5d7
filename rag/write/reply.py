"""A model's reply, read while it arrives: JSON by schema, or prose with `[3]` marks where a server knows no schema."""

from __future__ import annotations

import json
import re
from typing import Any

from rag.errors import ModelReplyError
from rag.text.foreign import without_foreign
from rag.text.sentences import split_sentences
from rag.text.words import fold_title
from rag.types import Draft

_MARK = re.compile(r"\s*\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")
_FIRST_MARKS = re.compile(rf"(?:{_MARK.pattern})+\s*")
# What may stand before the reply itself: the thoughts of a model that thinks aloud, or the fence of a code block.
_BEFORE = re.compile(r"\s*(<think>.*?</think>\s*)?(```(json)?\s*)?", re.DOTALL)
# Characters of one sentence with its numbers: a weak model that has begun to repeat itself never ends.
_LONGEST_SENTENCE = 2_000
_BULLET = re.compile(r"\n\s*(?:[-*•]|\d{1,2}[.)])\s+")


class ReplyReader:
    """Takes a reply piece by piece and gives every sentence as soon as it is whole.

    The question itself is no answer to it: weak models give it back. `cannot_answer` is the reason that the model
    gave for not answering, None where it gave none.
    """

    def __init__(self, question: str = "") -> None:
        self.cannot_answer: str | None = None
        self._echo = fold_title(question)
        self._text = ""
        self._begin: int | None = None  # where the reply proper starts
        self._seen: set[Draft] = set()
        self._json = _Objects()
        self._waiting: list[Draft] = []  # prose before the first mark
        self._marked = False
        self._given = 0  # sentences of prose given out

    def feed(self, piece: str) -> list[Draft]:
        """Take a piece and return the sentences that are whole now. Raises `ModelReplyError`."""
        self._text += piece
        if self._begin is None and not self._find_begin():
            return []
        drafts = self._from_json() if self._is_json else self._from_prose(hold=2)
        return self._new(drafts)

    def end(self) -> list[Draft]:
        """Return what is left. Raises `ModelReplyError` where the reply is not what was asked for."""
        self._begin = self._begin or 0
        if self._is_json:
            drafts = self._new(self._from_json())
            if not self._json.closed:
                raise ModelReplyError("the reply is broken off inside its JSON: ask again or try another model")
            if not self._seen and self.cannot_answer is None:
                raise ModelReplyError("the reply holds no sentence: ask again or try another model")
            return drafts
        drafts = self._new(self._from_prose(hold=0))
        if not self._marked:
            start = without_foreign(self._text, ())[0][:80]
            raise ModelReplyError(f"the reply is neither JSON nor cites anything ({start!r}…): try another model")
        return drafts

    def _find_begin(self) -> bool:
        """Find where the reply starts; unknown while only white space, a fence or thoughts have come."""
        match = _BEFORE.match(self._text)
        end = match.end() if match else 0
        rest = self._text[end:]
        if not rest or "<think>".startswith(rest[:7]) or "```json".startswith(rest[:7]):
            return False
        self._begin = end
        return True

    @property
    def _is_json(self) -> bool:
        return self._text[self._begin : (self._begin or 0) + 1] == "{"

    def _new(self, drafts: list[Draft]) -> list[Draft]:
        """Leave out what was said before, word for word and with the same numbers: weak models repeat themselves."""
        fresh = [d for d in dict.fromkeys(drafts) if d not in self._seen and not self._is_echo(d)]
        self._seen.update(fresh)
        return fresh

    def _is_echo(self, draft: Draft) -> bool:
        return bool(self._echo) and fold_title(draft.text) == self._echo

    def _from_json(self) -> list[Draft]:
        drafts = []
        for value in self._json.read(self._text, self._begin or 0):
            if "text" in value:
                drafts.append(_draft(value))
            elif "cannot_answer" in value:
                self.cannot_answer = str(value["cannot_answer"])
        return drafts

    def _from_prose(self, hold: int) -> list[Draft]:
        """Cut prose into sentences; the last `hold` may still grow or get marks."""
        text = _BULLET.sub("\n\n", self._text[self._begin or 0 :])
        whole = _sentences(text)
        ready = whole[self._given : max(self._given, len(whole) - hold)]
        self._given += len(ready)
        self._waiting += ready
        self._marked = self._marked or any(d.numbers for d in ready)
        # A reply that never cites is not what was asked for: nothing of it is shown before the first mark.
        given, self._waiting = (self._waiting, []) if self._marked else ([], self._waiting)
        return given


class _Objects:
    """Finds the JSON objects of a growing text as they close, inner ones first."""

    def __init__(self) -> None:
        self.closed = False  # the outermost object is whole
        self._at: int | None = None
        self._starts: list[int] = []
        self._in_string = False
        self._escaped = False

    def read(self, text: str, begin: int) -> list[dict[str, Any]]:
        """Return the objects that close in what is new of the text. Raises `ModelReplyError`."""
        found = []
        start = begin if self._at is None else self._at
        for position in range(start, len(text)):
            if self.closed:
                break
            if self._closes_at(text[position], position):
                found.append(_parsed(text[self._starts.pop() : position + 1]))
                self.closed = not self._starts
        self._at = len(text)
        if len(self._starts) > 2 and self._at - self._starts[-1] > _LONGEST_SENTENCE:
            raise ModelReplyError(f"a sentence went on past {_LONGEST_SENTENCE:,} characters: try another model")
        return found

    def _closes_at(self, sign: str, position: int) -> bool:
        """Follow one character; tell whether it closes an object."""
        if self._in_string:
            self._in_string = self._escaped or sign != '"'
            self._escaped = sign == "\\" and not self._escaped
        elif sign == '"':
            self._in_string = True
        elif sign == "{":
            self._starts.append(position)
        else:
            return sign == "}" and bool(self._starts)
        return False


def _parsed(text: str) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise ModelReplyError(f"the reply is not valid JSON ({error}): ask again or try another model") from error
    return value


def _draft(value: dict[str, Any]) -> Draft:
    """Read one sentence; marks that the model put into the text as well count as numbers, not as text."""
    text, numbers = value["text"], value.get("evidence")
    if not isinstance(text, str) or not isinstance(numbers, list) or not all(str(n).isdecimal() for n in numbers):
        shown = without_foreign(str(value), ())[0][:80]
        raise ModelReplyError(f"a sentence without text or numbers ({shown}): ask again or try another model")
    plain, marks = _without_marks(text)
    return Draft(plain, tuple(dict.fromkeys([*map(int, numbers), *marks])))


def _sentences(text: str) -> list[Draft]:
    """Cut prose into sentences with their marks; marks after the full stop belong to the sentence before."""
    drafts: list[Draft] = []
    for span in split_sentences(text):
        piece = text[span.start : span.end]
        leading = _FIRST_MARKS.match(piece)
        if leading and drafts:
            _, late = _without_marks(leading.group())
            drafts[-1] = Draft(drafts[-1].text, tuple(dict.fromkeys([*drafts[-1].numbers, *late])))
            piece = piece[leading.end() :]
        plain, numbers = _without_marks(piece)
        if plain.strip("`"):
            drafts.append(Draft(plain, tuple(dict.fromkeys(numbers))))
    return drafts


def _without_marks(text: str) -> tuple[str, list[int]]:
    numbers = [int(n) for marks in _MARK.findall(text) for n in re.findall(r"\d+", marks)]
    return _MARK.sub("", text).strip(), numbers
