"""What every language model offers, whoever serves it."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

# What an answer may take. 1,024 tokens are about 40 sentences; a model that goes on is stopped there.
REPLY_TOKENS = 1024


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
    why: str = ""  # what the server gave as the reason of the end


class ChatModel(Protocol):
    """A language model behind a server. `name` is `provider:model`, `host` where the prompt is sent to."""

    name: str
    host: str

    def context(self, timeout: float) -> int:
        """Return the tokens that prompt and reply may take together. May ask the server; raises a `ModelError`."""
        ...

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield pieces of text as they arrive, and a `Reply` last.

        `schema` is a JSON schema that the output should follow; a server that knows none is asked without it, so
        the caller checks what comes. `timeout` is in seconds, for the whole call with its retries.
        Raises a `ModelError`; closing the generator closes the connection.
        """
        ...
