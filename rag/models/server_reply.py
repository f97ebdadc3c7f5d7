"""What a model's server sends, read in whatever form it comes: events, lines of JSON, or one body.

Few servers keep to the protocol that they claim. So a chunk is only assumed to be JSON, and the reason that a server
gives for the end of a reply only counts where the reply itself doesn't show it.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rag.errors import ModelReplyError
from rag.models.chat import Reply
from rag.models.server_calls import FinalError
from rag.models.thoughts import Thoughts

# Reasons for ending that mean a whole reply: OpenAI, TGI, Anthropic, Cohere, and Gemini in capitals.
ENDED = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "tool_calls", "function_call"})
_CUT = frozenset({"length", "max_tokens", "max_length", "model_length"})
_FILTERED = frozenset({"content_filter", "safety", "recitation", "blocklist", "prohibited_content"})
_MOST_LINES = 2_000  # in one body that is JSON over many lines
_SHOWN = 80  # characters of what isn't JSON
_FIELDS = ("event:", "id:", "retry:", ":")


class ErrorWithinError(Exception):
    """An error that arrived within a reply. Never leaves `rag.models`."""

    def __init__(self, body: object) -> None:
        super().__init__(words_of(body))
        self.body = body


@dataclass(frozen=True, slots=True)
class ReplyPiece:
    """A piece of a reply: `called` are arguments for a tool that nobody offered, `thought` whether it is thinking."""

    text: str = ""
    thought: bool = False
    called: str = ""
    refusal: str = ""
    why: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a reply: `empty` where nothing of it can be read, `thought` where the model thought."""

    reply: Reply
    empty: bool
    thought: bool
    refusal: str

    @property
    def spent_on_thoughts(self) -> bool:
        """Whether thinking left no tokens for the reply."""
        return self.empty and (self.reply.why.lower() in _CUT or (self.thought and not self.reply.complete))

    def error(self) -> Exception:
        """Return why there is no reply, and what to do; a try that can't help isn't repeated."""
        why = self.reply.why.lower()
        if self.refusal:
            said = f"the model refused ({self.refusal[:_SHOWN]!r}): ask in other words or choose another model"
        elif why in _FILTERED:
            said = f"the server's filter held the reply back ({why}): ask in other words or choose another model"
        elif self.spent_on_thoughts or self.thought:
            said = (
                "the model spent its tokens on thinking and wrote nothing: raise PINCITE_REPLY_TOKENS, lower "
                "PINCITE_REASONING_EFFORT, or choose a model that thinks less"
            )
        else:
            return ModelReplyError("an empty reply: ask again or choose another model")
        return FinalError(ModelReplyError(said))


def events(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Return the JSON objects of a body as they come. Raises `ValueError` for anything else."""
    pending: list[str] = []
    for line, is_event in _lines(chunks):
        if line == "[DONE]":
            return
        if not line and pending and is_event:
            break
        if not line:
            continue
        pending.append(line)
        value = _parsed(pending) if len(pending) < _MOST_LINES else None
        if value is not None:
            pending = []
            yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict))
    if pending and (value := _parsed(pending)) is None:
        raise _no_json("\n".join(pending))


def _no_json(text: str) -> Exception:
    if text.lstrip()[:1] == "<":
        return FinalError(ModelReplyError("a web page came instead of a reply: check the server's address"))
    return ValueError(f"a line that isn't JSON: {text[:_SHOWN]!r}")


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[str, bool]]:
    """Return the lines of a body without the prefix of server-sent events, and whether there were any."""
    is_event = False
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for raw in whole:
            line = raw.decode("utf-8", "replace").strip()
            is_event = is_event or line.startswith("data:")
            if not line.startswith(_FIELDS):
                yield line.removeprefix("data:").strip(), is_event
    yield rest.decode("utf-8", "replace").strip().removeprefix("data:").strip(), False


def _parsed(lines: list[str]) -> Any:
    try:
        return json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return None


def read(parts: Iterable[ReplyPiece]) -> Generator[str, None, Ending]:
    """Yield the text of a reply without the thoughts before it, and return how it ended."""
    thoughts, shown, thought, called, refusal = Thoughts(), False, False, "", ""
    last = ReplyPiece()
    for part in parts:
        thought, called, refusal = thought or part.thought, called + part.called, refusal + part.refusal
        last = _latest(last, part)
        if text := thoughts.feed(part.text):
            shown = True
            yield text
    rest = thoughts.end() or ("" if shown else called)
    if rest.strip():
        shown = True
        yield rest
    complete = last.why.lower() in ENDED
    reply = Reply(complete, last.prompt_tokens, last.completion_tokens, last.why or "the stream ended early")
    return Ending(reply, not shown, thought or thoughts.seen, refusal)


def _latest(before: ReplyPiece, part: ReplyPiece) -> ReplyPiece:
    return ReplyPiece(
        why=part.why or before.why,
        prompt_tokens=before.prompt_tokens if part.prompt_tokens is None else part.prompt_tokens,
        completion_tokens=before.completion_tokens if part.completion_tokens is None else part.completion_tokens,
    )


def text_of(content: object) -> str:
    """Return the text of a message's content: a string, or parts, some of which are thoughts or pictures."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(map(text_of, content))
    if isinstance(content, dict) and content.get("type") in (None, "text", "output_text"):
        return text_of(content.get("text"))
    return ""


def is_thought(content: object) -> bool:
    """Whether a message's content has a part that is a thought."""
    parts = content if isinstance(content, list) else [content]
    return any(isinstance(part, dict) and part.get("type") in ("thinking", "reasoning") for part in parts)


def called_with(calls: object) -> str:
    """Return the arguments of the first tool call, as text."""
    first = calls[0] if isinstance(calls, list) and calls else calls
    function = first.get("function", first) if isinstance(first, dict) else None
    given = function.get("arguments") if isinstance(function, dict) else None
    return given if isinstance(given, str) else json.dumps(given) if given else ""


def count(value: object) -> int | None:
    """Return a number of tokens, None for anything else."""
    return value if type(value) is int and value >= 0 else None


def words_of(body: object) -> str:
    """Return what a server says in the body of an error: `error`, `message`, `detail` or plain text."""
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(filter(None, map(words_of, body)))[:1_000]
    if not isinstance(body, dict):
        return ""
    keys = ("message", "msg", "detail", "error", "errors", "error_description", "title", "failed_generation")
    said = next((text for key in keys if (text := words_of(body.get(key)))), "")
    kinds = [str(body[key]) for key in ("code", "type") if isinstance(body.get(key), str)]
    return said or " ".join(kinds)
