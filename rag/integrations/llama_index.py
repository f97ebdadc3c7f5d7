"""Pincite inside llama-index: a retriever over a library, and a query engine whose source nodes are our citations.

`llama_index.core.Settings` is neither read nor written: an unset default there resolves to a hosted model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag import arguments
from rag.arguments import Years, parse_filters
from rag.config import Config
from rag.errors import missing
from rag.library import Library
from rag.models.chat import ChatModel
from rag.pipeline import stream_answer
from rag.pipeline.asynchronous import astream_answer
from rag.pipeline.overrides import Overrides
from rag.types import Answer, Citation, Hit, Paper, Sentence, Step
from rag.verify import Checker
from rag.views.citation_numbers import mark_up
from rag.write.writer import Writer

try:
    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.response.schema import RESPONSE_TYPE, AsyncStreamingResponse, Response, StreamingResponse
    from llama_index.core.callbacks.base import CallbackManager
    from llama_index.core.prompts.mixin import PromptMixinType
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
except ModuleNotFoundError as error:
    raise missing(error) from error


class PinciteRetriever(BaseRetriever):
    """Finds papers of a library: one node per paper, with its abstract, id and fused score.

    `library` is a library or its folder. `similarity_top_k`, as llama-index calls it, is the same as `k`: how many
    papers, 10 unless given. The best sentence is in the metadata as `quote`, with `start` and `end` in the
    abstract. The filters are those of `Library.search`. Raises `InputError` for a filter that can't be read, or an
    empty question, `TypeError` for an unknown parameter.
    """

    @arguments.names_known
    def __init__(
        self,
        library: Library | str | Path,
        k: int | None = None,
        *,
        similarity_top_k: int | None = None,
        year: Years | None = None,
        venue: str | None = None,
        author: str | None = None,
        source: str | None = None,
        papers: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        year_from: int | None = None,
        year_to: int | None = None,
    ) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._library = library if isinstance(library, Library) else Library(library)
        self._k = arguments.one_count(k=k, similarity_top_k=similarity_top_k)
        given = {"year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude}
        self._filters = parse_filters(given | {"year_from": year_from, "year_to": year_to})

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._library.find(query_bundle.query_str, self._k, self._filters)
        return [NodeWithScore(node=_paper_node(hit), score=hit.score) for hit in hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class PinciteQueryEngine(BaseQueryEngine):
    """Answers from a library: the text with [1] marks, and a source node for every citation.

    A node's text is the quote, its score the support; verdict, number, offsets and paper are in its metadata. The
    whole answer is in `response.metadata["answer"]`, as JSON. With `streaming` the response, of `aquery` an
    asynchronous one, yields each sentence once it is checked, and has its source nodes and metadata at the end.
    `library` is a library or its folder; `model`, `writer`, `checker` and the filters are those of `answer`. Raises
    `InputError` for a filter that can't be read, `TypeError` for an unknown parameter.
    """

    @arguments.names_known
    def __init__(
        self,
        library: Library | str | Path,
        *,
        model: str | ChatModel | None = None,
        writer: Writer | None = None,
        checker: str | Checker | None = None,
        config: Config | None = None,
        streaming: bool = False,
        year: Years | None = None,
        venue: str | None = None,
        author: str | None = None,
        source: str | None = None,
        papers: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        year_from: int | None = None,
        year_to: int | None = None,
    ) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._library = library if isinstance(library, Library) else Library(library)
        self._overrides = Overrides(model, writer, checker)
        self._config = config
        self._streaming = streaming
        given = {"year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude}
        self._filters: dict[str, Any] = given | {"year_from": year_from, "year_to": year_to}
        parse_filters(self._filters)  # fail on a wrong one now, not at the first question

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        events = stream_answer(query_bundle.query_str, self._library, **self._asked)
        if self._streaming:
            streamed = _Streamed()
            return StreamingResponse(_texts(events, streamed), streamed.sources, streamed.metadata)
        *_, found = events
        assert isinstance(found, Answer)  # it is the last event
        return Response(response=found.text, source_nodes=_citation_nodes(found), metadata={"answer": found.to_dict()})

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        if self._streaming:
            streamed = _Streamed()
            events = astream_answer(query_bundle.query_str, self._library, **self._asked)
            return AsyncStreamingResponse(_atexts(events, streamed), streamed.sources, streamed.metadata)
        return await asyncio.to_thread(self._query, query_bundle)

    @property
    def _asked(self) -> dict[str, Any]:
        return {"config": self._config, **self._overrides.named, **self._filters}

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


@dataclass
class _Streamed:
    """What a stream has given so far; the source nodes and the metadata come with the whole answer."""

    sources: list[NodeWithScore] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    written: list[Sentence] = field(default_factory=list)

    def text(self, event: Step | Sentence | Answer) -> str:
        """Return the text that an event adds to what was given before, if any."""
        before = mark_up(self.written)
        if isinstance(event, Sentence):
            self.written.append(event)
            return (" " if before else "") + mark_up([event])
        if isinstance(event, Answer):
            self.sources += _citation_nodes(event)
            self.metadata["answer"] = event.to_dict()
            if event.text != before:
                return f"\n\n{event.text}" if before else event.text
        return ""


def _texts(events: Iterable[Step | Sentence | Answer], streamed: _Streamed) -> Generator[str, None, None]:
    for event in events:
        if text := streamed.text(event):
            yield text


async def _atexts(
    events: AsyncGenerator[Step | Sentence | Answer, None], streamed: _Streamed
) -> AsyncGenerator[str, None]:
    async with aclosing(events):  # whoever stops reading stops the answer
        async for event in events:
            if text := streamed.text(event):
                yield text


def _paper_node(hit: Hit) -> TextNode:
    metadata = _about(hit.paper) | {"quote": hit.quote, "start": hit.start, "end": hit.end}
    return _node(hit.paper_id, hit.paper.abstract, metadata)


def _citation_nodes(found: Answer) -> list[NodeWithScore]:
    """Return a node for each pin of the answer, each pin once, in the order of the text."""
    citations = {(c.paper.id, c.start, c.end): c for sentence in found.sentences for c in sentence.citations}
    return [NodeWithScore(node=_citation_node(citation), score=citation.support) for citation in citations.values()]


def _citation_node(citation: Citation) -> TextNode:
    metadata = _about(citation.paper) | {
        "number": citation.number,
        "start": citation.start,
        "end": citation.end,
        "verdict": citation.verdict.value,
    }
    return _node(f"{citation.paper.id}#{citation.start}-{citation.end}", citation.words, metadata)


def _about(paper: Paper) -> dict[str, Any]:
    return {
        "paper_id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "year": paper.year,
        "venue": paper.venue,
    }


def _node(name: str, text: str, metadata: dict[str, Any]) -> TextNode:
    # By default metadata goes into embeddings and prompts, which nobody chose here.
    return TextNode(
        id_=name,
        text=text,
        metadata=metadata,
        excluded_embed_metadata_keys=list(metadata),
        excluded_llm_metadata_keys=list(metadata),
    )
