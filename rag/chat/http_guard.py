"""The guard in front of the page: only its own requests pass, none too large, and nothing loads from elsewhere.

Gradio checks neither Host nor Origin and lets any page on the web upload to a local app; see OWASP on DNS rebinding
and cross-site request forgery.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import InputError

_HOST = re.compile(r"(?P<name>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

# Gradio's page needs inline scripts and styles, and `eval` for the templates of its components; nothing may come from
# or go to another origin. https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'none'; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI middleware: 400 for a foreign Host, 403 for another page's request, 413 for more than `limit` bytes."""

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str] = LOOPBACK, limit: int) -> None:
        self.app = app
        self.hosts = frozenset(hosts)
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self.app(scope, _no_more_than(self.limit, receive), _with_headers(send))

    def _refusal(self, method: str, path: str, headers: Headers) -> PlainTextResponse | None:
        hosts, origin = headers.getlist("host"), headers.get("origin")
        host = hosts[0] if len(hosts) == 1 else ""
        match = _HOST.fullmatch(host)
        if match is None or match["name"].lower() not in self.hosts:
            return PlainTextResponse(f"Pincite doesn't answer to the name {', '.join(hosts)!r}", 400)
        # A browser also reports where a request started; a link on another page may open this one, and nothing else.
        elsewhere = headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
        if elsewhere and (method not in ("GET", "HEAD") or path != "/"):
            return PlainTextResponse("requests from other pages are refused", 403)
        # A browser names the page that sends; `null` is a page without an origin. The scheme is ignored: a proxy may
        # add TLS.
        if origin is not None and urlsplit(origin).netloc != host:
            return PlainTextResponse("requests from other pages are refused", 403)
        length = headers.get("content-length", "0")
        if not re.fullmatch(r"\d{1,15}", length) or int(length) > self.limit:
            return PlainTextResponse(_too_much(self.limit), 413)
        return None


def _no_more_than(limit: int, receive: Receive) -> Receive:
    """Count bytes as they arrive, and refuse the request when there are too many."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, _too_much(limit))
        return message

    return counted


async def whole_body(request: Request, limit: int, seconds: float) -> bytes:
    """Return the body of a request. Raises `HTTPException` for one of more than `limit` bytes, or that takes longer."""
    body = bytearray()
    async with arriving(seconds):
        async for piece in request.stream():
            body += piece
            if len(body) > limit:
                raise HTTPException(413, f"{_too_much(limit)}, not counting files")
    return bytes(body)


@asynccontextmanager
async def arriving(seconds: float) -> AsyncIterator[None]:
    """Raise `HTTPException` for a body that isn't read after so long: a slow one must not hold its place forever."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise HTTPException(408, f"the request wasn't complete after {seconds:.0f} s: send it at once") from None


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that replays a body already read, then reports that the visitor has gone."""
    handed = False

    async def received() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return received


def _too_much(limit: int) -> str:
    return f"the request is too large: at most {limit:,} bytes can be sent at once"


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return wrapped


def network_of(address: str) -> str:
    """Return what identifies one visitor: an address, or for IPv6 the 64-bit network in which each visitor has many."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return address
    return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))


def check_port(host: str, port: int) -> None:
    """Raise `InputError` if the port is taken. Called before the libraries are opened."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise InputError(f"can't listen on {host}, port {port} ({why}): choose another with --port") from None


def port_number(text: str) -> int:
    """Return the number of a port."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) < 2**16:
        raise argparse.ArgumentTypeError(f"{text!r} isn't a port: give a number from 1 to 65535")
    return int(text)
