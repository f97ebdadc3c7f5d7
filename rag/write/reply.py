"""A model's reply, read while it arrives: JSON by schema, or prose with `[3]` marks where a server has no schemas.

Models don't keep to a form: they think first, announce their JSON, fence it, wrap it in a list or leave the wrapper
out. So the JSON is looked for anywhere. A reply that opens with it is read as it arrives, any other once it is whole,
as only its end shows which part was thinking. Prose is read by `rag.write.prose_reply`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rag.errors import ModelReplyError
from rag.models.json_reply import OPENS_JSON, objects_in, parsed, values_in
from rag.models.lenient_json import lenient_at
from rag.models.thoughts import Thoughts, holds_marks, thought_ends, without_labelled_thoughts, without_thoughts
from rag.text.invented_content import without_foreign
from rag.text.words import fold_title
from rag.types import Draft
from rag.views.printable import whole_characters
from rag.write.growing_json import GrowingJson
from rag.write.keyed_reply import as_json, keyed_objects
from rag.write.prose_reply import prose
from rag.write.reply_values import (
    ByName,
    lower_keys,
    marked_string,
    nobody,
    remark,
    sentence_of,
    shaped,
    strings_of,
)

# Characters of a reply without its thoughts: four times what 1,024 tokens can hold in English.
LONGEST = 16_384
_ENDS = ".!?。！？)]】"  # characters that end a complete sentence of prose
_FENCE = re.compile(r"\s*(?:(?:`{3,}|~{3,})[ \t]*(?:json[\w-]*)?\s*)?", re.IGNORECASE)
_MAY_BE_FENCE = re.compile(r"\s*(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[ \t]*[a-z0-9-]{0,8}\s*)?", re.IGNORECASE)
_MAY_OPEN_JSON = re.compile(r"\[\s*")
# What a sentence for people never contains: the inside of JSON.
_RAW = re.compile(r'[{\[]\s*"[^"]*"\s*[:,\]]|"\s*:\s*[\[{"\d]|"\s*[}\]]\s*[,}\]]|```')


class ReplyReader:
    """Takes a reply piece by piece and returns each sentence as soon as it is complete.

    The question itself isn't an answer: weak models repeat it. `cannot_answer` is the reason that the model
    gave for not answering, None where it gave none; `not_covered` is what it says its sentences leave open. `unread` is
    how many sentences couldn't be read. `by_name` finds the evidence of sentences that name papers instead of numbers.
    """

    def __init__(self, question: str = "", by_name: ByName = nobody) -> None:
        self.cannot_answer: str | None = None
        self.not_covered = ""
        self.unread = 0
        self._by_name = by_name
        self._echo = fold_title(question)
        self._thoughts = Thoughts()
        self._text = ""
        self._begin: int | None = None  # where JSON starts that opens the reply
        self._held = False  # the reply opens with something else
        self._objects = GrowingJson(lambda value: sentence_of(value) is not None)
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
        return read or self._new(shaped(found[-1])) or self._new(prose(marked_string(found[-1])))

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
            elif (draft := sentence_of(value, self._by_name)) is not None:
                drafts.append(draft)
            else:
                self.unread += "text" in lower_keys(value)
                self._read_remarks(value)
                drafts += strings_of(value)
        return drafts

    def _read_remarks(self, value: dict[str, Any]) -> None:
        value = lower_keys(value)
        if value.get("cannot_answer") not in (None, False):
            why = value["cannot_answer"]
            self.cannot_answer = remark(why) if why is not True else remark(list(value.values()))
        self.not_covered = remark(value.get("not_covered")) or self.not_covered

    def _new(self, drafts: Iterable[Draft]) -> list[Draft]:
        """Return what may be shown of these sentences.

        Exact repeats with the same numbers are left out: weak models repeat themselves. So is everything before the
        first sentence that cites: a reply that never cites isn't what was asked for.
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


def _fitting(text: str) -> list[Any]:
    """Return the JSON of a whole text that contains an answer, outside of thoughts; the last one of several.

    Sentences without a wrapper all count.
    """
    found = list(values_in(_unwrapped(text), _is_answer))
    closed = (at for at in thought_ends(text) if not any(start < at < end for start, end, _ in found))
    thought = max(closed, default=0)
    said = [value for start, _, value in found if start >= thought]
    bare = [value for value in said if isinstance(value, dict) and sentence_of(value)]
    return bare if len(bare) == len(said) else said[-1:]


def _unwrapped(text: str) -> str:
    """Return the text that a text is in quotes, with escapes: a few servers encode a reply twice."""
    inner = parsed(text.strip()) if text.lstrip()[:1] == '"' else None
    return inner if isinstance(inner, str) else text


def _is_answer(value: Any) -> bool:
    objects = list(objects_in(value))
    fits = any(sentence_of(o) is not None or lower_keys(o).get("cannot_answer") or strings_of(o) for o in objects)
    return fits or (isinstance(value, dict | list) and bool(shaped(value) or marked_string(value)))
