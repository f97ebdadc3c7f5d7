"""Pincite inside Haystack: a retriever over a library, one document a paper."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from rag import arguments
from rag.errors import missing
from rag.library import Library
from rag.types import Filters, Hit
from rag.views.documents import reference

# Haystack reports each run of a pipeline to its makers, unless this says otherwise when Haystack is first imported.
_WANTED = os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False").lower() != "false"

try:
    from haystack import Document, component, default_from_dict, default_to_dict
except ModuleNotFoundError as error:
    raise missing(error) from error

if not _WANTED and (reporting := sys.modules.get("haystack.telemetry._telemetry")) is not None:
    vars(reporting)["telemetry"] = None  # Haystack was imported before; it has no other switch


@component
class PinciteRetriever:
    """Finds papers of a library: a document each, with the abstract as its content and the paper's id as its id.

    The metadata holds what names the paper, and the best sentence as `quote` with `start` and `end` in the abstract;
    all of it is JSON. `library` is a library or its folder, `top_k` how many papers; the filters are those of
    `Library.search`. Raises `InputError` for a number or a filter that can't be read.
    """

    @arguments.names_known
    def __init__(
        self, library: Library | str | Path, top_k: int = 10, *, year: Any = None, venue: Any = None,
        author: Any = None, source: Any = None, papers: Any = None, exclude: Any = None,
    ) -> None:  # fmt: skip
        self.library = library if isinstance(library, Library) else Library(library)
        self.top_k = arguments.count("top_k", top_k)
        self._given = {
            "year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude,
        }  # fmt: skip
        self._filters: Filters = arguments.parse_filters(self._given)

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """Return the papers nearest to a query, best first; `top_k` in place of the one given before."""
        k = self.top_k if top_k is None else arguments.count("top_k", top_k)
        hits = self.library.find(arguments.text("query", query), k, self._filters)
        return {"documents": [_document(hit) for hit in hits]}

    @component.output_types(documents=list[Document])
    async def run_async(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """Return what `run` returns, without blocking the loop."""
        return await asyncio.to_thread(self.run, query, top_k)

    def to_dict(self) -> dict[str, Any]:
        """Return the component as a pipeline's YAML has it: the library by its folder or address."""
        given = {name: value for name, value in self._given.items() if value is not None}
        return dict(default_to_dict(self, library=str(self.library), top_k=self.top_k, **given))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PinciteRetriever:
        """Return the component that `to_dict` described; it opens the library."""
        made: PinciteRetriever = default_from_dict(cls, data)
        return made


def _document(hit: Hit) -> Document:
    found = {"quote": hit.quote, "start": hit.start, "end": hit.end}
    score = round(hit.score, 4)
    return Document(id=hit.paper_id, content=hit.paper.abstract, meta={**reference(hit.paper), **found}, score=score)
