"""An answer without a language model: the sentences of the abstracts that answer, word for word.

It can't invent anything. It only has to choose well, and the reader decides: each sentence comes with how
likely it answers (`rag.question.answering`). Papers that answer follow one another, whatever the form of the question;
sentences that don't answer are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from rag.text.question_form import Form, QuestionReading
from rag.text.reading import read
from rag.text.words import term_set
from rag.types import Draft, Evidence, Paper, Role
from rag.write.writer import Task

# Besides the best sentence, those that answer about as well are shown, if no worse than this.
SHARE, LEAST = 0.45, 0.12
# Where no sentence is more likely to answer than not, this many papers are quoted.
MORE_LIKELY_THAN_NOT, PAPERS_IN_DOUBT = 0.5, 2
MOST_PAPERS, MOST_OF_A_PAPER = 4, 3
# Sentences that are shown before another because it depends on them.
MOST_BEFORE = 3
# The same for each part of a double question.
PAPERS_OF_A_PART, MOST_OF_A_PART = 2, 2
# A part isn't answered at all if its best sentence scores below this.
LEAST_OF_A_PART = 0.06
# A paper is about what a question for papers asks if its score, and the number of the question's words that it has, are
# more than this share of the best.
ABOUT = 0.5
# A paper that the question names and no other shown does is shown from here on.
NAMED = 0.03
# What a paper asks isn't shown where it also says what it found, nor what was known before where that answers better.
_FINDS = (Role.RESULT, Role.CONCLUSION)
# Answers to these may be for or against.
_SIDED = (Form.YES_NO, Form.FINDING, Form.SYNTHESIS, Form.COMPARISON)
# Share of the shorter sentence's terms found in the other, from which the two say the same.
_SAME = 0.7
# The subject of a sentence that depends on the one before: a pronoun, or a pointer without a noun.
_LEANS = re.compile(
    r"(?:it|they|he|she|its|their|this|these|those|that|such|both|neither|the former|the latter|here|then)\b"
    r"|(?:this|these|those|that) (?:in turn|also|is|are|was|were|may|can|could|would)\b",
    re.IGNORECASE,
)
# One that continues the one before: "However, …", "But …", "In this setting, …"; "In this study, …" doesn't.
_GOES_ON = re.compile(
    r"(?:[A-Z][a-z]+, |(?:But|Yet|And|So|Nor|Or) )"
    r"|[A-Z][^,.]{0,40}\b(?:this|these|those|such)\b"
    r"(?! (?:paper|study|work|article|review|research|report|thesis)\b)[^,.]{0,40},"
)
# A short sentence that points at something anywhere.
_SHORT = 8  # words
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_POINTS = re.compile(r"\b(?:it|this|that|these|those|them)\b", re.IGNORECASE)


class ExtractiveWriter:
    """Writes in the abstracts' own sentences."""

    name = "extractive"

    def write(self, task: Task) -> Iterator[Draft]:
        """Yield the sentences that answer; see `Writer.write`."""
        lists = task.reading.asks_for_papers and task.scores
        for item in (listed(task) if lists else ()) or self._answer(task):
            yield Draft(item.text, (item.number,))

    def _answer(self, task: Task) -> list[Evidence]:
        found = of_parts(task) or chosen(task.evidence)
        found += also_named(task.reading, task.evidence, found)
        opposed = other_side(task.reading, task.evidence, found)
        return by_side(task.reading, [*found, *_complete(opposed, _before(task.evidence))])


def of_parts(task: Task) -> list[Evidence]:
    """Return the sentences for each part of a double question in turn; nothing for a part that none answers."""
    found: dict[int, Evidence] = {}
    for part in task.parts:
        for item in chosen(part, PAPERS_OF_A_PART, MOST_OF_A_PART) if is_answered(part) else ():
            found.setdefault(item.number, item)
    return list(found.values())


def is_answered(part: Iterable[Evidence]) -> bool:
    """Whether a sentence seems to answer this part of a double question."""
    return any(item.answers >= LEAST_OF_A_PART for item in part)


