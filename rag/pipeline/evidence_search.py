"""From a question to the sentences that a writer may use: one search or several, fused, and what they found."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag import prompts
from rag.errors import ModelError, ModelReplyError
from rag.library import Library
from rag.models.boundary import boundary, name_of
from rag.models.chat import ChatModel
from rag.models.embedding import Embedder
from rag.question.acronyms import by_acronym, defined_acronym
from rag.question.answerability import Found
from rag.question.answering import AnswerReader, Part, answering, nearness, together, weighed
from rag.question.paper_part import by_part
from rag.question.plan import Plan, fused, plan_with_model
from rag.text.invented_content import without_foreign
from rag.text.language import in_another_language
from rag.text.person_names import papers_of
from rag.text.question_form import SEVERAL, QuestionReading
from rag.text.words import term_set
from rag.types import Evidence, Filters, Hit
from rag.verify import default_embedder
from rag.write.withheld import part
from rag.write.writer import FIX

# Papers that are read for an answer without a model, and by a model.
PAPERS = 10
MODEL_PAPERS = 15
# Their sentences that a model may be shown; its window is the limit.
MODEL_SENTENCES = 2_000
# Papers searched for copies of a cited sentence with other figures.
COPIES = 20
# Beyond this many papers, one whose score is a smaller share of the best one's isn't read: of 250 answers one changes
# (docs/lab/performance.md).
READ_ANYWAY, FAR = 4, 0.5


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a question found.

    `around` are the nearest papers, `hits` those of them that are read, at most `papers`; `found` is what the gate
    decides about. `withheld` are sentences that no writer sees. `parts` has the evidence once for each part of a double
    question, scored for that one. `searches` are those made in addition to the question.
    """

    found: Found
    around: Sequence[Hit] = ()
    hits: Sequence[Hit] = ()
    papers: int | None = None
    withheld: tuple[Evidence, ...] = ()
    parts: tuple[tuple[Evidence, ...], ...] = ()
    searches: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The sentences that a writer may use."""
        return tuple(self.found.evidence)

    @property
    def half_read(self) -> Retrieved:
        """The result if reading was stopped: the papers alone, as nothing is known about their sentences."""
        return replace(self, found=Found(self.found.asked, self.hits, ()), parts=())

    def joined(self, more: Retrieved) -> Retrieved:
        """Return these papers followed by others, which a later search found."""
        found = replace(self.found, hits=(*self.hits, *more.hits), evidence=(*self.evidence, *more.evidence))
        return replace(
            self, found=found, hits=found.hits, withheld=(*self.withheld, *more.withheld),
            searches=(*self.searches, more.found.asked.text),
        )  # fmt: skip


def nothing_yet(asked: QuestionReading) -> Retrieved:
    """Return the result of a search that wasn't made: an empty one."""
    return Retrieved(Found(asked, (), ()))


