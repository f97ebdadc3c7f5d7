"""A real CitationQueryEngine, with a scripted model, through the adapter into the score."""

import pytest
from judges_for_tests import ExactJudge
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.node_parser import TokenTextSplitter
from llama_index.core.query_engine import CitationQueryEngine
from llama_index.core.schema import NodeWithScore, TextNode

from eval.answers.file_format import from_record
from eval.answers.llama_index import ask_all, paper_id
from eval.estimates import Score
from eval.judges.judged import judge_response
from eval.metrics import scores_of
from eval.questions import Case

NODES = [
    TextNode(text="Tides rise at noon.", metadata={"title": "On tides"}),
    TextNode(text="Winds turn north.", metadata={"paper_id": "doi:10.1/w", "title": "On winds"}),
]


class Fixed(BaseRetriever):
    def _retrieve(self, query_bundle):
        return [NodeWithScore(node=node, score=1.0) for node in NODES]


class Scripted(CustomLLM):
    reply: str

    @property
    def metadata(self):
        return LLMMetadata(context_window=4096, num_output=256)

    def complete(self, prompt, formatted=False, **kwargs):
        assert "Source 2:\nWinds turn north." in prompt
        return CompletionResponse(text=self.reply)

    def stream_complete(self, prompt, formatted=False, **kwargs):
        raise NotImplementedError


def engine(reply):
    llm = Scripted(reply=reply)
    splitter = TokenTextSplitter(chunk_size=512, chunk_overlap=0, tokenizer=str.split)
    return CitationQueryEngine.from_args(index=None, retriever=Fixed(), llm=llm, text_splitter=splitter)


def scored(reply, case):
    (record,) = ask_all(engine(reply), [case])
    response = from_record(record)
    return response, scores_of(judge_response(case, response, ExactJudge()))


def test_its_answers_are_scored_like_any_other():
    gold = (paper_id("On tides"),)
    case = Case("q1", "figure", "dev", "When do tides rise?", gold=gold, expected=(("noon",),))
    response, scores = scored("Tides rise at noon [1]. Winds turn north [7].", case)
    assert [p.text for p in response.passages] == ["Tides rise at noon.", "Winds turn north."]  # without "Source 1:"
    assert response.retrieved == (gold[0], "doi:10.1/w")
    assert scores["citation_recall"] == Score(0.5, 1)
    assert scores["citation_validity"] == Score(1, 2)  # an invented [7] passes the engine untouched
    assert scores["recall@5"] == scores["expected"] == Score(1, 1)
    assert response.seconds is not None


def test_its_refusals_are_seen():
    response, scores = scored("The provided sources do not contain this.", Case("q2", "absent", "dev", "What of owls?"))
    assert response.declined
    assert scores["refusal_recall"] == Score(1, 1)


def test_ids_are_those_that_pincite_gives():
    assert paper_id("On  Tides!") == paper_id("on tides")


@pytest.mark.parametrize("metadata", [{}, {"year": 2020}])
def test_a_node_without_a_paper_is_its_own(metadata):
    from eval.answers.llama_index import response_of

    class Response:
        source_nodes = (NodeWithScore(node=TextNode(id_="n1", text="Owls hunt.", metadata=metadata)),)

        def __str__(self):
            return "Owls hunt [1]."

    assert response_of("q", Response()).passages[0].id == "n1"
