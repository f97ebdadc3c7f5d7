"""What every language model offers, whoever serves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a stream: what it took. `complete` only where the model itself said that it had finished."""

    complete: bool
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class ChatModel(Protocol):
    """A language model behind a server. `name` is `provider:model`; `context` its window in tokens."""

    name: str
    context: int

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Iterator[str | Reply]:
        """Yield pieces of text as they arrive, and a `Reply` last.

        `schema` is a JSON schema that the output must follow. `timeout` is in seconds, for the whole call.
        Raises a `ModelError`; closing the generator closes the connection.
        """
        ...
