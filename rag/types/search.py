"""What a search takes and finds: filters, windows, hits, and the sentences of their abstracts as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rag.types.papers import Paper
from rag.views import documents


class Role(StrEnum):
    """What a sentence does in its abstract (the moves of the structured abstract: Nakayama et al., JAMA 2005)."""

    BACKGROUND = "background"
    AIM = "aim"
    METHOD = "method"
    RESULT = "result"
    CONCLUSION = "conclusion"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A window of whole sentences of one abstract, small enough to embed. `text` is title and sentences."""

    id: str
    paper_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper found, with its sentence that fits the question best.

    `score` is the fused score, or a cross-encoder's if one is configured; `dense` the cosine of the best window;
    `lexical` the BM25 score as a share, in [0, 1], of the best that the question could have had.
    `quote == paper.abstract[start:end]`.
    """

    paper: Paper
    score: float
    quote: str
    start: int
    end: int
    dense: float | None = None
    lexical: float | None = None

    def __repr__(self) -> str:
        return documents.hit_line(self)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON, as in the `hits` of a search."""
        return documents.hit_fields(self)

    @property
    def paper_id(self) -> str:
        """The paper's id."""
        return self.paper.id


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to: years inclusive; the texts match anywhere, without case, accents and strokes."""

    year_from: int | None = None
    year_to: int | None = None
    venue: str | None = None
    author: str | None = None
    source: str | None = None
    papers: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence of a retrieved abstract, numbered from 1 over all of them, as a writer sees it.

    `relevance` is the cosine of question and sentence, `answers` how likely the sentence answers the question, in
    [0, 1], and `read` how likely by the reader alone, None where it isn't read, as other papers are much nearer to the
    question. `paper.abstract[start:end] == text`.
    """

    number: int
    paper: Paper
    start: int
    end: int
    text: str
    relevance: float
    role: Role = Role.UNKNOWN
    answers: float = 0.0
    read: float | None = 0.0
