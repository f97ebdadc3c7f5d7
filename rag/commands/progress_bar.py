"""A progress bar with the time left, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rag.progress import Progress, unwatched

BYTES = "B"
# A job that ends within these seconds needs no bar.
SECONDS = 0.5


@contextmanager
def progress_bar(what: str, of: str = "records") -> Iterator[Progress | None]:
    """Yield a function from (done, total) that draws a bar on standard error; None if that isn't a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    unit = of if of == BYTES else f" {of}"
    with tqdm(desc=what, unit=unit, unit_scale=of == BYTES, dynamic_ncols=True, leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def bar_when_needed(what: str, of: str) -> Progress:
    """Return a function from (done, total) whose bar comes with the first step of a job and goes with the last.

    It draws nothing where standard error isn't a terminal, and for a short job.
    """
    if not sys.stderr.isatty():
        return unwatched
    bars: list[Any] = []

    def show(done: int, total: int) -> None:
        from tqdm import tqdm

        if not bars:
            bars.append(tqdm(desc=what, unit=f" {of}", total=total, dynamic_ncols=True, leave=False, delay=SECONDS))
        bars[0].update(done - bars[0].n)
        if done >= total:
            bars.pop().close()

    return show
