"""The turns before a question: what they asked, which papers they cited, and what the question takes from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from rag.errors import LibraryError
from rag.question import follow_up, metadata
from rag.question.any_study import is_of_any_study
from rag.question.dependence import Fit, fit
from rag.question.library_contents import library_question
from rag.question.papers import Papers
from rag.question.references import bare_reference, reference, request, without
from rag.question.scope import Scope, scope
from rag.text.pointing import ASKS
from rag.text.question_form import QuestionReading
from rag.text.sentences import split_sentences
from rag.text.words import STOPWORDS, content_words, words
from rag.types import Filters, Hit, Paper

History = Sequence[Mapping[str, Any]]

# Papers whose similarity to a question shows whether it stands alone.
NEAREST = 5
# What is said before or instead of a question.
_GREETING = frozenset(
    """hello hi hey hallo good morning afternoon evening day night thanks thank thx cheers bye goodbye welcome ok okay
    cool great nice perfect please dear pincite lot help wow sorry test testing""".split()  # noqa: SIM905 - quoted, it reads worse
)
_MARK = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True)  # without slots: cached properties need the instance's dict
class EarlierTurns:
    """A question and the turns before it, over one library."""

    asked: QuestionReading
    history: History
    library: Papers
    filters: Filters

    @cached_property
    def numbered(self) -> tuple[str, ...]:
        """The papers by the numbers that marks have throughout the conversation; none where each answer begins at 1."""
        given = self.last_answer().get("numbered")
        return tuple(map(str, given)) if isinstance(given, list | tuple) else ()

    def alone(self, question: QuestionReading) -> str:
        """Return a question with what it takes from the turns before."""
        return follow_up.stand_alone(question, self.turns, self.library.embedder, leans=self._leans, cited=self.cited)

    def left_out(self) -> tuple[str, ...]:
        """Report that the turns before were left out, where a question's words could refer to them."""
        if not self.turns or not self.own_fit.in_doubt or not self.own_fit.held:
            return ()
        return ("Taken as a new question: the turns before were left out.",)

    def _leans(self, question: QuestionReading, points_back: bool) -> bool:
        """Whether a question depends on the turns before: it names no subject, or by the papers that it fits."""
        if is_of_any_study(question):
            return True
        found = self.own_fit if question is self.asked else self._fit(question)
        return not found.alone if points_back else found.in_doubt and (found.at_home or found.nowhere)

    @cached_property
    def own_fit(self) -> Fit:
        """How well the question fits the papers cited before, and others."""
        return self._fit(self.asked)

    def _fit(self, asked: QuestionReading) -> Fit:
        """Compare what the question finds with what it finds among the papers of the turn before."""
        if not asked.terms:
            return Fit()
        before = tuple(paper.id for paper in self.cited) or self._found_before()
        anywhere = self.library.find(asked.text, NEAREST, self.filters)
        cited = self.library.find(asked.text, NEAREST, replace(self.filters, papers=before)) if before else []
        return fit(asked, anywhere, cited)

    def _found_before(self) -> tuple[str, ...]:
        """Return the papers that the last question finds, where the answer names none."""
        last = self.last_question
        return tuple(hit.paper_id for hit in self.library.find(last, NEAREST, self.filters)) if last.strip() else ()

    @cached_property
    def last_question(self) -> str:
        """The question before, made to stand alone; empty where there is none."""
        return follow_up.last_question(self.turns, self.library.embedder)

    @cached_property
    def _read(self) -> tuple[follow_up.ReadTurn, ...]:
        return follow_up.turns_of(self.history)

    @cached_property
    def turns(self) -> list[follow_up.ReadTurn]:
        """The turns before, without questions on records or papers as such, which name no subject."""
        turns: list[follow_up.ReadTurn] = []
        names_none = False
        for turn in self._read:
            if turn.asked:
                names_none = _names_no_subject(turn.reading)
            if not names_none:
                turns.append(turn)
        return turns

    def last_asked(self) -> QuestionReading:
        """Return the question before as it was asked, on whatever it was."""
        return next((turn.reading for turn in reversed(self._read) if turn.asked), QuestionReading(""))

    def last_turn(self, role: str) -> Mapping[str, Any]:
        """Return the last turn of the user or the assistant, empty where there is none."""
        return next((turn for turn in reversed(self.history) if turn["role"] == role), {})

    def last_answer(self) -> Mapping[str, Any]:
        """Return the last answer that cites papers, empty where there is none."""
        answers = (turn for turn in reversed(self.history) if turn.get("role") == "assistant")
        return next((turn for turn in answers if turn.get("papers") or _MARK.search(str(turn["content"]))), {})

    @cached_property
    def cited(self) -> list[Paper]:
        """The papers that the last answer cited, in order: as stated, else those that its sentences are from."""
        last = self.last_answer()
        given = last.get("papers")
        stated = [find_paper(self.library, str(name)) for name in given] if isinstance(given, list | tuple) else []
        papers = [paper for paper in stated if paper is not None] or self._sources(str(last.get("content", "")))
        return list({paper.id: paper for paper in papers}.values())

    def _sources(self, answer: str) -> list[Paper]:
        said: dict[int, str] = {}
        for span in split_sentences(answer):
            sentence = answer[span.start : span.end]
            for number in map(int, _MARK.findall(sentence)):
                said.setdefault(number, re.sub(r"\s*\[\d+\]", "", sentence))
        found = (
            _source(text, self.library.find(text, 5, Filters())) for _, text in sorted(said.items()) if words(text)
        )
        return [paper for paper in found if paper is not None]


def is_greeting(question: QuestionReading) -> bool:
    """Whether a text only greets or thanks."""
    said = {word for word in question.words if word not in STOPWORDS}
    return bool(said) and said <= _GREETING and not ASKS.match(question.spaced)


def _names_no_subject(question: QuestionReading) -> bool:
    asked = metadata.about(question)
    named = scope(question)
    meant = reference(question)
    return (
        (asked is not None and bare_reference(asked.papers) is not None)
        or request(question) is not None
        or (named.lists and not named.is_open and not named.author)
        or _counts_all(named)
        or is_greeting(question)
        or (meant is not None and not content_words(without(question, meant.words)))
    )


def _counts_all(named: Scope) -> bool:
    asked = library_question(named)
    return asked is not None and not asked.subject and not named.author


def _source(said: str, hits: Sequence[Hit]) -> Paper | None:
    """Return the paper that a sentence is from: word for word, by its title, or the nearest one."""
    verbatim = (hit.paper for hit in hits if said.strip(" .") in hit.paper.abstract or f"“{hit.paper.title}”" in said)
    return next(verbatim, hits[0].paper if hits else None)


def find_paper(library: Papers, name: str) -> Paper | None:
    """Return the paper of this id, None where the library has none."""
    try:
        return library.get(name)
    except LibraryError:
        return None
