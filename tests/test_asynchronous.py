"""Asking from asyncio: the loop goes on while an answer is made, and what is given up is stopped."""

import asyncio
import inspect
import threading

import pytest

from rag import Answer, Library, Reply, Step, aanswer, answer, asearch, astream_answer
from rag.errors import InputError

QUESTION = "By how much did a thicker sheet of tin cut dents?"
ABSTRACT = "Hail dents roofs of tin. We dropped ice on 40 roofs. A thicker sheet of tin cut dents by 52%."


class Waiting:
    """A model that writes once it is let; it says when it was asked and when its call was closed."""

    name = "test:waiting"
    host = "127.0.0.1"

    def __init__(self):
        self.asked, self.let, self.closed = threading.Event(), threading.Event(), threading.Event()

    def context(self, timeout):
        return 8192

    def stream(self, messages, schema, timeout):
        try:
            self.asked.set()
            while not self.let.wait(0.02):
                yield ""
            yield '{"reply": {"sentences": [{"evidence": [3], "text": "A thicker sheet of tin cut dents by 52%."}]}}'
            yield Reply(complete=True)
        finally:
            self.closed.set()


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    with Library(tmp_path_factory.mktemp("asynchronous") / "library", embedder=embedder) as opened:
        opened.add_records([{"title": "Tin roofs in hail", "abstract": ABSTRACT}], "papers")
        yield opened


async def until(event):
    for _ in range(2_000):
        if event.is_set():
            return
        await asyncio.sleep(0.01)  # only a loop that goes on gets here
    raise AssertionError("it never happened")


def test_the_loop_continues_while_a_model_writes(library):
    async def ask():
        model = Waiting()
        asked = asyncio.create_task(aanswer(QUESTION, library, model=model))
        await until(model.asked)
        model.let.set()
        return await asked

    assert isinstance(asyncio.run(ask()), Answer)


def test_events_come_as_they_are_made(library):
    async def ask():
        model, kinds = Waiting(), []
        async for event in astream_answer(QUESTION, library, model=model):
            kinds.append(event.to_dict()["type"])
            model.let.set()
        return kinds

    kinds = asyncio.run(ask())
    assert kinds[0] == "step"
    assert kinds[-1] == "answer"


def test_a_cancelled_answer_releases_the_model(library):
    async def ask():
        model = Waiting()
        asked = asyncio.create_task(aanswer(QUESTION, library, model=model))
        await until(model.asked)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        return model.closed.is_set()

    assert asyncio.run(ask())


def test_an_abandoned_stream_releases_the_model(library):
    async def ask():
        model = Waiting()
        stream = astream_answer(QUESTION, library, model=model)
        async for event in stream:
            if isinstance(event, Step) and event.name == "write":
                break
        await until(model.asked)
        await stream.aclose()
        return model.closed.is_set()

    assert asyncio.run(ask())


def test_search_takes_the_question_first(library):
    (hit,) = asyncio.run(asearch("tin roofs", library, k=1))
    assert asyncio.run(asearch("tin roofs", library=library, k=1)) == [hit]
    assert hit.paper.title == "Tin roofs in hail"


def test_a_wrong_call_raises_what_the_other_door_raises(library):
    async def stream():
        return [event async for event in astream_answer(" ", library)]

    for call in (aanswer(" ", library), stream()):
        with pytest.raises(InputError, match="the question is empty"):
            asyncio.run(call)
    assert inspect.signature(aanswer) == inspect.signature(answer)
