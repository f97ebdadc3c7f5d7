"""Language models served by Ollama, on this machine or another.

Protocol: https://github.com/ollama/ollama/blob/main/docs/api.md. Read with the client's version 0.6.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.errors import (
    ModelConfigurationError,
    ModelContextError,
    ModelRateLimitedError,
    ModelReplyError,
    ModelTimeoutError,
    ModelUnreachableError,
)
from rag.models.chat import REPLY_TOKENS, Message, Reply
from rag.models.streaming import Fault, Watch, stream_with_retries

if TYPE_CHECKING:
    import ollama

# Ollama cuts a prompt silently at its own default, and a model's maximum of 131,072 would take many gigabytes.
LARGEST_CONTEXT = 8192
DEFAULT_CONTEXT = 4096


class OllamaModel:
    """One model of an Ollama server; see `ChatModel`.

    `context` is the window to ask for, within the model's own length; setting `stop` breaks a call off.
    """

    def __init__(
        self, model: str, host: str | None, context: int | None = None, stop: threading.Event | None = None
    ) -> None:
        self.name = f"ollama:{model}"
        self._model = model
        self._address = host
        self.host = _host(host)
        self._context = context
        self._stop = stop
        self._shown: tuple[int, bool] | None = None

    def context(self, timeout: float) -> int:
        """Return the window that the server is told to use: as set, else the model's own, at most 8,192 tokens."""
        try:
            return self._asked(timeout)[0]
        except _raised() as raw:
            raise self._fault(raw).error from None

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield the reply as it is written; see `ChatModel.stream`."""

        def attempt(watch: Watch) -> Generator[str | Reply, None, None]:
            context, thinks = self._asked(watch.seconds_left)
            request = {
                "model": self._model,
                "messages": [{"role": m.role, "content": m.content} for m in messages],
                "format": dict(schema) if schema is not None else None,
                "options": {"num_ctx": context, "num_predict": REPLY_TOKENS, "temperature": 0},
                # A model that thinks would spend the tokens of its reply on it.
                "think": False if thinks else None,
            }
            with _client(self._address, watch.seconds_left, watch) as client:
                yield from _read(client, request)

        return stream_with_retries(attempt, self._fault, _raised(), timeout, self._stop)

    def _asked(self, timeout: float) -> tuple[int, bool]:
        """Ask the server, once, for the window and whether the model thinks. Raises what the client raises."""
        if self._shown is None:
            with _client(self._address, timeout) as client:
                told = client.show(self._model)
            self._shown = (_window(told, self._context), "thinking" in (told.capabilities or ()))
        return self._shown

    def _fault(self, raw: Exception) -> Fault:
        return _fault(raw, self._model, self.host)


def installed(host: str | None, timeout: float) -> list[tuple[str, str]]:
    """List the models of an Ollama server, each with the host it runs on. Raises a `ModelError`."""
    try:
        with _client(host, timeout) as client:
            return [(str(entry.model), _host(host)) for entry in client.list().models if entry.model]
    except _raised() as raw:
        raise _fault(raw, "the list of models", _host(host)).error from None


def _window(told: ollama.ShowResponse, wanted: int | None) -> int:
    """Read the window from what `show` tells: `num_ctx` where someone set it, else the model's length, bounded.

    What is wanted here goes before both, but no model reads more than its length.
    """
    lengths = [v for k, v in (told.modelinfo or {}).items() if k.endswith(".context_length") and isinstance(v, int)]
    longest = lengths[0] if lengths else None
    chosen = re.search(r"^num_ctx\s+(\d+)", told.parameters or "", re.MULTILINE)
    window = wanted or (int(chosen[1]) if chosen else None)
    if window:
        return min(window, longest or window)
    return min(longest, LARGEST_CONTEXT) if longest else DEFAULT_CONTEXT


def _client(host: str | None, timeout: float, watch: Watch | None = None) -> ollama.Client:
    import httpx  # what the client is built on; loaded with the first call, not with `import rag`
    import ollama

    hooks = {"request": [watch.over]} if watch else {}
    limit = httpx.Timeout(timeout, connect=min(timeout, 5.0))
    return ollama.Client(host or "127.0.0.1", timeout=limit, event_hooks=hooks, follow_redirects=False)


def _raised() -> tuple[type[Exception], ...]:
    import httpx
    import ollama

    # Replies that are no JSON or miss a field surface as whatever Python makes of them.
    return (ollama.ResponseError, httpx.HTTPError, OSError, ValueError, TypeError, AttributeError, LookupError)


def _read(client: ollama.Client, request: dict[str, Any]) -> Generator[str | Reply, None, None]:
    """Send the request and yield what comes; complete only where the server says "stop"."""
    last, empty = None, True
    with contextlib.closing(client.chat(stream=True, **request)) as parts:  # type: ignore[type-var]  # is a generator
        for part in parts:
            last = part
            if part.message.content:
                empty = False
                yield part.message.content
    if empty or last is None:
        raise ModelReplyError("an empty reply")
    why = last.done_reason or "the stream ended early"
    yield Reply(bool(last.done) and why == "stop", last.prompt_eval_count, last.eval_count, why)


def _fault(raw: Exception, what: str, host: str) -> Fault:
    import httpx
    import ollama

    if isinstance(raw, httpx.TimeoutException):
        return Fault(ModelTimeoutError(f"{host} gave no sign within the time allowed: raise PINCITE_TIMEOUT"))
    if isinstance(raw, ollama.ResponseError):
        return _status_fault(raw, what, host)
    if isinstance(raw, httpx.TransportError | OSError):  # refused, or hung up without a word
        mend = "start it with `ollama serve`, or check OLLAMA_HOST"
        return Fault(ModelUnreachableError(f"no connection to Ollama at {host}: {mend}"), again=True)
    return Fault(ModelReplyError(f"{host} sent a broken reply for {what} ({_said(raw)}): try again"), again=True)


def _status_fault(raw: ollama.ResponseError, what: str, host: str) -> Fault:
    status, said = raw.status_code, _said(raw)
    if status == 429:
        return Fault(ModelRateLimitedError(f"{host} refuses more requests ({said}): wait and ask again"), again=True)
    if status == 404:
        return Fault(ModelConfigurationError(f"{host} has no model {what!r} ({said}): run `ollama pull {what}`"))
    if status == 400 and "context" in said.lower():
        return Fault(ModelContextError(f"the prompt is too long for {what} ({said}): ask with fewer papers"))
    if status >= 500:
        return Fault(ModelUnreachableError(f"{host} failed with status {status} ({said}): try again"), again=True)
    if status < 0:  # an error in the midst of a stream
        return Fault(ModelReplyError(f"{host} broke off {what} ({said}): try again"), again=True)
    return Fault(ModelConfigurationError(f"{host} refused {what} with status {status} ({said}): check OLLAMA_HOST"))


def _said(raw: Exception) -> str:
    return " ".join(str(getattr(raw, "error", "") or raw or type(raw).__name__).split())[:200]


def _host(host: str | None) -> str:
    given = host or "127.0.0.1"
    parts = urlsplit(given if "://" in given else f"http://{given}")
    name = parts.hostname or "127.0.0.1"
    return f"{name}:{parts.port}" if parts.port else name
