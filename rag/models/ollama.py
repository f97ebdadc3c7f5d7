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

from rag.addresses import host_of, is_loopback, split_address
from rag.errors import (
    ModelConfigurationError,
    ModelContextError,
    ModelRateLimitedError,
    ModelReplyError,
    ModelTimeoutError,
    ModelUnreachableError,
)
from rag.models.chat import REPLY_TOKENS, Message, Reply, fingerprint
from rag.models.streaming import Fault, call_once, stream_with_retries
from rag.models.watch import Watch

if TYPE_CHECKING:
    import ollama

# Ollama cuts a prompt silently at its own default, and a model's maximum of 131,072 would take many gigabytes.
LARGEST_CONTEXT = 8192
DEFAULT_CONTEXT = 4096
# Where a server on this machine sends what is meant for a cloud model: https://docs.ollama.com/cloud.
CLOUD = "ollama.com"


class OllamaModel:
    """One model of an Ollama server; see `ChatModel`.

    `context` is the window to ask for, within the model's own length; setting `stop` breaks a call off.
    """

    def __init__(
        self,
        model: str,
        host: str | None,
        context: int | None = None,
        stop: threading.Event | None = None,
        temperature: float = 0.0,
        reply_tokens: int = REPLY_TOKENS,
    ) -> None:
        self.name = f"ollama:{model}"
        self._model = model
        self._address = host
        self.host = _host(host)
        self._context = context
        self._stop = stop
        self._options = {"num_predict": reply_tokens, "temperature": temperature}
        self._shown: tuple[int, bool] | None = None

    @property
    def fingerprint(self) -> str:
        """Everything that a reply depends on besides messages and schema."""
        return fingerprint(self, address(self._address), self._model, self._context, self._options)

    def context(self, timeout: float) -> int:
        """Return the window that the server is told to use: as set, else the model's own, at most 8,192 tokens."""
        return call_once(self._asked, self._fault, timeout, self._stop)[0]

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield the reply as it is written; see `ChatModel.stream`."""

        def attempt(watch: Watch) -> Generator[str | Reply, None, None]:
            context, thinks = self._asked(watch)
            request = {
                "model": self._model,
                "messages": [{"role": m.role, "content": m.content} for m in messages],
                "format": dict(schema) if schema is not None else None,
                "options": self._options | {"num_ctx": context},
                # A model that thinks would spend the tokens of its reply on it.
                "think": False if thinks else None,
            }
            with _client(self._address, watch) as client:
                yield from _read(client, request)

        return stream_with_retries(attempt, self._fault, timeout, self._stop)

    def _asked(self, watch: Watch) -> tuple[int, bool]:
        """Ask the server, once, for the window and whether the model thinks. Raises what the client raises."""
        if self._shown is None:
            with _client(self._address, watch) as client:
                told = client.show(self._model)
            self._shown = (_window(told, self._context), "thinking" in (told.capabilities or ()))
        return self._shown

    def _fault(self, raw: Exception) -> Fault:
        return _fault(raw, self._model, self.host)


def installed(host: str | None, timeout: float) -> dict[str, str | None]:
    """List the models of an Ollama server, each with the host that it hands them on to. Raises a `ModelError`.

    That host is None for a model that runs on the server itself.
    """

    def ask(watch: Watch) -> dict[str, str | None]:
        entries = _json(host, "GET", "/api/tags", None, watch)["models"]
        named = {entry["model"]: _handed_on(entry) for entry in entries if entry.get("model")}
        return {model: on for model, on in named.items() if isinstance(model, str) and model.isprintable()}

    return call_once(ask, lambda raw: _fault(raw, "the list of models", _host(host)), timeout)


def handed_on(model: str, host: str | None, timeout: float) -> str | None:
    """Return the host that an Ollama server hands this model on to, None for none. Raises a `ModelError`."""

    def ask(watch: Watch) -> str | None:
        return _handed_on(_json(host, "POST", "/api/show", {"model": model}, watch))

    return call_once(ask, lambda raw: _fault(raw, model, _host(host)), timeout)


def address(host: str | None) -> str:
    """Return the server's address as Ollama's own tools read it. Raises `ConfigError` where it is none."""
    given = host or "127.0.0.1"
    bare = "://" not in given
    if bare:
        given = f"http://127.0.0.1{given}" if given.startswith(":") else f"http://{given}"
    parts = split_address("OLLAMA_HOST", given, "http://127.0.0.1:11434")
    # What a server is told to listen on everywhere is reached on this machine.
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(parts.hostname or "", parts.hostname or "")
    port = f":{parts.port or 11434}" if bare or parts.port else ""
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}{port}{parts.path.rstrip('/')}"


def _handed_on(entry: dict[str, Any]) -> str | None:
    """Read where a cloud model runs: https://docs.ollama.com/cloud."""
    if not entry.get("remote_host") and not entry.get("remote_model"):
        return None
    url = str(entry.get("remote_host") or CLOUD)
    return urlsplit(url if "://" in url else f"//{url}").hostname or CLOUD


def _json(host: str | None, method: str, path: str, body: Any, watch: Watch) -> Any:
    """Make a call whose answer the client would cut down to the fields that it knows."""
    import httpx  # what the client is built on; loaded with the first call, not with `import rag`
    import ollama

    with httpx.Client(**_settings(host, watch)) as client:
        response = client.request(method, address(host) + path, json=body)
        if response.is_error:
            raise ollama.ResponseError(response.text, response.status_code)
        return response.json()


def _window(told: ollama.ShowResponse, wanted: int | None) -> int:
    """Read the window from what `show` tells: `num_ctx` where someone set it, else the model's length, bounded.

    What is wanted here goes before both, but no model reads more than its length.
    """
    lengths = [v for k, v in (told.modelinfo or {}).items() if k.endswith(".context_length") and type(v) is int]
    longest = lengths[0] if lengths else None
    chosen = re.search(r"^num_ctx\s+(\d+)", told.parameters or "", re.MULTILINE)
    window = wanted or (int(chosen[1]) if chosen else None)
    if window:
        return min(window, longest or window)
    return min(longest, LARGEST_CONTEXT) if longest else DEFAULT_CONTEXT


def _client(host: str | None, watch: Watch) -> ollama.Client:
    import ollama  # loaded with the first call, not with `import rag`

    return ollama.Client(address(host), **_settings(host, watch))


def _settings(host: str | None, watch: Watch) -> dict[str, Any]:
    import httpx  # as above

    return {
        "timeout": httpx.Timeout(watch.seconds_left, connect=min(watch.seconds_left, 5.0)),
        # A redirect would carry the question and the abstracts to a host that nobody chose.
        "follow_redirects": False,
        # A proxy of the environment would be handed what is meant for this machine alone.
        "trust_env": not is_loopback(address(host)),
        "event_hooks": watch.hooks,
    }


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
    return host_of(urlsplit(address(host)))
