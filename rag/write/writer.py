"""What every writer offers: drafts of sentences from evidence. Each draft is checked before anyone reads it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from rag.errors import ModelReplyError, ModelTimeoutError
from rag.models.boundary import boundary, name_of
from rag.text.question_form import QuestionReading
from rag.types import Draft, Evidence
from rag.views.printable import whole_characters

LONGEST_SENTENCE = 2_000  # characters
FIX = "fix it, or choose another"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered, and from what.

    `reading` is of the question made to stand alone in English; `asked` is the reader's wording. `scores` has how well
    each paper fits, by paper id, and is empty where a reranker ordered them. `timeout` is in seconds. `parts` has the
    evidence once for each question that a double question asks, scored for that one; empty for a single question.
    """

    reading: QuestionReading
    asked: str
    evidence: Sequence[Evidence]
    scores: Mapping[str, float] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()
    timeout: float = 120.0
    parts: Sequence[Sequence[Evidence]] = ()

    @property
    def question(self) -> str:
        """The words of the question."""
        return self.reading.text


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took. `cannot_answer` is the model's own reason.

    `not_covered` is what it says its sentences leave open; it is never checked, and shown separately. `unread` is how
    many sentences of the reply couldn't be read. `cut_off`: its length ended the reply before the model did. `trimmed`
    is evidence that didn't fit, so the model wasn't shown it.
    """

    prompt_sha256: str
    trimmed: tuple[Evidence, ...] = ()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cannot_answer: str | None = None
    not_covered: str = ""
    unread: int = 0
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A sentence that didn't pass the check, with the reason, as it goes back to its writer."""

    number: int
    draft: Draft
    why: str


@dataclass(frozen=True, slots=True)
class Repair:
    """The writer's response to a doubt: a sentence, perhaps the same, and the words of its evidence that say it."""

    doubt: int
    draft: Draft
    quote: str


class Writer(Protocol):
    """Writes answers. A receipt records its `name`."""

    @property
    def name(self) -> str:
        """What wrote, for receipts and readers."""
        ...

    def write(self, task: Task) -> Iterator[Draft | Usage]:
        """Yield sentences in order, each with the numbers of the evidence that it rests on; no `Usage` is needed."""
        ...


class HandedWriter:
    """Someone else's writer, held to the protocol: whatever it raises or yields wrongly becomes a `ModelError`."""

    def __init__(self, writer: Writer) -> None:
        self.name = name_of(writer)
        self._writer = writer

    def write(self, task: Task) -> Generator[Draft | Usage, None, None]:
        """Yield what the writer yields; see `Writer.write`. Raises a `ModelError`."""
        deadline = time.monotonic() + task.timeout
        with boundary(f"the writer {self.name}", ModelReplyError, FIX):
            drafts = self._writer.write(task)
            try:
                for part in drafts:
                    if time.monotonic() > deadline:
                        raise ModelTimeoutError(f"the writer {self.name} took more than {task.timeout:g} s: {FIX}")
                    yield part if isinstance(part, Usage) else self._sound(part)
            finally:
                if isinstance(drafts, Generator):
                    drafts.close()

    def _sound(self, part: object) -> Draft:
        if not isinstance(part, Draft) or not isinstance(part.text, str) or not isinstance(part.english, str):
            raise ModelReplyError(f"the writer {self.name} yielded {part!r:.60}, not a Draft: {FIX}")
        if len(part.text) > LONGEST_SENTENCE:
            raise ModelReplyError(f"the writer {self.name} wrote a sentence of {len(part.text):,} characters: {FIX}")
        text, english = whole_characters(part.text), whole_characters(part.english[:LONGEST_SENTENCE])
        return replace(part, text=text, numbers=tuple(int(number) for number in part.numbers), english=english)
