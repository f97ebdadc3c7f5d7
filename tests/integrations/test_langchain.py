"""The retriever inside the real LangChain."""

import asyncio
import json

import pytest

pytest.importorskip("langchain_core", reason="the extra `langchain` isn't installed; the test extra has it")

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from pydantic import ValidationError

from rag import Library
from rag.errors import InputError
from rag.integrations.langchain import PinciteRetriever

PAPERS = [
    {"title": "Tin roofs in hail", "year": 2024, "abstract": "Hail dents roofs of tin. A thicker sheet cut dents."},
    {"title": "Rest in barn cats", "year": 2021, "abstract": "Barn cats rest by day. They slept eleven hours a day."},
]
QUESTION = "What did a thicker sheet do to dents?"


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    with Library(tmp_path_factory.mktemp("langchain") / "library", embedder=embedder) as opened:
        opened.add_records(PAPERS, "papers")
        yield opened


def test_a_document_a_paper_with_its_best_sentence(library):
    (found,) = PinciteRetriever(library=library, k=1).invoke(QUESTION)
    assert found.page_content == PAPERS[0]["abstract"]
    assert found.id == found.metadata["paper_id"] == library.papers()[0].id
    about = json.loads(json.dumps(found.metadata))
    assert found.page_content[about["start"] : about["end"]] == about["quote"] == "A thicker sheet cut dents."


def test_it_works_in_a_chain_and_without_blocking(library):
    joined = RunnableLambda(lambda documents: "\n".join(document.page_content for document in documents))
    prompt = ChatPromptTemplate.from_template("{context} | {question}")
    echo = RunnableLambda(lambda value: value.to_messages()[0].content)
    retriever = PinciteRetriever(library=library, k=1)
    chain = {"context": retriever | joined, "question": RunnablePassthrough()} | prompt | echo | StrOutputParser()
    assert chain.invoke(QUESTION) == f"{PAPERS[0]['abstract']} | {QUESTION}"
    assert asyncio.run(chain.ainvoke(QUESTION)) == chain.invoke(QUESTION)


def test_filters_narrow_and_a_wrong_argument_is_reported_at_once(library):
    (found,) = PinciteRetriever(library=library, year="..2021").invoke(QUESTION)
    assert found.metadata["title"] == "Rest in barn cats"
    for wrong in ({"k": "3"}, {"year": "soon"}):
        with pytest.raises(InputError, match=r"3|soon"):
            PinciteRetriever(library=library, **wrong)
    with pytest.raises(ValidationError, match="top_k"):
        PinciteRetriever(library=library, top_k=3)
