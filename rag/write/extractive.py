"""An answer without a language model: the sentences of the abstracts that answer, word for word.

It cannot invent. What it has to get right is the choice: the paper that the question means among similar ones, the
sentence that carries the figure asked for, and each thing once. The weights were chosen on the development questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from rag.text.abbreviations import LongForms, long_forms, with_both_forms
from rag.text.question_form import Form, QuestionReading
from rag.text.sentence_reading import SentenceReading
from rag.types import Draft, Evidence, Role
from rag.write.cues import (
    gives_cause,
    goes_on_about,
    is_echo,
    names_it,
    names_what_came_before,
    only_announces,
    points_elsewhere,
    says_it_beside,
    says_what_it_is,
    tells_a_finding,
)
from rag.write.writer import Task

# A result carries an answer more often than what was done for it, an aim hardly ever.
_ROLES = {Role.RESULT: 0.2, Role.CONCLUSION: 0.15, Role.AIM: -0.1}
_ROLES_OF_FORM = {
    Form.METHOD: {Role.METHOD: 0.2, Role.RESULT: 0.1, Role.CONCLUSION: 0.05, Role.AIM: 0.0},
    Form.DEFINITION: {Role.METHOD: 0.1, Role.RESULT: 0.1, Role.BACKGROUND: 0.1},
}
# Forms that an aim may answer: "we propose X, which …".
_AIM_TELLS = frozenset({Form.METHOD, Form.DEFINITION, Form.FIGURE})
# Weight of the asked words that a sentence holds, beside its cosine; and of the cosine of the sentence before, whose
# subject a sentence often takes up as "it".
_WORDS, _BEFORE = 0.5, 0.1
# A figure that the question does not hold itself, where it asks for one; and one that counts what it asks to count.
_NEW_FIGURE, _COUNTS_IT = 0.5, 0.2
# A sentence that announces what is to come, and one that gives a cause where one is asked for.
_ANNOUNCED, _GIVES_CAUSE = -0.4, 0.3
# A sentence that says what something is, where that is asked, and one that says it on the way.
_DEFINES, _DEFINES_BESIDE = 0.6, 0.45
# The evidence comes with the best paper first: what that is worth, falling with the rank.
_FIRST_PAPER = 0.4
# What its score in the search is worth, as a share of the best one's; below the second share no other paper is taken.
_NEAR_PAPER, _FAR = 0.4, 0.65
# Weight of the names in the question that a paper holds: they tell it from its sisters.
_NAMES = 0.3
# A paper that holds the whole name of what is asked about.
_WHOLE_NAME = 0.3
# Weight of the asked words that title and sentences of a paper hold together.
_PAPER_WORDS = 0.8
# How many papers an answer of this form draws on, which share of the best one's strength the others need, and how
# many sentences of each it takes.
_PAPERS = {Form.COMPARISON: (3, 0.75, 2), Form.SYNTHESIS: (5, 0.75, 3), Form.FIGURE: (1, 1.0, 1)}
_PAPERS_OF_OTHERS = (1, 1.0, 3)
# A paper that holds this share of the asked words, not held by those before, is a side of its own.
_OWN_SIDE, _OWN_SIDE_OF_OTHERS = {Form.COMPARISON: 0.25}, 0.3
_SECOND_SENTENCE = 0.7

_SMALL_COUNTS = frozenset({"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"})


@dataclass(frozen=True, slots=True)
class _Scored:
    evidence: Evidence
    said: SentenceReading
    score: float
    terms: frozenset[str]


class ExtractiveWriter:
    """Writes in the abstracts' own sentences."""

    name = "extractive"

    def write(self, task: Task) -> Iterator[Draft]:
        """Yield the sentences that answer; see `Writer.write`."""
        return write(task.reading, task.evidence, task.scores)


def write(
    question: QuestionReading, evidence: Sequence[Evidence], scores: Mapping[str, float] | None = None
) -> Iterator[Draft]:
    """Yield the sentences that answer, each with its number: paper by paper, the best first.

    `evidence` comes with the best paper first; `scores` are those of its papers in the search, by id. Yields nothing
    where no sentence can carry an answer.
    """
    form = question.form
    read = _Read.of(evidence)
    asked = _Asked.of(question, read)
    papers = _by_paper(_scored(read, asked))
    chosen: list[_Scored] = []
    _, _, each = _PAPERS.get(form, _PAPERS_OF_OTHERS)
    for items in _choose_papers(papers, read, asked, scores or {}):
        chosen += _choose_sentences(items, chosen, each, asked)
    if question.asks_for_figure:
        chosen += _rivals(chosen, papers, asked)
    told = [item.evidence for item in chosen]
    for item in _with_what_it_is(told, read, question) if form is Form.DEFINITION else told:
        yield Draft(item.text, (item.number,))


