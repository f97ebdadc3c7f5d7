"""What stands before the page: only its own requests pass, none too large, and nothing is loaded from elsewhere.

Gradio checks neither Host nor Origin and lets any page on the web upload to a local app; see OWASP on DNS rebinding
and cross-site request forgery.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
    """ASGI middleware: 400 for a foreign Host, 403 for a foreign Origin, 413 for a body of more than `limit` bytes."""

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str] = LOOPBACK, limit: int) -> None:
        self.app = app
        self.hosts = frozenset(hosts)
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self.app(scope, _no_more_than(self.limit, receive), _with_headers(send))

    def _refusal(self, headers: Headers) -> PlainTextResponse | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        match = _HOST.fullmatch(host)
        if match is None or match["name"].lower() not in self.hosts:
            return PlainTextResponse(f"Pincite does not answer to the name {host!r}", 400)
        # A browser names the page that sends; `null` is a page without an origin. Scheme apart: a proxy may add TLS.
        if origin is not None and urlsplit(origin).netloc != host:
            return PlainTextResponse("requests from other pages are refused", 403)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.limit:
            return PlainTextResponse(f"the most that can be sent at once is {self.limit:,} bytes", 413)
        return None


def _no_more_than(limit: int, receive: Receive) -> Receive:
    """Count what comes without a length given, and hang up when it is too much."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > limit else message

    return counted


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return wrapped
