"""Real HTTP servers on loopback that speak the protocols of language models, well or badly on purpose."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx  # noqa: F401 - openai asks whether it is loaded, also in the middle of its loading: load it first

from rag.models.ollama import OllamaModel
from rag.models.openai import OpenAIModel

KEY = "sk-secret-0123456789"


class Server(ThreadingHTTPServer):
    """Answers each chat request with the next of `behaviours`, the last one again and again."""

    daemon_threads = True
    block_on_close = True

    def __init__(self, behaviours, dialect):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviours = list(behaviours)
        self.dialect = dialect
        self.listing = None  # a behaviour instead of the list of models, or of what is shown of one
        self.requests = []  # the bodies of the chat requests
        self.headers = []
        self.stopping = threading.Event()
        self.hung_up = threading.Event()  # a client closed its connection while it was written to

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        self.hung_up.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        if self.server.listing:
            self.server.listing(self)
            return
        models = self.server.dialect.models
        answer(200 if models else 404, json.dumps(models))(self)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/api/show" and self.server.listing:
            self.server.listing(self)
            return
        if self.path == "/api/show":
            answer(200, json.dumps(self.server.dialect.shown))(self)
            return
        self.server.requests.append(body)
        self.server.headers.append(dict(self.headers))
        behaviours = self.server.behaviours
        behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        behaviour(self)


@contextmanager
def serving(dialect, *behaviours):
    """Run a server for the length of a test."""
    server = Server(behaviours, dialect)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


Behaviour = Callable[[_Handler], None]


def answer(status, body, **headers) -> Behaviour:
    """Answer at once with a status and a body."""

    def behave(handler):
        data = body.encode()
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return behave


def stream(*parts, end=True, then=None) -> Behaviour:
    """Send parts as chunks; `end` False cuts the connection without the last chunk, after `then`."""

    def behave(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in parts:
            _chunk(handler, part)
        if then:
            then(handler)
        if end:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.close_connection = True

    return behave


def _chunk(handler, text):
    data = text.encode()
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


def raw(head, *parts, then=None) -> Behaviour:
    """Send a head and parts as they stand, then close the connection, after `then`."""

    def behave(handler):
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.wfile.write(head.replace("\n", "\r\n").encode())
            for part in parts:
                handler.wfile.write(part)
            if then:
                then(handler)

    return behave


def endless(part):
    """Send these bytes again and again, without a pause or with one, until the client hangs up or the test ends."""

    def behave(handler):
        with contextlib.suppress(OSError):
            while not handler.server.stopping.is_set():
                handler.wfile.write(part)
                handler.server.stopping.wait(0.02 if len(part) < 100 else 0)
        handler.close_connection = True

    return behave


def silence(handler):
    """Say nothing until the test ends."""
    handler.server.stopping.wait(30)


def hang_up(handler):
    """Close the connection without a word."""
    handler.close_connection = True


def drip(text):
    """Send this again and again until the client hangs up or the test ends."""

    def behave(handler):
        try:
            while not handler.server.stopping.wait(0.02):
                _chunk(handler, text)
        except OSError:
            handler.server.hung_up.set()
            handler.close_connection = True

    return behave


class OpenAI:
    """The OpenAI chat protocol: server-sent events."""

    models = {"object": "list", "data": [{"id": "m", "object": "model", "created": 0, "owned_by": "x"}]}  # noqa: RUF012
    shown = None
    keep_alive = ": still here\n\n"

    def model(self, address, **options):
        return OpenAIModel("m", f"{address}/v1", KEY, **options)

    def piece(self, text=None, finish=None):
        choice = {"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": finish}
        return f"data: {json.dumps({'id': '1', 'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"

    def event(self, message, finish=None):
        """Send a message with any fields."""
        return f"data: {json.dumps({'choices': [{'index': 0, 'delta': message, 'finish_reason': finish}]})}\n\n"

    def whole(self, message, finish="stop"):
        """The body of a server that doesn't stream."""
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return {"id": "1", "object": "chat.completion", "choices": [choice]}

    def room(self, request):
        """The most tokens that a request lets the reply take."""
        return request.get("max_completion_tokens") or request["max_tokens"]

    def end(self, why="stop"):
        usage = {"choices": [], "usage": {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57}}
        return f"{self.piece(finish=why)}data: {json.dumps(usage)}\n\ndata: [DONE]\n\n"

    def error(self, message, code=None):
        return json.dumps({"error": {"message": message, "type": "x", "code": code}})

    def error_within(self, message):
        return f"data: {self.error(message)}\n\n"

    def schema_of(self, request):
        return request.get("response_format", {}).get("json_schema", {}).get("schema")


class Ollama:
    """Ollama's own protocol: a JSON object on each line."""

    models = {"models": [{"model": "m"}]}  # noqa: RUF012
    shown = {"model_info": {"qwen2.context_length": 32768}, "capabilities": ["completion"]}  # noqa: RUF012
    keep_alive = " "

    def model(self, address, **options):
        return OllamaModel("m", address, **options)

    def piece(self, text="", finish=None):
        line = {"model": "m", "message": {"role": "assistant", "content": text}, "done": finish is not None}
        return json.dumps(line | ({"done_reason": finish} if finish else {})) + "\n"

    def event(self, message, finish=None):
        """Send a message with any fields."""
        return json.dumps({"model": "m", "message": message, "done": bool(finish), "done_reason": finish}) + "\n"

    def whole(self, message, finish="stop"):
        """The body of a server that doesn't stream."""
        return {"model": "m", "message": message, "done": True, "done_reason": finish}

    def room(self, request):
        """The most tokens that a request lets the reply take."""
        return request["options"]["num_predict"]

    def end(self, why="stop"):
        last = {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": why}
        return json.dumps(last | {"prompt_eval_count": 50, "eval_count": 7}) + "\n"

    def error(self, message, code=None):
        return json.dumps({"error": message})

    def error_within(self, message):
        return self.error(message) + "\n"

    def schema_of(self, request):
        return request.get("format")
