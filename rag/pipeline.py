"""The one place that knows the order of the steps from a question to an answer.

question → search → evidence → decline, or write → check each sentence → answer
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag import arguments, models, prompts, verify
from rag.arguments import Years, parse_filters
from rag.config import Config, from_environment
from rag.errors import InputError, ModelError, ModelReplyError
from rag.library import Library
from rag.models.boundary import boundary, name_of
from rag.models.chat import ChatModel
from rag.models.reply_cache import CachedModel, cached
from rag.question.answerability import Answerability, Found, answerability, says_nothing_of
from rag.question.interpret import Understood, understand
from rag.question.rewrite import rewrite_with_model
from rag.receipts import Stopwatch, receipt
from rag.text.foreign import without_foreign
from rag.text.person_names import first_authors, papers_of
from rag.text.question_form import SEVERAL, QuestionReading
from rag.text.roles import roles_of_spans
from rag.types import Answer, Draft, Evidence, Filters, Hit, Issue, Reason, Role, Sentence, Span, Status, Step
from rag.verify.near_copies import disagreements
from rag.verify.presupposition import false_premise
from rag.verify.registry import BUILTIN
from rag.write.addressed import issues_of, part
from rag.write.extractive import ExtractiveWriter
from rag.write.generative import GenerativeWriter
from rag.write.writer import FIX, HandedWriter, Task, Usage, Writer

# Papers that are read for an answer, for one that needs several papers, and papers that a declined one offers.
PAPERS = 5
SEVERAL_PAPERS = 8
NEAREST = 3
# Papers among which copies of a cited sentence with other figures are looked for.
COPIES = 20
# Seconds that a model may take of an answer's time for making a follow-up stand alone.
REWRITE = 30.0
EXTRACTIVE, RECORDS = "extractive", "records"

History = Sequence[Mapping[str, Any]]

DECLINED = {
    Reason.NO_PAPERS: "The library holds no papers yet: add some, then ask again.",
    Reason.FILTERED_OUT: "No paper in the library passes these filters: widen them, then ask again.",
    Reason.LOW_RELEVANCE: "No abstract in the library answers this question.",
    Reason.UNSUPPORTED: "No answer could be written that the abstracts carry.",
    Reason.NEEDS_FULL_TEXT: "Abstracts do not tell this: it is a detail for the full text of a paper.",
    Reason.MODEL_UNAVAILABLE: "The language model could not answer.",
    Reason.NO_QUESTION: "This is no question about papers: ask what the papers of the library tell.",
    Reason.STOPPED: "Stopped before anything was written.",
}
BESIDE = "Below is an answer written without a language model, in the abstracts' own words."


@arguments.names_known
def answer(
    question: str,
    library: Library,
    *,
    history: History = (),
    model: str | ChatModel | None = None,
    writer: Writer | None = None,
    checker: str | verify.Checker | None = None,
    config: Config | None = None,
    stop: threading.Event | None = None,
    year: Years | None = None,
    venue: str | None = None,
    author: str | None = None,
    source: str | None = None,
    papers: str | Iterable[str] | None = None,
    exclude: str | Iterable[str] | None = None,
    year_from: int | None = None,
    year_to: int | None = None,
) -> Answer:
    """Answer a question from the library, every sentence pinned to the sentence that carries it.

    Args:
        question: what to answer, at most 4,000 characters.
        library: where to look.
        history: earlier turns, oldest first, each {"role": "user" or "assistant", "content": text}; a turn of the
            assistant may name the `papers` that it cited, as a list of ids by number, else they are looked up.
        model: "extractive", "openai:NAME", "ollama:NAME" or a `ChatModel`; None takes `PINCITE_MODEL`, else extractive.
        writer: an object of your own that writes in the place of a model (`Writer`).
        checker: a name as `PINCITE_CHECKER` takes it, or an object of your own (`Checker`).
        config: the settings; None reads them from the environment.
        stop: setting it, from any thread, breaks the answer off: it holds what was written by then and is marked as
            stopped.
        year: only papers of this year or these years: 2024, "2023..2025", "2023.." or (2023, 2025).
        venue: only papers whose venue has this text in its name.
        author: only papers with an author whose name has this text in it.
        source: only papers from files whose name has this text in it.
        papers: only the papers of these ids.
        exclude: none of the papers of these ids.
        year_from: only papers of this year or later.
        year_to: only papers of this year or earlier.

    Returns:
        The answer, or a declined one with its reason. Trouble during a model's call does not raise: the answer is
        declined with `model_unavailable`, and `fallback` holds the extractive answer.

    Raises:
        ConfigError: an unknown model, or a missing key.
        InputError: an empty question, a malformed history, or a filter that can't be read.

    """
    *_, last = stream_answer(
        question, library, history=history, model=model, writer=writer, checker=checker, config=config, stop=stop,
        year=year, venue=venue, author=author, source=source, papers=papers, exclude=exclude, year_from=year_from,
        year_to=year_to,
    )  # fmt: skip
    if not isinstance(last, Answer):
        raise AssertionError("the stream ended without an answer")
    return last


@arguments.names_known
def stream_answer(
    question: str,
    library: Library,
    *,
    history: History = (),
    model: str | ChatModel | None = None,
    writer: Writer | None = None,
    checker: str | verify.Checker | None = None,
    config: Config | None = None,
    stop: threading.Event | None = None,
    year: Years | None = None,
    venue: str | None = None,
    author: str | None = None,
    source: str | None = None,
    papers: str | Iterable[str] | None = None,
    exclude: str | Iterable[str] | None = None,
    year_from: int | None = None,
    year_to: int | None = None,
) -> Generator[Step | Sentence | Answer, None, None]:
    """Answer as `answer` does, yielding each step, each checked sentence as it is written, and the `Answer` last.

    Takes what `answer` takes, and raises what it raises, at once. After `stop` is set the `Answer` comes at once;
    closing the generator gives none. Both close the model's connection.
    """
    asked, history = arguments.question(question), arguments.turns(history)
    arguments.kind("library", library, Library, "open one with Library.open(path)")
    config = from_environment() if config is None else arguments.config(config)
    stop = threading.Event() if stop is None else arguments.kind("stop", stop, threading.Event, "make one and set() it")
    if writer is not None and model is not None:
        raise InputError(f"writer and model={model!r:.40} are both given: only one can write, leave one out")
    given = {"year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude}
    filters = parse_filters(given | {"year_from": year_from, "year_to": year_to})
    texts = prompts.with_own(config.prompts)
    spoken = None if writer is not None else _model(model, library, config, stop)
    return _Run(
        asked,
        library,
        _writer(writer, spoken, texts, config),
        _checker(checker, library, config, stop),
        spoken,
        config,
        texts,
        filters,
        history,
        stop,
        configured=spoken is not None and (model is None or isinstance(model, str)),
    ).steps()


def _model(model: str | ChatModel | None, library: Library, config: Config, stop: threading.Event) -> ChatModel | None:
    """Return the language model that writes, None where none does."""
    chosen = config.model if model is None else arguments.model(model)
    found = models.load(chosen, config, stop) if isinstance(chosen, str) else chosen
    if found is not None and config.cache and library.folder is not None and library.exists:
        with boundary("the model", ModelReplyError, FIX):
            return cached(found, library.folder)
    return found


def _writer(writer: Writer | None, model: ChatModel | None, texts: prompts.Prompts, config: Config) -> Writer:
    if writer is not None:
        return HandedWriter(arguments.handed("writer", writer, ("name", "write")))
    return ExtractiveWriter() if model is None else GenerativeWriter(model, texts, config.reply_tokens)


def _checker(
    checker: str | verify.Checker | None, library: Library, config: Config, stop: threading.Event
) -> verify.BoundedChecker:
    chosen = config.checker if checker is None else checker
    deadline = time.monotonic() + config.timeout
    if isinstance(chosen, str):
        found = verify.load_checker(chosen, config, library.embedder, stop=stop, deadline=deadline)
    else:
        found = arguments.handed("checker", chosen, ("check",))
    # The built-in checker is quick, and still checks the answer that stands in for a model's that took too long.
    return verify.BoundedChecker(found, stop, None if chosen == BUILTIN else deadline)


@dataclass
class _Run:
    """One answer in the making."""

    question: str
    library: Library
    writer: Writer
    checker: verify.BoundedChecker
    model: ChatModel | None
    config: Config
    texts: prompts.Prompts
    filters: Filters
    history: History
    stop: threading.Event
    configured: bool = False  # the settings of language models reach this one, as it was made from its name
    papers: int | None = None
    reading: QuestionReading = field(default_factory=lambda: QuestionReading(""))  # of what is searched for
    hits: list[Hit] = field(default_factory=list)
    around: list[Hit] = field(default_factory=list)
    withheld: tuple[Evidence, ...] = ()
    from_records: bool = False
    issues: list[Issue] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    usage: Usage | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)

    def steps(self) -> Generator[Step | Sentence | Answer, None, None]:
        """Go from the question to the answer."""
        with self.watch.stage("search"):
            meant = self._interpret()
            within = self.library.matching(self.filters)
        gate = answerability(meant, len(self.library), within)
        if gate.reason:
            yield self._decline(gate)
        elif meant.records:
            yield from self._tell_records(meant.records)
        else:
            yield Step("search", f"searching {within:,} abstracts")
            yield from self._answer(meant)

    def _answer(self, meant: Understood) -> Generator[Step | Sentence | Answer, None, None]:
        """Search, and write from what is found."""
        with self.watch.stage("search"):
            evidence = self._evidence(meant)
        self.issues += issues_of(self.withheld, evidence)
        yield Step("read", f"reading {len(self.hits)} abstracts, {len(evidence)} sentences")
        if self.stop.is_set():
            yield self._stopped()
            return
        found = Found(self.searched, self.hits, evidence)
        gate = answerability(meant, len(self.library), self.library.matching(self.filters), found)
        self.issues += gate.issues
        if gate.reason:
            yield self._decline(gate)
            return
        yield from self.write(evidence, meant.own)

    def _evidence(self, meant: Understood) -> tuple[Evidence, ...]:
        """Find the papers, and return the sentences of theirs that a writer may use."""
        if self.model is not None and not meant.settled:
            self._rewrite(self.model)
        several = self.reading.form in SEVERAL
        self.papers = self.config.papers or (SEVERAL_PAPERS if several else PAPERS)
        self.around = self.library.find(self.searched, max(self.papers, COPIES), self.filters)
        self.hits = self.around[: self.papers]
        if not several:  # a comparison with "Fell et al." wants the others too
            self.hits = papers_of(first_authors(self.searched), self.hits) or self.hits
        evidence, self.withheld = part(_with_roles(self.library.gather(self.searched, self.hits)))
        return tuple(item for item in evidence if item.text.rstrip(".!?") not in meant.told) or evidence

    def write(self, evidence: Sequence[Evidence], own: str = "") -> Generator[Step | Sentence | Answer, None, None]:
        """Write from the evidence and check every sentence as it comes; `own` is what a follow-up asks anew."""
        yield Step("write", f"writing with {self.writer.name}")
        whole = False
        try:
            with self.watch.stage("write"):
                whole = yield from self._checked(self._drafts(evidence), evidence)
        except ModelError as error:
            if not self.stop.is_set():
                yield self._unavailable(error, evidence)
                return
        if not whole:
            yield self._stopped()
            return
        if isinstance(self.model, CachedModel):
            self.model.keep()
        if self.sentences:
            self._hold_against(own)
            yield self._finish(Status.ANSWERED, mark_up(self.sentences))
            return
        yield self._nothing_carried(evidence)

    def _nothing_carried(self, evidence: Sequence[Evidence]) -> Answer:
        """Decline because no sentence is left: the writer found none, or nothing carries what it wrote."""
        if self.usage is not None and self.usage.cannot_answer is not None:
            said = without_foreign(self.usage.cannot_answer, ())[0] or "it gave no reason"
            self.issues.append(Issue("cannot_answer", f"The model found no answer in the evidence: {said}"))
        elif not isinstance(self.writer, ExtractiveWriter):
            # A reader with a weak model should have no less than one without.
            return self._without_model(Reason.UNSUPPORTED, evidence)
        return self._decline(Answerability(Reason.UNSUPPORTED))

    def _hold_against(self, own: str) -> None:
        """Tell what the question takes for granted or asks anew and the answer does not bear out."""
        if says_nothing_of(own, {pin.paper for sentence in self.sentences for pin in sentence.citations}):
            self.issues.append(Issue("unmentioned", f"None of the papers cited mentions {own}."))
        self.issues += disagreements(self.sentences, [hit.paper for hit in self.around])
        if issue := false_premise(self.searched, self.sentences, self.checker):
            self.issues.append(issue)

    def _drafts(self, evidence: Sequence[Evidence]) -> Iterator[Draft | Usage]:
        # A cross-encoder's scores are of another scale.
        scores = {} if self.library.reranker else {hit.paper_id: hit.score for hit in self.hits}
        task = Task(self.reading, self.question, evidence, scores, self.history, self.config.timeout)
        return self.writer.write(task)

    def _checked(
        self, drafts: Iterator[Draft | Usage], evidence: Sequence[Evidence]
    ) -> Generator[Sentence, None, bool]:
        """Check each draft as it comes; return whether all came, or it was stopped before."""
        numbers: dict[str, int] = {}
        said: set[str] = set()
        try:
            for draft in drafts:
                if self.stop.is_set():
                    return False
                if isinstance(draft, Usage):
                    self.usage = draft
                    continue
                given = dict(numbers)
                sentence, issues = verify.check(draft, evidence, self.checker, given)
                if self.stop.is_set():  # in the middle of it, perhaps
                    return False
                self.issues += issues
                if sentence is not None and sentence.text not in said:
                    numbers = given  # what is not shown takes no number
                    said.add(sentence.text)
                    self.sentences.append(sentence)
                    yield sentence
            return True
        finally:
            if isinstance(drafts, Generator):
                drafts.close()

    def _interpret(self) -> Understood:
        """Take up what the question means: what is searched, within which papers, and what the reader is told."""
        meant = understand(self.question, self.history, self.library, self.filters)
        self.reading, self.filters = QuestionReading(meant.searched), meant.filters
        self.issues += [Issue("understood", note) for note in meant.notes]
        return meant

    def _rewrite(self, model: ChatModel) -> None:
        """Have the model make the question stand alone, in English; the rule serves where it can't."""
        # Writing meets the same trouble and says it.
        with contextlib.suppress(ModelError), boundary(name_of(model), ModelReplyError, FIX):
            limit = min(REWRITE, self.config.timeout / 2)
            asked = rewrite_with_model(self.question, self.history, model, limit, self.texts)
            known = [self.question, *(str(turn["content"]) for turn in self.history)]
            self.reading = QuestionReading(without_foreign(asked, known)[0] or self.question)
            self.issues = [issue for issue in self.issues if issue.code != "understood"]
            if self.searched != self.question:
                self.issues.append(Issue("understood", f"Understood as: {self.searched}"))

    def _tell_records(self, sentences: Sequence[Sentence]) -> Iterator[Sentence | Answer]:
        """Answer with what records say: no abstract is read, and no model is asked."""
        self.sentences += sentences
        self.from_records = True
        yield from sentences
        yield self._finish(Status.ANSWERED, mark_up(sentences))

    def _unavailable(self, error: ModelError, evidence: Sequence[Evidence]) -> Answer:
        """Decline because the model failed, with what it had written marked and the extractive answer beside it."""
        self.issues.append(Issue(_code(error), str(error)))
        if self.sentences:
            written = " ".join(sentence.text for sentence in self.sentences)
            self.issues.append(Issue("incomplete", "The model had written this when it failed.", written))
        return self._without_model(Reason.MODEL_UNAVAILABLE, evidence)

    def _without_model(self, reason: Reason, evidence: Sequence[Evidence]) -> Answer:
        """Decline, with the extractive answer beside it."""
        spare = replace(
            self, writer=ExtractiveWriter(), model=None, configured=False, issues=[], sentences=[], usage=None,
            watch=Stopwatch(),
        )  # fmt: skip
        *_, fallback = spare.write(evidence)
        declined = self._finish(Status.DECLINED, DECLINED[reason], reason)
        if not isinstance(fallback, Answer) or fallback.status is Status.DECLINED:
            return replace(declined, sentences=())
        return replace(declined, text=f"{declined.text} {BESIDE}", sentences=(), fallback=fallback)

    def _stopped(self) -> Answer:
        """Keep what was written by now, and mark it."""
        if not self.sentences:
            return self._finish(Status.DECLINED, DECLINED[Reason.STOPPED], Reason.STOPPED, stopped=True)
        self.issues.append(Issue("stopped", "Stopped before its end: this is what was written by then."))
        return self._finish(Status.ANSWERED, mark_up(self.sentences), stopped=True)

    def _decline(self, gate: Answerability) -> Answer:
        """Decline for the gate's reason, which is there."""
        assert gate.reason is not None
        if not gate.offers_papers:
            self.hits = []
        return self._finish(Status.DECLINED, gate.message or DECLINED[gate.reason], gate.reason)

    def _finish(self, status: Status, text: str, reason: Reason | None = None, *, stopped: bool = False) -> Answer:
        return Answer(
            question=self.question,
            status=status,
            text=text,
            sentences=tuple(self.sentences),
            reason=reason,
            issues=tuple(self.issues),
            nearest=tuple(self.hits[:NEAREST]) if status is Status.DECLINED else (),
            written_by=self._written_by,
            receipt=receipt(
                self.question, self.searched, self._written_by, self.library, self.hits, self.sentences,
                self.usage, self.watch, self.config, checker=self.checker.name, papers=self.papers,
                configured=self.configured, withheld=self.withheld, stopped=stopped,
            ),
        )  # fmt: skip

    @property
    def searched(self) -> str:
        """The question that is searched for."""
        return self.reading.text

    @property
    def _written_by(self) -> str:
        return RECORDS if self.from_records else self.writer.name


def mark_up(sentences: Sequence[Sentence]) -> str:
    """Return the sentences as prose, each with its numbers as [1] before its full stop."""
    return " ".join(_marked(sentence) for sentence in sentences)


def _marked(sentence: Sentence) -> str:
    marks = "".join(f"[{number}]" for number in sorted({c.number for c in sentence.citations}))
    body = sentence.text.rstrip()
    if not marks:
        return body
    ends = body[-1:] in ".!?" and not body.endswith("..")
    return f"{body[:-1]} {marks}{body[-1]}" if ends else f"{body} {marks}"


def _with_roles(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Say of each sentence what it does in its abstract."""
    papers = {item.paper.id: item.paper for item in evidence}
    roles: dict[int, Role] = {}
    for paper_id, paper in papers.items():
        mine = [item for item in evidence if item.paper.id == paper_id]
        found = roles_of_spans(paper, [Span(item.start, item.end) for item in mine])
        roles |= {item.number: role for item, role in zip(mine, found, strict=True)}
    return tuple(replace(item, role=roles[item.number]) for item in evidence)


def _code(error: ModelError) -> str:
    """Name an error for programs: ModelTimeoutError is `model_timeout`."""
    name = type(error).__name__.removesuffix("Error")
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
