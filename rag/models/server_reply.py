"""What a model's server sends, read in whatever form it comes: events, lines of JSON, or one body.

Few servers keep to the protocol that they claim. So a chunk is only assumed to be JSON, and the reason that a server
gives for the end of a reply only counts where the reply itself doesn't show it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from rag.errors import ModelReplyError
from rag.models.chat import Reply
from rag.models.json_reply import OPENS_JSON
from rag.models.server_calls import FinalError
from rag.models.thoughts import Thoughts

# Reasons for ending that mean a whole reply: OpenAI, TGI, Anthropic, Cohere, and Gemini in capitals.
ENDED = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "tool_calls", "function_call"})
_FILTERED = frozenset({"content_filter", "safety", "recitation", "blocklist", "prohibited_content"})
_MOST_LINES = 2_000  # in one body that is JSON over many lines
_NAMED = 3  # models of a server that a message names
_SHOWN = 80  # characters of what isn't JSON
# Characters of thoughts that leave room for a reply in a call that has no room for thinking: a quarter of its tokens.
_SHORT_THOUGHT = 1_000
_MOST_THOUGHT = 65_536
# Where servers put thoughts: most of them, vLLM and OpenRouter, Ollama, OpenRouter in parts, LiteLLM.
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details", "thinking_blocks")
_DEEPEST = 6  # levels of parts within parts
_OF_A_REPLY = ("choices", "usage", "response", "done")
_FENCE = re.compile(r"(?:`{3,}|~{3,})[ \t]*\w*\s*")
_FIELDS = ("event:", "id:", "retry:", ":")


class ErrorWithinError(Exception):
    """An error that arrived within a reply. Never leaves `rag.models`."""

    def __init__(self, body: object) -> None:
        super().__init__(words_of(body))
        self.body = body


@dataclass(frozen=True, slots=True)
class ReplyPiece:
    """A piece of a reply: `called` are arguments for a tool that nobody offered, `thought` what the model thinks."""

    text: str = ""
    thought: str = ""
    called: str = ""
    refusal: str = ""
    why: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a reply: `empty` where nothing of it can be read, `thought` the characters that the model thought."""

    reply: Reply
    empty: bool
    thought: int
    refusal: str

    def after(self, spent: Ending) -> Ending:
        """Return this end with the tokens of a try before it, which sent the same prompt."""
        prompt, completion = self.reply.prompt_tokens, self.reply.completion_tokens
        reply = replace(
            self.reply,
            prompt_tokens=None if prompt is None else prompt + (spent.reply.prompt_tokens or prompt),
            completion_tokens=(
                None if completion is None else completion + (spent.reply.completion_tokens or spent.thought // 4)
            ),
        )
        return replace(self, reply=reply)

    @property
    def spent_on_thoughts(self) -> bool:
        """Whether thinking left no tokens for the reply."""
        return self.empty and (self.reply.too_long or (self.thought > 0 and not self.reply.complete))

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
            line = raw.decode("utf-8", "replace").strip().lstrip("\ufeff")
            is_event = is_event or line.startswith("data:")
            if not line.startswith(_FIELDS):
                yield line.removeprefix("data:").strip(), is_event
    yield rest.decode("utf-8", "replace").strip().removeprefix("data:").strip(), False


def _parsed(lines: list[str]) -> Any:
    try:
        return json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return None


def read(parts: Iterable[ReplyPiece], *, room: bool = True) -> Generator[str, None, Ending]:
    """Yield the text of a reply without the thoughts before it, and return how it ended.

    In a call without `room` for thinking it breaks off as soon as a model thinks at length: what it would write then
    hardly gets to its end.
    """
    thoughts, shown, called, refusal, thought = Thoughts(), False, "", "", ""
    last = ReplyPiece()
    for part in parts:
        thought, called, refusal = (
            (thought + part.thought)[:_MOST_THOUGHT],
            called + part.called,
            refusal + part.refusal,
        )
        last = _latest(last, part)
        if text := thoughts.feed(part.text):
            shown = True
            yield text
        if not (room or shown or last.why) and _is_long(thought or thoughts.text):
            return Ending(_ended(last), True, len(thought or thoughts.text), refusal)
    rest = thoughts.end() or called or _misplaced(thought or thoughts.unclosed, last.why)
    if rest.strip() and not shown:
        shown = True
        yield rest
    return Ending(_ended(last), not shown, len(thought or thoughts.text) or int(thoughts.seen), refusal)


def _is_long(thought: str) -> bool:
    return len(thought) > _SHORT_THOUGHT and not _is_json(thought)


def _is_json(thought: str) -> bool:
    fence = _FENCE.match(thought.lstrip())
    return OPENS_JSON.match(thought.lstrip(), fence.end() if fence else 0) is not None


def _misplaced(thought: str, why: str) -> str:
    """Return a reply found where thoughts belong: vLLM files JSON there for a model that doesn't think."""
    return thought if why.lower() in ENDED and _is_json(thought) else ""


def _ended(last: ReplyPiece) -> Reply:
    why = last.why or "the stream ended early"
    return Reply(why.lower() in ENDED, last.prompt_tokens, last.completion_tokens, why)


def _latest(before: ReplyPiece, part: ReplyPiece) -> ReplyPiece:
    return ReplyPiece(
        why=part.why or before.why,
        prompt_tokens=before.prompt_tokens if part.prompt_tokens is None else part.prompt_tokens,
        completion_tokens=before.completion_tokens if part.completion_tokens is None else part.completion_tokens,
    )


def error_of(event: Mapping[str, Any]) -> object:
    """Return the error that an event of a reply holds, None where it holds none."""
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    of_choice = first.get("error") if isinstance(first, dict) else None
    if event.get("error") or of_choice:
        return event.get("error") or of_choice
    said = isinstance(event.get("message"), str) or event.get("detail") or event.get("errors")
    named = "error" in (event.get("object"), event.get("type"))
    return event if named or (said and not any(key in event for key in _OF_A_REPLY)) else None


def text_of(content: object) -> str:
    """Return the text of a message's content: a string, or parts, some of which are thoughts or pictures."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(map(text_of, content))
    if isinstance(content, dict) and content.get("type") in (None, "text", "output_text"):
        return text_of(content.get("text"))
    return ""


def thought_of(message: Mapping[str, Any]) -> str:
    """Return the thoughts in a message, in a field of its own or in parts of its content."""
    for field in _THOUGHTS:
        if message.get(field):
            return _thinking(message[field]) or "…"
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    kinds = [part for part in parts if isinstance(part, dict) and _is_thought(part)]
    return "".join(map(_thinking, kinds)) or ("…" if kinds else "")


def _is_thought(part: Mapping[str, Any]) -> bool:
    return str(part.get("type")).partition(".")[0] in ("thinking", "reasoning", "thought")


def _thinking(value: object, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = [value.get(key) for key in ("text", "thinking", "reasoning", "summary", "content")]
    if not isinstance(value, list) or depth > _DEEPEST:
        return ""
    return "".join(_thinking(item, depth + 1) for item in value)


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


def one_of(names: Sequence[object], wanted: str) -> str:
    """Return some of a server's models in words, the most likely first; empty if it has none but the one wanted."""
    known = [name for name in names if isinstance(name, str) and name.isprintable() and name != wanted]
    near = get_close_matches(wanted, known, _NAMED, cutoff=0.3)
    shown = [f"{name[:_SHOWN]!r}" for name in dict.fromkeys([*near, *known])][:_NAMED]
    return " or ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
