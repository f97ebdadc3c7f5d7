"""Every shape that real servers and models send, through both clients to the sentences of an answer."""

from __future__ import annotations

import json

import pytest
from loopback import KEY, Ollama, OpenAI, answer, drip, serving, stream
from papers import ICE, SNOW, evidence_of
from places import SHARED, needs_seeds
from server_shapes import BODY, CASES, FAILURES, MORE, SAID, has, refusing, thinking

from rag.config import Config
from rag.errors import ConfigError, ModelError
from rag.models import server_calls
from rag.models.ollama import OllamaModel
from rag.models.openai import OpenAIModel
from rag.models.registry import NOTHING_LEAVES, leaving_of
from rag.text.question_form import QuestionReading
from rag.types import Draft
from rag.write.generative import write_with_model

QUESTION = QuestionReading("How many avalanches do Snowline and Icefield predict?")
MANIFEST = SHARED / "findings" / "cases" / "manifest.jsonl"
# Cases of the settings, by the report that shows them: each has a test of its own below.
OF_SETTINGS = {
    "HTTP_PROXY set, OPENAI_BASE_URL on loopback, NO_PROXY unset", "the same with OLLAMA_HOST on loopback",
    "OLLAMA_HOST=0.0.0.0:PORT (as set for the server)", "OLLAMA_HOST=http://127.0.0.1:PORT/v1",
    "key pasted with typographic quotes", "old Azure base URL with ?api-version=",
}  # fmt: skip


@pytest.fixture(params=[OpenAI(), Ollama()], ids=["openai", "ollama"])
def dialect(request):
    return request.param


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(server_calls, "PAUSES", (0.0, 0.0))


def written(model):
    return [part for part in write_with_model(QUESTION, evidence_of([SNOW, ICE]), model) if isinstance(part, Draft)]


@pytest.mark.parametrize("shape", CASES | MORE)
def test_the_sentences_come_through(dialect, shape):
    with serving(dialect, (CASES | MORE)[shape](dialect)) as server:
        drafts = written(dialect.model(server.address))
        assert len(server.requests) <= 3
    kept = [shape in ("surrogate", "newline-in-string"), "line separator" in shape]
    assert [d.text for d in drafts][any(kept) :] == SAID[any(kept) :]
    assert [d.numbers[0] for d in drafts] == [3, 7]


@pytest.mark.parametrize("shape", FAILURES)
def test_a_question_that_cannot_be_answered_says_why_and_is_not_retried(dialect, shape):
    make, words, most = FAILURES[shape]
    with serving(dialect, make(dialect)) as server:
        with pytest.raises(ModelError, match=words):
            written(dialect.model(server.address))
        assert len(server.requests) <= most


@needs_seeds
def test_each_case_that_was_found_is_tried_here():
    rows = [json.loads(line) for line in MANIFEST.read_text(encoding="utf-8").splitlines()]
    found = [row for row in rows if row["kind"] == "model"]
    scenarios = {place.partition("(scenario ")[2][:-1] for row in found for place in row["files"]} - {""}
    assert scenarios <= set(CASES)
    assert {row["shows"] for row in found if "scenario" not in str(row["files"])} <= OF_SETTINGS


def test_the_readmes_own_model_is_asked_as_reasoning_models_want_it():
    refusal = {"error": {"message": "Unsupported parameter: 'max_tokens'", "param": "max_tokens"}}
    refuses = refusing(400, json.dumps(refusal), has("max_tokens"))
    dialect = OpenAI()
    with serving(dialect, refuses(dialect)) as server:
        model = OpenAIModel("gpt-5-mini", f"{server.address}/v1", KEY)
        assert [d.text for d in written(model)] == SAID
        assert [d.text for d in written(model)] == SAID
        request = server.requests[-1]
        assert len(server.requests) == 3  # what was refused once isn't sent again
    assert "temperature" not in request
    assert request["reasoning_effort"] == "low"
    assert request["max_completion_tokens"] >= 4_000


