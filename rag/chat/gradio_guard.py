"""The only way into the page that Gradio serves: which requests pass, whose they are, and what they may contain.

Gradio takes a file's path in every event for a file that was uploaded, serves files by their paths, keeps sessions by a
name that the visitor chooses, and answers requests that this page doesn't need. So all of this is decided here, before
Gradio sees a request: what isn't listed below doesn't exist, every body is read whole, and no reference to a file
passes. A file that this person brought passes as a name of ours that `Uploads` alone can resolve.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.chat.http_guard import arriving, replayed, whole_body
from rag.chat.sign_in import address
from rag.chat.uploads import MOST_FILES, Uploads
from rag.errors import InputError

# Before signing in: the page and its parts. Afterwards: what the page's script and Gradio's client request.
OPEN = re.compile(r"/|/login/?|/logout|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json|/(assets|static)/.+")
ASKED = re.compile(
    r"/config/?|/gradio_api/(info/?|app_id/?|startup-events|queue/data|queue/status|heartbeat/[^/]+"
    r"|call/[^/]+/[^/]+)"
)
JSON = re.compile(r"/gradio_api/(queue/join|cancel|reset/?|call/(?!v2/)[^/]+/?)")
UPLOAD, PROGRESS = "/gradio_api/upload", "/gradio_api/upload_progress"
CALL, JOIN = "/gradio_api/call/", "/gradio_api/queue/join"
HEARTBEAT = "/gradio_api/heartbeat/"
# Bytes of a body that isn't a file: a question, or a corrected abstract. Seconds in which it, or files, must be there.
LARGEST = 2**20
ARRIVING, UPLOADING = 30.0, 600.0
# Uploads that may arrive at once, of one person and in all: each can fill the disk up to the limit of one request.
AT_ONCE_OF_ONE, AT_ONCE = 2, 8
# What Gradio's bodies may hold; anything else is left out.
FIELDS: dict[str, type | tuple[type, ...]] = {
    "data": list, "session_hash": str, "fn_index": int, "trigger_id": int, "event_id": str, "event_data": object,
}  # fmt: skip
# Calls that a person can still read or cancel; an older one is forgotten. The page's queue is far shorter.
MOST_CALLS = 1_000
# A dictionary with one of these is a reference to a file, in the words of `gradio.FileData` and its kin.
REFERENCE = frozenset({"path", "url", "meta", "_type", "orig_name"})
VISITOR = "pincite-visitor"
# The header that states whose uploads the page may open; one that a visitor sends is dropped.
OWNER = "x-pincite-owner"
_VISITOR = re.compile(r"[A-Za-z0-9_-]{32}")

# What each input of an event takes.
Inputs = Sequence[TypeAdapter[Any]]


class Door:
    """ASGI middleware over the page's events, each with its inputs (see `Inputs`).

    `username` returns the name that someone signed in with; it is None if nobody has to sign in.
    """

    def __init__(
        self, app: ASGIApp, *, uploads: Uploads, events: Mapping[int | str, Inputs],
        username: Callable[[Request], str | None] | None,
    ) -> None:  # fmt: skip
        self.app = app
        self._uploads = uploads
        self._events = events
        self._username = username
        self._key = secrets.token_bytes(32)
        self._arriving = Counter[str]()
        self._calls: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=MOST_CALLS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, answer it, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # the page needs no WebSocket
            await send({"type": "websocket.close", "code": 1008})
            return
        address.set((scope.get("client") or ("",))[0])
        request = Request(scope, receive)
        try:
            reply = await self._reply(request, send)
        except HTTPException as refusal:
            reply = PlainTextResponse(refusal.detail, refusal.status_code)
        except ClientDisconnect:
            return
        if reply is not None:
            await reply(scope, receive, send)

    async def _reply(self, request: Request, send: Send) -> Response | None:
        """Return a response; None if Gradio already sent one."""
        path = request.scope["path"]
        name = self._username(request) if self._username is not None else ""
        if not _listed(request.method, path):
            raise HTTPException(404, "there is nothing at this address")
        if name is None and not OPEN.fullmatch(path):
            return JSONResponse({"detail": {"error": "Not authenticated", "auth_message": None}}, 401)
        owner, send = self._owner(request, name, send)
        if path == PROGRESS:
            return Response('data: {"msg": "done"}\n\n', media_type="text/event-stream")
        if path == UPLOAD:
            return _with_cookie(await self._upload(request, owner), owner, request)
        if request.method == "POST":
            body = await whole_body(request, LARGEST, ARRIVING)
            if JSON.fullmatch(path):
                body = self._checked(request, body, name or "", owner)
                send = self._noting(send, path, name or "")
            await self.app(_replaced(request.scope, body, owner), replayed(body, request.receive), send)
        else:
            await self.app(self._private(request.scope, name or ""), request.receive, send)
        return None

    # --- whose it is ---

    def _owner(self, request: Request, name: str | None, send: Send) -> tuple[str, Send]:
        """Return who is asking: the signed-in name, or a browser on this machine, identified by a cookie."""
        if self._username is not None:
            return "name " + hashlib.sha256((name or "").encode("utf-8", "replace")).hexdigest(), send
        known = request.cookies.get(VISITOR, "")
        if _VISITOR.fullmatch(known):
            return f"visitor {known}", send
        owner = f"visitor {secrets.token_urlsafe(24)}"
        return owner, (_giving(send, owner) if request.url.path == "/" else send)

    def _session(self, name: str, session: str) -> str:
        """Return Gradio's name for a session: a different one for everyone who signs in."""
        return hmac.new(self._key, f"{name}\0{session}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def _noting(self, send: Send, path: str, name: str) -> Send:
        """Return a `send` that notes whose call it is to which Gradio gives an id."""
        if self._username is None or not path.startswith((CALL, JOIN)):
            return send
        said = bytearray()

        async def wrapped(message: Message) -> None:
            said.extend(message.get("body", b""))
            whole = message["type"] == "http.response.body" and not message.get("more_body")
            if whole and isinstance(event := _event(bytes(said)), str):
                self._calls[name].append(event)
            await send(message)

        return wrapped

    def _refuse_other(self, name: str, event: str) -> None:
        """Raise `HTTPException` for the id of a call that somebody else made: Gradio takes it from anyone."""
        if self._username is not None and event not in self._calls.get(name, ()):
            raise HTTPException(404, "unknown event")

    def _private(self, scope: Scope, name: str) -> Scope:
        """Return a GET of a session as one of this person's own session.

        Raises `HTTPException` for another person's call.
        """
        if scope["path"].startswith(CALL):
            self._refuse_other(name, scope["path"].rpartition("/")[2])
        if scope["path"].startswith(HEARTBEAT):
            path = HEARTBEAT + self._session(name, scope["path"].removeprefix(HEARTBEAT))
            return dict(scope) | {"path": path, "raw_path": path.encode()}
        asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if "session_hash" in asked:
            asked["session_hash"] = [self._session(name, asked["session_hash"][0])]
            return dict(scope) | {"query_string": urlencode(asked, doseq=True).encode()}
        return scope

    # --- what it holds ---

    def _checked(self, request: Request, body: bytes, name: str, owner: str) -> bytes:
        """Return the JSON of a body as Gradio may see it. Raises `HTTPException` unless it is a call of the page."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(415, "send application/json")
        try:
            sent = json.loads(body, parse_constant=_no_number)
            if not isinstance(sent, dict):
                raise HTTPException(422, "send a JSON object")
            kept = {key: self._plain(sent[key], owner) for key in FIELDS if sent.get(key) is not None}
            for key, value in kept.items():
                if not isinstance(value, FIELDS[key]) or isinstance(value, bool):
                    raise HTTPException(422, f"{key} has the wrong type")
            if "data" in kept:
                kept["data"] = self._inputs(request.scope["path"], kept)
            return json.dumps(kept | self._own(kept, name), ensure_ascii=False).encode()
        except (
            ValueError,
            RecursionError,
        ):  # half a character, endless digits, nested too deep
            raise HTTPException(400, "the body isn't valid JSON") from None

    def _own(self, body: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Return the session that a body names as this person's own. Raises `HTTPException` for another's call."""
        if "event_id" in body:
            self._refuse_other(name, body["event_id"])
        return {"session_hash": self._session(name, body["session_hash"])} if "session_hash" in body else {}

    def _inputs(self, path: str, body: Mapping[str, Any]) -> list[Any]:
        """Return an event's values. Raises `HTTPException` for an unknown event, or for other values than it takes."""
        event = path.rstrip("/").removeprefix(CALL) if path.startswith(CALL) else body.get("fn_index")
        takes = self._events.get(event) if event is not None else None
        if takes is None:
            raise HTTPException(404, "unknown event")
        if len(takes) != len(body["data"]):
            raise HTTPException(422, f"the event takes {len(takes)} values")
        try:
            return [kind.validate_python(value, strict=True) for kind, value in zip(takes, body["data"], strict=True)]
        except ValidationError:
            raise HTTPException(422, "a value isn't of the type that its box takes") from None

    def _plain(self, value: Any, owner: str) -> Any:
        """Return a value without references to files. Raises `HTTPException` for one that this person didn't upload."""
        if isinstance(value, list):
            return [self._plain(item, owner) for item in value]
        if not isinstance(value, dict):
            return value
        if REFERENCE.isdisjoint(value):
            return {key: self._plain(item, owner) for key, item in value.items()}
        if not self._uploads.owns(owner, value.get("path")):
            raise HTTPException(403, "a file that you didn't upload here can't be named")
        return value["path"]

    async def _upload(self, request: Request, owner: str) -> Response:
        """Keep the files of an upload; answer with their names from now on."""
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise HTTPException(415, "send multipart/form-data")
        with self._place(owner):
            async with arriving(UPLOADING):
                form = await request.form(max_files=MOST_FILES, max_fields=MOST_FILES)
            sent = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
            files = [(part.filename or "", part.file, part.size or 0) for part in sent]
            try:
                return JSONResponse(await run_in_threadpool(self._uploads.keep, owner, files))
            except InputError as error:
                raise HTTPException(413, str(error)) from error
            finally:
                await form.close()

    @contextmanager
    def _place(self, owner: str) -> Iterator[None]:
        """Count an upload while it arrives: `Uploads` knows it only when it is there.

        Raises `HTTPException` for one too many.
        """
        if self._arriving[owner] >= AT_ONCE_OF_ONE or self._arriving.total() >= AT_ONCE:
            raise HTTPException(429, "other files are still arriving: wait until they are there")
        self._arriving[owner] += 1
        try:
            yield
        finally:
            self._arriving[owner] -= 1
            self._arriving += Counter()  # forgets who has none left


def _listed(method: str, path: str) -> bool:
    if method == "POST":
        return path == UPLOAD or path.rstrip("/") == "/login" or JSON.fullmatch(path) is not None
    asked = path == PROGRESS or OPEN.fullmatch(path) or ASKED.fullmatch(path)
    return method in ("GET", "HEAD") and bool(asked)


def _replaced(scope: Scope, body: bytes, owner: str) -> Scope:
    ours = {b"content-length": str(len(body)).encode(), OWNER.encode(): owner.encode()}
    dropped = {b"transfer-encoding", *ours}
    return dict(scope) | {"headers": [*(h for h in scope["headers"] if h[0] not in dropped), *ours.items()]}


def _event(reply: bytes) -> object:
    """Return the id that Gradio gave a call, None where it refused the call."""
    try:
        sent = json.loads(reply)
    except ValueError:
        return None
    return sent.get("event_id") if isinstance(sent, dict) else None


def _no_number(name: str) -> None:
    raise ValueError(name)


def _cookie(owner: str) -> str:
    return f"{VISITOR}={owner.removeprefix('visitor ')}; Path=/; HttpOnly; SameSite=Strict"


def _with_cookie(reply: Response, owner: str, request: Request) -> Response:
    if owner.startswith("visitor ") and VISITOR not in request.cookies:
        reply.headers.append("set-cookie", _cookie(owner))
    return reply


def _giving(send: Send, owner: str) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", _cookie(owner))
        await send(message)

    return wrapped
