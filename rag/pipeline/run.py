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
from rag.errors import ModelError, ModelReplyError
from rag.library import Library
from rag.models.boundary import boundary, name_of
from rag.models.chat import ChatModel
from rag.models.metered import MeteredModel
from rag.models.reader import default_reader
from rag.models.reply_cache import cached
from rag.pipeline.overrides import Overrides
from rag.pipeline.reason_messages import BELOW, DECLINED
from rag.pipeline.repairs import Checked, doubts_of, numbered, repaired
from rag.question.answerability import Answerability, Found, answerability, confidence, says_nothing_of
from rag.question.answering import AnswerReader, answering
from rag.question.calibration import Calibration
from rag.question.interpret import Understood, understand
from rag.question.plan import Plan, fused, plan_with_model
from rag.receipts import Stopwatch, receipt
from rag.text.foreign import without_foreign
from rag.text.language import in_another_language
from rag.text.person_names import papers_of
from rag.text.quantities import quantities
from rag.text.question_form import SEVERAL, QuestionReading
from rag.text.roles import roles_of_spans
from rag.types import Answer, Draft, Evidence, Filters, Hit, Issue, Reason, Role, Sentence, Span, Status, Step
from rag.verify.near_copies import disagreements
from rag.verify.presupposition import false_premise
from rag.verify.registry import BUILTIN
from rag.views.counts import counted
from rag.write.considered import considered
from rag.write.extractive import ExtractiveWriter
from rag.write.generative import GenerativeWriter
from rag.write.withheld import issues_of, part
from rag.write.writer import FIX, HandedWriter, Task, Usage, Writer

# Papers that are read for an answer without a model, and by a model.
PAPERS = 10
MODEL_PAPERS = 15
# Sentences of theirs that a model may be shown; its window is the limit.
MODEL_SENTENCES = 2_000
LONGEST_SEARCH = 300  # characters of what a model says is missing
NEAREST = 3  # papers that a declined answer offers
# Papers searched for copies of a cited sentence with other figures.
COPIES = 20
# Seconds that a model may take of an answer's time for planning the search.
PLANNING = 30.0
EXTRACTIVE, RECORDS = "extractive", "records"

