"""A running answer: one thread writes it and any number of pages watch, so that it survives a reload."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from rag.chat.turns import Turn
from rag.types import Answer, Paper, Sentence, Step

# Seconds: showing a step takes server and page longer than most steps themselves.
CLOSE_TOGETHER = 0.05


class News:
    """Lets any number of threads wait for the changes of something that one thread makes."""

    def __init__(self) -> None:
        self._changes = 0
        self._ended = False
        self._condition = threading.Condition()

    def changed(self) -> None:
        """Wake the followers."""
        with self._condition:
            self._changes += 1
            self._condition.notify_all()

    def end(self) -> None:
        """Release the followers."""
        with self._condition:
            self._ended = True
            self._condition.notify_all()

    def follow(self) -> Iterator[None]:
        """Yield at once and after each change, until the end; changes close together count as one."""
        seen = -1
        while True:
            with self._condition:
                while self._changes == seen and not self._ended:
                    self._condition.wait()
                # At first too: the page itself shows at once what was asked.
                self._condition.wait_for(lambda: self._ended, CLOSE_TOGETHER)
                if self._ended:
                    return
                seen = self._changes
            yield


class Writing:
    """The sentences and current step of an answer, written by one thread and followed by others.

    Setting `stop` ends it; until it has `begun`, it waits for other answers.
    """

    def __init__(self, conversation: str, turn: Turn) -> None:
        self.conversation = conversation
        self.turn = turn
        self.stop = threading.Event()
        self.begun = False
        self.doing = "waiting for other answers"
        self.meanwhile: Answer | None = None
        """The answer without a model, while a model is still thinking."""
        self.found: tuple[Paper, ...] = ()
        """The papers that it reads."""
        self._began = time.monotonic()
        self._said: list[Sentence] = []
        self._news = News()

    @property
    def said(self) -> tuple[Sentence, ...]:
        """The sentences written until now."""
        return tuple(self._said)

    @property
    def elapsed(self) -> int:
        """Whole seconds since the question was asked."""
        return int(time.monotonic() - self._began)

    def add(self, event: Step | Sentence) -> None:
        """Record the current step, or the next sentence."""
        if isinstance(event, Step):
            self.doing = event.message
            self.meanwhile = event.answer or self.meanwhile
            self.found = event.papers or self.found
        else:
            self._said.append(event)
        self._news.changed()

    def end(self) -> None:
        """Release all followers: the turn is stored."""
        self._news.end()

    def follow(self) -> Iterator[None]:
        """Yield at once and after each change, until the end; changes close together count as one."""
        return self._news.follow()
