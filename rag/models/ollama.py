"""Language models served by Ollama, on this machine or another.

Protocol: https://github.com/ollama/ollama/blob/main/docs/api.md. Read with the client's version 0.6.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.config import host_of, proxy_for, split_address
from rag.errors import (
    ConfigError,
    ModelConfigurationError,
    ModelContextError,
    ModelRateLimitedError,
    ModelReplyError,
    ModelTimeoutError,
    ModelUnreachableError,
)
from rag.models.call_limits import CallLimits
from rag.models.chat import REPLY_TOKENS, THINKING_TOKENS, Message, Reply, fingerprint
from rag.models.rejected_requests import is_too_long, refused_option
from rag.models.server_calls import Fault, FinalError, call_once, seconds_to_wait, stream_with_retries
from rag.models.server_reply import (
    Ending,
    ErrorWithinError,
    ReplyPiece,
    called_with,
    count,
    error_of,
    events,
    one_of,
    read,
    text_of,
    thought_of,
    words_of,
)

if TYPE_CHECKING:
    import ollama

# Ollama silently cuts a prompt at its own default, and a model's maximum of 131,072 would take many gigabytes.
LARGEST_CONTEXT = 8192
DEFAULT_CONTEXT = 4096
# Where a server on this machine sends requests for a cloud model: https://docs.ollama.com/cloud.
CLOUD = "ollama.com"
# Models whose thinking has levels and can't be switched off: https://docs.ollama.com/capabilities/thinking.
_OF_STRENGTH = "gptoss"
EFFORT = "low"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a server says about a model: its window, whether it may think, and how to ask it to think less."""

    window: int
    thinks: bool
    think: bool | str | None


