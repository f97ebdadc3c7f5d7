"""Asking from `asyncio`: thin wrappers over threads, so that the event loop stays free while an answer is made."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from rag.library import Library
from rag.pipeline import answer, stream_answer
from rag.types import Answer

Given = ParamSpec("Given")
Result = TypeVar("Result")
Event = TypeVar("Event")
GRACE = 2.0  # seconds that a stopped answer may take to end


def _awaited(call: Callable[Given, Result]) -> Callable[Given, Coroutine[Any, Any, Result]]:
    @wraps(call)
    async def waited(*values: Given.args, **named: Given.kwargs) -> Result:
        return await asyncio.to_thread(call, *values, **named)

    return waited


def _answered(call: Callable[Given, Answer]) -> Callable[Given, Coroutine[Any, Any, Answer]]:
    @wraps(call)
    async def waited(*values: Given.args, **named: Given.kwargs) -> Answer:
        stop = _stop(named)
        made = asyncio.ensure_future(asyncio.to_thread(call, *values, **named))
        try:
            return await asyncio.shield(made)
        except asyncio.CancelledError:
            stop.set()
            await _ended(made)
            raise

    return waited


def _streamed(
    call: Callable[Given, Generator[Event, None, None]],
) -> Callable[Given, AsyncGenerator[Event, None]]:
    @wraps(call)
    async def streamed(*values: Given.args, **named: Given.kwargs) -> AsyncGenerator[Event, None]:
        loop, stop = asyncio.get_running_loop(), _stop(named)
        arrived: asyncio.Queue[Event | None] = asyncio.Queue()

        def pump() -> None:
            try:
                for event in call(*values, **named):
                    loop.call_soon_threadsafe(arrived.put_nowait, event)
            finally:
                loop.call_soon_threadsafe(arrived.put_nowait, None)

        made = asyncio.ensure_future(asyncio.to_thread(pump))
        try:
            while (event := await arrived.get()) is not None:
                yield event
            await made  # raises what the call raised
        finally:
            if not made.done():  # the caller has gone
                stop.set()
                await _ended(made)

    return streamed


async def _ended(made: asyncio.Future[Any]) -> None:
    """Wait until a stopped answer has let go of the model's connection, but not for a checker that hangs."""
    await asyncio.wait([made], timeout=GRACE)
    made.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody is left to report it to


def _stop(named: dict[str, Any]) -> threading.Event:
    """Return what stops the answer: the caller's own, else one that is put in here."""
    if named.get("stop") is None:
        named["stop"] = threading.Event()
    return named["stop"]  # type: ignore[no-any-return]  # the call itself refuses anything else


def _search(
    call: Callable[Concatenate[Library, str, Given], Result],
) -> Callable[Concatenate[str, Library, Given], Result]:
    """Take the question first, as `answer` does."""

    def swapped(question: str, library: Library, *values: Given.args, **named: Given.kwargs) -> Result:
        return call(library, question, *values, **named)

    return swapped  # type: ignore[return-value]  # it takes both by name, too, which `Concatenate` cannot say


aanswer = _answered(answer)
aanswer.__doc__ = """Answer as `answer` does, without blocking the event loop; cancelling it stops the answer."""
aanswer.__name__ = "aanswer"
astream_answer = _streamed(stream_answer)
astream_answer.__doc__ = """Yield what `stream_answer` yields, without blocking the loop; closing it stops it."""
astream_answer.__name__ = "astream_answer"
asearch = _awaited(_search(Library.search))
asearch.__doc__ = """Find papers as `Library.search` does, without blocking the event loop."""
asearch.__name__ = "asearch"
