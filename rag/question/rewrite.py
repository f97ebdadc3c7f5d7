"""A question made ready for the search by a model: a follow-up to stand alone, one in another language in English."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rag import prompts
from rag.errors import ModelReplyError
from rag.models.chat import ChatModel, Message, Reply
from rag.printable import whole_characters
from rag.text.foreign import without_foreign
from rag.text.language import in_another_language

# Longer than this it is no question any more.
_LONGEST = 600
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"question": {"type": "string"}},
    "required": ["question"],
    "additionalProperties": False,
}


def rewrite_with_model(
    question: str,
    history: Sequence[Mapping[str, str]],
    model: ChatModel,
    timeout: float = 30.0,
    texts: prompts.Prompts | None = None,
) -> str:
    """Return the question in English, with what it takes from the conversation put in. Raises a `ModelError`.

    No model is asked where there is nothing to do: without a history, and for a question that is in English.
    """
    if not history and not in_another_language(question):
        return question
    prompt = (texts or prompts.shipped())["rewrite_question"]
    content = prompt.render(history=prompts.shown_turns(history), question=prompts.quoted(question))
    text, complete = "", False
    with contextlib.closing(model.stream([Message("user", content)], _SCHEMA, timeout)) as pieces:
        for piece in pieces:
            if isinstance(piece, Reply):
                complete = piece.complete
            else:
                text += piece
    if not complete:
        raise ModelReplyError(f"the rewritten question was cut off ({without_foreign(text, ())[0][:80]!r}): ask again")
    return _read(text)


def _read(text: str) -> str:
    """Take the question out of the reply: JSON as asked for, or plain text from a server that knows no schema."""
    try:
        value = json.loads(text[text.index("{") : text.rindex("}") + 1])["question"] if "{" in text else text
    except (ValueError, KeyError, TypeError, RecursionError):
        value = None
    if not isinstance(value, str):
        shown = without_foreign(text, ())[0][:80]
        raise ModelReplyError(f"the rewritten question is broken off ({shown!r}): ask again")
    question = " ".join(whole_characters(value).split())
    if not 0 < len(question) <= _LONGEST:
        raise ModelReplyError(f"the rewritten question is empty or longer than {_LONGEST} characters: ask again")
    return question