class OllamaModel:
    """One model of an Ollama server; see `ChatModel`.

    `context` is the window to ask for, within the model's own length; setting `stop` ends a call. `capped`: what it may
    cost is limited, so a call is one request that may be charged, with room for thinking from the start.
    """

    def __init__(
        self,
        model: str,
        host: str | None,
        context: int | None = None,
        stop: threading.Event | None = None,
        temperature: float = 0.0,
        reply_tokens: int = REPLY_TOKENS,
        effort: str | None = None,
        *,
        capped: bool = False,
    ) -> None:
        self.name = f"ollama:{model}"
        self._model = model
        self._address = host
        self.host = _host(host)
        self._context = context
        self._stop = stop
        self._reply_tokens = reply_tokens
        self._temperature = temperature
        self._effort = effort
        self._shown: _Shown | None = None
        self._thinks = capped  # else learned from a reply
        self._capped = capped
        self._refused: set[str] = set()

    @property
    def longest_reply(self) -> int:
        """The most tokens that one reply may take, thoughts included."""
        thinks = self._thinks or (self._shown is not None and self._shown.thinks)
        return self._reply_tokens + (THINKING_TOKENS if thinks else 0)

    @property
    def fingerprint(self) -> str:
        """Everything but messages and schema that a reply depends on."""
        settings = [self._model, self._context, self._temperature, self._reply_tokens, self._effort]
        return fingerprint(self, address(self._address), settings)

    def context(self, timeout: float) -> int:
        """Return the window that the server is asked to use: as set, else the model's own, at most 8,192 tokens."""
        return call_once(self._asked, self._fault, timeout, self._stop).window

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield the reply as it is written; see `ChatModel.stream`."""

        def attempt(limits: CallLimits) -> Generator[str | Reply, None, None]:
            shown = self._asked(limits)
            ending = yield from self._ask(messages, schema, shown, limits)
            if ending.spent_on_thoughts and not self._thinks and not shown.thinks:
                self._thinks = True
                spent = ending
                ending = (yield from self._ask(messages, schema, shown, limits)).after(spent)
            if ending.empty:
                raise ending.error()
            yield ending.reply

        return stream_with_retries(attempt, self._fault, timeout, self._stop, capped=self._capped)

    def _ask(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, shown: _Shown, limits: CallLimits
    ) -> Generator[str, None, Ending]:
        """Ask, without the schema or the thinking option once the server has refused it."""
        room = self.longest_reply - self._reply_tokens
        request = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "stream": True,
            "options": {
                "num_predict": self.longest_reply,
                "temperature": self._temperature,
                "num_ctx": shown.window + room,
            },
        }
        optional = {"response_format": ("format", schema and dict(schema)), "think": ("think", shown.think)}
        while True:
            left = {key: value for option, (key, value) in optional.items() if option not in self._refused}
            sent = request | {key: value for key, value in left.items() if value is not None}
            try:
                return (yield from _read(self._address, sent, limits, room=room > 0))
            except _Refusal as refusal:
                self._learn(refusal, frozenset(option for option, (key, _) in optional.items() if key in sent))

    def _learn(self, refusal: _Refusal, sent: frozenset[str]) -> None:
        """Note what to leave out; raise the refusal where that can't help, or another try will."""
        status, said = refusal.status, str(refusal)
        named = "think" if "think" in sent and "think" in said.lower() else None
        if is_too_long(status, said, self._model):
            raise FinalError(_too_long(self._model, _said(refusal.error)))
        option = named or refused_option(status, said, sent)
        if option is None:
            raise refusal.error
        self._refused.add(option)
        if status >= 500 or refusal.begun:
            raise refusal.error

    def _asked(self, limits: CallLimits) -> _Shown:
        """Ask the server, once, for the window and whether the model thinks. Raises what the client raises."""
        if self._shown is None:
            with _client(self._address, limits) as client:
                self._shown = _read_shown(self._show(client, limits), self._context, self._effort)
        return self._shown

    def _show(self, client: ollama.Client, limits: CallLimits) -> ollama.ShowResponse:
        import ollama  # as in `_client`

        try:
            return client.show(self._model)
        except ollama.ResponseError as error:
            if error.status_code != 404:
                raise
            names: list[str] = []
            # Whatever is wrong with the list, the refusal is what matters.
            with contextlib.suppress(Exception):
                names = list(_installed(self._address, limits))
            has = one_of(names, self._model)
            fix = f"run `ollama pull {self._model}`{has and f', or use {has}'}"
            raise FinalError(
                ModelConfigurationError(f"{self.host} has no model {self._model!r} ({_said(error)}): {fix}")
            ) from None

    def _fault(self, raw: Exception) -> Fault:
        return _fault(raw, self._model, self.host)


def installed(host: str | None, timeout: float) -> dict[str, str | None]:
    """List the models of an Ollama server, each with the host that it forwards to. Raises a `ModelError`.

    That host is None for a model that runs on the server itself.
    """

    def ask(limits: CallLimits) -> dict[str, str | None]:
        return _installed(host, limits)

    return call_once(ask, lambda raw: _fault(raw, "the list of models", _host(host)), timeout)


def _installed(host: str | None, limits: CallLimits) -> dict[str, str | None]:
    entries = _json(host, "GET", "/api/tags", None, limits)["models"]
    named = {entry["model"]: _handed_on(entry) for entry in entries if entry.get("model")}
    return {model: on for model, on in named.items() if isinstance(model, str) and model.isprintable()}


def handed_on(model: str, host: str | None, timeout: float) -> str | None:
    """Return the host that an Ollama server forwards this model to, None for none. Raises a `ModelError`."""

    def ask(limits: CallLimits) -> str | None:
        return _handed_on(_json(host, "POST", "/api/show", {"model": model}, limits))

    return call_once(ask, lambda raw: _fault(raw, model, _host(host)), timeout)


