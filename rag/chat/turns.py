"""What the chat keeps of a conversation: its entry in the list, and each question with its filters and outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rag.types import Answer, Sentence


class State(StrEnum):
    """The state of a turn."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation's entry in the list."""

    id: str
    title: str
    changed_at: str
    turns: int
    libraries: tuple[str, ...] = ()
    latest: str = ""
    """Its latest question: several conversations may begin alike."""


@dataclass(frozen=True, slots=True)
class Within:
    """The filters of a question, as typed: one paper, chosen ones, or those of some years, venue, author or file."""

    paper: str = ""
    title: str = ""  # of that paper, or what to call the chosen ones
    year: str = ""
    venue: str = ""
    author: str = ""
    source: str = ""
    papers: tuple[str, ...] = ()

    @property
    def filters(self) -> dict[str, Any]:
        """The filters of the pipeline (see `rag.arguments`)."""
        found = {"year": self.year, "venue": self.venue, "author": self.author, "source": self.source}
        plain: dict[str, Any] = {name: value.strip() for name, value in found.items() if value.strip()}
        papers = (self.paper,) if self.paper else self.papers
        return plain | ({"papers": papers} if papers else {})

    @property
    def parts(self) -> list[Within]:
        """Each of several filters alone; nothing of a single one."""
        of_papers = Within(paper=self.paper, title=self.title, papers=self.papers)
        each = (
            Within(year=self.year),
            Within(venue=self.venue),
            Within(author=self.author),
            Within(source=self.source),
        )
        given = [part for part in (of_papers, *each) if part.words]
        return given if len(given) > 1 else []

    @property
    def words(self) -> list[tuple[str, str]]:
        """The filters for display: (label, value) pairs."""
        labelled = [
            ("paper", self.paper and (self.title or "(untitled)")), ("papers", self.title if self.papers else ""),
            ("years", self.year), ("venue", self.venue), ("author", self.author), ("file", self.source),
        ]  # fmt: skip
        return [(label, value.strip()) for label, value in labelled if value.strip()]


EVERYTHING = Within()
"""No filters: all papers of the library."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its outcome: an answer, the sentences written until it stopped, or the problem."""

    id: int
    number: int
    question: str
    library: str
    state: State
    answer: Answer | None = None
    said: tuple[Sentence, ...] = ()
    problem: str = ""
    within: Within = EVERYTHING
    own_numbers: tuple[tuple[int, int], ...] = ()
    """Where a paper is shown by its number in the conversation: that number, and the one that the answer gave it."""
