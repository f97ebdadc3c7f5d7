"""One call of a language model's server: a total deadline, few retries, a watch over silence, errors of our own.

The clients' own retries are switched off: they multiply, and none of them knows how long the caller will wait.
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rag.errors import ModelError, ModelReplyError, ModelTimeoutError, ModelUnreachableError
from rag.models.chat import Reply

TRIES = 3
# Seconds before the second and third try, each times 0.5 to 1.5 by chance, so that many callers don't return at once.
PAUSES = (0.5, 1.5)
# Longest silence once a model writes. Before its first word it may be reading the prompt, which on a CPU takes
# minutes: there the deadline alone counts.
SILENCE = 30.0
# Four times what a reply of 1,024 tokens can hold in English: a server that ignores its limit is cut off here.
LONGEST = 16_384
# Seconds between two looks whether the caller wants to stop.
STOP_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Fault:
    """A failed try as one of our errors: whether another can help, and the seconds the server asks to wait."""

    error: ModelError
    again: bool = False
    after: float | None = None


class Watch:
    """Cuts a connection that is silent or lasts too long; a read timeout never fires on a server that drips.

    Used as a context manager around one try. `expired` and `stopped` tell afterwards that it was this watch that cut,
    and why. It looks for `stop` a few times a second.
    """

    def __init__(self, deadline: float, stop: threading.Event | None = None) -> None:
        self._deadline = deadline
        self._stop = stop
        self._limit = deadline
        self._over = threading.Event()
        self._stream: Any = None
        self._thread = threading.Thread(target=self._wait, name="pincite-model-watch", daemon=True)

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline, at least a moment, as clients take 0 for none at all."""
        return max(self._deadline - time.monotonic(), 0.001)

    @property
    def expired(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._limit

    @property
    def stopped(self) -> bool:
        """Whether the caller has asked to stop."""
        return self._stop is not None and self._stop.is_set()

    def over(self, request: Any) -> None:
        """Watch over the connection of this httpx request from the moment it is made: a hook for `event_hooks`.

        A server may read the prompt for a minute before it sends as much as a header.
        """
        request.extensions["trace"] = self._connected

    def _connected(self, event: str, told: Mapping[str, Any]) -> None:
        # https://www.encode.io/httpcore/extensions/#trace
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._stream = told["return_value"]
            if self.expired or self.stopped:
                self._cut()

    def heard(self) -> None:
        """Note that the model wrote something: from now on it may be silent for `SILENCE` seconds."""
        self._limit = min(self._deadline, time.monotonic() + SILENCE)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _wait(self) -> None:
        # Looks in now and then, as the limit moves with every word.
        often = SILENCE / 4 if self._stop is None else STOP_LOOK
        while not self._over.wait(min(max(self._limit - time.monotonic(), 0.0), often)):
            if self.expired or self.stopped:
                self._cut()
                return

    def _cut(self) -> None:
        connection = self._stream.get_extra_info("socket") if self._stream is not None else None
        if connection is not None:
            with contextlib.suppress(OSError):  # closed already: nothing left to cut
                # The plain socket's own method: that of a TLS socket would change state under the reader.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


Try = Callable[[Watch], Generator[str | Reply, None, None]]


def stream_with_retries(
    attempt: Try,
    fault_of: Callable[[Exception], Fault],
    caught: tuple[type[Exception], ...],
    timeout: float,
    stop: threading.Event | None = None,
) -> Generator[str | Reply, None, None]:
    """Run one try after the other until one has begun to write; then its end, good or bad, is the end.

    `attempt` raises what its client raises, `fault_of` turns that into a `Fault`. Raises its `ModelError`, and
    `ModelReplyError` soon after `stop` is set.
    """
    deadline = time.monotonic() + timeout
    for pauses in (PAUSES[n:] for n in range(TRIES)):
        written = 0
        with Watch(deadline, stop) as watch:
            pieces = attempt(watch)
            try:
                for piece in pieces:
                    if watch.stopped:
                        raise _stopped()
                    written += len(piece) if isinstance(piece, str) else 0
                    _check_length(written)
                    watch.heard()
                    yield piece
                return
            except ModelError as error:
                fault = Fault(error, again=isinstance(error, ModelReplyError))
            except caught as raw:
                fault = _cut(watch, timeout, written) or fault_of(raw)
            finally:
                pieces.close()
        if written and isinstance(fault.error, ModelUnreachableError):
            fault = Fault(ModelReplyError(f"the connection broke off after {written} characters: ask again"))
        pause = _pause(fault, pauses)
        if written or pause is None or watch.stopped or time.monotonic() + pause >= deadline:
            # Not chained: a client's own error may hold the request with its key.
            raise fault.error from None
        (stop or threading.Event()).wait(pause)


def _pause(fault: Fault, pauses: tuple[float, ...]) -> float | None:
    """Return the seconds until the next try, None where there is none."""
    if not fault.again or not pauses:
        return None
    return max(fault.after or 0.0, pauses[0] * random.uniform(0.5, 1.5))


def _check_length(written: int) -> None:
    if written > LONGEST:
        raise ModelReplyError(f"the reply went on past {LONGEST} characters: it was cut off; try another model")


def _stopped() -> ModelReplyError:
    return ModelReplyError("the caller stopped it: ask again")


def _cut(watch: Watch, timeout: float, written: int) -> Fault | None:
    """Return why the watch cut the connection, None where it did not."""
    if watch.stopped:
        return Fault(_stopped())
    if not watch.expired:
        return None
    if written:
        return Fault(ModelTimeoutError(f"the model fell silent or wrote past the {timeout:g} s allowed: try again"))
    return Fault(
        ModelTimeoutError(f"no word from the model within {timeout:g} s: raise PINCITE_TIMEOUT or use a smaller model")
    )
