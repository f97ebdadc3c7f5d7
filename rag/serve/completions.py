"""An answer in the format of OpenAI's chat completions: text with [1] marks, citations as annotations with verdicts.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from rag.types import Answer, Citation, Paper, Sentence, Step
from rag.views.citation_numbers import mark_up

Json = dict[str, Any]


def models(names: list[str]) -> Json:
    """Return the list of models."""
    return {"object": "list", "data": [model(name) for name in names]}


def model(name: str) -> Json:
    """Return one model."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "pincite"}


def completion(answer: Answer, model: str, base: str) -> Json:
    """Return a whole answer; `base` is this server's address, for papers without one of their own."""
    message = {"role": "assistant", "content": text_of(answer), "annotations": places(answer, base)}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        **_head("chat.completion", model), "choices": [choice], "usage": _usage(answer), "pincite": answer.to_dict()
    }  # fmt: skip


async def chunks(
    events: AsyncIterator[Step | Sentence | Answer], model: str, base: str, *, with_usage: bool
) -> AsyncIterator[Json | str]:
    """Yield an answer as it is written: chunks, and comments (texts) for the steps, which keep a connection alive."""
    head = _head("chat.completion.chunk", model)
    written: list[Sentence] = []
    yield head | {"choices": [_delta({"role": "assistant", "content": ""})]}
    async for event in events:
        if isinstance(event, Step):
            yield event.message
        elif isinstance(event, Sentence):
            yield head | {"choices": [_delta({"content": (" " if written else "") + mark_up([event])})]}
            written.append(event)
        else:
            rest = text_of(event).removeprefix(mark_up(written)) if written else text_of(event)
            if rest.strip():
                yield head | {"choices": [_delta({"content": f"\n\n{rest}" if written else rest})]}
            last = _delta({"annotations": places(event, base)}) | {"finish_reason": "stop"}
            yield head | {"choices": [last], "pincite": event.to_dict()}
            if with_usage:
                yield head | {"choices": [], "usage": _usage(event)}


def text_of(answer: Answer) -> str:
    """Return what a reader of the chat sees: the text, and the fallback for one that failed."""
    return answer.text if answer.fallback is None else f"{answer.text}\n\n{answer.fallback.text}"


def places(answer: Answer, base: str) -> list[Json]:
    """Return each citation with its place in the text; the verdict, the quote and the id are Pincite's additions."""
    shown = answer.fallback or answer
    text, cursor, found = text_of(answer), text_of(answer).find(shown.text), list[Json]()
    for sentence in shown.sentences:
        marked = mark_up([sentence])
        start = max(text.find(marked, cursor), cursor)
        cursor = start + len(marked)
        found += [_annotation(pin, start, cursor, base) for pin in sentence.citations]
    return found


def _annotation(pin: Citation, start: int, end: int, base: str) -> Json:
    cited = {"start_index": start, "end_index": end, "title": pin.paper.title, "url": _address(pin.paper, base)}
    ours = {"number": pin.number, "paper_id": pin.paper.id, "quote": pin.words, "verdict": pin.verdict.value}
    return {"type": "url_citation", "url_citation": {**cited, **ours, "support": round(pin.support, 4)}}


def _address(paper: Paper, base: str) -> str:
    own = f"{base.rstrip('/')}/v1/papers/{quote(paper.id, safe=':')}"
    return f"https://doi.org/{quote(paper.doi)}" if paper.doi else paper.url or own


def _head(kind: str, model: str) -> Json:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _delta(delta: Mapping[str, Any]) -> Json:
    return {"index": 0, "delta": dict(delta), "finish_reason": None}


def _usage(answer: Answer) -> Json:
    """Return the tokens of the language model, 0 where none wrote."""
    said = answer.receipt.tokens
    prompt, reply = said.get("prompt", 0), said.get("completion", 0)
    return {"prompt_tokens": prompt, "completion_tokens": reply, "total_tokens": prompt + reply}
