"""Language models behind the OpenAI chat protocol: the hosted service, llama.cpp, vLLM, LM Studio and others.

Protocol: https://platform.openai.com/docs/api-reference/chat. Read with the client's version 3.
"""

from __future__ import annotations

import contextlib
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
    import openai

HOSTED = "https://api.openai.com/v1"
# The hosted models take 128,000 tokens and more; of any other server only what it says is known.
HOSTED_CONTEXT = 128_000
UNKNOWN_CONTEXT = 8192
# What a request can do without, in the order in which refusals are answered by leaving one out.
OPTIONAL = ("response_format", "temperature", "stream_options", "max_completion_tokens", "max_tokens")


def is_hosted(base_url: str | None) -> bool:
    """Whether this base URL is OpenAI's own service, which needs a key. Raises `ConfigError` where it is none."""
    return (urlsplit(address(base_url)).hostname or "").endswith("openai.com")


class OpenAIModel:
    """One model of a server of this protocol; see `ChatModel`.

    `context` overrides what the server says; setting `stop` breaks a call off.
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
    ) -> None:
        self.name = f"openai:{model}"
        self.host = _host(base_url)
        self._model = model
        self._base_url = base_url
        self._key = api_key
        self._context = context
        self._stop = stop
        self._temperature = temperature
        self._reply_tokens = reply_tokens

    @property
    def fingerprint(self) -> str:
        """Everything that a reply depends on besides messages and schema; not the key, which is kept nowhere."""
        return fingerprint(self, address(self._base_url), self._request((), None))

    def context(self, timeout: float) -> int:
        """Return the window in tokens: what was set, what the server tells, else a careful guess."""
        if self._context is None and not is_hosted(self._base_url):
            self._context = self._told_context(timeout)
        return self._context or (HOSTED_CONTEXT if is_hosted(self._base_url) else UNKNOWN_CONTEXT)

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, timeout: float
    ) -> Generator[str | Reply, None, None]:
        """Yield the reply as it is written; see `ChatModel.stream`."""
        request = self._request(messages, schema)

        def attempt(watch: Watch) -> Generator[str | Reply, None, None]:
            with _client(self._base_url, self._key, watch) as client:
                yield from _read(client, request)

        return stream_with_retries(attempt, self._fault, timeout, self._stop)

    def _request(self, messages: Sequence[Message], schema: Mapping[str, Any] | None) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": self._temperature,
            # The hosted service has given the old name up; most other servers know no other.
            "max_completion_tokens" if is_hosted(self._base_url) else "max_tokens": self._reply_tokens,
        }
        if schema is not None:
            form = {"name": "reply", "strict": True, "schema": dict(schema)}
            request["response_format"] = {"type": "json_schema", "json_schema": form}
        return request

    def _told_context(self, timeout: float) -> int | None:
        """Ask the server for the window: vLLM says `max_model_len`, llama.cpp `meta.n_ctx`."""
        try:
            served = _models(self._base_url, self._key, timeout, self._stop)
        except ModelConfigurationError:
            return None  # a server without such a list; if it refuses more than that, the call itself will tell
        # llama.cpp serves one model, under its file name, whatever name a request gives.
        entry = next((e for e in served if e.get("id") == self._model or len(served) == 1), {})
        meta = entry.get("meta")
        told = entry.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, dict) else None)
        return told if type(told) is int and told > 0 else None

    def _fault(self, raw: Exception) -> Fault:
        return _fault(raw, self.name, self.host, self._key)


def served(base_url: str | None, api_key: str | None, timeout: float) -> list[str]:
    """List the models of a server. Raises a `ModelError`."""
    names = (entry.get("id") for entry in _models(base_url, api_key, timeout))
    return [name for name in names if isinstance(name, str) and name and name.isprintable()]


def address(base_url: str | None) -> str:
    """Return the server's address. Raises `ConfigError` where it is none."""
    return split_address("OPENAI_BASE_URL", base_url or HOSTED, "http://127.0.0.1:8080/v1").geturl()


def _models(
    base_url: str | None, api_key: str | None, timeout: float, stop: threading.Event | None = None
) -> list[dict[str, Any]]:
    def ask(watch: Watch) -> list[dict[str, Any]]:
        with _client(base_url, api_key, watch) as client:
            return [model.model_dump() for model in client.models.list()]

    def fault(raw: Exception) -> Fault:
        return _fault(raw, "the list of models", _host(base_url), api_key)

    return call_once(ask, fault, timeout, stop)