def test_a_model_that_begins_to_think_at_length_is_given_room_at_once_and_both_calls_are_counted(dialect):
    thought = "So. " * 300
    field = "thinking" if isinstance(dialect, Ollama) else "reasoning_content"

    def behave(handler):
        if dialect.room(handler.server.requests[-1]) >= 4_000:
            stream(dialect.event({field: thought}), dialect.piece(BODY), dialect.end())(handler)
        else:
            stream(dialect.event({field: thought}), then=drip(dialect.keep_alive))(handler)

    with serving(dialect, behave) as server:
        parts = list(write_with_model(QUESTION, evidence_of([SNOW, ICE]), dialect.model(server.address)))
        assert len(server.requests) == 2
    assert [part.text for part in parts if isinstance(part, Draft)] == SAID
    assert parts[-1].prompt_tokens == 50 + 50


def test_short_thoughts_cost_no_second_call(dialect):
    with serving(dialect, CASES["reasoning-content"](dialect)) as server:
        assert [d.text for d in written(dialect.model(server.address))] == SAID
        assert len(server.requests) == 1


@pytest.mark.parametrize("entry", [
    {"max_model_len": 40_960}, {"context_length": 40_960}, {"context_window": 40_960}, {"meta": {"n_ctx": 40_960}},
    {"max_context_length": 131_072, "loaded_context_length": 40_960}, {"parameters": {"max_seq_len": 40_960}},
], ids=lambda entry: next(iter(entry)))  # fmt: skip
def test_a_window_is_read_from_the_list_of_models_as_each_server_states_it(entry):
    dialect = OpenAI()
    dialect.models = {"data": [{"id": "m", "meta": {"n_ctx_train": 262_144}, **entry}]}
    with serving(dialect, CASES["ok"](dialect)) as server:
        assert dialect.model(server.address).context(10) == 40_960


def test_an_effort_that_was_chosen_is_asked_for(dialect):
    dialect.shown = {"model_info": {}, "capabilities": ["thinking"]}
    with serving(dialect, stream(dialect.piece(BODY), dialect.end())) as server:
        written(dialect.model(server.address, effort="high"))
    (request,) = server.requests
    assert "high" in (request.get("think"), request.get("reasoning_effort"))


def test_ollama_models_that_cannot_stop_thinking_are_asked_to_think_little_and_have_room():
    dialect = Ollama()
    dialect.shown = {"model_info": {}, "capabilities": ["thinking"], "details": {"family": "gptoss"}}
    with serving(dialect, thinking("So. ")(dialect)) as server:
        assert [d.text for d in written(dialect.model(server.address))] == SAID
    (request,) = server.requests
    assert request["think"] == "low"
    assert request["options"]["num_ctx"] >= 4_096 + 4_096


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_server_on_this_machine_is_called_without_a_proxy(dialect, variable, monkeypatch):
    with serving(dialect, answer(502, "{}")) as proxy, serving(dialect, CASES["ok"](dialect)) as server:
        monkeypatch.setenv(variable, proxy.address)
        assert [d.text for d in written(dialect.model(server.address))] == SAID
        assert proxy.requests == []


def test_an_address_to_listen_on_is_this_machine():
    dialect = Ollama()
    with serving(dialect, CASES["ok"](dialect)) as server:
        host = server.address.replace("127.0.0.1", "0.0.0.0").removeprefix("http://")
        assert [d.text for d in written(OllamaModel("m", host))] == SAID
        assert leaving_of("ollama:m", Config(ollama_host=host)) == NOTHING_LEAVES


@pytest.mark.parametrize(("make", "words"), [
    (lambda: OllamaModel("m", "http://127.0.0.1:11434/v1"), "ends in /v1"),
    (lambda: OpenAIModel("m", "https://x.openai.azure.com/openai/deployments/m?api-version=2024", KEY), "on after a"),
    (lambda: OpenAIModel("m", "http://127.0.0.1:9/v1", "“sk-1”"), "OPENAI_API_KEY"),
])  # fmt: skip
def test_a_setting_that_cannot_work_says_what_to_change(make, words):
    with pytest.raises(ConfigError, match=words) as caught:
        make()
    assert "sk-1" not in str(caught.value)


def test_a_key_with_a_line_end_is_sent_without_it():
    dialect = OpenAI()
    with serving(dialect, CASES["ok"](dialect)) as server:
        written(OpenAIModel("m", f"{server.address}/v1", f"{KEY}\n"))
        assert server.headers[0]["authorization"] == f"Bearer {KEY}"
