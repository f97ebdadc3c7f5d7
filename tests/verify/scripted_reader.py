"""A reader whose verdicts the test gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.models.reader import Odds

Read = tuple[str, Sequence[str]]


class ScriptedReader:
    """Finds a claim contradicted by its one passage as surely as `contradicted` says, and not at all otherwise."""

    name = "scripted"

    def __init__(self, contradicted: Mapping[tuple[str, str], float]) -> None:
        self._contradicted = contradicted
        self.calls: list[list[Read]] = []

    def judge(self, pairs: Sequence[Read]) -> list[Odds]:
        self.calls.append(list(pairs))
        found = [self._contradicted.get((claim, passages[0]), 0.0) for claim, passages in pairs]
        return [Odds(0.0, 1 - sure, sure) for sure in found]
