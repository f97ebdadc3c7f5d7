"""Progress of a long job: what is called as it runs, and a count over all of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

# Called with the number done and the total.
Progress = Callable[[int, int], None]

Item = TypeVar("Item")


def unwatched(_done: int, _total: int) -> None:
    """Take no notice."""


def reported(items: Iterable[Item], total: int, progress: Progress) -> Iterator[Item]:
    """Yield each of `total` items; report each once it is done."""
    for done, item in enumerate(items, 1):
        yield item
        progress(done, total)


class Steps:
    """The steps of a job that goes over a library more than once."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._done = 0
        self._total = total
        self._progress = progress

    def step(self, count: int = 1) -> None:
        """Report that one more step is done, or several."""
        self._done += count
        self._total = max(self._total, self._done)
        self._progress(self._done, self._total)

    def expect(self, count: int) -> None:
        """Add steps that weren't known before."""
        self._total += count

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield each item, a step each."""
        for item in items:
            yield item
            self.step()
