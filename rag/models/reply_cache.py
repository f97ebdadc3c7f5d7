"""A cache of replies, so that the second identical request is free: a `ChatModel` that wraps another.

The key is everything that a reply depends on: the model's own settings as its `fingerprint` states them, every message
(prompt, evidence, question, history) and the schema. A reply is kept once the caller says that it was useful: an
unreadable one must not come back. Only replies that this user had stored are believed: a library may come from someone
else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.models.chat import ChatModel, FingerprintedModel, Message, Reply
from rag.own_cache import OwnCache

NAME = "replies.sqlite"


def cached(model: ChatModel, folder: Path) -> ChatModel:
    """Return the model with its replies cached in a folder; unchanged where it doesn't state its settings.

    Each class must state its own: an inherited fingerprint doesn't cover the settings that it added.
    """
    own = "fingerprint" in vars(type(model)) or "fingerprint" in getattr(model, "__dict__", ())
    stated = isinstance(model, FingerprintedModel) and isinstance(model.fingerprint, str) and model.fingerprint
    return CachedModel(model, folder) if own and stated else model  # type: ignore[arg-type]  # stated is what checks it


class CachedModel:
    """Answers from the file where it can, else asks the model and, on `keep`, stores its reply."""

    def __init__(self, model: FingerprintedModel, folder: Path) -> None:
        self.name = model.name
        self.host = model.host
        self._model = model
        self._path = folder / NAME
        self._said: dict[bytes, str] = {}

    @property
    def longest_reply(self) -> int | None:
        """The most tokens that one reply may take, thoughts included; None where the model doesn't say."""
        return getattr(self._model, "longest_reply", None)

    def context(self, timeout: float) -> int:
        """Return the model's window in tokens."""
        return self._model.context(timeout)

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield pieces of text and a `Reply` last, as the model does; a kept reply takes no tokens."""
        key = self._key(messages, schema)
        if (kept := self._read(key)) is not None:
            yield kept
            yield Reply(complete=True, prompt_tokens=0, completion_tokens=0)
            return
        text = ""
        with contextlib.closing(self._model.stream(messages, schema, timeout)) as pieces:
            for piece in pieces:
                if isinstance(piece, str):
                    text += piece
                elif isinstance(piece, Reply) and piece.complete:
                    self._said[key] = text
                yield piece

    def keep(self) -> None:
        """Store the replies finished since the last time."""
        with contextlib.closing(OwnCache(self._path)) as kept:
            while self._said:
                key, text = self._said.popitem()
                with contextlib.suppress(UnicodeEncodeError):  # half a character
                    kept.write(key, text.encode())

    def _key(self, messages: Sequence[Message], schema: Mapping[str, Any] | None) -> bytes:
        asked = [self._model.fingerprint, self.host, self.name, [[m.role, m.content] for m in messages], schema]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()

    def _read(self, key: bytes) -> str | None:
        with contextlib.closing(OwnCache(self._path)) as kept:
            found = kept.read(key)
        return None if found is None else found.decode()