@dataclass(frozen=True, slots=True)
class _Read:
    """The evidence, its sentences read by number, and the titles of its papers by id."""

    evidence: Sequence[Evidence]
    sentences: Mapping[int, SentenceReading]
    titles: Mapping[str, SentenceReading]

    @classmethod
    def of(cls, evidence: Sequence[Evidence]) -> _Read:
        sentences = {item.number: SentenceReading(item.text) for item in evidence}
        papers = {item.paper.id: item.paper for item in evidence}
        return cls(evidence, sentences, {name: SentenceReading(paper.title) for name, paper in papers.items()})


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question, its content words each weighed by how few sentences of the evidence hold it."""

    question: QuestionReading
    weights: Mapping[str, float]
    names: frozenset[str]  # stems of its names that the evidence holds
    forms: LongForms  # the abbreviations that its papers introduce

    @classmethod
    def of(cls, question: QuestionReading, read: _Read) -> _Asked:
        forms = long_forms(paper.abstract for paper in {e.paper.id: e.paper for e in read.evidence}.values())
        said = [read.sentences[e.number] for e in read.evidence]
        held = Counter(term for sentence in said for term in with_both_forms(sentence.term_set, forms))
        # No paper is a side of its own by the words that only shape the question.
        weights = {term: log(1 + len(said) / max(held[term], 0.5)) for term in question.subject_set}
        known = set(held).union(*(title.term_set for title in read.titles.values()))
        return cls(question, weights, question.name_terms & known, forms)

    def held(self, said: SentenceReading) -> frozenset[str]:
        """Return the terms of a sentence, abbreviations in both forms."""
        return with_both_forms(said.term_set, self.forms)

    def share(self, found: frozenset[str]) -> float:
        """Return the weighted share of the asked words among the found, in [0, 1]."""
        whole = sum(self.weights.values())
        return sum(w for term, w in self.weights.items() if term in found) / whole if whole else 0.0

    def named(self, found: frozenset[str]) -> float:
        """Return the share of the names among the found, 0 where the question names nothing."""
        return len(self.names & found) / len(self.names) if self.names else 0.0


def _scored(read: _Read, asked: _Asked) -> list[_Scored]:
    """Score every sentence that may carry an answer of the question's form."""
    scored = []
    question, form = asked.question, asked.question.form
    before: Evidence | None = None
    names = _names_by_paper(read, asked)
    for item in read.evidence:
        said = read.sentences[item.number]
        held = asked.held(said)
        score = (
            item.relevance
            + _WORDS * asked.share(held | names[item.paper.id])
            + _ROLES_OF_FORM.get(form, _ROLES).get(item.role, 0.0)
        )
        if before is not None and before.paper.id == item.paper.id:
            score += _BEFORE * before.relevance
        if question.asks_for_figure and _amounts(said, question) - question.figures:
            score += _NEW_FIGURE + _COUNTS_IT * bool(question.counted & said.behind_figures)
        score += _substance(said, question)
        defines = _defines(said, question) if form is Form.DEFINITION else 0.0
        score += defines
        before = item
        empty = (not defines and is_echo(said, question)) or points_elsewhere(said, question)
        if _may_answer(item, said, form) and not empty:
            scored.append(_Scored(item, said, score, held))
    return scored


def _defines(said: SentenceReading, question: QuestionReading) -> float:
    return _DEFINES if says_what_it_is(said, question) else _DEFINES_BESIDE * says_it_beside(said, question)


def _substance(said: SentenceReading, question: QuestionReading) -> float:
    return _ANNOUNCED * only_announces(said) + _GIVES_CAUSE * (question.asks_for_cause and gives_cause(said))


def _with_what_it_is(told: Sequence[Evidence], read: _Read, question: QuestionReading) -> list[Evidence]:
    """Put before "We call this X" the sentence that says what X is, and behind "X is …" an "In this framework, …"."""
    said = read.sentences
    pairs = [(item, after) for item, after in pairwise(read.evidence) if item.paper.id == after.paper.id]
    before = {after.number: item for item, after in pairs if names_what_came_before(said[after.number])}
    after = {
        item.number: after for item, after in pairs if goes_on_about(said[after.number], said[item.number], question)
    }
    wanted = [one for item in told for one in (before.get(item.number), item, after.get(item.number)) if one]
    return list({item.number: item for item in wanted}.values())


def _names_by_paper(read: _Read, asked: _Asked) -> dict[str, frozenset[str]]:
    """Return the asked names that each paper holds: its sentences speak of "our method" where they mean the name."""
    held = {paper: title.term_set for paper, title in read.titles.items()}
    for item in read.evidence:
        held[item.paper.id] |= read.sentences[item.number].term_set
    return {paper: asked.names & found for paper, found in held.items()}


def _may_answer(item: Evidence, said: SentenceReading, form: Form) -> bool:
    """Leave out what a paper takes over from others, and what it asks."""
    # What something is often stands in the background; what was found never does, nor in what a paper set out to do.
    fits = form is Form.DEFINITION or item.role is not Role.BACKGROUND
    fits = fits and (item.role is not Role.AIM or form in _AIM_TELLS or tells_a_finding(said))
    return fits and not item.text.rstrip("\"'”’)").endswith("?")


