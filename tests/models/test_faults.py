"""Both clients against servers that misbehave: each fault becomes one of our errors, in time, and states the fix."""

from __future__ import annotations

import contextlib
import json
import socket
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from loopback import KEY, Ollama, OpenAI, answer, drip, hang_up, serving, silence, stream

from rag.errors import (
    ModelConfigurationError,
    ModelContextError,
    ModelRateLimitedError,
    ModelReplyError,
    ModelTimeoutError,
    ModelUnreachableError,
)
from rag.models import server_calls
from rag.models.chat import Message, Reply

ASKED = [Message("system", "Be brief."), Message("user", "Why?")]
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


@pytest.fixture(params=[OpenAI(), Ollama()], ids=["openai", "ollama"])
def dialect(request):
    return request.param


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(server_calls, "PAUSES", (0.0, 0.0))


def ask(dialect, server, timeout=20.0, schema=None):
    return list(dialect.model(server.address).stream(ASKED, schema, timeout))


def test_a_good_reply_streams_and_reports_what_it_took(dialect):
    with serving(dialect, stream(dialect.piece("Be"), dialect.piece("cause."), dialect.end())) as server:
        assert ask(dialect, server, schema=SCHEMA) == ["Be", "cause.", Reply(True, 50, 7, "stop")]
    (request,) = server.requests
    assert [m["content"] for m in request["messages"]] == ["Be brief.", "Why?"]
    assert dialect.schema_of(request) == SCHEMA


@pytest.mark.parametrize(
    ("status", "message", "code", "error", "requests"),
    [
        (401, "wrong key", "invalid_api_key", ModelConfigurationError, 1),
        (404, "model 'm' not found", "model_not_found", ModelConfigurationError, 1),
        (429, "slow down", None, ModelRateLimitedError, 3),
        (500, "cuda error", None, ModelUnreachableError, 3),
        (503, "loading model", None, ModelUnreachableError, 3),
        (400, "maximum context length is 4096 tokens", "context_length_exceeded", ModelContextError, 1),
        (400, "bad sampling", None, ModelConfigurationError, 1),
    ],
)
def test_a_refusal_by_status(dialect, status, message, code, error, requests):
    with serving(dialect, answer(status, dialect.error(message, code))) as server:
        with pytest.raises(error) as caught:
            ask(dialect, server)
        assert len(server.requests) == requests
    assert message[:9] in str(caught.value)


def test_a_key_that_the_server_repeats_is_in_no_error():
    refusal = answer(401, OpenAI().error(f"wrong key {KEY}", "invalid_api_key"))
    with serving(OpenAI(), refusal) as server, pytest.raises(ModelConfigurationError, match="API_KEY") as caught:
        ask(OpenAI(), server)
    reported = "".join(traceback.format_exception(caught.value))
    assert KEY not in reported


def test_a_used_up_quota_is_not_tried_again():
    with serving(OpenAI(), answer(429, OpenAI().error("no credit left", "insufficient_quota"))) as server:
        with pytest.raises(ModelRateLimitedError, match="add credit"):
            ask(OpenAI(), server)
        assert len(server.requests) == 1


def test_a_temporary_fault_is_not_noticed(dialect):
    good = stream(dialect.piece("Yes."), dialect.end())
    with serving(dialect, answer(503, dialect.error("loading")), hang_up, good) as server:
        assert ask(dialect, server)[0] == "Yes."
        assert len(server.requests) == 3


def test_a_server_that_asks_to_wait_longer_than_the_caller_will_is_not_asked_again():
    with serving(OpenAI(), answer(429, OpenAI().error("slow down"), Retry_After="600")) as server:
        with pytest.raises(ModelRateLimitedError):
            ask(OpenAI(), server)
        assert len(server.requests) == 1


@pytest.mark.parametrize("wait", ["600", "600000 ms", "date"])
def test_however_a_server_says_how_long_to_wait_it_is_believed(dialect, wait):
    headers = {"Retry_After": format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)}
    if wait != "date":
        headers = {"Retry_After_ms": wait.split()[0]} if "ms" in wait else {"Retry_After": wait}
    with serving(dialect, answer(429, dialect.error("slow down"), **headers)) as server:
        with pytest.raises(ModelRateLimitedError):
            ask(dialect, server)
        assert len(server.requests) == 1


def test_a_model_that_a_server_lacks_is_answered_with_those_that_it_has(dialect):
    dialect.models = (
        {"data": [{"id": name} for name in ("qwen3-8b", "gemma")]} if isinstance(dialect, OpenAI) else
        {"models": [{"model": name} for name in ("qwen3-8b", "gemma")]}
    )  # fmt: skip
    refused = answer(404, dialect.error("model 'm' not found", "model_not_found"))
    with serving(dialect, refused) as server:
        if isinstance(dialect, Ollama):
            server.listing = lambda handler: answer(*((404, '{"error": "model not found"}') if handler.command == "POST"
                                                      else (200, json.dumps(dialect.models))))(handler)  # fmt: skip
        with pytest.raises(ModelConfigurationError, match=r"'qwen3-8b'.*'gemma'|'gemma'.*'qwen3-8b'"):
            ask(dialect, server)
        assert len(server.requests) <= 1


