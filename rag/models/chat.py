"""What every language model offers, on any server."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

# The longest answer. 1,024 tokens are about 40 sentences; a model that writes more is stopped there.
REPLY_TOKENS = 1024
# What a model may also spend on thinking, before it writes the first word of its reply.
THINKING_TOKENS = 4096
_TOO_LONG = frozenset({"length", "max_tokens", "max_length", "model_length", "max_output_tokens"})


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a stream: the tokens it took. `complete` only if the model itself said that it had finished."""

    complete: bool
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    why: str = ""  # the reason that the server gave for the end

    @property
    def too_long(self) -> bool:
        """Whether the reply was cut at its token limit."""
        return self.why.lower() in _TOO_LONG


def fingerprint(model: object, *settings: object) -> str:
    """Return one text for a model of this class with these settings, which are JSON."""
    kind = type(model)
    return json.dumps([kind.__module__, kind.__qualname__, *settings], sort_keys=True)


class ChatModel(Protocol):
    """A language model behind a server. `name` is `provider:model`, `host` where the prompt is sent."""

    name: str
    host: str

    def context(self, timeout: float) -> int:
        """Return the tokens that prompt and reply may take together. May ask the server; raises a `ModelError`."""
        ...

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield pieces of text as they arrive, and a `Reply` last.

        `schema` is a JSON schema that the output should follow; a server without schemas is asked without it, so the
        caller checks what comes. `timeout` is in seconds, for the whole call with its retries.
        Raises a `ModelError`; closing the generator closes the connection.
        """
        ...


@runtime_checkable
class FingerprintedModel(ChatModel, Protocol):
    """A model whose replies may be cached, as it states everything but messages and schema that they depend on.

    `fingerprint` differs where any setting does: server, model, temperature, token limits, its own prompts. Replies of
    a model without it are never cached: another object of the same name may write others.
    """

    @property
    def fingerprint(self) -> str:
        """One text that identifies all of the model's settings."""
        ...
