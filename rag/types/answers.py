"""An answer, its sentences with their citations and verdicts, and what it reports while it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rag.types.papers import Paper
from rag.types.receipts import Receipt
from rag.types.search import Evidence, Hit, Role
from rag.views import documents
from rag.views.printable import printable


class Verdict(StrEnum):
    """Whether the evidence supports a sentence. `unknown` is its own value, never counted as one of the others."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    CONTRADICTED = "contradicted"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """Whether there is an answer."""

    ANSWERED = "answered"
    DECLINED = "declined"


class Reason(StrEnum):
    """Why an answer was declined."""

    NO_PAPERS = "no_papers"
    FILTERED_OUT = "filtered_out"
    LOW_RELEVANCE = "low_relevance"
    UNSUPPORTED = "unsupported"
    NEEDS_FULL_TEXT = "needs_full_text"
    MODEL_UNAVAILABLE = "model_unavailable"
    NO_QUESTION = "no_question"  # a greeting or thanks
    STOPPED = "stopped"  # by the user, before a sentence was written


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as a writer wrote it, with the evidence numbers that it claims. Not yet verified.

    `english` is the same sentence in English, for the checker, where it is in another language.
    """

    text: str
    numbers: tuple[int, ...]
    english: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """How far evidence supports a sentence: `score` in [0, 1]; `why` states what decided, in words."""

    score: float
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A pin: `paper.abstract[start:end] == quote`, always. `number` belongs to the paper.

    `record` is what the paper's record says (authors, year, venue) if that, and no sentence of the abstract, supports
    the sentence: then `quote` is empty.
    """

    number: int
    paper: Paper
    quote: str
    start: int
    end: int
    verdict: Verdict
    support: float
    role: Role = Role.UNKNOWN
    record: str = ""

    def __repr__(self) -> str:
        return documents.citation_line(self)

    @property
    def words(self) -> str:
        """The words it points at: its quote, or the record."""
        return self.quote or self.record


@dataclass(frozen=True, slots=True)
class Agreement:
    """For one sentence: the papers that support it, and which sentences of other papers contradict it.

    `also` holds the sentences of supporting papers that aren't cited with it.
    """

    supporting: tuple[str, ...] = ()
    contradicting: tuple[Citation, ...] = ()
    also: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with its pins; `verdict` and `support` are those of all its evidence together.

    `english` is the line in English that was checked in its place, where it is in another language.
    """

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    support: float
    agreement: Agreement = field(default_factory=Agreement)
    english: str = ""

    def __repr__(self) -> str:
        return documents.sentence_line(self)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON document in the public format, as one event of a stream."""
        return documents.sentence_document(self)


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done while an answer is made, for people: `name` is search, read, write or check.

    `papers` are those found, before they are read. As a language model begins to write, `answer` is the one written
    without it, None where there is none.
    """

    name: str
    message: str
    papers: tuple[Paper, ...] = ()
    answer: Answer | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON document in the public format, as one event of a stream."""
        return documents.step_document(self)


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that the reader should know about an answer: `code` for programs, `message` for people."""

    code: str
    message: str
    sentence: str | None = None

    def __post_init__(self) -> None:
        # Both may repeat what a model wrote.
        object.__setattr__(self, "message", printable(self.message))
        object.__setattr__(self, "sentence", self.sentence and printable(self.sentence))


# Why a paper isn't cited although it may answer the question: it wasn't read closely enough to know.
MAY_ANSWER = "its best sentence may answer too, but others were chosen"


@dataclass(frozen=True, slots=True)
class Considered:
    """A paper that was found for an answer, with its sentence that answers best: `paper.abstract[start:end] == quote`.

    `answers` is how likely that sentence answers the question, in [0, 1], by similarity alone where `why` says that
    other papers are much nearer; `stance` is `supports` or `contradicts` where the paper takes a side on a sentence of
    the answer. `why` says why the paper is not cited, empty where it is.
    """

    paper: Paper
    quote: str
    start: int
    end: int
    answers: float
    role: Role = Role.UNKNOWN
    stance: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or a declined one with its reason and the nearest papers.

    `text` is the sentences with `[1]` marks. `written_by` is the model's name, `extractive` if no language model wrote,
    `records` if the sentences are made from the papers' records. `fallback` is the extractive answer if a language
    model failed, or wrote nothing that the abstracts support. A stopped answer (`receipt.stopped`) holds what was
    written so far and says so in an issue, or is declined if nothing was. `considered` holds the papers found, those
    that answer best first. `confidence` is how likely these papers answer the question, in [0, 1], by which an
    answer without a model is declined; None where no abstract was read. It says nothing of single sentences: their
    verdicts do.
    """

    question: str
    status: Status
    text: str
    sentences: tuple[Sentence, ...] = ()
    reason: Reason | None = None
    issues: tuple[Issue, ...] = ()
    nearest: tuple[Hit, ...] = ()
    written_by: str = "extractive"
    receipt: Receipt = field(default_factory=Receipt)
    fallback: Answer | None = None
    considered: tuple[Considered, ...] = ()
    confidence: float | None = None

    def __repr__(self) -> str:
        return documents.answer_line(self)

    def _repr_html_(self) -> str:
        return documents.answer_html(self)

    @property
    def papers(self) -> tuple[Paper, ...]:
        """The papers that have a number, by number: those cited, and those shown as contradicting a sentence."""
        return tuple(documents.numbered(self.sentences).values())

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation once, in the order of the text."""
        return documents.pins(self.sentences)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON document in the public format, the same at the shell, over HTTP and for an agent."""
        return documents.answer_document(self)

    def to_markdown(self) -> str:
        """Return it as Markdown: the text with [1] marks, below it each paper with the quotes and verdicts."""
        return documents.answer_markdown(self)
