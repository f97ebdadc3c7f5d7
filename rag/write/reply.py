"""A model's reply, read while it arrives: JSON by schema, or prose with `[3]` marks where a server has no schemas.

Models don't keep to a form: they think first, announce their JSON, fence it, wrap it in a list or leave the wrapper
out. So the JSON is looked for anywhere. A reply that opens with it is read as it arrives, any other once it is whole,
as only its end shows which part was thinking. Prose is read by `rag.write.prose_reply`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.errors import ModelReplyError
from rag.models.json_reply import OPENS_JSON, objects_in, parsed, values_in
from rag.models.lenient_json import lenient_at
from rag.models.thoughts import Thoughts, holds_marks, thought_ends, without_labelled_thoughts, without_thoughts
from rag.text.invented_content import without_foreign
from rag.text.words import fold_title
from rag.types import Draft
from rag.views.printable import printable, whole_characters
from rag.write.evidence_numbers import numbers_named, plain_marks, without_marks
from rag.write.keyed_reply import as_json, keyed_objects
from rag.write.prose_reply import prose

# Characters of a reply without its thoughts: four times what 1,024 tokens can hold in English.
LONGEST = 16_384
# Characters of one sentence: a weak model that starts repeating itself never ends.
_LONGEST_SENTENCE = 2_000
_DEEPEST = 8  # levels of a reply with other keys than those asked for
_ENDS = ".!?。！？)]】"  # signs that a whole sentence of prose ends with
_LONGEST_REMARK = 600  # characters of what the model says apart from its sentences
_FENCE = re.compile(r"\s*(?:(?:`{3,}|~{3,})[ \t]*(?:json[\w-]*)?\s*)?", re.IGNORECASE)
_MAY_BE_FENCE = re.compile(r"\s*(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[ \t]*[a-z0-9-]{0,8}\s*)?", re.IGNORECASE)
_MAY_OPEN_JSON = re.compile(r"\[\s*")
_WORDY = 4  # words of a text that is a sentence, whatever its key is called
# What a sentence for people never contains: the inside of JSON.
_RAW = re.compile(r'[{\[]\s*"[^"]*"\s*[:,\]]|"\s*:\s*[\[{"\d]|"\s*[}\]]\s*[,}\]]|```')


# From what stands where numbers belong ("Okafor et al. 2021"), and the sentence, to the evidence that is meant.
ByName = Callable[[str, str], Sequence[int]]


def _nobody(*_: str) -> Sequence[int]:
    return ()


class ReplyReader:
    """Takes a reply piece by piece and gives every sentence as soon as it is whole.

    The question itself isn't an answer: weak models repeat it. `cannot_answer` is the reason that the model
    gave for not answering, None where it gave none; `not_covered` is what it says its sentences leave open. `unread` is
    how many sentences couldn't be read. `by_name` finds the evidence of sentences that name papers instead of numbers.
    """

    def __init__(self, question: str = "", by_name: ByName = _nobody) -> None:
        self.cannot_answer: str | None = None
        self.not_covered = ""
        self.unread = 0
        self._by_name = by_name
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
    def cites(self) -> bool:
        """Whether a sentence was given: the first one does."""
        return self._cites

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
            drafts += self._read_open()
        elif not self._seen and self.cannot_answer is None:
            drafts += self._read_whole()
        if not self._seen and self.cannot_answer is None:
            self.cannot_answer = self.not_covered or None
        if not self._cites and self.cannot_answer is None:
            raise ModelReplyError(self._nothing())
        if self._cites and self.cannot_answer:
            self.not_covered, self.cannot_answer = self.not_covered or self.cannot_answer, None
        return drafts

    def cut_off(self) -> list[Draft]:
        """Return what is left of a reply that stops in the middle: prose without its last, broken sentence."""
        self._take(self._thoughts.end())
        said = without_thoughts(without_labelled_thoughts(self._text))
        if self._begin is not None or OPENS_JSON.search(said):
            return []
        drafts = prose(said)
        return self._new(drafts if said.rstrip()[-1:] in _ENDS else drafts[:-1])

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
        text = without_labelled_thoughts(self._text)
        found = _fitting(text)
        if not found:
            said = without_thoughts(text)
            _check_length(said)
            if keyed := self._read_keyed(said):
                return keyed
            return self._new(prose(said)) if self._begin is None else []
        objects: list[dict[str, Any]] = []
        for value in found:
            objects += objects_in(value)
        read = self._new(self._read(objects))
        return read or self._new(_shaped(found[-1])) or self._new(prose(_marked_string(found[-1])))

    def _read_keyed(self, said: str) -> list[Draft]:
        """Read a reply that has the keys asked for, but isn't JSON."""
        value = as_json(said)
        objects = list(objects_in(value)) if _is_answer(value) else keyed_objects(said)
        if objects:
            self.unread = 0  # what was taken for broken JSON
        return self._new(self._read(objects))

    def _read_open(self) -> list[Draft]:
        """Read JSON whose end wasn't found: its last brackets are missing, or a quote within a text misled the search.

        Raises `ModelReplyError` where it breaks off inside a text.
        """
        try:
            value, _, _ = lenient_at(self._text, self._begin or 0)
        except ValueError:
            raise ModelReplyError("the reply breaks off inside its JSON: ask again or try another model") from None
        return self._new(self._read(objects_in(value))) if _is_answer(value) else []

    def _read(self, objects: Iterable[dict[str, Any] | None]) -> list[Draft]:
        """Read the objects of a reply: a sentence each, or what encloses the sentences."""
        drafts: list[Draft] = []
        for value in objects:
            if value is None:
                self.unread += 1
            elif (draft := _draft(value, self._by_name)) is not None:
                drafts.append(draft)
            else:
                self.unread += "text" in _lower(value)
                self._read_remarks(value)
                drafts += _strings_of(value)
        return drafts

    def _read_remarks(self, value: dict[str, Any]) -> None:
        value = _lower(value)
        if value.get("cannot_answer") not in (None, False):
            why = value["cannot_answer"]
            self.cannot_answer = _remark(why) if why is not True else _remark(list(value.values()))
        self.not_covered = _remark(value.get("not_covered")) or self.not_covered

    def _new(self, drafts: Iterable[Draft]) -> list[Draft]:
        """Return what may be shown of these sentences.

        Nothing that was said before, word for word and with the same numbers: weak models repeat themselves. Nothing
        before the first sentence that cites: a reply that never does isn't what was asked for.
        """
        named = map(self._with_named, drafts)
        fresh = [d for d in dict.fromkeys(named) if d not in self._seen and not self._is_echo(d)]
        self._seen.update(fresh)
        sound = [d for d in fresh if not _RAW.search(d.text) and not holds_marks(d.text)]
        self.unread += len(fresh) - len(sound)
        self._waiting += sound
        self._cites = self._cites or any(d.numbers for d in sound)
        given, self._waiting = (self._waiting, []) if self._cites else ([], self._waiting)
        return given

    def _with_named(self, draft: Draft) -> Draft:
        """Return a sentence without a number with the evidence of the paper that it names."""
        return draft if draft.numbers else replace(draft, numbers=tuple(self._by_name(draft.text, draft.text)))

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
    found = list(values_in(_unwrapped(text), _is_answer))
    closed = (at for at in thought_ends(text) if not any(start < at < end for start, end, _ in found))
    thought = max(closed, default=0)
    said = [value for start, _, value in found if start >= thought]
    bare = [value for value in said if isinstance(value, dict) and _draft(value)]
    return bare if len(bare) == len(said) else said[-1:]


