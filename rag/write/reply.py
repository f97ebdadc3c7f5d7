"""A model's reply, read while it arrives: JSON by schema, or prose with `[3]` marks where a server has no schemas.

Models don't keep to a form: they think first, announce their JSON, fence it, wrap it in a list or leave the wrapper
out. So the JSON is looked for anywhere. A reply that opens with it is read as it arrives, any other once it is whole,
as only its end shows which part was thinking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rag.errors import ModelReplyError
from rag.models.json_reply import OPENS_JSON, objects_in, parsed, values_in
from rag.models.thoughts import Thoughts, holds_marks, thought_ends, without_thoughts
from rag.text.foreign import without_foreign
from rag.text.sentences import split_sentences
from rag.text.words import fold_title
from rag.types import Draft
from rag.views.printable import printable, whole_characters
from rag.write.evidence_numbers import numbers_in, style_of, without_marks

# Characters of a reply without its thoughts: four times what 1,024 tokens can hold in English.
LONGEST = 16_384
# Characters of one sentence: a weak model that starts repeating itself never ends.
_LONGEST_SENTENCE = 2_000
_LONGEST_REMARK = 600  # characters of what the model says apart from its sentences
_FENCE = re.compile(r"\s*(?:(?:`{3,}|~{3,})[ \t]*(?:json[\w-]*)?\s*)?", re.IGNORECASE)
_MAY_BE_FENCE = re.compile(r"\s*(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[ \t]*[a-z0-9-]{0,8}\s*)?", re.IGNORECASE)
_MAY_OPEN_JSON = re.compile(r"\[\s*")
_LINE_START = re.compile(r"^[ \t]*(?:>[ \t]?)*(?:[-*•‣][ \t]+|\d{1,2}[.)][ \t]+)?", re.MULTILINE)
_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t].*|(?:\*\*|__)[^*_\n]+(?:\*\*|__):?[ \t]*|[-*_=]{3,}[ \t]*)$", re.MULTILINE
)
_EMPHASIS = re.compile(r"(\*\*|__|(?<![\w*])\*(?=\S))(.+?)\1", re.DOTALL)
# What a sentence for people never contains: the inside of JSON.
_RAW = re.compile(r'[{\[]\s*"[^"]*"\s*[:,\]]|"\s*:\s*[\[{"\d]|"\s*[}\]]\s*[,}\]]|```')


class ReplyReader:
    """Takes a reply piece by piece and gives every sentence as soon as it is whole.

    The question itself isn't an answer: weak models repeat it. `cannot_answer` is the reason that the model
    gave for not answering, None where it gave none; `not_covered` is what it says its sentences leave open. `unread` is
    how many sentences couldn't be read.
    """

    def __init__(self, question: str = "") -> None:
        self.cannot_answer: str | None = None
        self.not_covered = ""
        self.unread = 0
        self._echo = fold_title(question)
        self._thoughts = Thoughts()
        self._text = ""
        self._begin: int | None = None  # where JSON starts that opens the reply
        self._held = False  # the reply opens with something else
        self._objects = _Objects()
        self._seen: set[Draft] = set()
        self._waiting: list[Draft] = []  # sentences before the first that cites
        self._cites = False

    @property
    def is_whole(self) -> bool:
        """Whether the JSON asked for is complete, whatever the server says about the end of the reply."""
        return self._objects.closed or bool(self._held and _fitting(self._text))

    def feed(self, piece: str) -> list[Draft]:
        """Take a piece and return the sentences that are whole now. Raises `ModelReplyError`."""
        return self._take(self._thoughts.feed(whole_characters(piece)))

    def end(self) -> list[Draft]:
        """Return what is left. Raises `ModelReplyError` where the reply isn't what was asked for."""
        drafts = self._take(self._thoughts.end())
        if self._begin is None:
            drafts += self._read_whole()
        elif not self._objects.closed:
            raise ModelReplyError("the reply breaks off inside its JSON: ask again or try another model")
        elif not self._seen and self.cannot_answer is None:
            drafts += self._new(self._read(objects_in(self._objects.outermost)))
            drafts += self._new(_prose(_marked_string(self._objects.outermost))) if not drafts else []
        if not self._cites and self.cannot_answer is None:
            raise ModelReplyError(self._nothing())
        if self._cites and self.cannot_answer:
            self.not_covered, self.cannot_answer = self.not_covered or self.cannot_answer, None
        return drafts

    def _nothing(self) -> str:
        if self._begin is not None or _fitting(self._text):
            return "the reply has no sentence with its evidence: ask again or try another model"
        start = without_foreign(without_thoughts(self._text), ())[0][:80]
        if not start and self._thoughts.seen:
            return "the model thought and then wrote nothing: ask again or try another model"
        return f"the reply is neither JSON nor cites anything ({start!r}…): try another model"

    def _take(self, piece: str) -> list[Draft]:
        self._text += piece
        if self._begin is not None:
            _check_length(self._text)
        if self._begin is None and not self._held:
            self._find_begin()
        return self._new(self._read(self._objects.read(self._text, self._begin))) if self._begin is not None else []

    def _find_begin(self) -> None:
        """Return whether JSON opens the reply, as soon as that is known."""
        if _MAY_BE_FENCE.fullmatch(self._text):
            return
        fence = _FENCE.match(self._text)
        start = fence.end() if fence else 0
        if OPENS_JSON.match(self._text, start):
            self._begin = start
        else:
            self._held = not _MAY_OPEN_JSON.fullmatch(self._text, start)

    def _read_whole(self) -> list[Draft]:
        found = _fitting(self._text)
        if not found:
            said = without_thoughts(self._text)
            _check_length(said)
            return self._new(_prose(said))
        objects: list[dict[str, Any]] = []
        for value in found:
            objects += objects_in(value)
        return self._new(self._read(objects)) or self._new(_prose(_marked_string(found[-1])))

    def _read(self, objects: Iterable[dict[str, Any] | None]) -> list[Draft]:
        """Read the objects of a reply: a sentence each, or what encloses the sentences."""
        drafts: list[Draft] = []
        for value in objects:
            if value is None:
                self.unread += 1
            elif (draft := _draft(value)) is not None:
                drafts.append(draft)
            else:
                self.unread += "text" in value
                self._read_remarks(value)
                drafts += _strings_of(value)
        return drafts

    def _read_remarks(self, value: dict[str, Any]) -> None:
        if value.get("cannot_answer") not in (None, False):
            self.cannot_answer = _remark(value["cannot_answer"])
        self.not_covered = _remark(value.get("not_covered")) or self.not_covered

    def _new(self, drafts: Iterable[Draft]) -> list[Draft]:
        """Return what may be shown of these sentences.

        Nothing that was said before, word for word and with the same numbers: weak models repeat themselves. Nothing
        before the first sentence that cites: a reply that never does isn't what was asked for.
        """
        fresh = [d for d in dict.fromkeys(drafts) if d not in self._seen and not self._is_echo(d)]
        self._seen.update(fresh)
        sound = [d for d in fresh if not _RAW.search(d.text) and not holds_marks(d.text)]
        self.unread += len(fresh) - len(sound)
        self._waiting += sound
        self._cites = self._cites or any(d.numbers for d in sound)
        given, self._waiting = (self._waiting, []) if self._cites else ([], self._waiting)
        return given

    def _is_echo(self, draft: Draft) -> bool:
        return bool(self._echo) and fold_title(draft.text) == self._echo