def address(host: str | None) -> str:
    """Return the server's address as Ollama's own tools read it. Raises `ConfigError` where it isn't an address."""
    given = host or "127.0.0.1"
    bare = "://" not in given
    if bare:
        given = f"http://127.0.0.1{given}" if given.startswith(":") else f"http://{given}"
    parts = split_address("OLLAMA_HOST", given, "http://127.0.0.1:11434")
    # An address to listen on everywhere is reached on this machine.
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(parts.hostname or "", parts.hostname or "")
    if parts.path.rstrip("/").endswith("/v1"):
        raise ConfigError(
            f"OLLAMA_HOST={given[:80]!r} ends in /v1, which is the path of the OpenAI protocol: leave it out, or set "
            "OPENAI_BASE_URL and name the model openai:MODEL"
        )
    port = f":{parts.port or 11434}" if bare or parts.port else ""
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}{port}{parts.path.rstrip('/')}"


def _handed_on(entry: dict[str, Any]) -> str | None:
    """Read where a cloud model runs: https://docs.ollama.com/cloud."""
    if not entry.get("remote_host") and not entry.get("remote_model"):
        return None
    url = str(entry.get("remote_host") or CLOUD)
    return urlsplit(url if "://" in url else f"//{url}").hostname or CLOUD


def _json(host: str | None, method: str, path: str, body: Any, limits: CallLimits) -> Any:
    """Make a call whose answer the client would reduce to the fields that it knows."""
    import httpx  # what the client is built on; loaded with the first call, not with `import rag`
    import ollama

    with httpx.Client(**_settings(host, limits)) as client:
        response = client.request(method, address(host) + path, json=body)
        if response.is_error:
            raise ollama.ResponseError(response.text, response.status_code)
        return response.json()


def _read_shown(info: ollama.ShowResponse, wanted: int | None, effort: str | None) -> _Shown:
    """Read what `show` says about a model. Older servers list no capabilities: there a reply has to show it."""
    thinks = "thinking" in (info.capabilities or ())
    family = (info.details.family or "").replace("-", "") if info.details else ""
    strength = effort or EFFORT
    think = (strength if effort or family == _OF_STRENGTH else False) if thinks else None
    return _Shown(_window(info, wanted), thinks, think)


def _window(info: ollama.ShowResponse, wanted: int | None) -> int:
    """Read the window from what `show` says: `num_ctx` where someone set it, else the model's length, bounded.

    What is wanted here overrides both, but no model reads more than its length.
    """
    lengths = [v for k, v in (info.modelinfo or {}).items() if k.endswith(".context_length") and type(v) is int]
    longest = lengths[0] if lengths else None
    chosen = re.search(r"^num_ctx\s+(\d+)", info.parameters or "", re.MULTILINE)
    window = wanted or (int(chosen[1]) if chosen else None)
    if window:
        return min(window, longest or window)
    return min(longest, LARGEST_CONTEXT) if longest else DEFAULT_CONTEXT


def _client(host: str | None, limits: CallLimits) -> ollama.Client:
    import ollama  # loaded with the first call, not with `import rag`

    return ollama.Client(address(host), **_settings(host, limits))


def _settings(host: str | None, limits: CallLimits) -> dict[str, Any]:
    import httpx  # as above

    return {
        "timeout": httpx.Timeout(limits.seconds_left, connect=min(limits.seconds_left, 5.0)),
        # A redirect would take the question and the abstracts to a host that nobody chose.
        "follow_redirects": False,
        "transport": httpx.HTTPTransport(proxy=proxy_for(address(host))),
        "event_hooks": limits.hooks,
    }


class _StatusError(Exception):
    """A status that a server gave, -1 within a reply, and the seconds that it asks to wait."""

    def __init__(self, said: str, status_code: int, after: float | None = None) -> None:
        super().__init__(said)
        self.status_code = status_code
        self.after = after


class _Refusal(Exception):  # noqa: N818 - not an error yet: most are answered by asking for less
    """A request that was refused, before or within its reply. Never leaves this module."""

    def __init__(self, error: Exception, status: int, said: str, *, begun: bool = False) -> None:
        super().__init__(said)
        self.error = error
        self.status = status
        self.begun = begun


