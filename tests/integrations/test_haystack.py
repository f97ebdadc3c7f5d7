"""The retriever inside the real Haystack."""

import asyncio
import json

import pytest

pytest.importorskip("haystack", reason="the extra `haystack` isn't installed; the test extra has it")

import haystack.telemetry
from haystack import Pipeline
from haystack.components.builders import PromptBuilder

from rag import Library
from rag.errors import InputError
from rag.integrations.haystack import PinciteRetriever

PAPERS = [
    {"title": "Tin roofs in hail", "year": 2024, "abstract": "Hail dents roofs of tin. A thicker sheet cut dents."},
    {"title": "Rest in barn cats", "year": 2021, "abstract": "Barn cats rest by day. They slept eleven hours a day."},
]
QUESTION = "What did a thicker sheet do to dents?"
TEMPLATE = "{% for one in documents %}{{ one.content }}{% endfor %} | {{ query }}"


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    with Library(tmp_path_factory.mktemp("haystack") / "library", embedder=embedder) as opened:
        opened.add_records(PAPERS, "papers")
        yield opened


def built(pipeline, library):
    pipeline.add_component("retriever", PinciteRetriever(library, top_k=1))
    pipeline.add_component("prompt", PromptBuilder(TEMPLATE, required_variables="*"))
    pipeline.connect("retriever.documents", "prompt.documents")
    return pipeline


def test_a_document_a_paper_with_its_best_sentence(library):
    (found,) = PinciteRetriever(library).run(QUESTION, top_k=1)["documents"]
    assert found.content == PAPERS[0]["abstract"]
    assert found.id == found.meta["paper_id"] == library.papers()[0].id
    about = json.loads(json.dumps(found.meta))
    assert found.content[about["start"] : about["end"]] == about["quote"] == "A thicker sheet cut dents."
    assert found.score > 0


def test_it_works_in_a_pipeline_and_reports_to_nobody(library):
    asked = {"retriever": {"query": QUESTION}, "prompt": {"query": QUESTION}}
    wanted = f"{PAPERS[0]['abstract']} | {QUESTION}"
    assert built(Pipeline(), library).run(asked)["prompt"]["prompt"] == wanted
    assert asyncio.run(built(Pipeline(), library).run_async(asked))["prompt"]["prompt"] == wanted
    assert haystack.telemetry._telemetry.telemetry is None  # though Haystack was imported first here


def test_a_pipeline_can_be_written_down_and_read_again(library):
    written = PinciteRetriever(library, top_k=3, year="..2021").to_dict()
    again = PinciteRetriever.from_dict(json.loads(json.dumps(written)))
    with again.library:
        assert [document.meta["title"] for document in again.run(QUESTION)["documents"]] == ["Rest in barn cats"]
        assert again.to_dict() == written


def test_a_wrong_argument_is_reported_at_once(library):
    for wrong in ({"top_k": "3"}, {"year": "soon"}):
        with pytest.raises(InputError, match=r"3|soon"):
            PinciteRetriever(library, **wrong)
    with pytest.raises(InputError, match="top_k"):
        PinciteRetriever(library).run(QUESTION, top_k=0)
    with pytest.raises(TypeError, match="did you mean 'top_k'"):
        PinciteRetriever(library, topk=1)
