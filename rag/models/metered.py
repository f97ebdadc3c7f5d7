"""Wraps a `ChatModel`, counts what one answer takes, and stops before it costs too much."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from rag.config import Config
from rag.errors import ConfigError, ModelConfigurationError, ModelReplyError
from rag.models.boundary import name_of
from rag.models.chat import ChatModel, Message, Reply
from rag.models.reply_cache import CachedModel

_A_MILLION = 1_000_000


class Spending:
    """The tokens that all models of one answer take: to plan, write, repair and check, under one cap.

    Raises `ConfigError` where a cost limit is set without prices.
    """

    def __init__(self, config: Config) -> None:
        self._prices = (config.prompt_price, config.completion_price)
        self._most = config.max_cost
        self._reply_tokens = config.reply_tokens
        self._spent: list[tuple[int | None, int | None]] = []
        if self._most is not None and None in self._prices:
            raise ConfigError(
                f"PINCITE_MAX_COST={self._most:g} needs prices to count by: set PINCITE_PROMPT_PRICE and "
                "PINCITE_COMPLETION_PRICE too"
            )

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return len(self._spent)

    @property
    def tokens(self) -> dict[str, int]:
        """The tokens of all calls so far, by kind; a kind is left out where a server left one call uncounted."""
        found: dict[str, int] = {}
        for kind, counts in zip(("prompt", "completion"), zip(*self._spent, strict=True), strict=False):
            known = [count for count in counts if count is not None]
            if len(known) == len(counts):
                found[kind] = sum(known)
        return found

    def add(self, prompt: int | None, completion: int | None) -> None:
        """Count a call; None for what the server didn't count."""
        self._spent.append((prompt, completion))

    def check(self, asked: int, longest: int | None) -> None:
        """Raise `ModelConfigurationError` where a call with these tokens may cost more than is left."""
        if self._most is None:
            return
        longest = longest or self._reply_tokens
        # A call that the server didn't count is assumed to be as long as this one may be.
        prompt = sum(asked if count is None else count for count, _ in self._spent) + asked
        completion = sum(longest if count is None else count for _, count in self._spent) + longest
        most = (prompt * (self._prices[0] or 0) + completion * (self._prices[1] or 0)) / _A_MILLION
        if most > self._most:
            raise ModelConfigurationError(
                f"the answer may cost up to {most:.4g} with this call, more than PINCITE_MAX_COST={self._most:g}: "
                "raise it, or read fewer papers (PINCITE_PAPERS) or a shorter reply (PINCITE_REPLY_TOKENS)"
            )


class MeteredModel:
    """Counts its calls in the spending of an answer."""

    def __init__(self, model: ChatModel, spending: Spending, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self.name = name_of(model)
        self.host = str(getattr(model, "host", ""))
        self._model = model
        self._spending = spending

    def context(self, timeout: float) -> int:
        """Return the model's window in tokens."""
        return self._model.context(timeout)

    def keep(self) -> None:
        """Have the replies cached, where the model caches any."""
        if isinstance(self._model, CachedModel):
            self._model.keep()

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield what the model does. Raises `ModelConfigurationError` where the call may cost more than is left."""
        asked = sum(len(message.content) for message in messages) // 3
        self._spending.check(asked, getattr(self._model, "longest_reply", None))
        spent: tuple[int | None, int | None] = (None, None)
        try:
            with contextlib.closing(self._model.stream(messages, schema, timeout)) as pieces:
                for piece in pieces:
                    if self._stop.is_set():  # a model of the caller's own doesn't know of it
                        raise ModelReplyError(f"{self.name} was stopped")
                    if isinstance(piece, Reply):
                        spent = (piece.prompt_tokens, piece.completion_tokens)
                    yield piece
        finally:
            self._spending.add(*spent)
