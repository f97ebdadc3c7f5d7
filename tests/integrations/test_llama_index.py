from __future__ import annotations

import asyncio
import json

import pytest
from llama_index.core import Settings
from llama_index.core.base.llms.types import CompletionResponse, LLMMetadata
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode, get_response_synthesizer

from rag import Library
from rag.errors import InputError
from rag.integrations.llama_index import PinciteQueryEngine, PinciteRetriever
from rag.types import Status, Support, Verdict

PAPERS = [
    {"id": "hail", "title": "Tin roofs in hail", "year": 2024,
     "abstract": "Hail dents roofs of tin. We dropped ice on 40 roofs. A thicker sheet of tin cut dents by 52%."},
    {"id": "cats", "title": "Rest in barn cats", "year": 2021,
     "abstract": "Barn cats rest by day. We filmed 12 cats for a month. They slept eleven hours a day."},
]  # fmt: skip


class EchoLLM(MockLLM):
    """Answers with its prompt, so that the test sees what a model would have been given."""

    @property
    def metadata(self):
        return LLMMetadata(context_window=8_000, num_output=500)

    def complete(self, prompt, formatted=False, **kwargs):
        return CompletionResponse(text=prompt)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llama")
    source = folder / "papers.jsonl"
    source.write_text("\n".join(json.dumps(paper) for paper in PAPERS), encoding="utf-8")
    with Library.open(folder / "library") as opened:
        opened.add(source)
        yield opened


@pytest.fixture(autouse=True)
def settings_stay_untouched():
    yield
    assert Settings._llm is None
    assert Settings._embed_model is None


def test_the_retriever_gives_a_node_a_paper_with_its_best_sentence(library):
    nodes = PinciteRetriever(library, k=1).retrieve("By how much did a thicker sheet cut dents?")
    [found] = nodes
    assert found.node.metadata["title"] == "Tin roofs in hail"
    assert found.node.text == PAPERS[0]["abstract"]
    quote, start, end = (found.node.metadata[name] for name in ("quote", "start", "end"))
    assert quote == found.node.text[start:end] == "A thicker sheet of tin cut dents by 52%."


def test_the_number_of_papers_goes_by_both_names_and_is_checked(library):
    assert len(PinciteRetriever(library, similarity_top_k=1).retrieve("roofs and cats")) == 1
    with pytest.raises(InputError, match="similarity_top_k='3' isn't an integer of at least 1"):
        PinciteRetriever(library, similarity_top_k="3")


def test_filters_narrow_the_retriever(library):
    nodes = PinciteRetriever(library, year="..2021").retrieve("dents in tin roofs")
    assert [node.metadata["title"] for node in nodes] == ["Rest in barn cats"]


def test_the_retriever_works_in_a_pipeline_of_llama_index(library):
    engine = RetrieverQueryEngine(
        PinciteRetriever(library, k=1), get_response_synthesizer(llm=EchoLLM(), response_mode=ResponseMode.COMPACT)
    )
    response = engine.query("By how much did a thicker sheet cut dents?")
    assert PAPERS[0]["abstract"] in str(response)
    assert "2024" not in str(response)  # metadata that nobody chose does not reach the model


def test_the_query_engine_asks_a_handed_in_checker(library):
    class Mine:
        def check(self, sentence, evidence):
            return Support(0.77, Verdict.SUPPORTED, "because")

    response = PinciteQueryEngine(library, checker=Mine()).query("By how much did a thicker sheet cut dents?")
    assert {node.score for node in response.source_nodes} == {0.77}


def test_the_query_engine_answers_with_our_citations_as_sources(library):
    response = PinciteQueryEngine(library, model="extractive").query("By how much did a thicker sheet cut dents?")
    answer = json.loads(json.dumps(response.metadata))["answer"]
    assert answer["status"] == Status.ANSWERED
    assert str(response) == answer["text"]
    [first, *_] = response.source_nodes
    citation = answer["sentences"][0]["citations"][0]
    assert (first.node.text, first.score) == (citation["quote"], citation["support"])
    assert first.node.metadata["verdict"] == citation["verdict"]
    abstract = library.get(citation["paper_id"]).abstract
    assert abstract[first.node.metadata["start"] : first.node.metadata["end"]] == first.node.text


@pytest.mark.parametrize("year", [None, 1950])
def test_a_stream_brings_the_text_in_sentences_and_its_sources_at_the_end(library, year):
    question = "By how much did a thicker sheet cut dents?"
    whole = PinciteQueryEngine(library, model="extractive", year=year).query(question)
    streamed = PinciteQueryEngine(library, model="extractive", year=year, streaming=True).query(question)
    assert "".join(streamed.response_gen) == str(whole)
    assert [node.node.text for node in streamed.source_nodes] == [node.node.text for node in whole.source_nodes]
    assert json.loads(json.dumps(streamed.metadata))["answer"]["text"] == str(whole)


def test_an_asynchronous_stream_leaves_the_loop_free(library):
    question = "By how much did a thicker sheet cut dents?"

    async def read():
        streamed = await PinciteQueryEngine(library, model="extractive", streaming=True).aquery(question)
        texts = [text async for text in streamed.async_response_gen()]
        return "".join(texts), streamed.source_nodes, streamed.metadata

    text, sources, metadata = asyncio.run(read())
    assert text == metadata["answer"]["text"] == str(PinciteQueryEngine(library, model="extractive").query(question))
    assert sources


def test_a_declined_answer_has_no_sources(library):
    response = PinciteQueryEngine(library, model="extractive", year=1950).query("Who dented the roofs?")
    assert response.source_nodes == []
    assert response.metadata["answer"]["status"] == Status.DECLINED


def test_both_work_asynchronously(library):
    question = "How long do barn cats rest?"
    nodes = asyncio.run(PinciteRetriever(library, k=1).aretrieve(question))
    response = asyncio.run(PinciteQueryEngine(library, model="extractive").aquery(question))
    assert nodes[0].metadata["title"] == "Rest in barn cats"
    assert response.source_nodes


def test_a_wrong_filter_is_reported_at_once(library):
    for kind in (PinciteRetriever, PinciteQueryEngine):
        with pytest.raises(InputError, match="year='soon' isn't a year"):
            kind(library, year="soon")


def test_an_argument_that_they_lack_is_refused_with_the_nearest(library):
    with pytest.raises(TypeError, match=r"PinciteRetriever\(\) has no parameter .*'similarity_top_k'"):
        PinciteRetriever(library, similarity_topk=3)
    with pytest.raises(TypeError, match=r"PinciteQueryEngine\(\) has no parameter 'llm': did you mean 'model'"):
        PinciteQueryEngine(library, llm="extractive")


def test_a_folder_stands_for_its_library(library):
    retriever = PinciteRetriever(str(library.folder), k=1)
    with retriever._library:
        assert len(retriever.retrieve("How long do barn cats rest?")) == 1
    engine = PinciteQueryEngine(library.folder, model="extractive")
    with engine._library:
        assert engine.query("How long do barn cats rest?").source_nodes
