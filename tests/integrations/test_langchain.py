"""The retriever inside the real LangChain."""

import asyncio
import json

import pytest

pytest.importorskip("langchain_core", reason="the extra `langchain` isn't installed; the test extra has it")

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

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
    with pytest.raises(InputError, match="give one, or its folder"):
        PinciteRetriever(library=3)


@pytest.mark.parametrize(("given", "meant"), [("top_k", "k"), ("search_kwargs", "k"), ("authors", "author")])
def test_an_unknown_parameter_is_refused_with_the_nearest_one(library, given, meant):
    with pytest.raises(
        TypeError, match=rf"^PinciteRetriever\(\) has no parameter '{given}': did you mean '{meant}'\?$"
    ):
        PinciteRetriever(library=library, **{given: 3})


def test_one_query_takes_a_number_and_filters_of_its_own(library):
    retriever = PinciteRetriever(library=library, k=2)
    assert [len(retriever.invoke(QUESTION, **given)) for given in ({}, {"k": 1}, {})] == [2, 1, 2]
    (found,) = asyncio.run(retriever.ainvoke(QUESTION, year=2021))
    assert found.metadata["title"] == "Rest in barn cats"
    with pytest.raises(TypeError, match=r"invoke\(\) has no parameter 'top_k': did you mean 'k'"):
        retriever.invoke(QUESTION, top_k=1)
    with pytest.raises(InputError, match="year='soon'"):
        retriever.invoke(QUESTION, year="soon")


def test_a_folder_stands_for_its_library_and_the_framework_keeps_its_own_parameters(library):
    retriever = PinciteRetriever(str(library.folder), k=1, tags=["roofs"])
    with retriever.library:
        assert (len(retriever.invoke(QUESTION)), retriever.tags) == (1, ["roofs"])
