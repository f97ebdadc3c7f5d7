"""What a request may contain, checked before anything is done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.arguments import nearest
from rag.errors import InputError
from rag.views.suggestion import SURELY, meant

Body = TypeVar("Body", bound=BaseModel)


class FilterFields(BaseModel):
    """What an answer or a search is narrowed to."""

    model_config = ConfigDict(extra="forbid")

    year: str | int | None = Field(None, description="2024, 2023..2025, 2023.. or ..2025")
    venue: str | None = Field(None, description="part of the venue's name")
    author: str | None = Field(None, description="part of an author's name")
    source: str | None = Field(None, description="part of the name of the file that the paper came from")
    papers: list[str] | None = Field(None, description="only the papers of these ids")
    exclude: list[str] | None = Field(None, description="none of the papers of these ids")

    @property
    def given(self) -> dict[str, Any]:
        """The filters, as `answer` takes them."""
        return {name: getattr(self, name) for name in FilterFields.model_fields}


class Ask(FilterFields):
    """A question."""

    question: str = Field(description="what to answer, at most 4,000 characters")
    stream: bool = Field(False, description="send each step and sentence as a server-sent event")


class Search(FilterFields):
    """What to look for."""

    question: str = Field(description="a question, or words")
    k: int | None = Field(None, description="how many papers, 1 to 50 (default: 10)")
    limit: int | None = Field(None, description="the same as k")


class PaperRange(BaseModel):
    """Which papers of the list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(20, description="how many papers, 1 to 50")
    offset: int = Field(0, ge=0, description="how many to pass over")


class MessagePart(BaseModel):
    """A part of a message; only text can be read."""

    type: str = "text"
    text: str = ""

    def model_post_init(self, _context: Any, /) -> None:
        """Raise `InputError` for a part that isn't text."""
        if self.type != "text":
            raise InputError(f"a message has a part of the type {self.type!r:.40}: send text alone")


class ChatMessage(BaseModel):
    """A message of a conversation."""

    role: str
    content: str | list[MessagePart] | None = None

    @property
    def text(self) -> str:
        """Its text."""
        return self.content if isinstance(self.content, str) else " ".join(part.text for part in self.content or ())


class StreamOptions(BaseModel):
    """What a stream adds to its events."""

    include_usage: bool = False


class Chat(BaseModel):
    """A conversation as OpenAI's clients send it; settings of a language model in it (temperature, …) are ignored.

    What would change the form of the reply is refused: the client would wait for something that never comes.
    """

    model_config = ConfigDict(extra="allow")

    model: str = "pincite"
    n: int | None = None
    tool_choice: Any = None
    response_format: Any = None
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions | None = None
    filters: FilterFields = Field(
        default_factory=lambda: FilterFields.model_validate({}),
        description="Pincite's own: narrows the search (`extra_body` of OpenAI's client)",
    )

    def model_post_init(self, _context: Any, /) -> None:
        """Raise `InputError` where there is nothing to answer."""
        if self.messages[-1].role != "user":
            raise InputError("the last of the messages isn't of the role 'user': end with the question")
        for wrong, fix in self._refusals():
            if wrong:
                raise InputError(fix)

    def _refusals(self) -> Iterator[tuple[bool, str]]:
        """Yield what may be wrong with the wanted form of the reply, and the fix."""
        yield self.n not in (None, 1), f"n={self.n}: a question has one answer: leave n out"
        yield self.tool_choice not in (None, "auto", "none"), "tool_choice: no tool is called here: leave it out"
        form = self.response_format
        is_text = form is None or (isinstance(form, Mapping) and form.get("type") == "text")
        yield not is_text, "response_format: the reply is text: leave it out, and read its field `pincite` for JSON"
        for name in self.model_extra or {}:  # other clients send many other fields, for purposes of their own
            ours = name in FilterFields.model_fields
            yield ours, f"unknown field {name!r}: did you mean 'filters.{name}'?"
            near = meant(name, ["filters"], SURELY)
            yield bool(near), f"unknown field {name[:80]!r}: did you mean {near!r}?"

    @property
    def question(self) -> str:
        """The last message."""
        return self.messages[-1].text

    @property
    def history(self) -> list[dict[str, str]]:
        """The turns before it; instructions to a model (`system`) say nothing to a library."""
        said = [turn for turn in self.messages[:-1] if turn.role in ("user", "assistant")]
        return [{"role": turn.role, "content": turn.text} for turn in said]


def parsed(kind: type[Body], text: bytes) -> Body:
    """Return the body of a request. Raises `InputError` that names the field and the fix."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("the body isn't JSON: send a JSON object, as application/json") from None
    if not isinstance(given, dict):
        raise InputError("the body isn't a JSON object: send one")
    return checked(kind, given)


def checked(kind: type[Body], given: Mapping[str, Any]) -> Body:
    """Return given fields as a body of this kind. Raises `InputError` that names the first wrong one and the fix."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        # Of a value with several forms, the one that came nearest; a mistyped name says more than the one then missing.
        first = max(found, key=lambda one: (len(one["loc"]), one["type"] == "extra_forbidden"))
        *path, last = (str(part) for part in first["loc"]) if first["loc"] else ("body",)
        where = ".".join([*path, last])
        if first["type"] == "extra_forbidden":
            known = FilterFields if path else kind
            raise InputError(f"unknown field {where[:80]!r}: {nearest(last, known.model_fields)}") from None
        raise InputError(f"{where}: {first['msg']}") from None
