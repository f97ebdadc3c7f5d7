"""What a user sees of a model that fails, through both clients: never half an answer shown as whole."""

from __future__ import annotations

import json

import pytest
from loopback import Ollama, OpenAI, answer, drip, hang_up, serving, silence, stream

import rag
from rag.__main__ import main
from rag.config import Config
from rag.models import server_calls
from rag.types import Reason, Status

QUESTION = "What is an induction head?"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(server_calls, "PAUSES", (0.0, 0.0))


def settings(dialect, address, **others):
    if isinstance(dialect, OpenAI):
        return Config(model="openai:m", openai_base_url=f"{address}/v1", openai_api_key="k", **others)
    return Config(model="ollama:m", ollama_host=address, **others)


def whole(sentence):
    return json.dumps({"reply": {"sentences": [{"text": sentence, "evidence": [1]}]}})


FAULTS = {
    "wrong key": (lambda d, s: answer(401, d.error("wrong key", "invalid_api_key")), "model_configuration"),
    "no such model": (lambda d, s: answer(404, d.error("model 'm' not found")), "model_configuration"),
    "too many requests": (lambda d, s: answer(429, d.error("slow down")), "model_rate_limited"),
    "no quota": (lambda d, s: answer(429, d.error("no credit", "insufficient_quota")), "model_rate_limited"),
    "failing": (lambda d, s: answer(500, d.error("cuda error")), "model_unreachable"),
    "hanging up": (lambda d, s: hang_up, "model_unreachable"),
    "a web page": (lambda d, s: answer(200, "<html>Sign in</html>"), "model_reply"),
    "an empty reply": (lambda d, s: stream(d.end()), "model_reply"),
    "prose without citations": (lambda d, s: stream(d.piece("I am a model."), d.end()), "model_reply"),
    "cut in the middle": (lambda d, s: stream(d.piece(whole(s)[:-3]), end=False), "model_reply"),
    "ended politely too early": (lambda d, s: stream(d.piece(whole(s)[:-3])), "model_reply"),
    "without end": (lambda d, s: stream(*[d.piece(whole(s) + "so " * 300)] * 112), "model_reply"),
    "silent at once": (lambda d, s: silence, "model_timeout"),
    "silent in the middle": (lambda d, s: stream(d.piece(whole(s)[:-3]), then=silence), "model_timeout"),
    "dripping": (lambda d, s: stream(then=drip(d.keep_alive)), "model_timeout"),
}
# Seconds that the caller allows where nothing but the time ends the call.
PATIENCE = {"silent at once": 1.0, "dripping": 1.0}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_and_answered_without_the_model(dialect, fault, demo_library, first_sentence, monkeypatch):
    behave, code = FAULTS[fault]
    if fault == "silent in the middle":
        monkeypatch.setattr(server_calls, "SILENCE", 0.3)
    with serving(dialect, behave(dialect, first_sentence)) as server:
        config = settings(dialect, server.address, timeout=PATIENCE.get(fault, 60.0), cache=False)
        found = rag.answer(QUESTION, demo_library, config=config)
        assert len(server.requests) <= 3
    assert (found.status, found.reason) == (Status.DECLINED, Reason.MODEL_UNAVAILABLE)
    assert found.sentences == ()
    assert found.issues[0].code == code
    assert found.fallback.sentences
    assert found.fallback.written_by == "extractive"


@pytest.mark.parametrize("fault", ["cut in the middle", "ended politely too early"])
def test_what_was_written_before_the_fault_is_marked_as_incomplete(dialect, fault, demo_library, first_sentence):
    with serving(dialect, FAULTS[fault][0](dialect, first_sentence)) as server:
        found = rag.answer(QUESTION, demo_library, config=settings(dialect, server.address, cache=False))
    assert [(i.code, i.sentence) for i in found.issues][-1] == ("incomplete", first_sentence)


def test_a_reply_that_its_length_ends_is_an_answer_as_far_as_it_goes_and_says_so(dialect, demo_library, first_sentence):
    begun = f'{whole(first_sentence)[:-3]}, {{"text": "And in the mid'
    with serving(dialect, stream(dialect.piece(begun), dialect.end("length"))) as server:
        found = rag.answer(QUESTION, demo_library, config=settings(dialect, server.address, cache=False))
    assert (found.status, [s.text for s in found.sentences]) == (Status.ANSWERED, [first_sentence])
    assert "PINCITE_REPLY_TOKENS" in {i.code: i.message for i in found.issues}["cut_off"]


def test_no_cache_asks_a_model_that_answered_before(demo_library, first_sentence, monkeypatch, capsys):
    dialect = OpenAI()
    with serving(dialect, stream(dialect.piece(whole(first_sentence)), dialect.end())) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        ask = ["ask", QUESTION, "--model", "openai:m", "--library", str(demo_library.folder)]
        asked = []
        for command in (ask, ask, [*ask, "--no-cache"]):
            assert main(command) == 0
            asked.append(len(server.requests))
    assert asked == [1, 1, 2]
    assert capsys.readouterr().out.count("Written by openai:m") == 3


def test_a_window_that_was_set_is_used_and_the_receipt_lists_what_did_not_fit(dialect, demo_library, first_sentence):
    question = "Which papers study emergent misalignment?"
    with serving(dialect, stream(dialect.piece(whole(first_sentence)), dialect.end())) as server:
        found = rag.answer(question, demo_library, config=settings(dialect, server.address, cache=False, context=3000))
        requests = server.requests
    assert found.receipt.trimmed
    for place in found.receipt.trimmed:
        paper, _, span = place.rpartition(":")
        left_out = demo_library.get(paper).abstract[slice(*map(int, span.split("-")))]
        assert json.dumps(left_out)[1:-1] not in json.dumps(requests)
    if isinstance(dialect, Ollama):
        assert {request["options"]["num_ctx"] for request in requests} == {3000}
