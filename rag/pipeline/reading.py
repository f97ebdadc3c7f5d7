"""Reading abstracts on all cores at once, the longest first, until somebody stops it."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from rag.models.onnx import CORES
from rag.models.reader import default_reader
from rag.question.answering import AnswerReader

Abstract = tuple[str, Sequence[str]]
# Readings that are remembered: a question is searched for again with other words, and asked again.
REMEMBERED = 1_000


class RepeatableReader(AnswerReader, Hashable, Protocol):
    """A reader whose readings can be remembered."""


@dataclass(frozen=True, slots=True)
class ReadAtOnce:
    """Has a reader read each abstract by itself, and once, so that a stop waits for no more than one of them.

    The longest come first: a core that is handed a long one last keeps the others waiting.
    """

    stop: threading.Event
    reader: RepeatableReader = field(default_factory=default_reader)

    def answers(self, question: str, abstracts: Sequence[Abstract]) -> list[list[float]]:
        """Return what the reader returns; 0 for the sentences of abstracts that are unread when it is stopped."""

        def read(abstract: Abstract) -> list[float]:
            if self.stop.is_set():
                return [0.0] * len(abstract[1])
            title, sentences = abstract
            return list(_read(self.reader, question, title, tuple(sentences)))

        self.reader.answers(question, [])  # loads the network once, where all cores would begin with that
        longest_first = sorted(range(len(abstracts)), key=lambda place: -sum(map(len, abstracts[place][1])))
        with ThreadPoolExecutor(CORES) as pool:
            found = dict(zip(longest_first, pool.map(read, (abstracts[at] for at in longest_first)), strict=True))
        return [found[place] for place in range(len(abstracts))]


@lru_cache(maxsize=REMEMBERED)
def _read(reader: RepeatableReader, question: str, title: str, sentences: tuple[str, ...]) -> tuple[float, ...]:
    (found,) = reader.answers(question, [(title, sentences)])
    return tuple(found)
