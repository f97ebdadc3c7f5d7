"""How the page and `pincite serve` listen: no visitor holds a connection without using it.

uvicorn waits for the first line of a request, for the rest of a body that nobody reads, and for a visitor who doesn't
read the response, as long as the visitor likes.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.chat.http_guard import network_of

# Seconds in which the next request must be there, up to its body.
HEAD_SECONDS = 20.0
# Seconds in which a visitor must take some of a response, and bytes of it that the system keeps for them: it reports
# that they have taken some only once a third of its room is free.
READING_SECONDS, KEPT_BY_SYSTEM = 120.0, 2**17
# Bytes of the lines before a body.
LARGEST_HEAD = 64 * 2**10
# Connections in all, and from one address: behind a proxy, everybody has one address.
MOST, MOST_OF_ONE = 512, 256


class Connection(H11Protocol):
    """A connection that ends unless it is used."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin, unless there are too many."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # report whatever the visitor hasn't taken yet
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KEPT_BY_SYSTEM)
        if len(self.connections) > MOST or self._of_this_address() > MOST_OF_ONE:
            transport.abort()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        super().connection_lost(exc)
        for timer in (self._head, self._reading):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what arrives."""
        super().data_received(data)
        self._await_head()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._await_head()

    def pause_writing(self) -> None:
        """Wait until the visitor has taken what was sent."""
        super().pause_writing()
        self._await_reading(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Continue sending."""
        super().resume_writing()
        if self._reading is not None:
            self._reading.cancel()

    def _of_this_address(self) -> int:
        others = [other.client for other in self.connections if isinstance(other, Connection)]
        own = network_of(self.client[0]) if self.client is not None else None
        return sum(theirs is not None and network_of(theirs[0]) == own for theirs in others)

    def _await_head(self) -> None:
        """Have the connection closed unless a request comes; while one is being answered, nothing is awaited."""
        if self.cycle is not None and not self.cycle.response_complete:
            if self._head is not None:
                self._head.cancel()
            self._head = None
        elif self._head is None and not self.transport.is_closing():
            self._head = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _await_reading(self, unread: int) -> None:
        self._reading = self.loop.call_later(READING_SECONDS, self._look, unread)

    def _look(self, before: int) -> None:
        """Cut the connection if the visitor has taken nothing of what waits."""
        unread = self.transport.get_write_buffer_size()
        if unread >= before:
            self.transport.abort()
        else:
            self._await_reading(unread)


# How `uvicorn` serves either of them. A visitor's address is the one that connects: a header that names another would
# get around the bound on wrong passwords.
SETTINGS: dict[str, Any] = {
    "http": Connection,
    "ws": "none",
    "proxy_headers": False,
    "timeout_graceful_shutdown": 2,
    "h11_max_incomplete_event_size": LARGEST_HEAD,
}
