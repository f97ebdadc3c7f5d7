"""The nouns of Pincite: frozen, typed, plain values, the only ones that stages exchange.

Offsets are Unicode code points into `Paper.abstract`, end exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from rag.views import documents
from rag.views.printable import printable


class Verdict(StrEnum):
    """Whether the evidence supports a sentence. `unknown` is its own value, never counted as one of the others."""

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
    STOPPED = "stopped"  # by the user, before a sentence was written


# The folders of a path that leads out of the folder where it was given: /a/b.bib, ~/b.bib, ../b.bib, C:\b.bib.
_OUTWARDS = re.compile(r"(?s)^(?:[/\\~]|[A-Za-z]:[/\\]|(?:.*[/\\])?\.\.[/\\])(?:.*[/\\])?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: file as given, 1-based position among its records, line, the user's citation key."""

    file: str
    position: int
    line: int | None = None
    key: str | None = None
    format: str = ""

    @property
    def name(self) -> str:
        """The file as anyone who asks may know it: as given, but of an absolute path, or one with `..`, the last part.

        Filters look in it: a visitor who guesses must not learn where a server keeps its files.
        """
        return _OUTWARDS.sub("", self.file)

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

    `said_by` is empty if a record of the paper itself says it; otherwise it names the notice's record by its file,
    without folders, and states if only its title matched. `of` names the papers that it is about, such as
    `doi:10.1000/x`, if the record is itself the notice and its source gives them.
    """

    kind: str
    text: str = ""
    said_by: str = ""
    of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A notice goes wherever its paper goes: into answers, exports, receipts, and other people's browsers.
        object.__setattr__(self, "said_by", self.said_by.rpartition("/")[2])

    @property
    def source(self) -> str:
        """Who says it, for people."""
        return f"“{self.text}” ({self.said_by})" if self.said_by else "its own record"


def _printed() -> Any:
    """Make a field that one publication of a paper has: a journal's volume is never that of the preprint."""
    return field(default=None, metadata={"printed": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliographic:
    """What a paper's sources state apart from its title and abstract. Empty if none of them does."""

    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    pmid: str | None = None
    url: str | None = None
    published: str | None = None  # ISO 8601, as precise as the source: 2024, 2024-04 or 2024-04-10
    author_count: int | None = None  # if the source gives a number instead of names
    organisation: str | None = None
    sections: tuple[Section, ...] = ()  # of a structured abstract
    notices: tuple[Notice, ...] = ()
    kind: str | None = _printed()  # CSL's name: article-journal, … (`rag.bibliography.publication_types`)
    volume: str | None = _printed()
    issue: str | None = _printed()  # a report's own number as well
    pages: str | None = _printed()  # 12-34, or an article's number
    series: str | None = _printed()
    edition: str | None = _printed()
    publisher: str | None = _printed()  # for a thesis the school, for a report the institution
    editors: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()  # authors and editors that the source marks as organisations
    more_authors: bool = False  # there are others that the source doesn't name: "and others", "et al."
    keywords: tuple[str, ...] = ()
    isbn: str | None = None
    issn: str | None = None
    notes: tuple[str, ...] = ()  # of the user or the source, such as "Erratum in the appendix"
    collections: tuple[str, ...] = ()  # of a reference manager, such as "Soil/Tillage"


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

    def __repr__(self) -> str:
        return documents.paper_line(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything about it as a JSON document of the public shape."""
        return documents.paper_document(self)

    @property
    def retracted(self) -> bool:
        """Whether a record of this paper says that it was retracted."""
        return any(notice.kind == "retraction" for notice in self._own_notices)

    @property
    def retracted_by(self) -> str:
        """Who says that this paper was retracted, its own record first; empty if nobody does."""
        said = sorted(
            (n for n in self._own_notices if n.kind == "retraction"), key=lambda n: (n.said_by != "", n.said_by)
        )
        return said[0].source if said else ""

    @property
    def retraction(self) -> str:
        """Who says that this paper was retracted, as one sentence; empty if nobody does."""
        if any(notice.kind == "retraction" and not notice.said_by for notice in self._own_notices):
            return f"“{self.title}” was retracted, as its own record says."
        return f"“{self.title}” is reported as retracted by {self.retracted_by}." if self.retracted else ""

    @property
    def doubts(self) -> tuple[str, ...]:
        """What else was published about this paper, a sentence each: corrections and expressions of concern."""
        found = {notice.kind: notice for notice in reversed(self._own_notices) if notice.kind in _DOUBTS}
        return tuple(
            f"“{self.title}” has {_DOUBTS[kind]}, according to {notice.source}." for kind, notice in found.items()
        )

    @property
    def _own_notices(self) -> tuple[Notice, ...]:
        """What is said of this paper: if it is itself a notice, what it says of others is left out."""
        return tuple(notice for notice in self.notices if not notice.of)

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
    [0, 1]. `paper.abstract[start:end] == text`.
    """

    number: int
    paper: Paper
    start: int
    end: int
    text: str
    relevance: float
    role: Role = Role.UNKNOWN
    answers: float = 0.0


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
        """Return it as a JSON document of the public shape, as one event of a stream."""
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
        """Return it as a JSON document of the public shape, as one event of a stream."""
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


@dataclass(frozen=True, slots=True)
class Receipt:
    """What made an answer, enough to check it again later (`pincite verify`).

    `trimmed` is the evidence that didn't fit the model's context; `withheld` lists sentences that try to instruct a
    language model; each as `paper:start-end`. `stopped`: the user stopped the answer before its end. `reranker` names
    the cross-encoder that ordered the hits, None if there was none; `languages` the model that read the papers again
    for a question in another language; `checker` what gave the verdicts; `papers` how many were to be read.
    `temperature` and `reply_tokens` are the settings of the language model, None if none wrote or one was passed in.
    `calibration` is what `pincite calibrate` fitted to the library, None where the shipped setting decided what to
    decline.
    `searches` is what was searched for in addition to the question: its parts if it asks two things, and what a model
    planned. `repairs` are the sentences that went back to
    the model because the check doubted them: each as it was, why, and what became of it. `disputed` are the sentences
    of other papers that contradict one of the answer.
    `seal` is a hash of all the rest: it shows that a receipt was damaged or edited, but anyone can make a new one.
    """

    made_at: str = ""
    pincite: str = ""
    question: str = ""
    searched: str = ""
    model: str = ""
    prompt_sha256: str | None = None
    library: str = ""
    reranker: str | None = None
    languages: str | None = None
    checker: str = ""
    papers: int | None = None
    calibration: str | None = None
    temperature: float | None = None
    reply_tokens: int | None = None
    retrieved: tuple[tuple[str, float], ...] = ()
    trimmed: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    stopped: bool = False
    searches: tuple[str, ...] = ()
    repairs: tuple[Mapping[str, Any], ...] = ()
    quotes: tuple[Mapping[str, Any], ...] = ()
    disputed: tuple[Mapping[str, Any], ...] = ()
    tokens: Mapping[str, int] = field(default_factory=dict)
    cost: float | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a receipt that doesn't hold (any more): `code` for programs, `message` for people.

    `number` is the citation's number in the answer, None if it concerns the whole receipt.
    """

    code: str
    message: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """A paper that was read for an answer, with its sentence that answers best: `paper.abstract[start:end] == quote`.

    `answers` is how likely that sentence answers the question, in [0, 1]; `stance` is `supports` or `contradicts` where
    the paper takes a side on a sentence of the answer. `why` says why the paper is not cited, empty where it is.
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
    written so far and says so in an issue, or is declined if nothing was. `considered` holds the papers that were read,
    those that answer best first. `confidence` is how likely these papers answer the question, in [0, 1], by which an
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
        """Return it as a JSON document of the public shape, the same at the shell, over HTTP and for an agent."""
        return documents.answer_document(self)

    def to_markdown(self) -> str:
        """Return it as Markdown: the text with [1] marks, below it each paper with the quotes and verdicts."""
        return documents.answer_markdown(self)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record or file that was skipped: its origin, its title if it had one, and why."""

    file: str
    reason: str
    line: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records merged into one paper, and the evidence for it: `origin` joined the paper of `other`.

    `unused` names those of the two whose abstract conflicts with the one in use.
    """

    paper_id: str
    title: str
    by: str
    origin: Origin
    other: Origin | None = None
    unused: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record that contradicts what is in use for its paper, in these fields: `used` is the origin of that."""

    paper_id: str
    title: str
    origin: Origin
    used: Origin
    fields: tuple[str, ...] = ("abstract",)


@dataclass(frozen=True, slots=True)
class Marked:
    """A paper that an add marked as retracted, corrected or doubted: `notice.said_by` always names the record."""

    paper_id: str
    title: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class SharedIdentity:
    """An identity that several papers share, such as the DOI of a whole volume: they are kept separate."""

    name: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an add did, record by record: every record read is in exactly one of these.

    `added`, `updated` and `unchanged` hold paper ids; `merged` lists records that joined a paper added by another
    record, or that changed nothing in one; `notices` are retractions, corrections and concerns without an abstract,
    kept for the papers that they are about; `without_abstract` and `rejected` name what was not indexed; `shared` names
    identities that different papers have in common. Where the records of a source are synchronised, `removed` holds the
    ids of papers that went with their last record, and `kept` those that lost one and have others.
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    merged: tuple[Merge, ...] = ()
    notices: tuple[Rejection, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    without_abstract: tuple[Rejection, ...] = ()
    cut: tuple[Rejection, ...] = ()  # records that are kept though their abstract says that it isn't whole
    shared: tuple[SharedIdentity, ...] = ()
    conflicts: tuple[Conflict, ...] = ()  # records of this add of which an abstract or a field is kept but not used
    marked: tuple[Marked, ...] = ()  # papers with a notice that they didn't have before
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unreadable: tuple[Rejection, ...] = ()  # whole files, or the rest of a file from a line on
    records: int = 0
    embedded: int = 0  # windows embedded
    seconds: float = 0.0
    interrupted: bool = False  # by Ctrl-C, before its end

    def __repr__(self) -> str:
        return documents.report_line(self)
