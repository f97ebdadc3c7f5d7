"""The one place that knows the order of the steps from a question to an answer.

question → search → evidence → decline, or write → check each sentence → answer
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag import prompts, verify
from rag.config import Config
from rag.errors import ModelError
from rag.library import Library
from rag.models.metered import MeteredModel, Spending
from rag.pipeline.caveats import against_question, left_open
from rag.pipeline.english_lines import checked_in_english
from rag.pipeline.evidence_search import MODEL_PAPERS, PAPERS, EvidenceSearch, Retrieved, nothing_yet, planned
from rag.pipeline.reading import ReadAtOnce
from rag.pipeline.reason_messages import BELOW, DECLINED, none_answers
from rag.pipeline.writing import CheckedWriting
from rag.question.answerability import Answerability, answerability, confidence
from rag.question.calibration import Calibration
from rag.question.interpret import understand
from rag.question.plan import Plan
from rag.question.understood import Understood
from rag.receipts import Stopwatch, receipt
from rag.text.invented_content import without_foreign
from rag.text.language import in_another_language
from rag.text.question_form import SEVERAL, QuestionReading
from rag.types import Answer, Evidence, Filters, Issue, Reason, Sentence, Status, Step
from rag.views.citation_numbers import mark_up
from rag.views.counts import counted
from rag.write.considered import considered
from rag.write.extractive import ExtractiveWriter
from rag.write.withheld import issues_of
from rag.write.writer import Task, Writer

LONGEST_SEARCH = 300  # characters of what a model says is missing
NEAREST = 3  # papers that a declined answer offers
# Seconds that a model may take of an answer's time for planning the search.
PLANNING = 30.0
RECORDS = "records"

History = Sequence[Mapping[str, Any]]
Event = Step | Sentence | Answer


@dataclass
class AnswerRun:
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
    spending: Spending
    configured: bool = False  # the settings of language models reach this one, as it was made from its name
    reading: QuestionReading = field(default_factory=lambda: QuestionReading(""))  # of what is searched for
    retrieved: Retrieved = field(default_factory=lambda: nothing_yet(QuestionReading("")))
    from_records: bool = False
    answerable_without_model: bool = True
    searched_again: bool = False  # for what the model says is missing, at most once
    spare: Answer | None = None  # the answer without the model
    ends: float = 0.0  # a time of `time.monotonic`
    issues: list[Issue] = field(default_factory=list)
    calibration: Calibration | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)
    writing: CheckedWriting = field(init=False)
    reader: ReadAtOnce = field(init=False)

    def __post_init__(self) -> None:
        self.writing = CheckedWriting(self.writer, self.checker, self.stop)
        self.reader = ReadAtOnce(self.stop)

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

    def _interpret(self) -> Understood:
        """Interpret the question: what is searched, within which papers, and the notes that the reader gets."""
        asked = QuestionReading(self.question)
        meant = understand(asked, self.history, self.library, self.filters)
        self.reading = asked if meant.searched == asked.text else QuestionReading(meant.searched)
        self.filters = meant.filters
        self.issues += [Issue("understood", note) for note in meant.notes]
        return meant

    def _answer_from_records(self, sentences: Sequence[Sentence]) -> Iterator[Sentence | Answer]:
        """Answer with what records say: no abstract is read, and no model is asked."""
        self.writing.sentences += sentences
        self.from_records = True
        yield from sentences
        yield self._finish(Status.ANSWERED, mark_up(sentences))

    def _answer(self, meant: Understood) -> Generator[Event, None, None]:
        """Search, and write from what is found."""
        yield from self._search(meant)
        if self.stop.is_set():
            self.retrieved = self.retrieved.half_read
            yield self._stopped()
            return
        evidence = self.retrieved.evidence
        self.issues += issues_of(self.retrieved.withheld, evidence)
        gate = self._gate(meant, read_by_model=self.model is not None)
        self.issues += gate.issues
        if gate.reason:
            yield self._decline(gate)
            return
        self._write_spare(meant)
        for event in self.write(evidence, meant):
            missing = self._missing(event)
            if missing and (more := (yield from self._found_more(meant, missing))):
                self.issues = [issue for issue in self.issues if issue.code != "cannot_answer"]
                self.writing = self.writing.again()
                yield from self.write(more, meant)
                return
            yield event

    def _search(self, meant: Understood) -> Iterator[Step]:
        """Find the papers, and their sentences that a writer may use."""
        if self.model is not None and not meant.settled and (self.history or in_another_language(self.question)):
            # What the rules make of it is there while the model plans.
            yield from self._retrieve(meant)
            if self.stop.is_set():
                return
            yield self._meanwhile(meant, self.model)
            plan = self._plan(self.model)
            by_rule = self.reading
            self._take_up(plan)
            # The plan may name a wrong subject of the conversation, as the rules may.
            also = (by_rule.text,) if plan.by_model and not by_rule.foreign and by_rule.text != plan.question else ()
            yield from self._retrieve(meant, (*plan.searches, *also))
            return
        yield from self._retrieve(meant)
        if self.stop.is_set():
            return
        if self.model is not None and not meant.settled and self._is_weak(meant):
            yield self._meanwhile(meant, self.model)
            plan = self._plan(self.model)
            # The question itself may be the same but for a typo.
            others = dict.fromkeys(text for text in (plan.question, *plan.searches) if text != self.reading.text)
            if others:
                yield from self._retrieve(meant, tuple(others))

    @property
    def _evidence_search(self) -> EvidenceSearch:
        papers = self.config.papers or (PAPERS if self.model is None else MODEL_PAPERS)
        return EvidenceSearch(self.library, self.filters, papers, self.model is not None, self.reader)

    def _meanwhile(self, meant: Understood, model: MeteredModel) -> Step:
        """Return the step of planning, with the papers and the answer without the model, which are there before it."""
        papers = tuple(hit.paper for hit in self.retrieved.hits)
        self._write_spare(meant)
        return Step("search", f"asking {model.name} what to search for", papers, self.spare)

    def _write_spare(self, meant: Understood) -> None:
        """Write the answer without the model: the fallback if the model fails."""
        self.answerable_without_model = not self._gate(meant).reason
        if self.model is not None and not self.checker.judges_many:  # a model's verdicts cost too much for this
            self.spare = self._written_without_model(self.retrieved.evidence)

    def _retrieve(self, meant: Understood, searches: Sequence[str] = ()) -> Iterator[Step]:
        """Search and read; the papers are known well before they are read."""
        search = self._evidence_search
        with self.watch.stage("search"):
            unread = search.find(self.reading, searches, meant.known)
        read = f"{counted(len(unread.hits), 'abstract')}, {counted(len(unread.evidence), 'sentence')}"
        yield Step("read", f"reading {read}", tuple(hit.paper for hit in unread.hits))
        with self.watch.stage("search"):
            self.retrieved = search.read(unread)

    def _is_weak(self, meant: Understood) -> bool:
        """Whether other searches may find more: this one found little, or the question has several parts."""
        if len(self.retrieved.hits) >= self.library.matching(self.filters):
            return False
        # A name or a rare word that no paper found has may be a typo, or what the field calls otherwise.
        lacking = bool(self.retrieved.evidence and self.retrieved.found.missing)
        return self.reading.form in SEVERAL or lacking or self._gate(meant).reason is not None

    def _plan(self, model: MeteredModel) -> Plan:
        limit = min(PLANNING, self.config.timeout / 2)
        with self.watch.stage("search"):
            return planned(self.question, self.history, model, limit, self.texts) or Plan(self.reading.text)

    def _take_up(self, plan: Plan) -> None:
        """Search for the question as the model understood it."""
        if not plan.by_model:
            return
        self.reading = QuestionReading(plan.question)
        self.issues = [issue for issue in self.issues if issue.code != "understood"]
        if plan.question != self.question:
            self.issues.append(Issue("understood", f"Understood as: {plan.question}"))

    def _missing(self, event: Event) -> str:
        """Return what the model says is missing where it declined for it."""
        usage = self.writing.usage
        if self.searched_again:
            return ""
        declined = isinstance(event, Answer) and not self.writing.sentences and not self.stop.is_set()
        return usage.cannot_answer or "" if declined and usage is not None else ""

    def _found_more(self, meant: Understood, missing: str) -> Generator[Step, None, tuple[Evidence, ...]]:
        """Search once more, for what is missing; return nothing where that finds no paper that wasn't read."""
        yield self._searching_again()
        read = {hit.paper_id for hit in self.retrieved.hits}
        yield from self._retrieve(meant, (*self.retrieved.searches, missing[:LONGEST_SEARCH]))
        return self.retrieved.evidence if {hit.paper_id for hit in self.retrieved.hits} - read else ()

    def _searching_again(self) -> Step:
        self.searched_again = True
        return Step("search", "searching again for what is missing")

    def _add_what_is_open(self, meant: Understood) -> Generator[Step | Sentence, None, bool]:
        """Search once for what the sentences leave open, and write from what that finds; False if it was stopped.

        Where that finds no paper that seems to answer it, or writing fails, the answer stays as it was.
        """
        open_ = self._left_open
        if not open_ or self.searched_again:
            return True
        yield self._searching_again()
        with self.watch.stage("search"):
            more = self._evidence_search.find_more(open_, self.retrieved)
        if self.stop.is_set():
            return False
        within = self.library.matching(self.filters)
        if answerability(meant, len(self.library), within, more.found, shift=self._shift).reason:
            return True
        self.retrieved = self.retrieved.joined(more)
        self.issues += issues_of(more.withheld, more.evidence)
        yield Step("write", f"writing with {self.writer.name}", tuple(hit.paper for hit in more.hits))
        return (yield from self._write_more(self._task_for(open_, more.evidence)))

    @property
    def _left_open(self) -> str:
        """What the model says its sentences leave open, empty where nothing can be done about it."""
        usage = self.writing.usage
        if usage is None or self.model is None or not self.writing.sentences or self.ends - time.monotonic() < 1:
            return ""
        # The reader, which says whether more was found, only reads English.
        return "" if in_another_language(self.question) else usage.not_covered[:LONGEST_SEARCH]

    def _write_more(self, task: Task) -> Generator[Sentence, None, bool]:
        """Add sentences to the answer; return False if it was stopped. Trouble with it leaves the answer as it is."""
        first, before = self.writing.usage, len(self.writing.sentences)
        whole, failed = True, False
        try:
            whole = yield from self.writing.write(task)
        except ModelError:
            whole, failed = not self.stop.is_set(), True
        last = self.writing.usage
        if failed or first is None or last is None or len(self.writing.sentences) == before:
            self.writing.usage = first
        else:
            self.writing.usage = replace(last, trimmed=(*first.trimmed, *last.trimmed))
        return whole

    def _task_for(self, open_: str, evidence: Sequence[Evidence]) -> Task:
        """Return the task of writing what an answer still lacks; what it says already is part of the conversation."""
        question = QuestionReading(f"{self.reading.text} Still open: {open_}")
        said = {"role": "assistant", "content": mark_up(self.writing.sentences)}
        history = (*self.history, {"role": "user", "content": self.reading.text}, said)
        return replace(self._task(evidence), reading=question, asked=question.text, history=history, parts=())

    def _gate(self, meant: Understood, *, read_by_model: bool = False) -> Answerability:
        within = self.library.matching(self.filters)
        found = self.retrieved.found
        return answerability(meant, len(self.library), within, found, read_by_model=read_by_model, shift=self._shift)

    @property
    def _shift(self) -> float:
        return self.calibration.shift if self.calibration else 0.0

    def write(self, evidence: Sequence[Evidence], meant: Understood | None = None) -> Generator[Event, None, None]:
        """Write from the evidence and check every sentence as it comes; without `meant` nothing more is looked for."""
        papers = tuple(hit.paper for hit in self.retrieved.hits)
        yield Step("write", f"writing with {self.writer.name}", papers, self.spare)
        whole = False
        try:
            with self.watch.stage("write"):
                whole = yield from self.writing.write(self._task(evidence))
                if whole and self.config.repair:
                    whole = yield from self.writing.repair(evidence, self.ends - time.monotonic())
                if whole and meant is not None:
                    whole = yield from self._add_what_is_open(meant)
        except ModelError as error:
            if not self.stop.is_set():
                self.issues += self.writing.issues
                yield self._unavailable(error, evidence)
                return
        self._count_own_writer()
        self.issues += self.writing.issues
        if not whole:
            yield self._stopped()
            return
        if self.model is not None:
            self.model.keep()
        if not self.writing.sentences:
            yield self._nothing_supported(evidence)
            return
        extractive = isinstance(self.writer, ExtractiveWriter)
        self.issues += against_question(
            self.writing.sentences, self.retrieved, self.checker, own=meant.own if meant else "", extractive=extractive
        )
        self.issues += [*left_open(self.writing.usage), *checked_in_english(self.writing.sentences)]
        yield self._finish(Status.ANSWERED, mark_up(self.writing.sentences))

    def _count_own_writer(self) -> None:
        """Add up what the caller's own writer took and what a model that checks did."""
        usage = self.writing.usage
        if self.model is None and usage is not None and self.spending.calls:
            self.spending.add(usage.prompt_tokens, usage.completion_tokens)

    def _task(self, evidence: Sequence[Evidence]) -> Task:
        # A cross-encoder's scores have another scale.
        scores = {} if self.library.reranker else {hit.paper_id: hit.score for hit in self.retrieved.hits}
        left = self.config.timeout if self.writing.usage is None else max(self.ends - time.monotonic(), 0.0)
        read = {item.number for item in evidence}
        parts = [[item for item in part if item.number in read] for part in self.retrieved.parts]
        return Task(self.reading, self.question, evidence, scores, self.history, left, parts)

    def _nothing_supported(self, evidence: Sequence[Evidence]) -> Answer:
        """Decline because no sentence is left: the writer found none, or nothing supports what it wrote."""
        usage = self.writing.usage
        if usage is not None and usage.cannot_answer is not None:
            said = without_foreign(usage.cannot_answer, ())[0] or "it gave no reason"
            issue = Issue("cannot_answer", f"The model found no answer in the evidence: {said}")
            self.issues.append(issue)
            return self._decline(Answerability(Reason.UNSUPPORTED, issue.message))
        if not isinstance(self.writer, ExtractiveWriter):
            # A reader with a weak model should get no less than one without.
            return self._without_model(Reason.UNSUPPORTED, evidence)
        return self._decline(Answerability(Reason.UNSUPPORTED))

    def _unavailable(self, error: ModelError, evidence: Sequence[Evidence]) -> Answer:
        """Decline because the model failed, with what it had written marked and the extractive answer added."""
        self.issues.append(Issue(_code(error), str(error)))
        if self.writing.sentences:
            written = " ".join(sentence.text for sentence in self.writing.sentences)
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
        retrieved = replace(self.retrieved, searches=())
        spare = replace(
            self, writer=ExtractiveWriter(), model=None, configured=False, issues=[], watch=Stopwatch(),
            retrieved=retrieved, spending=Spending(self.config),
        )  # fmt: skip
        read = {hit.paper_id for hit in self.retrieved.hits[:PAPERS]}
        *_, written = spare.write([item for item in evidence if item.paper.id in read])
        return written if isinstance(written, Answer) and written.status is Status.ANSWERED else None

    def _stopped(self) -> Answer:
        """Keep what was written so far, and mark it."""
        if not self.writing.sentences:
            stopped = self._finish(Status.DECLINED, DECLINED[Reason.STOPPED], Reason.STOPPED, stopped=True)
            # The person who stops a slow model may be reading the answer without it.
            return replace(stopped, text=f"{stopped.text} {BELOW}", fallback=self.spare) if self.spare else stopped
        self.issues.append(Issue("stopped", "Stopped early: this is what was written so far."))
        return self._finish(Status.ANSWERED, mark_up(self.writing.sentences), stopped=True)

    def _decline(self, gate: Answerability) -> Answer:
        """Decline for the gate's reason, which must be set."""
        assert gate.reason is not None
        if not gate.offers_papers:
            self.retrieved = replace(self.retrieved, hits=())
        return self._finish(Status.DECLINED, gate.message or self._why_declined(gate.reason), gate.reason)

    def _why_declined(self, reason: Reason) -> str:
        """Return the reason's own wording, which speaks of the papers searched where those aren't all."""
        searched = self.library.matching(self.filters) if reason is Reason.LOW_RELEVANCE else len(self.library)
        return none_answers(searched) if searched < len(self.library) else DECLINED[reason]

    def _finish(self, status: Status, text: str, reason: Reason | None = None, *, stopped: bool = False) -> Answer:
        written_by = RECORDS if self.from_records else self.writer.name
        retrieved, sentences = self.retrieved, self.writing.sentences
        return Answer(
            question=self.question,
            status=status,
            text=text,
            sentences=tuple(sentences),
            reason=reason,
            issues=tuple(self.issues),
            nearest=tuple(retrieved.hits[:NEAREST]) if status is Status.DECLINED else (),
            written_by=written_by,
            considered=considered(retrieved.evidence, sentences),
            confidence=confidence(retrieved.found, self._shift) if retrieved.evidence else None,
            receipt=receipt(
                self.question, self.reading.text, written_by, self.library, retrieved.hits, sentences,
                self.writing.usage, self.watch, self.config, checker=self.checker.name, papers=retrieved.papers,
                configured=self.configured, withheld=retrieved.withheld, stopped=stopped, repairs=self.writing.repairs,
                searches=retrieved.searches, calibration=self.calibration.name if self.calibration else None,
                tokens=self.spending.tokens if self.spending.calls else None,
            ),
        )  # fmt: skip


def _code(error: ModelError) -> str:
    """Name an error for programs: ModelTimeoutError is `model_timeout`."""
    name = type(error).__name__.removesuffix("Error")
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
