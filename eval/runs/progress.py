"""The progress of a long run, on a terminal only: a pipe or a log gets nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO


def progress(total: int, what: str, stream: TextIO = sys.stderr) -> Callable[[int], None]:
    """Return a function to call with the number done; it rewrites one line with the time left."""
    if not stream.isatty():
        return lambda _: None
    started = time.monotonic()

    def show(done: int) -> None:
        passed = time.monotonic() - started
        left = f"{passed / done * (total - done):.0f} s left" if done else "…"
        stream.write(f"\r{what} {done}/{total}, {left}\x1b[K")
        if done >= total:
            stream.write("\n")
        stream.flush()

    return show