def _amounts(said: SentenceReading, question: QuestionReading) -> frozenset[str]:
    """Return the figures that can be what is asked for: "these three fields" is an answer to how many, not how much."""
    return frozenset(f for f in said.figures if question.counted or f[0].isdigit() or f not in _SMALL_COUNTS)


def _by_paper(scored: Sequence[_Scored]) -> list[list[_Scored]]:
    """Group by paper in the given order, the best sentence of each first."""
    papers: dict[str, list[_Scored]] = {}
    for item in scored:
        papers.setdefault(item.evidence.paper.id, []).append(item)
    return [sorted(items, key=lambda s: -s.score) for items in papers.values()]


def _choose_papers(
    papers: Sequence[list[_Scored]], read: _Read, asked: _Asked, scores: Mapping[str, float]
) -> list[list[_Scored]]:
    """Choose the papers to draw on, the strongest first: those near the best one, and those that are a side."""
    form = asked.question.form
    most, near, _ = _PAPERS.get(form, _PAPERS_OF_OTHERS)
    titles = [read.titles[items[0].evidence.paper.id] for items in papers]
    held_by = [asked.held(title).union(*(s.terms for s in p)) for title, p in zip(titles, papers, strict=True)]
    nearness = _nearness(papers, scores)
    strength = [
        _FIRST_PAPER / rank + _NEAR_PAPER * to_best + _strength(title, items, held, asked)
        for rank, (title, items, held, to_best) in enumerate(zip(titles, papers, held_by, nearness, strict=True), 1)
    ]
    chosen: list[int] = []
    covered: frozenset[str] = frozenset()
    for at in sorted(range(len(papers)), key=lambda at: -strength[at]):
        if chosen and nearness[at] < _FAR:
            continue
        is_near = not chosen or (len(chosen) < most and strength[at] >= near * strength[chosen[0]])
        if is_near or (
            len(chosen) < 2 and asked.share(held_by[at] - covered) >= _OWN_SIDE.get(form, _OWN_SIDE_OF_OTHERS)
        ):
            chosen.append(at)
            covered |= held_by[at]
    return [papers[at] for at in chosen]


def _strength(title: SentenceReading, items: Sequence[_Scored], held: frozenset[str], asked: _Asked) -> float:
    """Return what a paper's sentences promise, and the words that it holds."""
    whole = asked.question.form is Form.DEFINITION and any(
        names_it(said, asked.question) for said in (title, *(item.said for item in items))
    )
    return items[0].score + _PAPER_WORDS * asked.share(held) + _NAMES * asked.named(held) + _WHOLE_NAME * whole


def _nearness(papers: Sequence[list[_Scored]], scores: Mapping[str, float]) -> list[float]:
    """Return the score of each paper in the search as a share of the best one's; 1 where it is not told."""
    best = max(scores.values(), default=1.0)
    return [scores.get(items[0].evidence.paper.id, best) / best if best > 0 else 1.0 for items in papers]


def _choose_sentences(items: Sequence[_Scored], before: Sequence[_Scored], most: int, asked: _Asked) -> list[_Scored]:
    """Choose a paper's best sentences, each for what it adds to those before, in the order of the abstract."""
    taken: list[_Scored] = []
    left = list(items)
    while left and len(taken) < most:
        covered = frozenset[str]().union(*(t.terms for t in taken))
        best = max(left, key=lambda s: s.score - _WORDS * asked.share(s.terms & covered))
        left.remove(best)
        if best.score < _SECOND_SENTENCE * items[0].score:
            break
        if not any(_same(best, other) for other in (*before, *taken)):
            taken.append(best)
    return sorted(taken, key=lambda s: s.evidence.start)


def _rivals(chosen: Sequence[_Scored], papers: Sequence[list[_Scored]], asked: _Asked) -> list[_Scored]:
    """Find sentences of other papers that say the same of what the question names, with another figure.

    Where two papers disagree on the figure, or one of them is a forgery, the reader sees both.
    """
    cited = {item.evidence.paper.id for item in chosen}
    found = []
    for items in papers:
        rival = next((i for i in items if any(_disagree(i, c, asked) for c in chosen)), None)
        if rival is not None and rival.evidence.paper.id not in cited:
            found.append(rival)
    return found


def _disagree(one: _Scored, other: _Scored, asked: _Asked) -> bool:
    named = asked.names & one.terms == asked.names & other.terms
    figures, others = one.said.figures, other.said.figures
    return named and bool(figures) and figures != others and _same(one, other)


def _same(one: _Scored, other: _Scored) -> bool:
    """Whether two sentences say nearly the same: most words of the shorter stand in the other."""
    return len(one.terms & other.terms) > 0.7 * min(len(one.terms), len(other.terms))