@dataclass(frozen=True, slots=True)
class Unread:
    """The papers that searches found, before anything is read: the nearest of all, and `hits`, those to read.

    `ranked` has what each search found, by its text; `evidence` and `withheld` are the sentences of `hits`.
    """

    asked: QuestionReading
    ranked: Mapping[str, Sequence[Hit]]
    around: Sequence[Hit]
    hits: Sequence[Hit]
    evidence: tuple[Evidence, ...]
    withheld: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class EvidenceSearch:
    """A library as it is searched for one answer: within which papers, how many are read, and by whom."""

    library: Library
    filters: Filters
    papers: int
    by_model: bool
    reader: AnswerReader

    def find(self, asked: QuestionReading, searches: Sequence[str] = (), known: str = "") -> Unread:
        """Search for the question and for these texts too, fused into one list; `known` needs no repeating."""
        texts = dict.fromkeys((asked.text, *(part.text for part in _parts(asked)), *searches))
        ranked = {text: self._ranked(text) for text in texts}
        around = fused(list(ranked.values())) if len(ranked) > 1 else ranked[asked.text]
        hits = self._nearest_papers(asked, around)
        evidence, withheld = part(self._gather(asked.text, hits))
        evidence = tuple(item for item in evidence if item.text.rstrip(".!?") not in known) or evidence
        return Unread(asked, ranked, around, hits, evidence, withheld)

    def _ranked(self, text: str) -> Sequence[Hit]:
        """Search for a text; for an acronym alone where that is to be defined, as papers have no other word of it."""
        wanted = defined_acronym(QuestionReading(text)) or text
        return self.library.find(wanted, max(self.papers, COPIES), self.filters)

    def read(self, unread: Unread) -> Retrieved:
        """Read the papers found: how likely each of their sentences answers. This takes most of an answer's time."""
        asked, ranked, hits = unread.asked, unread.ranked, unread.hits
        parts = _parts(asked)
        whole = ranked[asked.text] if parts else hits
        several = [Part(one, nearness(whole, ranked[one.text]), self._relevance(one, hits)) for one in parts]
        wanted = several or [Part(asked, nearness(whole))]
        far = self._far(wanted, hits)
        evidence = tuple(replace(item, read=None) if item.paper.id in far else item for item in unread.evidence)
        each = self._answering(wanted, evidence)
        found = Found(asked, hits, together(evidence, each), lambda text: self._nearest(text, hits))
        others = tuple(text for text in ranked if text != asked.text)
        return Retrieved(found, unread.around, hits, self.papers, unread.withheld, each if parts else (), others)

    def _far(self, parts: Sequence[Part], hits: Sequence[Hit]) -> set[str]:
        """Return the papers that are too far from every part of a question to be read.

        A reranker's scores have another scale, which doesn't say what is far; in another language none is read.
        """
        if self.library.reranker or any(part.question.foreign for part in parts):
            return set()
        beyond = hits[READ_ANYWAY:]
        return {hit.paper_id for hit in beyond if all(part.near.get(hit.paper_id, 0.0) < FAR for part in parts)}

    def _answering(self, parts: Sequence[Part], evidence: Sequence[Evidence]) -> tuple[tuple[Evidence, ...], ...]:
        """Return for each part the evidence with how likely each sentence answers: unread, by similarity alone."""
        each = answering(parts, [item for item in evidence if item.read is not None], self.reader)
        unread = [item for item in evidence if item.read is None]
        scored = (
            (part.question, _in_order((*read, *weighed(part.question, unread, part.near, {}))))
            for part, read in zip(parts, each, strict=True)
        )
        return tuple(
            items if question.foreign else by_part(question.text, by_acronym(question, items), self._default_embedder)
            for question, items in scored
        )

    @property
    def _default_embedder(self) -> Embedder:
        """The library's own embedder if it is the default one: that has embedded the question already."""
        own, default = self.library.embedder, default_embedder()
        return own if own.fingerprint == default.fingerprint else default

    def find_more(self, missing: str, known: Retrieved) -> Retrieved:
        """Search for what is missing and read the new papers that it finds; the numbers of their sentences continue."""
        unread = self.find(QuestionReading(missing), (known.found.asked.text,))
        old = {hit.paper_id for hit in known.hits}
        last = max((item.number for item in (*known.evidence, *known.withheld)), default=0)
        evidence, withheld = (
            tuple(replace(item, number=item.number + last) for item in part if item.paper.id not in old)
            for part in (unread.evidence, unread.withheld)
        )
        hits = [hit for hit in unread.hits if hit.paper_id not in old]
        return self.read(replace(unread, hits=hits, evidence=evidence, withheld=withheld))

    def _nearest_papers(self, asked: QuestionReading, around: Sequence[Hit]) -> Sequence[Hit]:
        """Return the papers to read: those of the authors whom the question names, else the nearest."""
        nearest = list(around[: self.papers])
        # A comparison with "Fell et al." needs the others too.
        of_them = [] if asked.form in SEVERAL else papers_of(asked.authors, nearest)
        # A model sees who wrote what, and that "fell" may be a verb.
        others = [hit for hit in nearest if hit not in of_them] if self.by_model or not of_them else []
        return [*of_them, *others]

    def _gather(self, text: str, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
        return self.library.gather(text, hits, *((MODEL_SENTENCES,) if self.by_model else ()))

    def _nearest(self, text: str, hits: Sequence[Hit]) -> float:
        """Return the cosine of a text and the nearest sentence of the papers found."""
        return max((item.relevance for item in self._gather(text, hits)), default=0.0)

    def _relevance(self, asked: QuestionReading, hits: Sequence[Hit]) -> dict[tuple[str, int], float]:
        """Return the cosine of one part of the question and each sentence, by paper id and start."""
        return {(item.paper.id, item.start): item.relevance for item in self._gather(asked.text, hits)}


def _in_order(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(evidence, key=lambda item: item.number))


def _parts(asked: QuestionReading) -> Sequence[QuestionReading]:
    """Return the questions that a double question asks, none for any other."""
    return asked.parts if len(asked.parts) > 1 else ()


def planned(
    question: str, history: Sequence[Mapping[str, Any]], model: ChatModel, limit: float, texts: prompts.Prompts
) -> Plan | None:
    """Have the model make the question stand alone, in English, and say what else to search for.

    None where it can't: then the rules are used, and writing meets the same trouble and reports it.
    """
    with contextlib.suppress(ModelError), boundary(name_of(model), ModelReplyError, FIX):
        plan = plan_with_model(question, history, model, limit, texts)
        known = [question, *(str(turn["content"]) for turn in history)]
        spoken_of = in_another_language(question) or term_set(plan.question) & term_set(" ".join(known))
        if history and not spoken_of:  # alone, a question of typos may share no word with its correction
            return None
        return replace(plan, question=without_foreign(plan.question, known)[0] or question, by_model=True)
    return None
