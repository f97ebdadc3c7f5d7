"""The web application of `pincite serve`: routes, who may ask, how much and how long."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.chat.access import LOOPBACK, Guard, replayed, whole_body
from rag.config import Config
from rag.errors import InputError, LibraryError, PinciteError
from rag.integrations.tools import MOST, Tools
from rag.library import Library
from rag.models.chat import ChatModel
from rag.pipeline.asynchronous import aanswer, asearch, astream_answer
from rag.pipeline.overrides import Overrides
from rag.serve import completions, openapi
from rag.serve.bodies import Ask, Chat, FilterFields, PaperRange, Search, checked, parsed
from rag.types import Answer, Sentence, Step
from rag.verify import Checker
from rag.views.documents import document, hits_document, json_schema
from rag.views.printable import without_folders
from rag.write.writer import Writer

log = logging.getLogger("pincite")

# Bytes of a request, and seconds in which its body must be there.
LARGEST, ARRIVING = 2**20, 30.0
# Answers and searches at the same time; more are asked to come again.
AT_ONCE = 8
# Seconds beyond `Config.timeout`, which a language model may use up alone, for searching and checking.
BEYOND = 30.0
LATE = "the answer took too long: ask something narrower, or without a language model"
WRITER, EXTRACTIVE = "pincite", "pincite-extractive"


class Served:
    """The endpoints over one library."""

    def __init__(self, library: Library, config: Config, overrides: Overrides) -> None:
        self._library = library
        self._config = config
        self._overrides = overrides
        self._tools = Tools(library, config, overrides)
        self._running = 0

    async def models(self, _: Request) -> Response:
        """List what can be asked: the configured model, and the library without one."""
        return JSONResponse(completions.models([WRITER, EXTRACTIVE]))

    async def model(self, request: Request) -> Response:
        """Show one of them."""
        return JSONResponse(completions.model(self._known(request.path_params["name"])))

    async def chat(self, request: Request) -> Response:
        """Answer the last message of a conversation."""
        body = parsed(Chat, await request.body())
        name, base = self._known(body.model), str(request.base_url)
        overrides = self._overrides.written_by("extractive") if name == EXTRACTIVE else self._overrides
        asked = {**self._asked(body.filters), **overrides.named, "history": body.history}
        if body.stream:
            usage = body.stream_options is not None and body.stream_options.include_usage
            events = self._events(body.question, asked)
            await anext(events)  # a question that can't be asked is refused with a status of its own
            return _stream(completions.chunks(_typed(events), name, base, with_usage=usage), "[DONE]")
        return JSONResponse(completions.completion(await self._answer(body.question, asked), name, base))

    async def ask(self, request: Request) -> Response:
        """Answer a question."""
        body = parsed(Ask, await request.body())
        asked = self._asked(body)
        if body.stream:
            events = self._events(body.question, asked)
            await anext(events)
            return _stream(event.to_dict() async for event in _typed(events))
        return JSONResponse((await self._answer(body.question, asked)).to_dict())

    async def search(self, request: Request) -> Response:
        """Find papers."""
        body = parsed(Search, await request.body())
        if max(body.k or 0, body.limit or 0) > MOST:
            raise InputError(f"one search gives {MOST} papers at most: ask for fewer, or narrow it with filters")
        async with self._place():
            hits = await asearch(body.question, self._tools.filled(), body.k, limit=body.limit, **body.given)
        return JSONResponse(hits_document(hits))

    async def papers(self, request: Request) -> Response:
        """List papers."""
        page = checked(PaperRange, dict(request.query_params))
        return JSONResponse(await asyncio.to_thread(self._tools.list_papers, page.limit, page.offset))

    async def paper(self, request: Request) -> Response:
        """Show a paper."""
        try:
            return JSONResponse(await asyncio.to_thread(self._tools.get_paper, request.path_params["paper_id"]))
        except LibraryError as error:
            if self._tools.trouble:
                raise
            raise HTTPException(404, str(error)) from error

    def _known(self, model: str) -> str:
        """Return a model's name. Raises `HTTPException` for any other: a visitor can't have text sent elsewhere."""
        if model not in (WRITER, EXTRACTIVE):
            raise HTTPException(404, f"there is no model {model!r:.80} here: name {WRITER} or {EXTRACTIVE}")
        return model

    def _asked(self, filters: FilterFields) -> dict[str, Any]:
        return {**filters.given, **self._overrides.named, "config": self._config}

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold one of the places. Raises `HTTPException` where none is free."""
        if self._running >= AT_ONCE:
            raise HTTPException(503, f"{AT_ONCE} answers are being made: try again shortly", {"retry-after": "2"})
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Hold one of the places, for no longer than the deadline."""
        with self._held():
            try:
                async with asyncio.timeout(self._most):
                    yield
            except TimeoutError:
                raise HTTPException(504, LATE) from None

    @property
    def _most(self) -> float:
        return self._config.timeout + BEYOND

    async def _answer(self, question: str, asked: dict[str, Any]) -> Answer:
        async with self._place():
            return await aanswer(question, self._tools.filled(), **asked)

    async def _events(
        self, question: str, asked: dict[str, Any]
    ) -> AsyncGenerator[Step | Sentence | Answer | None, None]:
        """Yield None once the answer is begun, then its events.

        The first is asked for in another task than the others, which no `asyncio.timeout` around them all survives.
        """
        with self._held():
            events = astream_answer(question, self._tools.filled(), **asked)
            clock = asyncio.get_running_loop().time
            until, begun = clock() + self._most, False
            try:
                while True:
                    event = await asyncio.wait_for(anext(events), until - clock())
                    if not begun:
                        yield None
                    begun = True
                    yield event
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise HTTPException(504, LATE) from None
            finally:
                await events.aclose()


def build_app(
    library: Library, config: Config, *, model: ChatModel | None = None, writer: Writer | None = None,
    checker: Checker | None = None, token: str | None = None, names: tuple[str, ...] = LOOPBACK,
    agents: Starlette | None = None,
) -> ASGIApp:  # fmt: skip
    """Return the application. `token` is what every request must bring; `agents` serves `/mcp`.

    `model` or `writer`, and `checker`, are objects of your own in place of the configured ones.
    """
    served = Served(library, config, Overrides(model, writer, checker))
    routes: list[BaseRoute] = [
        Route("/v1/chat/completions", served.chat, methods=["POST"]),
        Route("/v1/models", served.models),
        Route("/v1/models/{name}", served.model),
        Route("/v1/ask", served.ask, methods=["POST"]),
        Route("/v1/search", served.search, methods=["POST"]),
        Route("/v1/papers", served.papers),
        Route("/v1/papers/{paper_id:path}", served.paper),
        Route("/v1/schema.json", _schema),
        Route("/openapi.json", _openapi),
        Route("/docs", _docs),
        Route("/", _home),
    ]
    if agents is not None:
        routes.extend(agents.routes)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with nullcontext() if agents is None else agents.router.lifespan_context(agents):
            yield

    handlers = {HTTPException: _refused, PinciteError: _failed, Exception: _failed}
    before = [Middleware(_Token, token=token), Middleware(_Whole)]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers, middleware=before)
    return Guard(app, hosts=names, limit=LARGEST)


class _Whole:
    """ASGI middleware: an endpoint sees a request once its body is there, in time and not too large."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            try:
                body = await whole_body(Request(scope, receive), LARGEST, ARRIVING)
            except HTTPException as refusal:
                await _error(refusal.status_code, refusal.detail)(scope, receive, send)
                return
            except ClientDisconnect:
                return
            receive = replayed(body, receive)
        await self._app(scope, receive, send)


