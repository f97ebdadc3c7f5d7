"""Nobody holds a connection of the page or of `pincite serve` by sending slowly, by not reading, or by opening many."""

import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from rag.chat import listening

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
# More than any buffer between two programs of a machine holds.
LARGE = 64 * 2**20


async def small_or_large(scope, receive, send):
    """Answer everything, `/large` with much; read no body."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b"x" * LARGE if scope["path"] == "/large" else str(scope["client"][0]).encode()
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def port():
    """A server that listens as the page does: its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(small_or_large, log_level="error", **listening.SETTINGS))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.02)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(15)


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def takes(line, data):
    """Whether the server takes all of this data, a byte every now and then, before it hangs up."""
    line.settimeout(0.05)
    with contextlib.suppress(ConnectionError):
        for byte in data:
            line.sendall(bytes([byte]))
            with contextlib.suppress(TimeoutError):
                while line.recv(2**16):
                    pass
                return False
        return True
    return False


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        (b"", b""),
        (b"GET /", b""),
        (b"", GET + b"X-Slow: " + b"x" * 2_000),
        (GET + b"Content-Length: 2000\r\n\r\n", b"x" * 2_000),
        (GET + b"\r\n", GET + b"X-Slow: " + b"x" * 2_000),
        (GET + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 300),
        (GET + b"\r\n" + GET, b"x" * 2_000),
    ],
    ids=["silent", "part of a line", "head", "unread body", "second head", "unread pieces", "pipelined head"],
)
def test_a_connection_without_a_request_ends(port, monkeypatch, first, rest):
    monkeypatch.setattr(listening, "HEAD_SECONDS", 1.0)
    with connected(port) as line:
        line.sendall(first)
        if rest:
            assert not takes(line, rest)
        else:
            assert line.recv(100) == b""


def test_a_head_without_end_is_refused(port):
    with connected(port) as line:
        line.sendall(GET + b"X-Long: " + b"x" * (listening.LARGEST_HEAD + 1))
        assert line.recv(100).startswith(b"HTTP/1.1 400")


def test_a_visitor_who_does_not_read_is_cut_off_and_one_who_reads_slowly_is_not(port, monkeypatch):
    monkeypatch.setattr(listening, "READING_SECONDS", 1.5)
    with connected(port) as idle, connected(port) as slow:
        for line in (idle, slow):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
            line.sendall(GET.replace(b"/ ", b"/large ") + b"Connection: close\r\n\r\n")
        read = 0
        for _ in range(60):  # three seconds, in which the other isn't read at all
            read += len(slow.recv(2**18))
            time.sleep(0.05)
        while piece := slow.recv(2**20):
            read += len(piece)
        assert read > LARGE
        got = 0
        with contextlib.suppress(ConnectionResetError):
            while piece := idle.recv(2**20):
                got += len(piece)
        assert got < LARGE


def test_one_address_cannot_take_every_connection(port, monkeypatch):
    monkeypatch.setattr(listening, "MOST_OF_ONE", 3)
    with contextlib.ExitStack() as stack:
        for line in [stack.enter_context(connected(port)) for _ in range(3)]:
            line.sendall(GET + b"\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200")
        with contextlib.suppress(ConnectionError):
            fourth = stack.enter_context(connected(port))
            fourth.sendall(GET + b"\r\n")
            assert fourth.recv(100) == b""
    until = time.monotonic() + 30
    while time.monotonic() < until:  # until the server has seen the others go
        with contextlib.suppress(ConnectionError), connected(port) as later:
            later.sendall(GET + b"\r\n")
            if later.recv(100):
                return
    raise AssertionError("the address stays shut out")


def test_there_is_an_end_of_connections_in_all(port, monkeypatch):
    monkeypatch.setattr(listening, "MOST", 2)
    with connected(port) as first, connected(port) as second:
        for line in (first, second):
            line.sendall(GET + b"\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200")
        with contextlib.suppress(ConnectionError), connected(port) as third:
            third.sendall(GET + b"\r\n")
            assert third.recv(100) == b""


def test_a_header_does_not_make_another_address(port):
    with connected(port) as line:
        line.sendall(GET + b"X-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n\r\n")
        assert b"".join(iter(lambda: line.recv(1000), b"")).endswith(b"127.0.0.1")


@pytest.mark.parametrize("program", ["app", "rag.serve.program"])
def test_both_programs_listen_like_this(program, monkeypatch, demo_library):
    from importlib import import_module

    given = {}
    monkeypatch.setattr(uvicorn, "run", lambda _, **named: given.update(named))
    with socket.create_server(("127.0.0.1", 0)) as spare:
        port = str(spare.getsockname()[1])
    assert import_module(program).main(["--library", str(demo_library.folder), "--port", port]) == 0
    assert given.items() >= listening.SETTINGS.items()
