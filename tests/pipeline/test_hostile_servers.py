"""Servers that want to hang, fill or break the one who asks: every answer ends in time, typed, with the fallback."""

from __future__ import annotations

import gzip
import threading
import zlib

import pytest
from loopback import OpenAI, answer, endless, raw, serving, stream

import rag
from rag import models
from rag.config import Config
from rag.index import server_client as chroma
from rag.models import call_limits, server_calls
from rag.types import Reason, Status

QUESTION = "What is an induction head?"
SECONDS = 1.5
HEAD = "HTTP/1.1 {} X\nContent-Type: application/json\n{}\n"
DEEP = "[" * 100_000 + "]" * 100_000
BOMB = gzip.compress(b" " * 3_000_000)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(server_calls, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(call_limits, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(chroma, "PAUSES", (0.01,))
    monkeypatch.setattr(chroma, "MOST_BYTES", 1_000_000)


def settings(dialect, address, timeout=20.0):
    if isinstance(dialect, OpenAI):
        return Config(model="openai:m", openai_base_url=f"{address}/v1", timeout=timeout, cache=False)
    return Config(model="ollama:m", ollama_host=address, timeout=timeout, cache=False)


def declined(library, dialect, server, timeout=20.0):
    """Ask, see that the answer is declined with the extractive one beside it, and return the code of its issue."""
    found = rag.answer(QUESTION, library, config=settings(dialect, server.address, timeout))
    assert (found.status, found.reason) == (Status.DECLINED, Reason.MODEL_UNAVAILABLE)
    assert found.fallback.sentences
    assert all(issue.message.isprintable() for issue in found.issues)
    return found.issues[0]


SLOW = {
    "a body that drips": raw(HEAD.format(200, ""), then=endless(b" ")),
    "a header that drips": raw("HTTP/1.1 200 X\n", then=endless(b"X-A: b\r\n")),
    "a header line that drips": raw("HTTP/1.1 200 X\nX-A: ", then=endless(b"b")),
    "an error whose body drips": raw(HEAD.format(500, ""), then=endless(b" ")),
}
LARGE = {
    "an endless body": raw(HEAD.format(200, ""), then=endless(b" " * 50_000)),
    "an endless error": raw(HEAD.format(400, ""), then=endless(b" " * 50_000)),
    "a gzip bomb": raw(HEAD.format(200, "Content-Encoding: gzip\n"), BOMB),
    "a deflate bomb": raw(HEAD.format(200, "Content-Encoding: deflate\n"), zlib.compress(b" " * 3_000_000)),
    "a gzip bomb as an error": raw(HEAD.format(400, "Content-Encoding: gzip\n"), BOMB),
}
BROKEN = {
    "an error whose body is cut": raw(HEAD.format(500, "Content-Length: 500\n"), b"{"),
    "no gzip": raw(HEAD.format(200, "Content-Encoding: gzip\n"), b"{}"),
    "an error that is no gzip": raw(HEAD.format(500, "Content-Encoding: gzip\n"), b"{}"),
    "half a gzip": raw(HEAD.format(200, "Content-Encoding: gzip\n"), gzip.compress(b"{}" * 500)[:-9]),
    "a packing nobody asked for": raw(HEAD.format(200, "Content-Encoding: zstd\n"), b"{}"),
    "deep nesting": answer(200, DEEP),
    "deep nesting as an error": answer(400, DEEP),
}


@pytest.mark.parametrize("fault", [*SLOW, *LARGE, *BROKEN])
@pytest.mark.parametrize("where", ["list", "reply"])
def test_whatever_a_server_sends_ends_in_time_and_is_answered_without_it(dialect, fault, where, demo_library):
    behaviour = (SLOW | LARGE | BROKEN)[fault]
    with serving(dialect, behaviour) as server:
        server.listing = behaviour if where == "list" else None
        issue = declined(demo_library, dialect, server, SECONDS if fault in SLOW else 20.0)
    if fault in SLOW:
        assert issue.code == "model_timeout"
    if fault in LARGE:
        assert "1,000,000 bytes" in issue.message


def test_sound_gzip_is_read(dialect):
    text = "".join([dialect.piece("Yes."), dialect.end()])
    head = "HTTP/1.1 200 X\nContent-Type: text/event-stream\nContent-Encoding: gzip\n\n"
    packed = raw(head, gzip.compress(text.encode()))
    with serving(dialect, packed) as server:
        model = models.load(settings(dialect, server.address).model, settings(dialect, server.address))
        assert next(model.stream([], None, 10)) == "Yes."


@pytest.mark.parametrize("content", [["Yes."], [{"type": "text", "text": [5]}], 5, {"a": 1}, True], ids=str)
def test_content_that_is_not_text(dialect, content, demo_library):
    with serving(dialect, stream(dialect.piece(content), dialect.end())) as server:
        assert declined(demo_library, dialect, server).code == "model_reply"


def test_an_event_nested_deeply(dialect, demo_library):
    event = f"data: {DEEP}\n\n" if isinstance(dialect, OpenAI) else f"{DEEP}\n"
    with serving(dialect, stream(event)) as server:
        assert declined(demo_library, dialect, server).code == "model_reply"


@pytest.mark.parametrize("text", [
    '{"reply": {"sentences": [{"text": "One \\ud800.", "evidence": [1]}]}}',
    "It rose \ud800 [1].",
    '\ud800 {"reply": {}}',
    '{"reply": {"cannot_answer": "no \ud800\\udfff \\u001b[2J"}}',
    '{"reply": {"sentences": [{"text": "One.", "evidence": ["' + "9" * 5_000 + '"]}]}}',
    '{"reply": ' + "[" * 7_000,
    '{"reply": ' + "[" * 7_000 + "]" * 7_000 + "}",
], ids=["in a sentence", "in prose", "before", "in the reason", "long digits", "deep", "deep and closed"])  # fmt: skip
def test_a_reply_with_odd_characters_and_numbers_raises_nothing(dialect, text, demo_library):
    with serving(dialect, stream(dialect.piece(text), dialect.end())) as server:
        found = rag.answer(QUESTION, demo_library, config=settings(dialect, server.address))
    assert found.status is Status.DECLINED
    assert all(issue.message.isprintable() for issue in found.issues)


def test_odd_details_in_a_list_of_models_are_passed_over():
    dialect = OpenAI()
    dialect.models = {"data": [{"id": "m", "meta": [1, 2], "max_model_len": True}]}
    with serving(dialect, answer(500, "{}")) as server:
        assert dialect.model(server.address).context(10) == 8192


def test_an_error_text_that_a_terminal_would_obey(dialect, demo_library):
    with serving(dialect, answer(400, dialect.error("\x1b]0;PWNED\x07\x9b2J\u202e"))) as server:
        assert r"\u001b]0;PWNED\u0007\u009b2J\u202e" in declined(demo_library, dialect, server).message


def test_a_failure_that_nobody_foresaw(dialect, demo_library, monkeypatch):
    class StrangeError(Exception):
        pass

    def fail(self, request):
        raise StrangeError("odd")

    monkeypatch.setattr(call_limits.CallLimits, "_sending", fail)
    with serving(dialect, answer(500, "{}")) as server:
        assert declined(demo_library, dialect, server).code in ("model_reply", "model_unreachable")


def test_the_signal_to_stop_ends_a_list_of_models_that_drips(dialect, demo_library):
    stop = threading.Event()
    with serving(dialect, answer(500, "{}")) as server:
        server.listing = SLOW["a body that drips"]
        threading.Timer(0.3, stop.set).start()
        found = rag.answer(QUESTION, demo_library, config=settings(dialect, server.address, 500.0), stop=stop)
    assert found.receipt.stopped


@pytest.mark.parametrize("fault", [*SLOW, *LARGE, *BROKEN])
def test_a_chroma_server_that_does_the_same_is_a_typed_error(fault):
    behaviour = (SLOW | LARGE | BROKEN)[fault]
    with serving(OpenAI(), behaviour) as server:
        server.listing = behaviour
        config = Config(index_timeout=SECONDS if fault in SLOW else 20.0)
        with pytest.raises(rag.errors.ServerError) as caught:
            rag.Library.open(f"{server.address}/papers", config=config)
    assert str(caught.value).isprintable()