def _read(host: str | None, request: dict[str, Any], limits: CallLimits, *, room: bool) -> Generator[str, None, Ending]:
    """Send the request and yield what arrives. The client would refuse any line that isn't exactly as it expects."""
    import httpx  # as above

    with (
        httpx.Client(**_settings(host, limits)) as client,
        client.stream("POST", f"{address(host)}/api/chat", json=request) as response,
    ):
        if response.status_code != httpx.codes.OK:
            response.read()
            after = seconds_to_wait(response.headers)
            error = _StatusError(_words(response.text), response.status_code, after)
            raise _Refusal(error, response.status_code, response.text)
        try:
            return (yield from read(_parts(events(response.iter_bytes())), room=room))
        except ErrorWithinError as within:
            raise _Refusal(_StatusError(str(within), -1), 400, str(within), begun=True) from None


def _words(body: str) -> str:
    """Return what a server says in the body of an error."""
    try:
        return words_of(json.loads(body)) or body
    except (ValueError, RecursionError):
        return body


def _parts(found: Iterable[dict[str, Any]]) -> Iterator[ReplyPiece]:
    for event in found:
        if (error := error_of(event)) is not None:
            raise ErrorWithinError(error)
        message = event.get("message")
        message = message if isinstance(message, dict) else {"content": event.get("response")}
        yield ReplyPiece(
            text=text_of(message.get("content")),
            thought=thought_of(message),
            called=called_with(message.get("tool_calls")),
            refusal=text_of(message.get("refusal")),
            why=str(event.get("done_reason") or ("stop" if event.get("done") else "")),
            prompt_tokens=count(event.get("prompt_eval_count")),
            completion_tokens=count(event.get("eval_count")),
        )


def _fault(raw: Exception, what: str, host: str) -> Fault:
    import httpx
    import ollama

    if isinstance(raw, httpx.TimeoutException):
        return Fault(ModelTimeoutError(f"{host} didn't respond within the time allowed: raise PINCITE_TIMEOUT"))
    if isinstance(raw, _StatusError):
        return _status_fault(raw.status_code, _said(raw), what, host, raw.after)
    if isinstance(raw, ollama.ResponseError):
        return _status_fault(raw.status_code, _said(raw), what, host)
    if isinstance(raw, httpx.TransportError | OSError):  # refused, or closed without a reply
        fix = "start it with `ollama serve`, or check OLLAMA_HOST"
        return Fault(ModelUnreachableError(f"no connection to Ollama at {host}: {fix}"), again=True)
    return Fault(ModelReplyError(f"{host} sent a broken reply for {what} ({_said(raw)}): try again"), again=True)


def _status_fault(status: int, said: str, what: str, host: str, after: float | None = None) -> Fault:
    if status == 429:
        limited = ModelRateLimitedError(f"{host} refuses more requests ({said}): wait and ask again")
        return Fault(limited, again=True, after=after)
    if status == 404:
        return Fault(ModelConfigurationError(f"{host} has no model {what!r} ({said}): run `ollama pull {what}`"))
    if status >= 500:
        failed = ModelUnreachableError(f"{host} failed with status {status} ({said}): try again")
        return Fault(failed, again=True, after=after)
    if status < 0:  # an error in the midst of a stream
        return Fault(ModelReplyError(f"{host} broke off {what} ({said}): try again"), again=True)
    return Fault(ModelConfigurationError(f"{host} refused {what} with status {status} ({said}): check OLLAMA_HOST"))


def _too_long(what: str, said: str) -> ModelContextError:
    return ModelContextError(f"the prompt is too long for {what} ({said}): ask with fewer papers")


def _said(raw: Exception) -> str:
    return " ".join(str(getattr(raw, "error", "") or raw or type(raw).__name__).split())[:200]


def _host(host: str | None) -> str:
    return host_of(urlsplit(address(host)))
