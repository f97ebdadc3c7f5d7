"""Pincite inside llama-index: a retriever over a library, and a query engine whose source nodes are our citations.

`llama_index.core.Settings` is neither read nor written: an unset default there resolves to a hosted model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable
from typing import Any

from rag import arguments
from rag.arguments import Years, parse_filters
from rag.config import Config
from rag.errors import missing
from rag.library import Library
from rag.models.chat import ChatModel
from rag.pipeline import stream_answer
from rag.pipeline.overrides import Overrides
from rag.types import Answer, Citation, Hit, Paper, Sentence, Step
from rag.verify import Checker
from rag.views.citation_numbers import mark_up
from rag.write.writer import Writer

try:
    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.response.schema import RESPONSE_TYPE, Response, StreamingResponse
    from llama_index.core.callbacks.base import CallbackManager
    from llama_index.core.prompts.mixin import PromptMixinType
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
except ModuleNotFoundError as error:
    raise missing(error) from error


class PinciteRetriever(BaseRetriever):
    """Finds papers of a library: one node per paper, with its abstract, id and fused score.

    `similarity_top_k`, as llama-index calls it, is the same as `k`: how many papers, 10 unless given. The best sentence
    stands in the metadata as `quote`, with `start` and `end` in the abstract. The filters are those of
    `Library.search`. Raises `InputError` for a filter that can't be read, or an empty question.
    """

    @arguments.names_known
    def __init__(
        self,
        library: Library,
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
        self._library = library
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

    A node's text is the quote, its score the support; verdict, number, offsets and paper stand in its metadata. The
    whole answer is in `response.metadata["answer"]`, as JSON. With `streaming` the response yields each sentence once
    it is checked, and has its source nodes and metadata at the end. `model`, `writer`, `checker` and the filters are
    those of `answer`.
    """

    def __init__(
        self,
        library: Library,
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
        self._library = library
        self._overrides = Overrides(model, writer, checker)
        self._config = config
        self._streaming = streaming
        given = {"year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude}
        self._filters: dict[str, Any] = given | {"year_from": year_from, "year_to": year_to}
        parse_filters(self._filters)  # fail on a wrong one now, not at the first question

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        events = stream_answer(
            query_bundle.query_str, self._library, config=self._config, **self._overrides.named, **self._filters
        )  # fmt: skip
        if self._streaming:
            sources, metadata = list[NodeWithScore](), dict[str, Any]()
            return StreamingResponse(_sentences(events, sources, metadata), sources, metadata)
        *_, found = events
        assert isinstance(found, Answer)  # it is the last event
        return Response(response=found.text, source_nodes=_citation_nodes(found), metadata={"answer": found.to_dict()})

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def _sentences(
    events: Iterable[Step | Sentence | Answer], sources: list[NodeWithScore], metadata: dict[str, Any]
) -> Generator[str, None, None]:
    """Yield the sentences as they come; at the end, put the source nodes and the whole answer where they belong."""
    written: list[Sentence] = []
    for event in events:
        if isinstance(event, Sentence):
            yield (" " if written else "") + mark_up([event])
            written.append(event)
        elif isinstance(event, Answer):
            sources += _citation_nodes(event)
            metadata["answer"] = event.to_dict()
            if event.text != mark_up(written):
                yield f"\n\n{event.text}" if written else event.text


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
