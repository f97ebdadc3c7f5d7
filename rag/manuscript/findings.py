"""What a check of a manuscript found: frozen values, from which every form of the report is made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from rag.manuscript.passages import Manuscript, ManuscriptSentence
from rag.types import Paper


class Outcome(StrEnum):
    """What the abstract of a cited paper says of the sentence that cites it."""

    SUPPORTED = "supported"
    PARTLY = "partly"  # a part of it, or it isn't clear
    CONTRADICTED = "contradicted"
    NOT_IN_ABSTRACT = "not-in-abstract"  # no accusation: the full text may say it
    NOT_IN_LIBRARY = "not-in-library"  # nor is its abstract in the file of references
    RETRACTED = "retracted"
    UNKNOWN = "unknown"  # it couldn't be judged: another language, or no time

    @property
    def words(self) -> str:
        """The outcome for people."""
        return _WORDS.get(self, self.value)


_WORDS = {
    Outcome.PARTLY: "partly, or not clear",
    Outcome.NOT_IN_ABSTRACT: "not in the abstract",
    Outcome.NOT_IN_LIBRARY: "not in the library",
    Outcome.UNKNOWN: "couldn't be judged",
}


@dataclass(frozen=True, slots=True)
class Pin:
    """The sentence of an abstract that says it, or is nearest to it: `paper.abstract[start:end] == quote`."""

    paper: Paper
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cited:
    """One paper that a sentence cites, by its key, judged by itself. `paper` is None where it isn't there."""

    key: str
    outcome: Outcome
    score: float
    why: str
    paper: Paper | None = None
    pin: Pin | None = None


@dataclass(frozen=True, slots=True)
class Pinned:
    """A sentence that cites, judged against all of its papers together.

    `instead` are sentences of other papers of the library that do support it, where its own don't.
    """

    passage: ManuscriptSentence
    outcome: Outcome
    score: float
    why: str
    cited: tuple[Cited, ...]
    instead: tuple[Pin, ...] = ()


@dataclass(frozen=True, slots=True)
class Uncited:
    """A sentence that cites nothing and states what papers of the library support."""

    passage: ManuscriptSentence
    support: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A checked manuscript, its sentences in order. `notes` say what wasn't read or can't be checked, and why."""

    manuscript: Manuscript
    pinned: tuple[Pinned, ...]
    uncited: tuple[Uncited, ...]
    notes: tuple[str, ...] = ()
    checker: str = ""

    def counts(self) -> dict[Outcome, int]:
        """Return how many sentences have each outcome."""
        found = Counter(one.outcome for one in self.pinned)
        return {outcome: found[outcome] for outcome in Outcome}
