"""A model's reply, read while it arrives: JSON by schema, or prose with `[3]` marks where a server knows no schema."""

from __future__ import annotations

import json
import re
from typing import Any

from rag.errors import ModelReplyError
from rag.printable import printable, whole_characters
from rag.text.foreign import without_foreign
from rag.text.sentences import split_sentences
from rag.text.words import fold_title
from rag.types import Draft

_MARK = re.compile(r"\s*\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")
_FIRST_MARKS = re.compile(rf"(?:{_MARK.pattern})+\s*")
# What may stand before the reply itself: the thoughts of a model that thinks aloud, or the fence of a code block.
_THINKING, _THOUGHT = "<think>", "</think>"
_FENCE = re.compile(r"\s*(?:```(?:json)?\s*)?")
# Characters of one sentence with its numbers: a weak model that has begun to repeat itself never ends.
_LONGEST_SENTENCE = 2_000
# Prose is cut into sentences anew once it has grown by this part, so that the work grows with its length alone.
_GROWTH = 16
_MOST_DIGITS = 4  # of a number of evidence
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
        self._thought: int | None = None  # where the search for the end of the model's thoughts goes on
        self._cut_from = 0  # where the prose begins that was not given out
        self._cut_at = 0  # how long the text was when it was cut last

    def feed(self, piece: str) -> list[Draft]:
        """Take a piece and return the sentences that are whole now. Raises `ModelReplyError`."""
        self._text += whole_characters(piece)
        if self._begin is None and not self._find_begin():
            return []
        drafts = self._from_json() if self._is_json else self._from_prose(hold=2)
        return self._new(drafts)

    def end(self) -> list[Draft]:
        """Return what is left. Raises `ModelReplyError` where the reply is not what was asked for."""
        if self._begin is None:
            self._begin = self._cut_from = 0
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
        begin = len(self._text) - len(self._text.lstrip()) if self._thought is None else 0
        if self._thought is None and _THINKING.startswith(self._text[begin : begin + len(_THINKING)]):
            if len(self._text) < begin + len(_THINKING):
                return False
            self._thought = begin
        if self._thought is not None:
            found = self._text.find(_THOUGHT, self._thought)
            if found < 0:
                self._thought = max(self._thought, len(self._text) - len(_THOUGHT))
                return False
            begin = found + len(_THOUGHT)
        fence = _FENCE.match(self._text, begin)
        end = fence.end() if fence else begin
        rest = self._text[end:]
        if not rest or "```json".startswith(rest[:7]):
            return False
        self._begin = self._cut_from = end
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
                why = value["cannot_answer"]
                self.cannot_answer = printable(" ".join(whole_characters(why).split())) if isinstance(why, str) else ""
        return drafts

    def _from_prose(self, hold: int) -> list[Draft]:
        """Cut prose into sentences; the last `hold` may still grow or get marks."""
        if hold and len(self._text) - self._cut_at < (len(self._text) - self._cut_from) // _GROWTH:
            return []
        self._cut_at = len(self._text)
        text = _BULLET.sub(lambda match: "\n" * len(match.group()), self._text[self._cut_from :])
        whole = _sentences(text)
        ready, held = whole[: len(whole) - hold], whole[len(whole) - hold :]
        if ready and held:
            self._cut_from += held[0][0]
        drafts = [draft for _, draft in ready]
        self._waiting += drafts
        self._marked = self._marked or any(d.numbers for d in drafts)
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
    except (ValueError, RecursionError) as error:
        raise ModelReplyError(f"the reply is not valid JSON ({error}): ask again or try another model") from None
    return value


def _draft(value: dict[str, Any]) -> Draft:
    """Read one sentence; marks that the model put into the text as well count as numbers, not as text."""
    text, numbers = value["text"], value.get("evidence")
    if not isinstance(text, str) or not isinstance(numbers, list) or not all(map(_is_number, numbers)):
        start = without_foreign(text, ())[0][:80] if isinstance(text, str) else type(text).__name__
        raise ModelReplyError(f"a sentence without text or numbers ({start!r}): ask again or try another model")
    plain, marks = _without_marks(whole_characters(text))
    return Draft(plain, tuple(dict.fromkeys([*map(int, numbers), *marks])))


def _is_number(value: object) -> bool:
    return isinstance(value, int | str) and str(value).isdecimal() and len(str(value)) <= _MOST_DIGITS


def _sentences(text: str) -> list[tuple[int, Draft]]:
    """Cut prose into sentences with their marks, each with where it starts.

    Marks after the full stop belong to the sentence before.
    """
    drafts: list[tuple[int, Draft]] = []
    for span in split_sentences(text):
        start = span.start
        leading = _FIRST_MARKS.match(text[start : span.end])
        if leading and drafts:
            _, late = _without_marks(leading.group())
            at, before = drafts[-1]
            drafts[-1] = at, Draft(before.text, tuple(dict.fromkeys([*before.numbers, *late])))
            start += leading.end()
        plain, numbers = _without_marks(text[start : span.end])
        if plain.strip("`"):
            drafts.append((start, Draft(plain, tuple(dict.fromkeys(numbers)))))
    return drafts


def _without_marks(text: str) -> tuple[str, list[int]]:
    numbers = [int(n) for marks in _MARK.findall(text) for n in re.findall(r"\d+", marks)]
    return _MARK.sub("", text).strip(), numbers
