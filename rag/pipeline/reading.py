"""Reading abstracts on all cores at once, the longest first, until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from rag.models.onnx import CORES
from rag.models.reader import default_reader
from rag.question.answering import AnswerReader

Abstract = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ReadAtOnce:
    """Has a reader read each abstract separately and once, so that a stop waits for one of them at most.

    The longest come first: a core that is handed a long one last keeps the others waiting. What was read for a question
    is remembered for this answer, as a second search finds much of it again.
    """

    stop: threading.Event
    reader: AnswerReader = field(default_factory=default_reader)
    _known: dict[tuple[str, Abstract], list[float]] = field(default_factory=dict)

    def answers(self, question: str, abstracts: Sequence[Abstract]) -> list[list[float]]:
        """Return what the reader returns; 0 for the sentences of abstracts that are unread when it is stopped."""

        def read(abstract: Abstract) -> list[float]:
            if self.stop.is_set():
                return [0.0] * len(abstract[1])
            title, sentences = abstract
            key = question, (title, tuple(sentences))
            if key not in self._known:
                (self._known[key],) = self.reader.answers(question, [abstract])
            return self._known[key]

        self.reader.answers(question, [])  # loads the network once, where all cores would begin with that
        longest_first = sorted(range(len(abstracts)), key=lambda place: -sum(map(len, abstracts[place][1])))
        with ThreadPoolExecutor(CORES) as pool:
            found = dict(zip(longest_first, pool.map(read, (abstracts[at] for at in longest_first)), strict=True))
        return [found[place] for place in range(len(abstracts))]