class _Token:
    """ASGI middleware: 401 for a request without the token, where there is one."""

    def __init__(self, app: ASGIApp, *, token: str | None) -> None:
        self._app = app
        self._wanted = None if token is None else f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and self._wanted is not None:
            sent = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(sent, self._wanted):
                app = _error(401, "send the server's token as `Authorization: Bearer TOKEN`", "invalid_api_key")
        await app(scope, receive, send)


async def _typed(
    events: AsyncIterator[Step | Sentence | Answer | None],
) -> AsyncGenerator[Step | Sentence | Answer, None]:
    async for event in events:
        if event is not None:
            yield event


def _stream(parts: AsyncIterator[dict[str, Any] | str], end: str | None = None) -> Response:
    """Send documents as server-sent events, texts as comments in between, and `end` last."""

    async def lines() -> AsyncIterator[str]:
        try:
            async for part in parts:
                whole = isinstance(part, dict)
                yield f"data: {json.dumps(part, ensure_ascii=False)}\n\n" if whole else f": {part}\n\n"
        except Exception as error:  # noqa: BLE001  the status is sent: the stream itself has to say what happened
            yield f"data: {json.dumps(_error_document(*_reason(error)))}\n\n"
        if end is not None:
            yield f"data: {end}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"cache-control": "no-store"})


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, error.detail, headers=error.headers)


async def _failed(_: Request, error: Exception) -> Response:
    return _error(*_reason(error))


def _reason(error: Exception) -> tuple[int, str]:
    """Return the status and the message for an error, without the folders of this machine."""
    if isinstance(error, HTTPException):
        return error.status_code, error.detail
    if isinstance(error, PinciteError):
        status = 503 if isinstance(error, LibraryError) else 400 if isinstance(error, InputError) else 502
        return status, without_folders(str(error))
    log.error("a request failed", exc_info=error)
    return 500, "something unexpected went wrong: the server's log has the details"


def _error(status: int, message: str, code: str | None = None, headers: Any = None) -> Response:
    return JSONResponse(_error_document(status, message, code), status, headers)


def _error_document(status: int, message: str, code: str | None = None) -> dict[str, Any]:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return document("error", {"error": {"message": message, "type": kind, "code": code or str(status)}})


async def _schema(_: Request) -> Response:
    return JSONResponse(json_schema())


async def _openapi(_: Request) -> Response:
    return JSONResponse(openapi.described())


async def _docs(_: Request) -> Response:
    return HTMLResponse(openapi.page())


async def _home(_: Request) -> Response:
    return RedirectResponse("/docs")
