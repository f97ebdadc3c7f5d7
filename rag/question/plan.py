"""A search planned by a model: the question made to stand alone in English, and other searches worth making."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag import prompts
from rag.errors import ModelReplyError
from rag.models.chat import ChatModel, Message, Reply
from rag.models.json_reply import json_objects
from rag.models.thoughts import without_thoughts
from rag.text.invented_content import without_foreign
from rag.types import Hit
from rag.views.printable import whole_characters

MOST_SEARCHES = 4
# Anything longer is neither a question nor a search.
_LONGEST = 600
# Keeps the first of a list from outweighing everything else (Cormack et al. 2009, "Reciprocal Rank Fusion").
_RANK = 60
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "question": {"type": "string"},
        "searches": {"type": "array", "maxItems": MOST_SEARCHES, "items": {"type": "string"}},
    },
    "required": ["question", "searches"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`question` made to stand alone, and further `searches`; `by_model` where a model planned them."""

    question: str
    searches: tuple[str, ...] = ()
    by_model: bool = False


def plan_with_model(
    question: str,
    history: Sequence[Mapping[str, str]],
    model: ChatModel,
    timeout: float = 30.0,
    texts: prompts.Prompts | None = None,
) -> Plan:
    """Return the question in English, with references to the conversation resolved, and up to four searches.

    Raises a `ModelError`.
    """
    prompt = (texts or prompts.shipped())["plan_search"]
    content = prompt.render(history=prompts.shown_turns(history), question=prompts.quoted(question))
    text, complete = "", False
    with contextlib.closing(model.stream([Message("user", content)], _SCHEMA, timeout)) as pieces:
        for piece in pieces:
            if isinstance(piece, Reply):
                complete = piece.complete
            else:
                text += piece
    if not complete and not json_objects(text):
        raise ModelReplyError(f"the planned search was cut off ({_start(text)!r}): ask again")
    return _read(text)


def _read(text: str) -> Plan:
    """Read the plan from the reply: JSON as asked for, or just the question from a server without schemas."""
    lines = [line for line in without_thoughts(text).splitlines() if line.strip()]
    value: Mapping[str, Any] = {"question": lines[0] if len(lines) == 1 else ""}
    if "{" in text:
        value = next((found for found in json_objects(text) if isinstance(found.get("question"), str)), {})
    question = _plain(value.get("question"))
    if not question:
        raise ModelReplyError(f"the planned search has no question that can be searched ({_start(text)!r}): ask again")
    searches = dict.fromkeys(map(_plain, _texts(value.get("searches", value.get("queries")))))
    return Plan(question, tuple(s for s in searches if s and s != question)[:MOST_SEARCHES])


def _texts(given: object) -> list[object]:
    """Return the searches of a plan: a list of texts or of objects that hold one, or a text with one on each line."""
    if isinstance(given, str):
        return list(given.splitlines())
    items = given if isinstance(given, list) else []
    return [next(iter(item.values()), None) if isinstance(item, dict) else item for item in items]


def _plain(value: object) -> str:
    """Return a text on one line, empty where it isn't text or is too long to search for."""
    text = " ".join(whole_characters(value).split()) if isinstance(value, str) else ""
    return text if len(text) <= _LONGEST else ""


def _start(text: str) -> str:
    return without_foreign(text, ())[0][:80]


def fused(found: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Return the hits of several searches as one list, each paper once, by reciprocal rank fusion."""
    scores: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for one in found:
        for rank, hit in enumerate(one, 1):
            scores[hit.paper_id] = scores.get(hit.paper_id, 0.0) + 1 / (_RANK + rank)
            hits.setdefault(hit.paper_id, hit)
    return sorted(hits.values(), key=lambda hit: -scores[hit.paper_id])
