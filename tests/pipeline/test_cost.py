"""What one answer may cost covers every call to a model, through both clients: to plan, write, repair and check."""

from __future__ import annotations

import json

import pytest
from loopback import Ollama, OpenAI, answer, serving, stream

import rag
from rag.config import Config
from rag.models import server_calls
from rag.models.ollama import OllamaModel
from rag.models.openai import OpenAIModel
from rag.types import Draft, Status, Verdict
from rag.verify import ModelChecker
from rag.write.writer import Usage

QUESTION = "What is an induction head?"
MODELS = {OpenAI: "openai:m", Ollama: "ollama:m"}
JUDGED = "QUOTE: {}\nVERDICT: supported"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(server_calls, "PAUSES", (0.0, 0.0))


def settings(server, **others):
    return Config(
        openai_base_url=f"{server.address}/v1", openai_api_key="k", ollama_host=server.address, cache=False, **others
    )


def said(dialect, text):
    return stream(dialect.piece(text), dialect.end())  # 50 tokens of prompt, 7 of reply


def written(text):
    return json.dumps({"reply": {"sentences": [{"text": text, "evidence": [1]}], "not_covered": ""}})


def test_the_tokens_of_the_model_that_checks_are_in_the_receipt(demo_library, dialect, first_sentence):
    name = MODELS[type(dialect)]
    with serving(dialect, said(dialect, written(first_sentence)), said(dialect, JUDGED.format(first_sentence))) as one:
        priced = settings(one, model=name, checker=name, prompt_price=1.0, completion_price=10.0)
        found = rag.answer(QUESTION, demo_library, config=priced)
    # Two calls of 50 tokens at 1 a million and 7 at 10
    assert (len(one.requests), found.receipt.tokens) == (2, {"prompt": 100, "completion": 14})
    assert found.receipt.cost == pytest.approx(0.000240)


def test_a_check_that_could_pass_the_cap_is_not_made_and_the_sentence_is_marked(demo_library, dialect, first_sentence):
    name = MODELS[type(dialect)]
    with serving(dialect, said(dialect, written(first_sentence)), said(dialect, JUDGED.format(first_sentence))) as one:
        # A reply may take 2,000 tokens and 4,096 of thoughts: 0.06096; the first took 7, which leaves no second.
        capped = settings(
            one, model=name, checker=name, prompt_price=0.0, completion_price=10.0, max_cost=0.061, reply_tokens=2_000
        )
        found = rag.answer(QUESTION, demo_library, config=capped)
    assert len(one.requests) == 1
    assert [sentence.verdict for sentence in found.sentences] == [Verdict.UNKNOWN]
    assert "PINCITE_MAX_COST" in " ".join(issue.message for issue in found.issues)
    assert found.receipt.tokens == {"prompt": 50, "completion": 7}


def test_the_cap_holds_for_a_checker_that_was_handed_in_and_where_no_model_writes(demo_library, dialect):
    with serving(dialect, said(dialect, JUDGED.format("nothing"))) as server:
        model = {OpenAI: OpenAIModel, Ollama: OllamaModel}[type(dialect)]
        address = f"{server.address}/v1" if isinstance(dialect, OpenAI) else server.address
        handed = ModelChecker(model("m", address, "k") if isinstance(dialect, OpenAI) else model("m", address))
        nothing = settings(server, prompt_price=1.0, completion_price=1.0, max_cost=0.0)
        found = rag.answer(QUESTION, demo_library, checker=handed, config=nothing)
    assert (server.requests, found.status, found.receipt.tokens) == ([], Status.ANSWERED, {})
    assert {sentence.verdict for sentence in found.sentences} == {Verdict.UNKNOWN}


def test_what_a_writer_of_the_callers_own_took_is_counted_beside_the_model_that_checks(demo_library, first_sentence):
    class Counting:
        name = "own:counting"

        def write(self, task):
            yield Draft(first_sentence, (1,))
            yield Usage("", prompt_tokens=1_000, completion_tokens=20)

    judged = said(OpenAI(), JUDGED.format(first_sentence))
    with serving(OpenAI(), judged) as server:
        found = rag.answer(QUESTION, demo_library, writer=Counting(), config=settings(server, checker="openai:m"))
    assert found.receipt.tokens == {"prompt": 1_050, "completion": 27}


def test_no_reply_that_may_be_charged_is_asked_for_again_under_a_cap(demo_library, dialect):
    empty = stream(dialect.end())
    for cap, asked in ((None, 3), (9.0, 1)):
        with serving(dialect, empty) as server:
            config = settings(server, model=MODELS[type(dialect)], prompt_price=1.0, completion_price=1.0, max_cost=cap)
            rag.answer(QUESTION, demo_library, config=config)
        assert len(server.requests) == asked
        # A model that may think gets the room for it at once: under a cap there is no second call.
        room = config.reply_tokens + (4_096 if cap else 0)
        assert {dialect.room(request) for request in server.requests} == {room}


def test_a_server_that_is_down_is_still_tried_again_under_a_cap(demo_library, dialect):
    with serving(dialect, answer(503, dialect.error("loading"))) as server:
        config = settings(server, model=MODELS[type(dialect)], prompt_price=1.0, completion_price=1.0, max_cost=9.0)
        rag.answer(QUESTION, demo_library, config=config)
    assert len(server.requests) == 3