def test_an_error_of_one_choice_is_an_error():
    dialect = OpenAI()
    choice = {"index": 0, "delta": {}, "error": {"code": 502, "message": "provider is down"}, "finish_reason": "error"}
    failing = stream(f"data: {json.dumps({'choices': [choice]})}\n\n")
    with serving(dialect, failing) as server, pytest.raises(ModelReplyError, match="provider is down"):
        ask(dialect, server)


def test_a_server_that_is_down(dialect):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ModelUnreachableError, match="start"):
        list(dialect.model(address).stream(ASKED, None, 20))


@pytest.mark.parametrize("end", ["cut", "polite", "length"])
def test_a_reply_that_ends_too_early_is_never_complete(dialect, end):
    parts = [dialect.piece("It fell "), dialect.piece("by")]
    if end == "length":
        parts.append(dialect.end("length"))
    with serving(dialect, stream(*parts, end=end != "cut")) as server:
        got = []
        with contextlib.suppress(ModelReplyError, ModelUnreachableError):
            for piece in dialect.model(server.address).stream(ASKED, None, 20):
                got.append(piece)
        assert got[:2] == ["It fell ", "by"]
        assert not any(isinstance(p, Reply) and p.complete for p in got)
        assert len(server.requests) == 1  # never asked again once something was shown


def test_a_stream_cut_in_the_middle_is_an_error(dialect):
    with serving(dialect, stream(dialect.piece("It fell "), end=False)) as server, pytest.raises(ModelReplyError):
        ask(dialect, server)


@pytest.mark.parametrize(
    "body", ["<html><body>Sign in to the network</body></html>", "", "{}", "[1, 2]", '{"choices": "x", "message": 3}']
)
def test_a_body_that_is_not_a_reply(dialect, body):
    with serving(dialect, answer(200, body)) as server, pytest.raises(ModelReplyError):
        ask(dialect, server)


def test_a_line_of_garbage_in_the_stream(dialect):
    parts = stream(dialect.piece("It"), "data: {broken\n\n", dialect.end())
    with serving(dialect, parts) as server, pytest.raises(ModelReplyError):
        ask(dialect, server)


def test_an_error_within_the_stream(dialect):
    parts = stream(dialect.piece("It"), dialect.error_within("out of memory"))
    with serving(dialect, parts) as server, pytest.raises(ModelReplyError, match="out of memory"):
        ask(dialect, server)


def test_an_empty_reply_is_tried_again_and_then_an_error(dialect):
    with serving(dialect, stream(dialect.end())) as server:
        with pytest.raises(ModelReplyError, match="empty"):
            ask(dialect, server)
        assert len(server.requests) == 3


def test_a_reply_without_end_is_cut_off_and_the_connection_closed(dialect):
    with serving(dialect, stream(*[dialect.piece("so " * 300)] * 112)) as server:
        with pytest.raises(ModelReplyError, match="went on"):
            ask(dialect, server)
        assert len(server.requests) == 1


def test_silence_before_the_first_word_ends_with_the_callers_time(dialect):
    with serving(dialect, silence) as server:
        with pytest.raises(ModelTimeoutError, match="PINCITE_TIMEOUT"):
            ask(dialect, server, timeout=1.0)
        assert len(server.requests) <= 1  # none where even the connection took that long


def test_silence_in_mid_reply(dialect, monkeypatch):
    monkeypatch.setattr(server_calls, "SILENCE", 0.2)
    with serving(dialect, stream(dialect.piece("It"), then=silence)) as server, pytest.raises(ModelTimeoutError):
        ask(dialect, server)


def test_signs_of_life_without_words_do_not_outlast_the_callers_time(dialect):
    with serving(dialect, stream(then=drip(dialect.keep_alive))) as server:
        with pytest.raises(ModelTimeoutError):
            ask(dialect, server, timeout=0.4)
        assert server.hung_up.wait(10)


def test_closing_the_stream_closes_the_connection(dialect):
    with serving(dialect, stream(dialect.piece("It"), then=drip(dialect.piece("goes on")))) as server:
        pieces = dialect.model(server.address).stream(ASKED, None, 20)
        next(pieces)
        pieces.close()
        assert server.hung_up.wait(10)


def test_a_redirect_to_another_host_is_not_followed(dialect):
    with serving(dialect, stream(dialect.piece("It"), dialect.end())) as other:
        moved = answer(307, "", Location=f"{other.address}/v1/chat/completions")
        with serving(dialect, moved) as server, pytest.raises((ModelConfigurationError, ModelReplyError)):
            ask(dialect, server)
        assert other.requests == []