def also_named(asked: QuestionReading, evidence: Sequence[Evidence], shown: Sequence[Evidence]) -> list[Evidence]:
    """Return the best sentence of each paper whose title has a word of the question that no paper shown has.

    "How do X and Y differ?" is about the paper on Y too, if one on X answers better.
    """
    papers = {item.paper.id for item in shown}
    missing = asked.subject_set.difference(*(_words(item.paper) for item in shown)) if shown else frozenset()
    found: list[Evidence] = []
    for item in sorted(evidence, key=lambda item: -item.answers):
        if item.answers < NAMED or len(papers) >= MOST_PAPERS:
            break
        apart = item.paper.id in papers or item.paper.retracted or _asks(item) or _leans(item.text)
        if not apart and missing & term_set(item.paper.title):
            found.append(item)
            papers.add(item.paper.id)
            missing -= _words(item.paper)
    return found


def other_side(asked: QuestionReading, evidence: Sequence[Evidence], shown: Sequence[Evidence]) -> list[Evidence]:
    """Return the best finding of each paper that denies what all those shown affirm, or affirms what they deny.

    A denial takes a side by itself, if it has most of the question's words, those of its title included; another
    sentence only where it answers well enough.
    """
    sides = {_denies(asked, item) for item in shown}
    if asked.form not in _SIDED or len(sides) != 1:
        return []
    denied = sides.pop()
    least = good_enough(evidence) if denied or asked.form is not Form.YES_NO else NAMED
    papers = {item.paper.id for item in shown}
    found: dict[str, Evidence] = {}
    for item in sorted(evidence, key=lambda item: -item.answers):
        opposed = item.role in _FINDS and item.answers >= least and _denies(asked, item) is not denied
        stands = not (item.paper.id in papers or item.paper.retracted or _asks(item))
        on_it = asked.subject_set & term_set(f"{item.paper.title} {item.text}")
        if opposed and stands and 2 * len(on_it) > len(asked.subject_set):
            found.setdefault(item.paper.id, item)
    return list(found.values())[: MOST_PAPERS - len(papers)]


def by_side(asked: QuestionReading, shown: Sequence[Evidence]) -> list[Evidence]:
    """Return the sentences with papers that take the same side together, the best paper's side first."""
    denying = {item.paper.id for item in shown if _denies(asked, item)} if asked.form in _SIDED else set()
    return sorted(shown, key=lambda item: (item.paper.id in denying) != (shown[0].paper.id in denying))


def _denies(asked: QuestionReading, item: Evidence) -> bool:
    """Whether a finding denies something that the question asks about: "no benefit of a nap", "did not raise yield"."""
    return any(asked.subject_set.intersection(negation.reach) for negation in read(item.text).negations)


def listed(task: Task) -> list[Evidence]:
    """For a question that asks for papers, return the best self-contained sentence of each paper about it."""
    held = {item.paper.id: len(task.reading.subject_set & _words(item.paper)) for item in task.evidence}
    most, near = max(held.values(), default=0), max(task.scores.values())
    best: dict[str, Evidence] = {}
    for item in sorted(task.evidence, key=lambda item: (_asks(item) or _leans(item.text), -item.answers)):
        name = item.paper.id
        about = task.scores.get(name, 0.0) > ABOUT * near and held[name] > ABOUT * most
        if about and not any(_same(item, other) for other in best.values()):
            best.setdefault(name, item)
    return sorted(best.values(), key=lambda item: -task.scores[item.paper.id])


def _words(paper: Paper) -> frozenset[str]:
    return term_set(f"{paper.title} {paper.abstract}")


