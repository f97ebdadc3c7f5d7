"""Signing in: passwords are checked off the event loop, one at a time, and wrong tries are counted."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

from rag.chat.http_guard import network_of

# Wrong tries from one address, and for one name, within this many seconds. A right password doesn't count as a try; a
# locked name or address gets the same response as a wrong password, whatever the password.
OF_ADDRESS, OF_NAME, WITHIN = 20, 10, 900
# Sign-in attempts that may wait: each takes half a second of one core.
WAITING = 64
# Names and addresses that are remembered; the oldest are dropped first.
REMEMBERED = 10_000
# Where the current request came from: Gradio passes on only name and password.
address: ContextVar[str] = ContextVar("address", default="")


class SignIn:
    """Checks whether a name and a password match, by `check`, which may take long."""

    def __init__(self, check: Callable[[str, str], bool]) -> None:
        self._check = check
        self._tries: OrderedDict[tuple[str, str], list[float]] = OrderedDict()
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1)

    async def right(self, name: str, password: str) -> bool:
        """Return whether this is the password of this name, unless there were too many wrong tries before."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()  # names may have a megabyte
        of = ("address", network_of(address.get())), ("name", digest)
        if self._waiting >= WAITING or any(self._many(*key) for key in of):
            return False
        began = time.monotonic()
        for key in of:  # before the check, so that simultaneous tries count too
            self._tries.setdefault(key, []).append(began)
        self._waiting += 1
        try:
            right = await asyncio.get_running_loop().run_in_executor(self._thread, self._check, name, password)
        finally:
            self._waiting -= 1
        if right:
            for key in of:
                if began in self._tries.get(key, ()):
                    self._tries[key].remove(began)
        return right

    def close(self) -> None:
        """Stop checking passwords."""
        self._thread.shutdown(cancel_futures=True)

    def _many(self, kind: str, who: str) -> bool:
        since = time.monotonic() - WITHIN
        key = kind, who
        recent = [when for when in self._tries.get(key, ()) if when > since]
        self._tries[key] = recent
        self._tries.move_to_end(key)
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)
        return len(recent) >= (OF_ADDRESS if kind == "address" else OF_NAME)