History = Sequence[Mapping[str, Any]]
Event = Step | Sentence | Answer


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
    """Answer a question from the library, every sentence pinned to the sentence that supports it.

    Args:
        question: what to answer, at most 4,000 characters.
        library: where to look.
        history: earlier turns, oldest first, each {"role": "user" or "assistant", "content": text}; a turn of the
            assistant may name the `papers` that it cited, as a list of ids by number, else they are looked up.
        model: "extractive", "openai:NAME", "ollama:NAME" or a `ChatModel`; None takes `PINCITE_MODEL`, else extractive.
        writer: an object of your own that writes in the place of a model (`Writer`).
        checker: a name as `PINCITE_CHECKER` takes it, or an object of your own (`Checker`).
        config: the settings; None reads them from the environment.
        stop: setting it, from any thread, ends the answer: it keeps what was written so far and is marked as
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
) -> Generator[Event, None, None]:
    """Answer as `answer` does, yielding each step, each checked sentence as it is written, and the `Answer` last.

    The step at which a model starts to write has the papers found, and the answer without the model.

    Takes what `answer` takes, and raises what it raises, at once. After `stop` is set the `Answer` comes at once;
    closing the generator gives none. Both close the model's connection.
    """
    asked, history = arguments.question(question), arguments.turns(history)
    arguments.kind("library", library, Library, "open one with Library.open(path)")
    config = from_environment() if config is None else arguments.config(config)
    stop = threading.Event() if stop is None else arguments.kind("stop", stop, threading.Event, "make one and set() it")
    overrides = Overrides(model, writer, checker)
    given = {"year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude}
    filters = parse_filters(given | {"year_from": year_from, "year_to": year_to})
    texts = prompts.with_own(config.prompts)
    spoken = None if overrides.writer is not None else _model(overrides.model, library, config, stop)
    return _Run(
        asked,
        library,
        _writer(overrides.writer, spoken, texts, config),
        _checker(overrides.checker, library, config, stop),
        spoken,
        config,
        texts,
        filters,
        history,
        stop,
        configured=spoken is not None and (model is None or isinstance(model, str)),
    ).steps()


def _model(
    model: str | ChatModel | None, library: Library, config: Config, stop: threading.Event
) -> MeteredModel | None:
    """Return the language model that writes, None where none does."""
    chosen = config.model if model is None else model
    found = models.load(chosen, config, stop) if isinstance(chosen, str) else chosen
    if found is not None and config.cache and library.folder is not None and library.exists:
        with boundary("the model", ModelReplyError, FIX):
            found = cached(found, library.folder)
    return None if found is None else MeteredModel(found, config, stop)


def _writer(writer: Writer | None, model: ChatModel | None, texts: prompts.Prompts, config: Config) -> Writer:
    if writer is not None:
        return HandedWriter(writer)
    return ExtractiveWriter() if model is None else GenerativeWriter(model, texts, config.reply_tokens)


def _checker(
    checker: str | verify.Checker | None, library: Library, config: Config, stop: threading.Event
) -> verify.BoundedChecker:
    chosen = config.checker if checker is None else checker
    deadline = time.monotonic() + config.timeout
    found = chosen
    if isinstance(found, str):
        found = verify.load_checker(found, config, library.embedder, stop=stop, deadline=deadline)
    # The built-in checker is fast, and still checks the answer that replaces a model's that took too long.
    return verify.BoundedChecker(found, stop, None if chosen == BUILTIN else deadline)


@dataclass
class _Run:
    """One answer in the making."""

    question: str
    library: Library
    writer: Writer
    checker: verify.BoundedChecker
    model: MeteredModel | None
    config: Config
    texts: prompts.Prompts
    filters: Filters
    history: History
    stop: threading.Event
    reader: AnswerReader = field(default_factory=default_reader)
    configured: bool = False  # the settings of language models reach this one, as it was made from its name
    papers: int | None = None
    reading: QuestionReading = field(default_factory=lambda: QuestionReading(""))  # of what is searched for
    hits: list[Hit] = field(default_factory=list)
    around: list[Hit] = field(default_factory=list)
    evidence: tuple[Evidence, ...] = ()
    found: Found = field(default_factory=lambda: Found(QuestionReading(""), (), ()))
    withheld: tuple[Evidence, ...] = ()
    from_records: bool = False
    answerable_without_model: bool = True
    spare: Answer | None = None  # the answer without the model
    searches: list[str] = field(default_factory=list)  # in addition to the question
    ends: float = 0.0  # a time of `time.monotonic`
    checked: list[Checked] = field(default_factory=list)
    repairs: list[Mapping[str, Any]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    usage: Usage | None = None
    calibration: Calibration | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)

    def steps(self) -> Generator[Event, None, None]:
        """Go from the question to the answer."""
        self.ends = time.monotonic() + self.config.timeout
        with self.watch.stage("search"):
            meant = self._interpret()
            within = self.library.matching(self.filters)
            self.calibration = self.library.calibration
        gate = answerability(meant, len(self.library), within)
        if gate.reason:
            yield self._decline(gate)
        elif meant.records:
            yield from self._answer_from_records(meant.records)
        else:
            yield Step("search", f"searching {counted(within, 'abstract')}")
            yield from self._answer(meant)

    def _answer(self, meant: Understood) -> Generator[Event, None, None]:
        """Search, and write from what is found."""
        with self.watch.stage("search"):
            evidence = self._evidence(meant)
        self.issues += issues_of(self.withheld, evidence)
        yield Step("read", f"reading {counted(len(self.hits), 'abstract')}, {counted(len(evidence), 'sentence')}")
        if self.stop.is_set():
            yield self._stopped()
            return
        gate = self._gate(meant, read_by_model=self.model is not None)
        self.issues += gate.issues
        if gate.reason:
            yield self._decline(gate)
            return
        self.answerable_without_model = not self._gate(meant).reason
        if self.model is not None and not self.checker.judges_many:  # a model's verdicts cost too much for this
            self.spare = self._written_without_model(evidence)
        for event in self.write(evidence, meant.own):
            missing = self._missing(event)
            if missing and (more := self._found_more(meant, missing)):
                yield Step("search", "searching again for what is missing")
                self.issues = [issue for issue in self.issues if issue.code != "cannot_answer"]
                self.checked = []
                yield from self.write(more, meant.own)
                return
            yield event

    def _missing(self, event: Event) -> str:
        """Return what the model says is missing where it declined for it."""
        declined = (
            isinstance(event, Answer) and self.usage is not None and not self.sentences and not self.stop.is_set()
        )
        return self.usage.cannot_answer or "" if declined and self.usage else ""

    def _found_more(self, meant: Understood, missing: str) -> tuple[Evidence, ...]:
        """Search once more, for what is missing; nothing where that finds no paper that wasn't read."""
        read = {hit.paper_id for hit in self.hits}
        evidence = self._found(meant, [*self.searches, missing[:LONGEST_SEARCH]])
        return evidence if {hit.paper_id for hit in self.hits} - read else ()

    def _gate(self, meant: Understood, *, read_by_model: bool = False) -> Answerability:
        within = self.library.matching(self.filters)
        return answerability(
            meant, len(self.library), within, self.found, read_by_model=read_by_model, shift=self._shift
        )

    @property
    def _shift(self) -> float:
        return self.calibration.shift if self.calibration else 0.0

    def _evidence(self, meant: Understood) -> tuple[Evidence, ...]:
        """Find the papers, and return the sentences of theirs that a writer may use."""
        if meant.settled or self.model is None:
            return self._found(meant, ())
        if self.history or in_another_language(self.question):
            # It can't be searched for as it is.
            plan = self._plan(self.model)
            self._take_up(plan)
            return self._found(meant, plan.searches)
        evidence = self._found(meant, ())
        if self._is_weak(meant):
            plan = self._plan(self.model)
            # The question itself may be the same but for a typo.
            others = dict.fromkeys(text for text in (plan.question, *plan.searches) if text != self.searched)
            evidence = self._found(meant, list(others)) if others else evidence
        return evidence

    def _is_weak(self, meant: Understood) -> bool:
        """Whether other searches may find more: this one found little, or the question has several parts."""
        if len(self.hits) >= self.library.matching(self.filters):
            return False
        return self.reading.form in SEVERAL or self._gate(meant).reason is not None

    def _found(self, meant: Understood, searches: Sequence[str]) -> tuple[Evidence, ...]:
        """Search for the question and for these texts too, fused into one list."""
        several = self.reading.form in SEVERAL
        self.papers = self.config.papers or (MODEL_PAPERS if self.model is not None else PAPERS)
        most = max(self.papers, COPIES)
        found = [self.library.find(text, most, self.filters) for text in (self.searched, *searches)]
        self.around = fused(found) if searches else found[0]
        self.hits = self.around[: self.papers]
        if not several:  # a comparison with "Fell et al." needs the others too
            self.hits = papers_of(self.reading.authors, self.hits) or self.hits
        self.searches += [text for text in searches if text not in self.searches]
        evidence, self.withheld = part(with_roles(self._gathered()))
        evidence = tuple(item for item in evidence if item.text.rstrip(".!?") not in meant.known) or evidence
        self.evidence = answering(self.reading, evidence, self.hits, self.reader)
        self.found = Found(self.reading, self.hits, self.evidence)
        return self.evidence

    def _gathered(self) -> tuple[Evidence, ...]:
        if self.model is None:
            return self.library.gather(self.searched, self.hits)
        return self.library.gather(self.searched, self.hits, MODEL_SENTENCES)

    def write(self, evidence: Sequence[Evidence], own: str = "") -> Generator[Event, None, None]:
        """Write from the evidence and check every sentence as it comes; `own` is what a follow-up asks anew."""
        papers = tuple(hit.paper for hit in self.hits) if self.model is not None else ()
        yield Step("write", f"writing with {self.writer.name}", papers, self.spare)
        whole = False
        try:
            with self.watch.stage("write"):
                whole = yield from self._checked(self._drafts(evidence), evidence)
                whole = whole and (yield from self._repaired(evidence))
        except ModelError as error:
            if not self.stop.is_set():
                self._take_issues()
                yield self._unavailable(error, evidence)
                return
        self._take_issues()
        if not whole:
            yield self._stopped()
            return
        if self.model is not None:
            self.model.keep()
        if self.sentences:
            self._hold_against(own)
            self._report_gaps()
            yield self._finish(Status.ANSWERED, mark_up(self.sentences))
            return
        yield self._nothing_supported(evidence)

    def _take_issues(self) -> None:
        self.issues += [issue for one in self.checked for issue in one.issues]

    def _repaired(self, evidence: Sequence[Evidence]) -> Generator[Step | Sentence, None, bool]:
        """Give the sentences that the check doubts back to the model, once; return whether it wasn't stopped.

        Trouble with it leaves them as they are.
        """
        doubts = doubts_of(self.checked)
        left = self.ends - time.monotonic()
        if not (self.config.repair and isinstance(self.writer, GenerativeWriter) and doubts and left > 1):
            return True
        yield Step("check", f"asking {self.writer.name} about {counted(len(doubts), 'doubted sentence')}")
        try:
            repairs = self.writer.repair(doubts, left)
        except ModelError as error:
            if not self.stop.is_set():
                self.issues.append(Issue("repair_failed", f"The doubted sentences stay as they were: {error}"))
            return not self.stop.is_set()
        self.checked, self.repairs = repaired(
            self.checked, repairs, evidence, lambda draft, numbers: verify.check(draft, evidence, self.checker, numbers)
        )
        shown = {sentence.text for sentence in self.sentences}
        kept = {one.sentence.text: one.sentence for one in self.checked if one.sentence is not None}
        self.sentences = numbered(list(kept.values()))
        yield from (sentence for sentence in self.sentences if sentence.text not in shown)
        return True

    def _nothing_supported(self, evidence: Sequence[Evidence]) -> Answer:
        """Decline because no sentence is left: the writer found none, or nothing supports what it wrote."""
        if self.usage is not None and self.usage.cannot_answer is not None:
            said = without_foreign(self.usage.cannot_answer, ())[0] or "it gave no reason"
            issue = Issue("cannot_answer", f"The model found no answer in the evidence: {said}")
            self.issues.append(issue)
            return self._decline(Answerability(Reason.UNSUPPORTED, issue.message))
        if not isinstance(self.writer, ExtractiveWriter):
            # A reader with a weak model should get no less than one without.
            return self._without_model(Reason.UNSUPPORTED, evidence)
        return self._decline(Answerability(Reason.UNSUPPORTED))

    def _report_gaps(self) -> None:
        """Report what the writer says its answer leaves open; it isn't checked, so it isn't part of the text."""
        if self.usage is None:
            return
        if self.usage.unread:
            what = counted(self.usage.unread, "sentence of the reply was", "sentences of the reply were")
            self.issues.append(Issue("unread_sentence", f"{what} unreadable and left out."))
        if said := without_foreign(self.usage.not_covered, ())[0]:
            self.issues.append(Issue("not_covered", f"Not covered by the papers found, the model says: {said}"))

    def _hold_against(self, own: str) -> None:
        """Report presuppositions and follow-up terms that the answer doesn't support."""
        if says_nothing_of(own, {pin.paper for sentence in self.sentences for pin in sentence.citations}):
            self.issues.append(Issue("unmentioned", f"None of the papers cited mentions {own}."))
        if self.reading.asks_for_figure and not any(quantities(s.text) for s in self.sentences):
            self.issues.append(Issue("no_figure", "The question asks for a figure, and the sentences found give none."))
        self.issues += disagreements(self.sentences, [hit.paper for hit in self.around])
        if issue := false_premise(self.searched, self.sentences, self.checker):
            self.issues.append(issue)

    def _drafts(self, evidence: Sequence[Evidence]) -> Iterator[Draft | Usage]:
        # A cross-encoder's scores have another scale.
        scores = {} if self.library.reranker else {hit.paper_id: hit.score for hit in self.hits}
        left = self.config.timeout if self.usage is None else max(self.ends - time.monotonic(), 0.0)
        task = Task(self.reading, self.question, evidence, scores, self.history, left)
        return self.writer.write(task)

    def _checked(
        self, drafts: Iterator[Draft | Usage], evidence: Sequence[Evidence]
    ) -> Generator[Sentence, None, bool]:
        """Check each draft as it comes; return whether all came, or it was stopped before."""
        numbers: dict[str, int] = {}
        said: set[str] = set()
        try:
            for draft in self._judged_at_once(drafts, evidence):
                if self.stop.is_set():
                    return False
                if isinstance(draft, Usage):
                    self.usage = draft
                    continue
                given = dict(numbers)
                sentence, issues = verify.check(draft, evidence, self.checker, given)
                if self.stop.is_set():  # in the middle of it, perhaps
                    return False
                self.checked.append(Checked(draft, sentence, issues))
                if sentence is not None and sentence.text not in said:
                    numbers = given  # a sentence that isn't shown takes no number
                    said.add(sentence.text)
                    self.sentences.append(sentence)
                    yield sentence
            return True
        finally:
            if isinstance(drafts, Generator):
                drafts.close()

    def _judged_at_once(self, drafts: Iterator[Draft | Usage], evidence: Sequence[Evidence]) -> Iterator[Draft | Usage]:
        """Have a checker that can judge many sentences in one call do so, once all are written."""
        if not self.checker.judges_many:
            yield from drafts
            return
        parts = list(drafts)
        texts = {item.number: item.text for item in evidence}
        claims: list[tuple[str, tuple[str, ...]]] = []
        for draft in (one for one in parts if isinstance(one, Draft)):
            cited = tuple(dict.fromkeys(texts[n] for n in draft.numbers if n in texts))
            claims += [(draft.text, cited)] if cited else []
            claims += [(draft.text, (text,)) for text in cited] if len(cited) > 1 else []
        self.checker.check_many(claims)
        yield from parts

    def _interpret(self) -> Understood:
        """Interpret the question: what is searched, within which papers, and the notes that the reader gets."""
        asked = QuestionReading(self.question)
        meant = understand(asked, self.history, self.library, self.filters)
        self.reading = asked if meant.searched == asked.text else QuestionReading(meant.searched)
        self.filters = meant.filters
        self.issues += [Issue("understood", note) for note in meant.notes]
        return meant

    def _plan(self, model: ChatModel) -> Plan:
        """Have the model make the question stand alone, in English, and say what else to search for.

        Where it can't, the rules are used: writing meets the same trouble and reports it.
        """
        with contextlib.suppress(ModelError), boundary(name_of(model), ModelReplyError, FIX):
            limit = min(PLANNING, self.config.timeout / 2)
            plan = plan_with_model(self.question, self.history, model, limit, self.texts)
            known = [self.question, *(str(turn["content"]) for turn in self.history)]
            asked = without_foreign(plan.question, known)[0] or self.question
            return Plan(asked, plan.searches, by_model=True)
        return Plan(self.searched)

    def _take_up(self, plan: Plan) -> None:
        """Search for the question as the model understood it."""
        if not plan.by_model:
            return
        self.reading = QuestionReading(plan.question)
        self.issues = [issue for issue in self.issues if issue.code != "understood"]
        if self.searched != self.question:
            self.issues.append(Issue("understood", f"Understood as: {self.searched}"))

    def _answer_from_records(self, sentences: Sequence[Sentence]) -> Iterator[Sentence | Answer]:
        """Answer with what records say: no abstract is read, and no model is asked."""
        self.sentences += sentences
        self.from_records = True
        yield from sentences
        yield self._finish(Status.ANSWERED, mark_up(sentences))

    def _unavailable(self, error: ModelError, evidence: Sequence[Evidence]) -> Answer:
        """Decline because the model failed, with what it had written marked and the extractive answer added."""
        self.issues.append(Issue(_code(error), str(error)))
        if self.sentences:
            written = " ".join(sentence.text for sentence in self.sentences)
            self.issues.append(Issue("incomplete", "The model had written this when it failed.", written))
        return self._without_model(Reason.MODEL_UNAVAILABLE, evidence)

    def _without_model(self, reason: Reason, evidence: Sequence[Evidence]) -> Answer:
        """Decline, and add the extractive answer where the gate lets one be written."""
        fallback = self.spare or self._written_without_model(evidence)
        declined = replace(self._finish(Status.DECLINED, DECLINED[reason], reason), sentences=())
        return replace(declined, text=f"{declined.text} {BELOW}", fallback=fallback) if fallback else declined

    def _written_without_model(self, evidence: Sequence[Evidence]) -> Answer | None:
        """Write the extractive answer, None where there is none."""
        if not self.answerable_without_model:
            return None
        spare = replace(
            self, writer=ExtractiveWriter(), model=None, configured=False, issues=[], sentences=[], usage=None,
            watch=Stopwatch(), checked=[], repairs=[], searches=[],
        )  # fmt: skip
        read = {hit.paper_id for hit in self.hits[:PAPERS]}
        *_, written = spare.write([item for item in evidence if item.paper.id in read])
        return written if isinstance(written, Answer) and written.status is Status.ANSWERED else None

    def _stopped(self) -> Answer:
        """Keep what was written so far, and mark it."""
        if not self.sentences:
            return self._finish(Status.DECLINED, DECLINED[Reason.STOPPED], Reason.STOPPED, stopped=True)
        self.issues.append(Issue("stopped", "Stopped early: this is what was written so far."))
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
            considered=considered(self.evidence, self.sentences),
            confidence=confidence(self.found, self._shift) if self.found.evidence else None,
            receipt=receipt(
                self.question, self.searched, self._written_by, self.library, self.hits, self.sentences,
                self.usage, self.watch, self.config, checker=self.checker.name, papers=self.papers,
                configured=self.configured, withheld=self.withheld, stopped=stopped, repairs=self.repairs,
                searches=self.searches, calibration=self.calibration.name if self.calibration else None,
                tokens=self.model.tokens if self.model is not None else None,
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


def with_roles(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Add to each sentence its role in its abstract."""
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
