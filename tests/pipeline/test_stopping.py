"""An answer stopped in the middle: what was written is kept and marked, and the model's connection is closed."""

from __future__ import annotations

import json
import os
import signal
import threading

from loopback import OpenAI, drip, serving, stream
from speaking import SpeakingModel

from rag import answer, stream_answer
from rag.__main__ import main
from rag.config import Config
from rag.receipts import check_receipt
from rag.serialization import to_json
from rag.types import Answer, Reason, Sentence, Status, Step

QUESTION = "What is an induction head?"


def served(dialect, server):
    """Return the settings that name this server, and its model."""
    if isinstance(dialect, OpenAI):
        return Config(cache=False, model="openai:m", openai_base_url=f"{server.address}/v1")
    return Config(cache=False, model="ollama:m", ollama_host=server.address)


def opening(sentence):
    """Return a reply that has come as far as its first sentence."""
    return '{"reply": {"sentences": [' + json.dumps({"text": sentence, "evidence": [1]}) + ', {"text": "And'


def test_what_was_written_is_kept_and_marked_and_the_connection_closed(dialect, demo_library, first_sentence):
    stop = threading.Event()
    endless = stream(dialect.piece(opening(first_sentence)), then=drip(dialect.piece(" so")))
    with serving(dialect, endless) as server:
        for part in stream_answer(QUESTION, demo_library, config=served(dialect, server), stop=stop):
            if isinstance(part, Sentence):
                stop.set()
        assert server.hung_up.wait(10)
    assert isinstance(part, Answer)
    assert part.status is Status.ANSWERED
    assert [s.text for s in part.sentences] == [first_sentence]
    assert [i.code for i in part.issues] == ["stopped"]
    assert part.receipt.stopped
    assert check_receipt(to_json(part.receipt), demo_library) == []


def test_a_silent_model_can_be_stopped(dialect, demo_library):
    """Servers read a long prompt before they send as much as a header."""
    stop, given_up = threading.Event(), threading.Event()

    def read_on(handler):
        stop.set()  # as if someone pressed the button now
        if not handler.server.stopping.wait(30):
            given_up.set()

    with serving(dialect, read_on) as server:
        found = answer(QUESTION, demo_library, config=served(dialect, server), stop=stop)
        assert not given_up.is_set()
        assert len(server.requests) == 1
    assert (found.status, found.reason) == (Status.DECLINED, Reason.STOPPED)
    assert found.receipt.stopped
    assert found.fallback.sentences  # what was there to read while the model thought stays


def test_a_stop_before_the_writing_asks_no_model(demo_library):
    stop = threading.Event()
    stop.set()
    model = SpeakingModel(reply="never asked")
    assert answer(QUESTION, demo_library, model=model, stop=stop).reason is Reason.STOPPED
    assert model.calls == 0


def test_a_stop_before_the_papers_are_read_leaves_no_judgement_of_them(demo_library):
    stop = threading.Event()
    for part in stream_answer(QUESTION, demo_library, stop=stop):
        if isinstance(part, Step) and part.name == "read":
            stop.set()
    assert part.reason is Reason.STOPPED
    assert part.nearest
    assert (part.confidence, part.considered) == (None, ())


def test_the_extractive_writer_stops_between_sentences(demo_library):
    stop = threading.Event()
    question = "Are emergent abilities of language models real?"
    whole = answer(question, demo_library)
    for part in stream_answer(question, demo_library, stop=stop):
        if isinstance(part, Sentence):
            stop.set()
    assert len(whole.sentences) > 1
    assert [sentence.text for sentence in part.sentences] == [whole.sentences[0].text]
    assert (part.receipt.stopped, whole.receipt.stopped) == (True, False)


def test_an_answer_that_ended_before_the_stop_is_not_marked(demo_library, first_sentence):
    stop = threading.Event()
    parts = stream_answer(QUESTION, demo_library, stop=stop)
    *_, last = parts
    stop.set()
    assert not last.receipt.stopped


def test_ctrl_c_shows_what_was_written(demo_library, first_sentence, capsys, monkeypatch):
    dialect = OpenAI()

    def press(handler):
        os.kill(os.getpid(), signal.SIGINT)
        drip(dialect.piece(" so"))(handler)

    with serving(dialect, stream(dialect.piece(opening(first_sentence)), then=press)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        asked = ["ask", QUESTION, "--model", "openai:m", "--no-cache", "--library", str(demo_library.folder)]
        assert main([*asked, "--json"]) == 130
    shown = json.loads(capsys.readouterr().out)
    assert shown["receipt"]["stopped"]
    assert len(shown["sentences"]) <= 1  # Ctrl-C may come before the first sentence was checked
