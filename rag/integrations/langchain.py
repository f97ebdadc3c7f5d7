"""Pincite inside LangChain: a retriever over a library, one document a paper."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict

from rag import arguments
from rag.errors import missing
from rag.library import Library
from rag.types import Filters, Hit
from rag.views.documents import reference

try:
    from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
except ModuleNotFoundError as error:
    raise missing(error) from error

_FILTERS = ("year", "venue", "author", "source", "papers", "exclude")


class PinciteRetriever(BaseRetriever):
    """Finds papers of a library: a document each, with the abstract as its text and the paper's id as its id.

    The metadata holds what names the paper, the fused `score`, and the best sentence as `quote` with `start` and `end`
    in the abstract; all of it is JSON. `library` is a library or its folder, `k` how many papers; the filters are those
    of `Library.search`. `invoke` takes `k` and the filters too, for one query in place of those given before. Raises
    `InputError` for a value that can't be read, `TypeError` for an unknown parameter.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    library: Library
    k: Any = 10
    year: Any = None
    venue: Any = None
    author: Any = None
    source: Any = None
    papers: Any = None
    exclude: Any = None

    def __init__(self, library: Library | str | Path, **given: Any) -> None:
        fields = type(self).model_fields
        arguments.check_names(type(self).__name__, given, fields)
        if isinstance(library, str | Path):
            library = Library(library)
        arguments.kind("library", library, Library, "give one, or its folder")
        super().__init__(**{"library": library, **given})

    def model_post_init(self, context: Any, /) -> None:
        """Read the number and the filters, so that a wrong one is reported now."""
        super().model_post_init(context)
        self._read({})

    # LangChain hands the keywords of `invoke` to a retriever that takes some by name, and drops them for any other.
    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  LangChain's signature
        **given: Any,
    ) -> list[Document]:
        k, filters = self._read(given)
        return [_document(hit) for hit in self.library.find(arguments.text("query", query), k, filters)]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **given: Any
    ) -> list[Document]:
        return await asyncio.to_thread(self._get_relevant_documents, query, run_manager=run_manager.get_sync(), **given)

    def _read(self, given: Mapping[str, Any]) -> tuple[int, Filters]:
        """Return the number and the filters, each as given for one query, else as given before."""
        arguments.check_names("invoke", given, ("k", *_FILTERS))
        wanted = {name: given.get(name, getattr(self, name)) for name in ("k", *_FILTERS)}
        return arguments.count("k", wanted.pop("k")), arguments.parse_filters(wanted)


def _document(hit: Hit) -> Document:
    found = {"score": round(hit.score, 4), "quote": hit.quote, "start": hit.start, "end": hit.end}
    return Document(id=hit.paper_id, page_content=hit.paper.abstract, metadata={**reference(hit.paper), **found})