def _unwrapped(text: str) -> str:
    """Return the text that a text is in quotes, with escapes: a few servers encode a reply twice."""
    inner = parsed(text.strip()) if text.lstrip()[:1] == '"' else None
    return inner if isinstance(inner, str) else text


def numbers_of(value: object) -> tuple[int, ...]:
    """Return the numbers of evidence in a value of a reply: 3, "3", "[3–5]", [3, 4] or [{"number": 3}]."""
    return tuple(dict.fromkeys(_numbers(value)))


def _is_answer(value: Any) -> bool:
    objects = list(objects_in(value))
    fits = any(_draft(o) is not None or _lower(o).get("cannot_answer") or _strings_of(o) for o in objects)
    return fits or (isinstance(value, dict | list) and bool(_shaped(value) or _marked_string(value)))


def _marked_string(value: Any) -> str:
    """Return the longest string with marks in a value, empty where there is none."""
    marked = (text for text in _leaves(value) if any(draft.numbers for draft in prose(text)))
    return max(marked, key=len, default="")


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from _leaves(item)


def _lower(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object with its keys in small letters."""
    return {key.lower(): item for key, item in value.items()}


def _draft(value: dict[str, Any], by_name: ByName = _nobody) -> Draft | None:
    """Read one sentence, None where it isn't one.

    Marks that the model also put into the text count as numbers, not as text.
    """
    value = _lower(value)
    text = value.get("text", value.get("sentence"))
    if not isinstance(text, str) or not text.strip():
        return None
    others = [] if "evidence" in value else [item for item in value.values() if item is not text]
    english = value.get("english")
    draft = _sentence(text, [other for other in others if other is not english], value.get("evidence"), by_name)
    return replace(draft, english=_remark(english)) if isinstance(english, str) and english != text else draft


def _sentence(text: str, others: Sequence[Any], evidence: Any = None, by_name: ByName = _nobody) -> Draft:
    """Return a sentence with the numbers that its evidence names, else the likeliest of the other values."""
    plain, marks = without_marks(plain_marks(whole_characters(text)))
    # A bare number may be how sure the model is.
    likeliest = [evidence, *sorted(others, key=lambda other: 2 - isinstance(other, str) - 2 * isinstance(other, list))]
    named = next(filter(None, map(_numbers, likeliest)), [])
    names = [number for name in _leaves(evidence) for number in by_name(name, plain)]
    return Draft(plain, tuple(dict.fromkeys([*(names or named), *marks])))


def _shaped(value: Any, depth: int = 0) -> list[Draft]:
    """Read the sentences of a reply with other keys than those asked for, by their shape: words beside numbers."""
    if isinstance(value, dict):
        texts = [text for text in value.values() if isinstance(text, str) and len(text.split()) >= _WORDY]
        others = [item for item in value.values() if not isinstance(item, str) or item not in texts]
        if texts and (draft := _sentence(texts[0], others)).numbers:
            return [draft]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [draft for item in items for draft in _shaped(item, depth + 1)] if depth < _DEEPEST else []


def _strings_of(value: dict[str, Any]) -> list[Draft]:
    """Read sentences that are plain strings with marks in them."""
    items = _lower(value).get("sentences")
    if not isinstance(items, list):
        return []
    return [draft for item in items if isinstance(item, str) for draft in prose(item) if draft.numbers]


def _numbers(value: object, depth: int = 0) -> list[int]:
    """Return the numbers of evidence in a value: 3, "3", "[3–5]", [3, 4] or [{"number": 3}]."""
    if isinstance(value, list) and depth < 3:
        return [number for item in value for number in _numbers(item, depth + 1)]
    if isinstance(value, dict) and depth < 3:
        # {"3": "its words"}; else the first value with a number: {"id": 3, "score": 95}.
        keys = [number for key in value for number in numbers_named(str(key)[:_LONGEST_REMARK])]
        return keys or next(filter(None, (_numbers(item, depth + 1) for item in value.values())), [])
    return numbers_named(_as_text(value))


def _as_text(value: object) -> str:
    """Return a number or a text as text, empty for anything else, for fractions and for what is too long."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return ""
    try:
        text = str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
    except (ValueError, OverflowError):  # more digits than Python writes, infinity
        return ""
    return text if len(text) <= _LONGEST_REMARK and not (isinstance(value, float) and "." in text) else ""


def _remark(value: object) -> str:
    text = value if isinstance(value, str) else " ".join(_leaves(value))
    return printable(" ".join(whole_characters(text).split()))[:_LONGEST_REMARK]
