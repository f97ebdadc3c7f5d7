"""The nouns of Pincite: frozen, typed, plain values that every stage speaks and nothing else does.

Offsets are Unicode code points into `Paper.abstract`, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from rag.printable import printable


class Verdict(StrEnum):
    """Whether the evidence carries a sentence. `unknown` is a value of its own, never counted as one of the others."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    CONTRADICTED = "contradicted"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a sentence does in its abstract (the moves of the structured abstract: Nakayama et al., JAMA 2005)."""

    BACKGROUND = "background"
    AIM = "aim"
    METHOD = "method"
    RESULT = "result"
    CONCLUSION = "conclusion"
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
    STOPPED = "stopped"  # by whoever asked, before a sentence was written


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stood: file as given, 1-based position among its records, line, the user's citation key."""

    file: str
    position: int
    line: int | None = None
    key: str | None = None
    format: str = ""

    @property
    def place(self) -> str:
        """The record as `FILE#3`, the third of its file; `FILE:3` is a line everywhere."""
        return f"{self.file}#{self.position}"


@dataclass(frozen=True, slots=True)
class Section:
    """A labelled part of a structured abstract, such as "Results"."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something published about a paper: `kind` is retraction, correction or concern.

    `said_by` is empty where a record of the paper itself says it, else it names the record of the notice, and says
    where that was matched by its title alone.
    """

    kind: str
    text: str = ""
    said_by: str = ""

    @property
    def source(self) -> str:
        """Who says it, for people."""
        return f"“{self.text}” ({self.said_by})" if self.said_by else "its own record"


