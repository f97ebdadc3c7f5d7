"""An answer in the making: one thread writes it, and any number of pages watch, so that a reload finds it going on."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from rag.chat.conversations import Turn
from rag.types import Sentence, Step

# Seconds: showing a step takes server and page longer than most steps themselves.
CLOSE_TOGETHER = 0.05


class Writing:
    """What was said so far and what is being done, told by the writer's thread and followed by others.

    Setting `stop` breaks it off; until it has `begun`, it waits for others to be written.
    """

    def __init__(self, conversation: str, turn: Turn) -> None:
        self.conversation = conversation
        self.turn = turn
        self.stop = threading.Event()
        self.begun = False
        self.doing = "waiting for other answers"
        self._said: list[Sentence] = []
        self._told = 0
        self._ended = False
        self._news = threading.Condition()

    @property
    def said(self) -> tuple[Sentence, ...]:
        """The sentences so far."""
        return tuple(self._said)

    def tell(self, event: Step | Sentence) -> None:
        """Take in what is being done now, or the next sentence."""
        with self._news:
            if isinstance(event, Step):
                self.doing = event.message
            else:
                self._said.append(event)
            self._told += 1
            self._news.notify_all()

    def end(self) -> None:
        """Let everyone who follows go: the turn is written down."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def follow(self) -> Iterator[None]:
        """Yield at once, and again whenever there is news, until the end; news that comes close together is one."""
        seen = -1
        while True:
            with self._news:
                while self._told == seen and not self._ended:
                    self._news.wait()
                if seen >= 0:
                    self._news.wait_for(lambda: self._ended, CLOSE_TOGETHER)
                if self._ended:
                    return
                seen = self._told
            yield
