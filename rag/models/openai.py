"""Language models behind the OpenAI chat protocol: the hosted service, llama.cpp, vLLM, LM Studio and others.

Protocol: https://platform.openai.com/docs/api-reference/chat. Read with the client's version 3.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
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
    import openai

HOSTED = "https://api.openai.com/v1"
# The hosted models take 128,000 tokens and more; for any other server only what it says is known.
HOSTED_CONTEXT = 128_000
UNKNOWN_CONTEXT = 8192
# Models of the hosted service that think before they reply: https://platform.openai.com/docs/guides/reasoning. Each
# refuses a temperature, and takes an effort. A wrong name here costs one refused request.
_THINKS = re.compile(r"(?:.*/)?(?:o\d|gpt-[5-9]|gpt-oss)")
EFFORT = "low"
# How lists of models call a window: vLLM and SGLang; LM Studio; OpenRouter, Together and Fireworks; Groq; Mistral;
# llama.cpp within `meta`; TabbyAPI within `parameters`; Anthropic.
_WINDOWS = (
    "max_model_len", "loaded_context_length", "context_length", "context_window", "max_context_length", "n_ctx",
    "max_seq_len", "max_input_tokens",
)  # fmt: skip
_WITHIN = ("meta", "parameters", "top_provider")
# A server that doesn't accept one name of the token limit accepts the other.
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


def is_hosted(base_url: str | None) -> bool:
    """Whether this base URL is OpenAI's own service, which needs a key. Raises `ConfigError` where it isn't a URL."""
    return (urlsplit(address(base_url)).hostname or "").endswith("openai.com")


class OpenAIModel:
    """One model of a server of this protocol; see `ChatModel`.

    `context` overrides what the server says; setting `stop` ends a call. `capped`: what it may cost is limited, so a
    call is one request that may be charged, with room for thinking from the start.
    """

    def __init__(
        self,
        model: str,
        base_url: str | None,
        api_key: str | None,
        context: int | None = None,
        stop: threading.Event | None = None,
        temperature: float = 0.0,
        reply_tokens: int = REPLY_TOKENS,
        effort: str | None = None,
        *,
        capped: bool = False,
    ) -> None:
        self.name = f"openai:{model}"
        self.host = _host(base_url)
        self._model = model
        self._base_url = base_url
        self._key = _checked_key(api_key)
        self._context = context
        self._stop = stop
        self._temperature = temperature
        self._reply_tokens = reply_tokens
        self._effort = effort or (EFFORT if _THINKS.match(model) else None)
        # What this server has refused, and whether its model needs room for thinking: learned from one call for all.
        self._refused: set[str] = set()
        self._thinks = capped or is_hosted(base_url) or bool(_THINKS.match(model))
        self._capped = capped

    @property
    def longest_reply(self) -> int:
        """The most tokens that one reply may take, thoughts included."""
        return self._reply_tokens + (THINKING_TOKENS if self._thinks else 0)

    @property
    def fingerprint(self) -> str:
        """Everything but messages and schema that a reply depends on; not the key, which is kept nowhere."""
        settings = [self._model, self._temperature, self._reply_tokens, self._effort]
        return fingerprint(self, address(self._base_url), settings)

    def context(self, timeout: float) -> int:
        """Return the window in tokens: as set, as the server says, else a careful guess; less the room for thinking."""
        if self._context is None and not is_hosted(self._base_url):
            self._context = self._stated_context(timeout)
        window = self._context or (HOSTED_CONTEXT if is_hosted(self._base_url) else UNKNOWN_CONTEXT)
        return window - (min(THINKING_TOKENS, window // 2) if self._thinks else 0)

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield the reply as it is written; see `ChatModel.stream`."""

        def attempt(limits: CallLimits) -> Generator[str | Reply, None, None]:
            with _client(self._base_url, self._key, limits) as client:
                yield from self._attempt(client, messages, schema)

        return stream_with_retries(attempt, self._fault, timeout, self._stop, capped=self._capped)

    def _attempt(
        self, client: openai.OpenAI, messages: Sequence[Message], schema: Mapping[str, Any] | None
    ) -> Generator[str | Reply, None, None]:
        """Ask, and ask again with room for thinking where the model begins to think, or that took all there was."""
        ending = yield from self._ask(client, self._request(messages, schema))
        if ending.spent_on_thoughts and not self._thinks:
            self._thinks = True
            spent = ending
            ending = (yield from self._ask(client, self._request(messages, schema))).after(spent)
        if ending.empty:
            raise ending.error()
        yield ending.reply

    def _ask(self, client: openai.OpenAI, request: dict[str, Any]) -> Generator[str, None, Ending]:
        with contextlib.closing(self._open(client, request)) as stream:
            try:
                return (yield from read(_parts(events(stream.response.iter_bytes())), room=self._thinks))
            except ErrorWithinError as error:  # the next try leaves out the option that failed here
                option = refused_option(400, str(error), frozenset(self._allowed(request)))
                self._refused |= {option} if option else set()
                raise

    def _open(self, client: openai.OpenAI, request: dict[str, Any]) -> openai.Stream[Any]:
        """Open the stream; options that the server refuses are left out one by one."""
        import openai  # as in `_client`

        while True:
            sent = self._allowed(request)
            try:
                stream: openai.Stream[Any] = client.chat.completions.create(**sent)
            except openai.APIStatusError as refusal:
                option = self._refused_option(refusal, frozenset(sent))
                if option is None:
                    self._name_others(client, refusal)
                    raise
                self._refused.add(option)
                if refusal.status_code >= 500:  # perhaps it's down: the tries will find out, and they are few
                    raise
            else:
                return stream

    def _name_others(self, client: openai.OpenAI, refusal: openai.APIStatusError) -> None:
        """Raise what a server that lacks this model has instead; nothing where it can't say."""
        names: list[str] = []
        if refusal.status_code == 404:
            # Whatever is wrong with the list, the refusal is what matters.
            with contextlib.suppress(Exception):
                names = [model.id for model in client.models.list()]
        if has := one_of(names, self._model):
            said = _said(refusal, self._key)
            raise FinalError(
                ModelConfigurationError(f"{self.host} refused {self.name} with status 404 ({said}): use {has}")
            )

    def _refused_option(self, refusal: openai.APIStatusError, sent: frozenset[str]) -> str | None:
        said = f"{refusal.param} {words_of(refusal.body)} {refusal.message}"
        if _is_too_long(refusal, self._model):
            return None
        return refused_option(refusal.status_code, said, sent)

    def _allowed(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the request without what the server has refused."""
        sent = {name: value for name, value in request.items() if name not in self._refused}
        for name, other in _OTHER_NAME.items():
            if name in request and name in self._refused and other not in self._refused:
                sent[other] = request[name]
        return sent

    def _request(self, messages: Sequence[Message], schema: Mapping[str, Any] | None) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            # The hosted service has dropped the old name; most other servers know only that.
            "max_completion_tokens" if is_hosted(self._base_url) else "max_tokens": self.longest_reply,
        }
        if self._effort is not None:
            request["reasoning_effort"] = self._effort
        if not _THINKS.match(self._model):
            request["temperature"] = self._temperature
        if schema is not None:
            form = {"name": "reply", "strict": True, "schema": dict(schema)}
            request["response_format"] = {"type": "json_schema", "json_schema": form}
        return request

    def _stated_context(self, timeout: float) -> int | None:
        """Ask the server for the window, which its list of models may state."""
        try:
            served = _models(self._base_url, self._key, timeout, self._stop)
        except ModelConfigurationError:
            return None  # a server without such a list; if it refuses more than that, the call itself will show it
        # llama.cpp serves one model, under its file name, whatever name a request gives.
        entry = next((e for e in served if e.get("id") == self._model or len(served) == 1), {})
        places = [place for place in (entry, *(entry.get(name) for name in _WITHIN)) if isinstance(place, dict)]
        stated = (place[key] for place in places for key in _WINDOWS if key in place)
        return next((window for window in stated if type(window) is int and window > 0), None)

    def _fault(self, raw: Exception) -> Fault:
        return _fault(raw, self.name, self.host, self._key)


def served(base_url: str | None, api_key: str | None, timeout: float) -> list[str]:
    """List the models of a server. Raises a `ModelError`."""
    names = (entry.get("id") for entry in _models(base_url, api_key, timeout))
    return [name for name in names if isinstance(name, str) and name and name.isprintable()]


def address(base_url: str | None) -> str:
    """Return the server's address. Raises `ConfigError` where it isn't a URL."""
    parts = split_address("OPENAI_BASE_URL", base_url or HOSTED, "http://127.0.0.1:8080/v1")
    if parts.query or parts.fragment:  # not shown, as it may hold a key
        raise ConfigError(
            f"OPENAI_BASE_URL of {host_of(parts)} goes on after a {'?' if parts.query else '#'}, which no call would "
            "keep: give the base of the server's v1 interface, such as https://NAME.openai.azure.com/openai/v1"
        )
    return parts.geturl()


def _models(
    base_url: str | None, api_key: str | None, timeout: float, stop: threading.Event | None = None
) -> list[dict[str, Any]]:
    def ask(limits: CallLimits) -> list[dict[str, Any]]:
        with _client(base_url, api_key, limits) as client:
            return [model.model_dump() for model in client.models.list()]

    api_key = _checked_key(api_key)
    importlib.import_module("openai")  # on a busy machine this takes seconds, which aren't the server's to lose

    def fault(raw: Exception) -> Fault:
        return _fault(raw, "the list of models", _host(base_url), api_key)

    return call_once(ask, fault, timeout, stop)


def _client(base_url: str | None, api_key: str | None, limits: CallLimits) -> openai.OpenAI:
    import httpx2  # what the client is built on
    import openai  # takes most of a second: loaded with the first call, not with `import rag`

    limit = openai.Timeout(limits.seconds_left, connect=min(limits.seconds_left, 5.0))
    return openai.OpenAI(
        api_key=api_key or "none",  # else the client would look for a key of its own in the environment
        base_url=base_url or HOSTED,
        timeout=limit,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(
            timeout=limit,
            # A redirect would take the question and the abstracts to a host that nobody chose.
            follow_redirects=False,
            transport=httpx2.HTTPTransport(proxy=proxy_for(base_url or HOSTED)),
            event_hooks=limits.hooks,
        ),
    )


def _parts(found: Iterable[dict[str, Any]]) -> Iterator[ReplyPiece]:
    """Read the chunks of a reply; a server that doesn't stream sends all of it in one."""
    for event in found:
        if (error := error_of(event)) is not None:
            raise ErrorWithinError(error)
        choices = event.get("choices")
        found_here = choices if isinstance(choices, list) else []
        # Of several replies to one request, the first.
        first = next((choice for choice in found_here if isinstance(choice, dict) and not choice.get("index")), {})
        usage = event.get("usage")
        used = usage if isinstance(usage, dict) else {}
        yield _part(first, used)


def _part(choice: dict[str, Any], used: dict[str, Any]) -> ReplyPiece:
    message = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
    message = message if isinstance(message, dict) else {}
    content, details = message.get("content"), used.get("completion_tokens_details")
    counted = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return ReplyPiece(
        text=text_of(content),
        thought=thought_of(message) or ("…" if counted else ""),
        called=called_with(message.get("tool_calls") or message.get("function_call")),
        refusal=text_of(message.get("refusal")),
        why=str(choice.get("finish_reason") or ""),
        prompt_tokens=count(used.get("prompt_tokens")),
        completion_tokens=count(used.get("completion_tokens")),
    )


def _fault(raw: Exception, what: str, host: str, key: str | None) -> Fault:
    import openai  # as above

    if isinstance(raw, ErrorWithinError):
        said = _clean(str(raw), key)
        if is_too_long(400, said, _model_of(what)):
            return Fault(ModelContextError(f"the prompt is too long for {what} ({said}): ask with fewer papers"))
        return Fault(ModelReplyError(f"{host} broke off {what} ({said}): try again"), again=True)
    if isinstance(raw, openai.APITimeoutError):
        return Fault(ModelTimeoutError(f"{host} didn't respond within the time allowed: raise PINCITE_TIMEOUT"))
    if isinstance(raw, openai.APIStatusError):
        return _status_fault(raw, what, host, key)
    if isinstance(raw, openai.APIConnectionError):
        return Fault(ModelUnreachableError(f"no connection to {host}: start the server or check OPENAI_BASE_URL"), True)
    said = _said(raw, key)
    return Fault(ModelReplyError(f"{host} sent a broken reply for {what} ({said}): try again"), again=True)


def _status_fault(raw: openai.APIStatusError, what: str, host: str, key: str | None) -> Fault:
    status, said = raw.status_code, _said(raw, key)
    if status == 429:
        spent = raw.code == "insufficient_quota" or raw.type == "insufficient_quota"
        fix = "add credit or choose another model" if spent else "wait and ask again"
        error = ModelRateLimitedError(f"{host} refuses more requests ({said}): {fix}")
        return Fault(error, again=not spent, after=seconds_to_wait(raw.response.headers))
    if _is_too_long(raw, _model_of(what)):
        return Fault(ModelContextError(f"the prompt is too long for {what} ({said}): ask with fewer papers"))
    if status >= 500 or status in (408, 409):
        return Fault(ModelUnreachableError(f"{host} failed with status {status} ({said}): try again"), again=True,
                     after=seconds_to_wait(raw.response.headers))  # fmt: skip
    mends = {
        401: "check OPENAI_API_KEY",
        403: "check OPENAI_API_KEY",
        404: "check the model's name, and OPENAI_BASE_URL, which most often ends in /v1",
    }
    doing = mends.get(status, "check the model and its settings")
    return Fault(ModelConfigurationError(f"{host} refused {what} with status {status} ({said}): {doing}"))


def _model_of(what: str) -> str:
    return what.removeprefix("openai:")


def _is_too_long(raw: openai.APIStatusError, model: str) -> bool:
    return is_too_long(raw.status_code, f"{raw.code} {raw.type} {words_of(raw.body)} {raw.message}", model)


def _said(raw: Exception, key: str | None) -> str:
    """Return what went wrong in one short line: the server's own words where it has some."""
    said = words_of(getattr(raw, "body", None)) or str(getattr(raw, "message", "") or raw or type(raw).__name__)
    return _clean(said, key)


def _clean(text: str, key: str | None) -> str:
    """Return a text as one short line, without the key, which some servers repeat."""
    return " ".join((text.replace(key, "(key)") if key else text).split())[:200]


def _checked_key(api_key: str | None) -> str | None:
    """Return the key without surrounding white space. Raises `ConfigError` for one that no header can contain."""
    key = api_key.strip() if api_key else None
    if key and not (key.isascii() and key.isprintable()):
        strange = next(sign for sign in key if not (sign.isascii() and sign.isprintable()))
        raise ConfigError(
            f"OPENAI_API_KEY has {strange!r}, which no header can have: copy the key again, without quotes around it"
        )
    return key or None


def _host(base_url: str | None) -> str:
    return host_of(urlsplit(address(base_url)))
