"""The welcome: what this is, three example questions, the latest conversations, and how to add papers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rag.chat import render
from rag.chat.turns import Conversation
from rag.errors import LibraryError
from rag.library import Library
from rag.question.made_questions import question_on

# Questions over the demo library, each with the paper that answers it.
EXAMPLES = {
    "Are emergent abilities a mirage made by the metric?": "title:c1f73decafc435df",
    "When does a capability of a language model count as emergent?": "title:2b1610b25d76e061",
    "How much does self-play reinforcement learning lift an 8B Llama model on MATH-500?": "title:56ab78068d0009dc",
}


# Conversations to continue; the others are on their own tab.
RECENT = 3


def welcome(library: Library, kept: Sequence[Conversation] = (), *, missing: bool = False) -> str:
    """Render the welcome to a library, with the latest of the conversations that someone kept.

    `missing`: the address names a conversation that isn't theirs, or no longer exists.
    """
    return render.page(
        "welcome.html", size=len(library), examples=examples(library), missing=missing, recent=kept[:RECENT]
    )


def examples(library: Library) -> list[str]:
    """Return three questions that this library answers, fewer if it holds fewer papers."""
    found = [question for question, paper in EXAMPLES.items() if _holds(library, paper)]
    if len(found) == len(EXAMPLES) or not len(library):
        return found
    usable = (paper for paper in library.papers() if paper.title and paper.abstract and not paper.retracted)
    return [*found, *map(question_on, islice(usable, len(EXAMPLES) - len(found)))]


def _holds(library: Library, paper: str) -> bool:
    try:
        library.get(paper)
    except LibraryError:
        return False
    return True
