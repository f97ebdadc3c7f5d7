"""Answers of a plain llama-index `CitationQueryEngine` as lines of an answers file.

Nodes name their paper by `paper_id` or `title` in their metadata; a node without either is its own paper.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from eval.answers.citation_marks import split_claims
from eval.answers.declined_in_prose import refuses
from eval.answers.file_format import to_record
from eval.answers.responses import Passage, Response
from eval.questions import Case
from rag.text.words import fold_title

# The engine writes this above each source that it shows the model.
_SOURCE = re.compile(r"\ASource \d+:\n")


class QueryEngine(Protocol):
    """What is needed of a llama-index query engine."""

    def query(self, question: str) -> Any:
        """Return a llama-index response with `source_nodes`."""
        ...


def paper_id(title: str) -> str:
    """Return the id that Pincite gives to a paper known by its title alone."""
    return "title:" + hashlib.sha256(fold_title(title).encode()).hexdigest()[:16]


def ask_all(engine: QueryEngine, cases: Iterable[Case]) -> Iterator[dict[str, Any]]:
    """Ask a query engine every case and yield a line of an answers file for each.

    The engine keeps no conversation: a follow-up is asked without its history. Papers to remove are not removed: ask
    those cases of an index without them.
    """
    for case in cases:
        started = time.monotonic()
        response = engine.query(case.question)
        yield to_record(response_of(case.id, response, time.monotonic() - started))


def response_of(case: str, response: Any, seconds: float | None = None) -> Response:
    """Turn a llama-index response into ours: source node n is passage n, in the engine's own numbering."""
    text = str(response)
    passages = tuple(_passage(scored.node) for scored in response.source_nodes)
    # The engine answers "Empty Response" where it found nothing.
    declined = not passages or refuses(text, passages)
    return Response(
        case=case,
        text=text,
        claims=() if declined else split_claims(text, passages),
        passages=passages,
        retrieved=tuple(dict.fromkeys(passage.id for passage in passages)),
        declined=declined,
        seconds=seconds,
        model="llama-index CitationQueryEngine",
    )


def _passage(node: Any) -> Passage:
    title = str(node.metadata.get("title", ""))
    name = node.metadata.get("paper_id") or (paper_id(title) if title else node.node_id)
    return Passage(str(name), _SOURCE.sub("", node.get_content()).rstrip("\n"), title)
