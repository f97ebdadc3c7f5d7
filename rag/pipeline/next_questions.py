"""Questions to ask next: near the one that was answered, on papers that the answer doesn't cite.

Each was answered here first, in the same conversation and from the paper that it is about. So a reader who picks one
gets an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.arguments import parse_filters
from rag.bibliography.evidence_table import shown_answer
from rag.config import Config
from rag.library import Library
from rag.pipeline.api import EXTRACTIVE, answer
from rag.pipeline.run import RECORDS, History
from rag.question.made_questions import FINDING, asked_by_title, make_questions, question_on
from rag.text.question_form import Form, QuestionReading
from rag.text.words import fold
from rag.types import Answer, Filters, Paper
from rag.vectors import Vectors
from rag.verify.registry import BUILTIN

OFFERED = 3
# Papers that questions are made from, those that were read before others near; made questions that are answered first.
NEAREST, TRIED = 20, 5
# The cosine of a question with the one asked, below which it changes the subject, and from which two ask the same.
NEAR, SAME = 0.3, 0.85


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A question about a paper."""

    question: str
    paper: Paper


def next_questions(
    answered: Answer,
    library: Library,
    *,
    config: Config,
    history: History = (),
    filters: Mapping[str, Any] | None = None,
    stop: threading.Event | None = None,
) -> list[str]:
    """Return up to three questions that the library answers, none where no good one is found.

    `history` is the conversation with this answer as its last turn, `filters` what limits its questions. After
    `stop` is set, no more are looked for.
    """
    stop = threading.Event() if stop is None else stop
    given = dict(filters or {})
    shown = shown_answer(answered)
    if not shown.sentences or shown.written_by == RECORDS:
        return []
    asked = answered.receipt.searched or answered.question
    papers = _uncited(shown, library, asked, parse_filters(given))
    said = {fold(str(turn["content"])) for turn in history} | {fold(answered.question)}
    offered: list[str] = []
    for tried, proposal in enumerate(_proposals(papers, library, asked)):
        if tried == TRIED or len(offered) == OFFERED or stop.is_set():
            break
        if fold(proposal.question) in said:
            continue
        # Nobody asked for this: it costs no call of a model, and nothing leaves the machine.
        found = answer(
            proposal.question, library, history=history, model=EXTRACTIVE, checker=BUILTIN, config=config, stop=stop,
            **given,
        )  # fmt: skip
        if proposal.paper.id in {pin.paper.id for pin in found.citations}:
            offered.append(proposal.question)
    return offered


def _uncited(shown: Answer, library: Library, asked: str, filters: Filters) -> list[Paper]:
    """Return the papers to ask about: those that disagree, the others that were read, then those near."""
    cited = {pin.paper.id for sentence in shown.sentences for pin in sentence.citations}
    read = sorted(shown.considered, key=lambda one: one.stance != "contradicts")
    near = (hit.paper for hit in library.find(asked, NEAREST, filters))
    papers = {paper.id: paper for paper in (*(one.paper for one in read), *near)}
    return [paper for paper in papers.values() if paper.id not in cited and not paper.retracted and paper.title]


def _proposals(papers: Sequence[Paper], library: Library, asked: str) -> Iterator[_Proposal]:
    """Yield questions near the one asked, nearest first and no two of them alike; then what single papers found."""
    made = [_Proposal(question, paper) for paper in papers for question in _readable(paper, library)]
    texts = [asked, *(one.question for one in made), *(paper.title for paper in papers)]
    vectors: Vectors = library.embedder.embed(texts)
    near = vectors[1:] @ vectors[0]
    taken = [0]
    for at in sorted(range(len(made)), key=lambda at: -near[at]):
        if near[at] >= NEAR and float(max(vectors[taken] @ vectors[1 + at])) < SAME:
            taken.append(1 + at)
            yield made[at]
    used = {made[at - 1].paper.id for at in taken[1:]}
    for paper, nearness in zip(papers, near[len(made) :], strict=True):
        if nearness >= NEAR and paper.id not in used:
            yield _Proposal(question_on(paper), paper)


def _readable(paper: Paper, library: Library) -> list[str]:
    """Return the questions on a paper that a person might ask: its title's own, and made ones that read well.

    A sentence turned into a question of yes or no says the answer and reads badly; one of a figure needs its sentence.
    """
    if title := asked_by_title(paper):
        return [title]
    made = make_questions([paper], lambda question, k: library.find(question, k, Filters()), 4)
    asked = [one.question for one in made if one.kind == FINDING]
    return [question for question in asked if QuestionReading(question).form is not Form.YES_NO]
