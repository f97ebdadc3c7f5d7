"""One call to a language model's server: a total deadline, few retries, a limit on silence, typed errors.

The clients' own retries are switched off: they multiply, and none knows how long the caller will wait.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

from rag.errors import (
    ConfigError,
    ModelConfigurationError,
    ModelError,
    ModelReplyError,
    ModelTimeoutError,
    ModelUnreachableError,
)
from rag.models.call_limits import CallLimits
from rag.models.chat import Reply
from rag.views.printable import whole_characters

TRIES = 3
# Seconds before the second and third try, each times a random 0.5 to 1.5, so that callers don't all return at once.
PAUSES = (0.5, 1.5)
# Longest silence once a model writes. Before its first word it may be reading the prompt, which on a CPU takes
# minutes: there the deadline alone counts.
SILENCE = 30.0
# A server that ignores its limit is cut off here. The reply itself is limited to less (`rag.write.reply`): some
# templates leave a model's thoughts in it, without the mark that opens them.
LONGEST = 65_536

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Fault:
    """A failed try as one of our errors: whether another can help, and the seconds the server asks to wait."""

    error: ModelError
    again: bool = False
    after: float | None = None


Try = Callable[[CallLimits], Generator[str | Reply, None, None]]
FaultOf = Callable[[Exception], Fault]


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return for how long a server asks to wait, as seconds or as a date; None where it doesn't say."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with contextlib.suppress(ValueError):
            return max(0.0, float(headers.get(name, "")) * unit)
    with contextlib.suppress(ValueError, TypeError):
        until = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, until.timestamp() - time.time())
    return None


def call_once(
    ask: Callable[[CallLimits], Answer], fault_of: FaultOf, timeout: float, stop: threading.Event | None = None
) -> Answer:
    """Make one call that answers as a whole, such as a list of models; see `stream_with_retries`."""
    try:
        with CallLimits(time.monotonic() + timeout, stop) as limits, _explained(limits, fault_of, timeout):
            return ask(limits)
    except _FailedError as failed:
        error = failed.fault.error
    # Not chained: a client's own error may hold the request with its key.
    raise error


def stream_with_retries(
    attempt: Try, fault_of: FaultOf, timeout: float, stop: threading.Event | None = None, *, capped: bool = False
) -> Generator[str | Reply, None, None]:
    """Try until one call starts to write; then its end, good or bad, is final.

    `attempt` raises what its client raises, `fault_of` turns that into a `Fault`. Raises its `ModelError`, and
    `ModelReplyError` soon after `stop` is set. `capped`: what the server answered may have been charged, however bad it
    was, so it isn't asked for again.
    """
    deadline = time.monotonic() + timeout
    for pauses in (PAUSES[n:] for n in range(TRIES)):
        written = 0
        with CallLimits(deadline, stop) as limits:
            try:
                with _explained(limits, fault_of, timeout), contextlib.closing(attempt(limits)) as pieces:
                    for piece in map(_checked, pieces):
                        limits.check()
                        written += len(piece) if isinstance(piece, str) else 0
                        _check_length(written)
                        limits.heard(SILENCE)
                        yield piece
                return
            except _FailedError as failed:
                fault = failed.fault
        if written and isinstance(fault.error, ModelUnreachableError):
            fault = Fault(ModelReplyError(f"the connection broke off after {written} characters: ask again"))
        charged = capped and isinstance(fault.error, ModelReplyError)
        pause = None if charged else _pause(fault, pauses)
        if written or pause is None or limits.stopped or time.monotonic() + pause >= deadline:
            raise fault.error  # not chained, as above
        (stop or threading.Event()).wait(pause)


class FinalError(Exception):
    """An error after which another try can't help. Only the error inside leaves `rag.models`."""

    def __init__(self, error: ModelError) -> None:
        super().__init__(str(error))
        self.error = error


class _FailedError(Exception):
    """A try that failed. Never leaves this module."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


@contextlib.contextmanager
def _explained(limits: CallLimits, fault_of: FaultOf, timeout: float) -> Iterator[None]:
    """Turn whatever ends a try into a `Fault`."""
    try:
        yield
    except ModelError as error:
        # A connection that was cut at a limit looks like a reply that is over.
        raise _FailedError(_cut(limits, timeout) or Fault(error, again=isinstance(error, ModelReplyError))) from None
    except FinalError as final:
        raise _FailedError(_cut(limits, timeout) or Fault(final.error)) from None
    except (ImportError, ConfigError) as error:  # a proxy over SOCKS needs a package of its own
        raise _FailedError(Fault(ModelConfigurationError(f"the call can't be made ({error})"))) from None
    except Exception as raw:  # noqa: BLE001 - the server decides what the client and its parsers stumble over
        raise _FailedError(_cut(limits, timeout) or fault_of(raw)) from None


def _checked(piece: object) -> str | Reply:
    """Return a piece that is safe to use: a client passes on whatever JSON the server puts where text belongs."""
    if isinstance(piece, str):
        return whole_characters(piece)
    if isinstance(piece, Reply):
        return piece
    raise ModelReplyError(f"the reply holds a {type(piece).__name__} where text belongs: try another server or model")


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


def _cut(limits: CallLimits, timeout: float) -> Fault | None:
    """Return which limit ended the call, None where none did."""
    if limits.stopped:
        return Fault(_stopped())
    if limits.refused:
        return Fault(ModelReplyError(f"the server sent {limits.refused}: try another server or model"))
    if not limits.expired:
        return None
    if limits.has_heard:
        return Fault(ModelTimeoutError(f"the model stopped or took longer than {timeout:.3g} s: try again"))
    within = f"the model didn't answer within {timeout:.3g} s" if timeout > 0 else "no time was left to ask the model"
    return Fault(ModelTimeoutError(f"{within}: raise PINCITE_TIMEOUT or use a smaller model"))
