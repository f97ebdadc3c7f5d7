"""The built-in judge asked only whether it supports a sentence, which mostly takes no reading of the whole abstract.

Its reader takes most of the time of a verdict, and the guards or one sentence often decide alone. A verdict never gets
worse where the reader finds more support: so if it is the same with none and with all of it, what the reader would find
doesn't matter. Everything else is the judge's own `check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.models.embedding import Embedder
from rag.models.reader import Odds
from rag.types import Support, Verdict
from rag.verify import BuiltinChecker
from rag.verify.witnesses import ClaimReader

# What the reader finds at most, and at least.
ALL, NONE = Odds(1.0, 0.0, 0.0), Odds(0.0, 0.0, 1.0)
# Pairs that are remembered: the same sentence is asked about up to four times in a row.
REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Assuming:
    """A reader that assumes what it would find; with `reader`, it does read where there is one passage alone."""

    found: Odds
    reader: ClaimReader | None = None
    name: str = "assumed"

    def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[Odds]:
        """Return for each claim what is assumed or, of a single passage, what that says."""
        return [
            self.reader.judge([(claim, passages)])[0] if self.reader and len(passages) == 1 else self.found
            for claim, passages in pairs
        ]


class _Once:
    """A reader that reads the same pair once."""

    def __init__(self, reader: ClaimReader) -> None:
        self.name = reader.name
        self._read = lru_cache(maxsize=REMEMBERED)(lambda claim, passages: reader.judge([(claim, passages)])[0])

    def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[Odds]:
        """Return for each claim what its passages say of it."""
        return [self._read(claim, tuple(passages)) for claim, passages in pairs]


class Shortcut:
    """The built-in judge, with `supports` for those who need no more than that."""

    def __init__(self, checker: BuiltinChecker, embedder: Embedder, reader: ClaimReader) -> None:
        once = _Once(reader)
        self._checker = checker
        self._whole = BuiltinChecker(embedder, once)
        self._at_most = BuiltinChecker(embedder, _Assuming(ALL))
        self._by_sentence_at_least = BuiltinChecker(embedder, _Assuming(NONE, once))
        self._by_sentence_at_most = BuiltinChecker(embedder, _Assuming(ALL, once))

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together."""
        return self._checker.check(sentence, evidence)

    def supports(self, sentence: str, evidence: Sequence[str]) -> bool | None:
        """Return whether `check` would find the sentence supported; None where it would give no verdict."""
        found = _stands(self._at_most.check(sentence, evidence))
        if not found or _stands(self._by_sentence_at_least.check(sentence, evidence)):
            return found
        return all(_stands(checker.check(sentence, evidence)) for checker in (self._by_sentence_at_most, self._whole))


def _stands(support: Support) -> bool | None:
    return None if support.verdict is Verdict.UNKNOWN else support.verdict is Verdict.SUPPORTED
