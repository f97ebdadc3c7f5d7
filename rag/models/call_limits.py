"""The limits of one call to a server: a deadline, a stop signal and a number of bytes, whatever is being read.

Works on every client that is built on httpx, through its event hooks: headers, replies, lists and the bodies of
errors are all covered.
"""

from __future__ import annotations

import contextlib
import importlib
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

# Bytes that one call may bring, unpacked. A reply of 16,384 characters, each in an event of its own, takes a third.
MOST_BYTES = 16 * 2**20
# Seconds between checks whether the caller wants to stop, and whether the limit has moved.
LOOK = 0.1
_PIECE = 2**16  # bytes that are unpacked at once


class BrokenOffError(Exception):
    """The limits ended a call; they hold the reason."""


class CallLimits:
    """Cuts a connection that is silent, lasts too long or brings too much; a read timeout never fires on a drip.

    Used as a context manager around one try. `expired`, `stopped` and `refused` say afterwards why it cut.
    `connection` is one that is open already and will be used; `accepts` is how a body may be packed.
    """

    def __init__(
        self,
        deadline: float,
        stop: threading.Event | None = None,
        most: int | None = None,
        connection: Any = None,
        accepts: str = "identity",
    ) -> None:
        self.refused: str | None = None
        """What the server sent that isn't accepted."""
        self.has_heard = False
        """Whether the server said something."""
        self.connection = connection
        self._accepts = accepts
        self._deadline = deadline
        self._stop = stop
        self._limit = deadline
        self._left = MOST_BYTES if most is None else most
        self._most = self._left
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._wait, name="pincite-watch", daemon=True)

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline, never 0, which clients read as no limit."""
        return max(self._deadline - time.monotonic(), 0.001)

    @property
    def expired(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._limit

    @property
    def stopped(self) -> bool:
        """Whether the caller has asked to stop."""
        return self._stop is not None and self._stop.is_set()

    @property
    def hooks(self) -> dict[str, list[Callable[[Any], None]]]:
        """The `event_hooks` of the httpx client that makes the call."""
        return {"request": [self._sending], "response": [self._receiving]}

    def heard(self, silence: float) -> None:
        """Note that the server said something: from now on it may be silent for this many seconds."""
        self.has_heard = True
        self._limit = min(self._deadline, time.monotonic() + silence)

    def check(self) -> None:
        """Raise `BrokenOffError` where the call has to end."""
        if self.expired or self.stopped or self.refused:
            raise BrokenOffError

    def _sending(self, request: Any) -> None:
        """Watch the connection of a request from the moment it is made.

        A server may read the prompt for a minute before it sends as much as a header.
        """
        request.extensions["trace"] = self._connected
        request.headers["Accept-Encoding"] = self._accepts
        self.check()

    def _connected(self, event: str, info: Mapping[str, Any]) -> None:
        # https://www.encode.io/httpcore/extensions/#trace
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.connection = info["return_value"]
            if self.expired or self.stopped:
                self._cut()

    def _receiving(self, response: Any) -> None:
        """Count the body of a response while it is read, and unpack it here, where its size can be bounded."""
        packing = response.headers.pop("content-encoding", "").strip().lower()
        # Ollama's client is built on httpx, OpenAI's on httpx2: each reads streams of its own kind only.
        kind = importlib.import_module(type(response).__module__).SyncByteStream
        response.stream = type("Watched", (_Body, kind), {})(response.stream, packing, self)

    def counted(self, piece: bytes) -> bytes:
        """Return a piece of a body. Raises `BrokenOffError` once there were too many."""
        self._left -= len(piece)
        if self._left < 0:
            self.refuse(f"more than {self._most:,} bytes")
        self.check()
        return piece

    def refuse(self, what: str) -> None:
        """End the call because of what the server sent."""
        self.refused = what
        raise BrokenOffError(what)

    def __enter__(self) -> CallLimits:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _wait(self) -> None:
        while not self._over.wait(min(max(self._limit - time.monotonic(), 0.0), LOOK)):
            if self.expired or self.stopped:
                self._cut()
                return

    def _cut(self) -> None:
        connection = self.connection.get_extra_info("socket") if self.connection is not None else None
        if connection is not None:
            with contextlib.suppress(OSError):  # closed already: nothing left to cut
                # The plain socket's own method: that of a TLS socket would change state under the reader.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Body:
    """The body of a response, counted."""

    def __init__(self, body: Any, packing: str, limits: CallLimits) -> None:
        self._body = body
        self._packing = packing
        self._limits = limits

    def __iter__(self) -> Iterator[bytes]:
        pieces = (self._limits.counted(piece) for piece in self._body)
        if self._packing in ("", "identity"):
            yield from pieces
        elif self._packing in ("gzip", "x-gzip", "deflate"):
            yield from self._unpacked(pieces)
        else:
            self._limits.refuse(f"a body packed as {self._packing[:20]!r}, which nobody asked for")

    def _unpacked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, as the first bytes say
        try:
            for packed in pieces:
                rest = packed
                while rest:
                    yield self._limits.counted(unpacker.decompress(rest, _PIECE))
                    rest = unpacker.unconsumed_tail
            yield self._limits.counted(unpacker.flush())
        except zlib.error:
            self._limits.refuse("a body that can't be unpacked")
        if not unpacker.eof:
            self._limits.refuse("a body that can't be unpacked")

    def close(self) -> None:
        """Close the connection, or give it back."""
        self._body.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)  # httpx2 keeps the time that a call took here