def _check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise ModelReplyError(f"the reply went on past {LONGEST:,} characters: it was cut off; try another model")


class _Objects:
    """Finds the JSON objects of a growing text as they close, inner ones first; None for one that can't be read."""

    def __init__(self) -> None:
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
        if self._string is not None and position - self._string > _LONGEST_SENTENCE:
            raise ModelReplyError(f"a sentence went on past {_LONGEST_SENTENCE:,} characters: try another model")
        return found

    def _goes_on(self, text: str, position: int) -> bool:
        """Whether another sentence follows one without a wrapper: one object on each line."""
        return self._is_bare and text[position] in " \t\r\n,{"

    def _closed(self, text: str, start: int, end: int) -> Iterator[dict[str, Any] | None]:
        outermost = not self._starts
        self.closed = self.closed or outermost
        value = parsed(text[start:end])
        if outermost:
            self._is_bare = isinstance(value, dict) and _draft(value) is not None
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


def _fitting(text: str) -> list[Any]:
    """Return the JSON of a whole text that contains an answer, outside of thoughts; the last one of several.

    Sentences without a wrapper all count.
    """
    found = list(values_in(text, _is_answer))
    closed = (at for at in thought_ends(text) if not any(start < at < end for start, end, _ in found))
    thought = max(closed, default=0)
    said = [value for start, _, value in found if start >= thought]
    bare = [value for value in said if isinstance(value, dict) and _draft(value)]
    return bare if len(bare) == len(said) else said[-1:]