def _client(base_url: str | None, api_key: str | None, watch: Watch) -> openai.OpenAI:
    import openai  # takes most of a second: loaded with the first call, not with `import rag`

    limit = openai.Timeout(watch.seconds_left, connect=min(watch.seconds_left, 5.0))
    return openai.OpenAI(
        api_key=api_key or "none",  # else the client would look for a key of its own in the environment
        base_url=base_url or HOSTED,
        timeout=limit,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(
            timeout=limit,
            # A redirect would carry the question and the abstracts to a host that nobody chose.
            follow_redirects=False,
            # A proxy of the environment would be handed what is meant for this machine alone.
            trust_env=not is_loopback(base_url or HOSTED),
            event_hooks=watch.hooks,
        ),
    )


def _read(client: openai.OpenAI, request: dict[str, Any]) -> Generator[str | Reply, None, None]:
    """Send the request and yield what comes; complete only where the server says "stop"."""
    reason, prompt_tokens, completion_tokens, empty = None, None, None, True
    with contextlib.closing(_open(client, request)) as stream:
        for chunk in stream:
            if chunk.usage:
                prompt_tokens, completion_tokens = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
            for choice in chunk.choices or ():
                reason = choice.finish_reason or reason
                if choice.delta and choice.delta.content:
                    empty = False
                    yield choice.delta.content
    if empty:
        raise ModelReplyError("an empty reply")
    yield Reply(reason == "stop", prompt_tokens, completion_tokens, reason or "the stream ended early")


def _open(client: openai.OpenAI, request: dict[str, Any]) -> openai.Stream[Any]:
    """Open the stream; an option that the server refuses by name is left out, one after the other."""
    import openai  # as above

    request = dict(request)
    while True:
        try:
            stream: openai.Stream[Any] = client.chat.completions.create(**request)
        except (openai.BadRequestError, openai.UnprocessableEntityError) as refusal:
            told = f"{refusal.param} {refusal.message}".lower()
            option = next((o for o in OPTIONAL if o in request and o in told), None)
            if option is None or _is_context(refusal):
                raise
            del request[option]
        else:
            return stream


def _fault(raw: Exception, what: str, host: str, key: str | None) -> Fault:
    import openai  # as above

    if isinstance(raw, openai.APITimeoutError):
        return Fault(ModelTimeoutError(f"{host} gave no sign within the time allowed: raise PINCITE_TIMEOUT"))
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
        mend = "add credit or choose another model" if spent else "wait and ask again"
        error = ModelRateLimitedError(f"{host} refuses more requests ({said}): {mend}")
        return Fault(error, again=not spent, after=_retry_after(raw))
    if _is_context(raw):
        return Fault(ModelContextError(f"the prompt is too long for {what} ({said}): ask with fewer papers"))
    if status >= 500 or status in (408, 409):
        return Fault(ModelUnreachableError(f"{host} failed with status {status} ({said}): try again"), again=True,
                     after=_retry_after(raw))  # fmt: skip
    mends = {
        401: "check OPENAI_API_KEY",
        403: "check OPENAI_API_KEY",
        404: "check the model's name, and OPENAI_BASE_URL, which most often ends in /v1",
    }
    doing = mends.get(status, "check the model and its settings")
    return Fault(ModelConfigurationError(f"{host} refused {what} with status {status} ({said}): {doing}"))


def _is_context(raw: openai.APIStatusError) -> bool:
    """Tell a prompt that is too long: OpenAI's code, llama.cpp's type, others' words."""
    told = f"{raw.code} {raw.type} {raw.message}".lower()
    return raw.status_code in (400, 413, 422) and "context" in told and ("length" in told or "size" in told)


def _retry_after(raw: openai.APIStatusError) -> float | None:
    try:
        return max(0.0, float(raw.response.headers.get("retry-after", "")))
    except ValueError:
        return None  # absent, or a date: our own pause serves


def _said(raw: Exception, key: str | None) -> str:
    """Return what went wrong in one short line, without the key, which some servers repeat."""
    text = str(getattr(raw, "message", "") or raw or type(raw).__name__)
    if key:
        text = text.replace(key, "(key)")
    return " ".join(text.split())[:200]


def _host(base_url: str | None) -> str:
    return host_of(urlsplit(address(base_url)))