def chosen(
    evidence: Sequence[Evidence],
    most_papers: int = MOST_PAPERS,
    most_of_a_paper: int = MOST_OF_A_PAPER,
) -> list[Evidence]:
    """Return the sentences to show: the best paper's first, retracted ones last, and of each paper the best one first.

    The others of a paper follow in their order. Empty where none answers well enough.
    """
    from_here = good_enough(evidence)
    if all(item.answers < MORE_LIKELY_THAN_NOT for item in evidence):
        most_papers = min(most_papers, PAPERS_IN_DOUBT)
    found_out: dict[str, float] = {}
    for item in evidence:
        if item.role in _FINDS and item.answers >= from_here:
            found_out[item.paper.id] = max(item.answers, found_out.get(item.paper.id, 0.0))
    taken: dict[str, list[Evidence]] = {}
    for item in sorted(evidence, key=lambda item: (item.paper.retracted, -item.answers)):
        own = taken.get(item.paper.id, [])
        poor = not item.answers or item.answers < from_here
        if poor or _asks(item) or _outdone(item, found_out.get(item.paper.id, 0.0)):
            continue
        room = len(own) < most_of_a_paper if own else len(taken) < most_papers
        if room and not any(_same(item, other) for some in taken.values() for other in some):
            taken.setdefault(item.paper.id, []).append(item)
    before = _before(evidence)
    return [item for some in taken.values() for item in _led(_complete(some, before), some[0])]


def _outdone(item: Evidence, found: float) -> bool:
    """Whether a finding of the paper, at its best as good as `found`, replaces what the paper asks or starts from."""
    return found > 0 and (item.role is Role.AIM or (item.role is Role.BACKGROUND and found >= item.answers))


def good_enough(evidence: Iterable[Evidence]) -> float:
    """Return how likely a sentence has to answer to be shown; the best one is shown, as it passed the gate."""
    best = max((item.answers for item in evidence), default=0.0)
    return min(best, max(LEAST, SHARE * best))


def _before(evidence: Sequence[Evidence]) -> dict[int, Evidence]:
    """Return the sentence before each one, by number."""
    return {after.number: item for item, after in pairwise(evidence)}


def _complete(items: Sequence[Evidence], before: Mapping[int, Evidence]) -> list[Evidence]:
    """Add the sentences of the abstract before a chosen one that it depends on, or the one that it continues."""
    wanted = {item.number: item for item in items}
    for item in items:
        for earlier in _led_up_to(item, before):
            wanted[earlier.number] = earlier
    return sorted(wanted.values(), key=lambda item: item.number)


def _led_up_to(item: Evidence, before: Mapping[int, Evidence]) -> Iterator[Evidence]:
    """Yield the sentences before that are needed to understand one, the nearest first.

    "Notably, …" does without a sentence that would need another itself ("This effect …").
    """
    depends = _continues(item.text)
    for _ in range(MOST_BEFORE):
        earlier = before.get(item.number)
        if not depends or earlier is None or earlier.paper.id != item.paper.id:
            return
        if not _leans(item.text) and _leans(earlier.text):
            return
        yield earlier
        item, depends = earlier, _leans(earlier.text)


def _led(items: Sequence[Evidence], lead: Evidence) -> list[Evidence]:
    """Put the best sentence first, but never separate a sentence from the one before that it depends on."""
    whole: list[list[Evidence]] = []
    for item in items:
        if whole and _continues(item.text):
            whole[-1].append(item)
        else:
            whole.append([item])
    return [item for some in sorted(whole, key=lambda some: lead not in some) for item in some]


def _leans(text: str) -> bool:
    """Whether a sentence refers to something that the one before names: "It scored …", "We call this lamp drift."."""
    return _LEANS.match(text) is not None or (len(text.split()) <= _SHORT and _POINTS.search(text) is not None)


def _continues(text: str) -> bool:
    """Whether a sentence is only understood after the one before."""
    return _leans(text) or _GOES_ON.match(text) is not None


def _asks(item: Evidence) -> bool:
    return item.text.rstrip("\"'”’)").endswith("?")


def _figures(text: str) -> set[str]:
    return set(_FIGURE.findall(text))


def _negates(text: str) -> bool:
    return bool(read(text).negations)


def _same(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences say the same.

    With another figure they disagree, or where only one denies something, and the reader should see both.
    """
    if _figures(one.text) != _figures(other.text) or _negates(one.text) != _negates(other.text):
        return False
    mine, theirs = term_set(one.text), term_set(other.text)
    return len(mine & theirs) > _SAME * min(len(mine), len(theirs))