def _printed() -> Any:
    """Make a field that one publication of a paper has: a journal's volume is never that of the preprint."""
    return field(default=None, metadata={"printed": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliographic:
    """What the sources of a paper say about it besides its title and abstract. Empty: none of them says."""

    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    pmid: str | None = None
    url: str | None = None
    published: str | None = None  # ISO 8601, as exact as the source is: 2024, 2024-04 or 2024-04-10
    author_count: int | None = None  # where the source gives a number instead of names
    organisation: str | None = None
    sections: tuple[Section, ...] = ()  # of a structured abstract
    notices: tuple[Notice, ...] = ()
    kind: str | None = _printed()  # CSL's name: article-journal, … (`rag.bibliography.publication_types`)
    volume: str | None = _printed()
    issue: str | None = _printed()  # a report's own number as well
    pages: str | None = _printed()  # 12-34, or an article's number
    series: str | None = _printed()
    edition: str | None = _printed()
    publisher: str | None = _printed()  # of a thesis the school, of a report the institution
    editors: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()  # authors and editors that the source marks as organisations
    more_authors: bool = False  # there are others that the source doesn't name: "and others", "et al."
    keywords: tuple[str, ...] = ()
    isbn: str | None = None
    issn: str | None = None
    notes: tuple[str, ...] = ()  # of the user or the source, such as "Erratum in the appendix"


_DOUBTS = {"correction": "a correction", "concern": "an expression of concern"}
# The fields that belong to one publication of a paper.
PRINTED = tuple(f.name for f in fields(Bibliographic) if "printed" in f.metadata)


@dataclass(frozen=True, slots=True)
class Record(Bibliographic):
    """A paper as described by one source, before matching it against the library."""

    title: str
    abstract: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Paper(Bibliographic):
    """A paper of the library."""

    id: str  # never changes
    title: str
    abstract: str
    aliases: tuple[str, ...] = ()  # its other identities, such as `doi:10.1000/x`
    origins: tuple[Origin, ...] = ()

    @property
    def retracted(self) -> bool:
        """Whether a record of this paper says that it was retracted."""
        return any(notice.kind == "retraction" for notice in self.notices)

    @property
    def retracted_by(self) -> str:
        """Who says that this paper was retracted; empty where nobody does. Its own record first."""
        said = sorted((n for n in self.notices if n.kind == "retraction"), key=lambda n: (n.said_by != "", n.said_by))
        return said[0].source if said else ""

    @property
    def retraction(self) -> str:
        """Who says that this paper was retracted, as one sentence; empty where nobody does. Its own record first."""
        if any(notice.kind == "retraction" and not notice.said_by for notice in self.notices):
            return f"“{self.title}” was retracted, as its own record says."
        return f"“{self.title}” is reported as retracted by {self.retracted_by}." if self.retracted else ""

    @property
    def doubts(self) -> tuple[str, ...]:
        """What else was published about this paper, a sentence each: corrections and expressions of concern."""
        found = {notice.kind: notice for notice in reversed(self.notices) if notice.kind in _DOUBTS}
        return tuple(
            f"“{self.title}” has {_DOUBTS[kind]}, according to {notice.source}." for kind, notice in found.items()
        )

    @property
    def key(self) -> str | None:
        """The user's own citation key, from the first record that had one."""
        return next((origin.key for origin in self.origins if origin.key), None)


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
    """A paper found, with the sentence of it that fits the question best.

    `score` is the fused score, or a cross-encoder's where one is configured; `dense` the cosine of the best window,
    `lexical` the share in [0, 1] of the best BM25 score that the question could have had.
    `quote == paper.abstract[start:end]`.
    """

    paper: Paper
    score: float
    quote: str
    start: int
    end: int
    dense: float | None = None
    lexical: float | None = None

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

    `relevance` is the cosine of question and sentence. `paper.abstract[start:end] == text`.
    """

    number: int
    paper: Paper
    start: int
    end: int
    text: str
    relevance: float
    role: Role = Role.UNKNOWN


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as a writer wrote it, with the evidence numbers that it claims. Nothing in it is believed yet."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """How far evidence carries a sentence: `score` in [0, 1]; `why` says in words what decided."""

    score: float
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A pin: `paper.abstract[start:end] == quote`, always. `number` belongs to the paper.

    `record` is what the paper's record says (authors, year, venue) where that carries the sentence and no sentence of
    the abstract does: then `quote` is empty.
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

    @property
    def words(self) -> str:
        """The words that it points at: its quote, or the record."""
        return self.quote or self.record


@dataclass(frozen=True, slots=True)
class Agreement:
    """For one sentence: the papers that carry it, and which sentences of other papers contradict it.

    `also` holds the sentences of the supporting papers that are not cited beside it.
    """

    supporting: tuple[str, ...] = ()
    contradicting: tuple[Citation, ...] = ()
    also: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with its pins; `verdict` and `support` are those of all its evidence together."""

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    support: float
    agreement: Agreement = field(default_factory=Agreement)


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done while an answer is made, for people: `name` is search, read, write or check."""

    name: str
    message: str


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


@dataclass(frozen=True, slots=True)
class Receipt:
    """What made an answer, enough to check it again later (`pincite verify`).

    `trimmed` is the evidence that did not fit the model's context, `withheld` what speaks to a model instead of about
    research, each as `paper:start-end`. `stopped`: whoever asked stopped the answer before its end. `reranker` names
    the cross-encoder that put what was retrieved in order, None where there is none; `checker` what gave the verdicts;
    `papers` how many were to be read. `temperature` and `reply_tokens` are the settings of the language model, None
    where none wrote or one was handed in.
    `seal` is a hash of all the rest: it shows a receipt that was damaged or edited, but anyone can make a new one.
    """

    made_at: str = ""
    pincite: str = ""
    question: str = ""
    searched: str = ""
    model: str = ""
    prompt_sha256: str | None = None
    library: str = ""
    reranker: str | None = None
    checker: str = ""
    papers: int | None = None
    temperature: float | None = None
    reply_tokens: int | None = None
    retrieved: tuple[tuple[str, float], ...] = ()
    trimmed: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    stopped: bool = False
    quotes: tuple[Mapping[str, Any], ...] = ()
    tokens: Mapping[str, int] = field(default_factory=dict)
    cost: float | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a receipt that does not hold (any more): `code` for programs, `message` for people.

    `number` is the citation's number in the answer, None where it concerns the receipt as a whole.
    """

    code: str
    message: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or a declined one with its reason and the nearest papers.

    `text` is the sentences with `[1]` marks. `written_by` is the model's name, `extractive` where no language model
    wrote, `records` where the sentences are made from the papers' records. `fallback` is the extractive answer where a
    language model failed, or wrote nothing that the abstracts carry. One that was stopped (`receipt.stopped`) holds
    what was written by then and says so in an issue, or is declined where nothing was.
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

    @property
    def papers(self) -> tuple[Paper, ...]:
        """The papers that have a number, by number: those cited, and those shown as contradicting a sentence."""
        pins = (c for s in self.sentences for c in (*s.citations, *s.agreement.contradicting))
        numbered = {pin.number: pin.paper for pin in pins}
        return tuple(numbered[number] for number in sorted(numbered))


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record or file that was not taken: where it stood, its title if it had one, and why."""

    file: str
    reason: str
    line: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records taken for one paper, and by what: `origin` joined the paper of `other`.

    `unused` names those of the two whose abstract is in conflict with the one in use.
    """

    paper_id: str
    title: str
    by: str
    origin: Origin
    other: Origin | None = None
    unused: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record that gives another abstract for a paper than the one in use: `used` says where that one stands."""

    paper_id: str
    title: str
    origin: Origin
    used: Origin


@dataclass(frozen=True, slots=True)
class Marked:
    """A paper that an add marked as retracted, corrected or doubted: `notice.said_by` always names the record."""

    paper_id: str
    title: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class SharedIdentity:
    """An identity that several papers bear, such as the DOI of a whole volume: they are kept apart."""

    name: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an add did, record by record: every record read is in exactly one of these.

    `added`, `updated` and `unchanged` hold paper ids; `merged` records that joined a paper which another record added,
    or which they did not change; `without_abstract` and `rejected` name what was not indexed. `shared` names
    identities that papers have in common though they are different papers.
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    merged: tuple[Merge, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    without_abstract: tuple[Rejection, ...] = ()
    shared: tuple[SharedIdentity, ...] = ()
    conflicts: tuple[Conflict, ...] = ()  # records of this add whose abstract is kept but not used
    marked: tuple[Marked, ...] = ()  # papers with a notice that they did not have before
    unreadable: tuple[Rejection, ...] = ()  # whole files, or the rest of a file from a line on
    records: int = 0
    embedded: int = 0  # windows embedded
    seconds: float = 0.0
    interrupted: bool = False  # by Ctrl-C, before its end