def numbers_of(value: object) -> tuple[int, ...]:
    """Return the numbers of evidence in a value of a reply: 3, "3", "[3–5]", [3, 4] or [{"number": 3}]."""
    return tuple(dict.fromkeys(_numbers(value)))


def _is_answer(value: Any) -> bool:
    objects = list(objects_in(value))
    fits = any(_draft(o) is not None or o.get("cannot_answer") or _strings_of(o) for o in objects)
    return fits or (isinstance(value, dict) and bool(_marked_string(value)))


def _marked_string(value: Any) -> str:
    """Return the longest string with marks in a value, empty where there is none."""
    marked = (text for text in _leaves(value) if any(draft.numbers for draft in _prose(text)))
    return max(marked, key=len, default="")


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from _leaves(item)


def _draft(value: dict[str, Any]) -> Draft | None:
    """Read one sentence, None where it isn't one.

    Marks that the model also put into the text count as numbers, not as text.
    """
    text = value.get("text", value.get("sentence"))
    if not isinstance(text, str) or not text.strip():
        return None
    named = value["evidence"] if "evidence" in value else [v for k, v in value.items() if v is not text]
    plain, marks = without_marks(whole_characters(text))
    return Draft(plain, tuple(dict.fromkeys([*_numbers(named), *marks])))


def _strings_of(value: dict[str, Any]) -> list[Draft]:
    """Read sentences that are plain strings with marks in them."""
    items = value.get("sentences")
    if not isinstance(items, list):
        return []
    return [draft for item in items if isinstance(item, str) for draft in _prose(item) if draft.numbers]


def _numbers(value: object, depth: int = 0) -> list[int]:
    """Return the numbers of evidence in a value: 3, "3", "[3–5]", [3, 4] or [{"number": 3}]."""
    if isinstance(value, dict | list) and depth < 3:
        items = value.values() if isinstance(value, dict) else value
        return [number for item in items for number in _numbers(item, depth + 1)]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return []
    try:
        text = str(int(value)) if isinstance(value, float) else str(value)
    except (ValueError, OverflowError):  # more digits than Python writes, infinity
        return []
    return numbers_in(text) if len(text) <= _LONGEST_REMARK else []


def _remark(value: object) -> str:
    text = value if isinstance(value, str) else " ".join(_leaves(value))
    return printable(" ".join(whole_characters(text).split()))[:_LONGEST_REMARK]


def _prose(text: str) -> list[Draft]:
    """Cut prose into sentences with their marks. Marks after the full stop belong to the sentence before."""
    text = _HEADING.sub("", text)
    text = _LINE_START.sub("\n", text)
    text = _EMPHASIS.sub(r"\2", text).replace("```", " ").replace("`", "")
    style = style_of(text)
    drafts: list[Draft] = []
    for span in split_sentences(text):
        sentence = text[span.start : span.end]
        leading = re.match(rf"(?:{style.pattern})+\s*", sentence, style.flags)
        late: Sequence[int] = ()
        if leading:
            _, late = without_marks(leading.group(), style)
            sentence = sentence[leading.end() :]
            opens = not drafts or "\n" in text[: span.start][-2:]
            if not opens:
                drafts[-1] = _with(drafts[-1], late)
                late = ()
        plain, numbers = without_marks(sentence, style)
        plain = " ".join(plain.split())
        if plain and (numbers or late or not plain.endswith(":")):
            drafts.append(_with(Draft(plain, ()), [*late, *numbers]))
    return drafts


def _with(draft: Draft, numbers: Iterable[int]) -> Draft:
    return Draft(draft.text, tuple(dict.fromkeys([*draft.numbers, *numbers])))
