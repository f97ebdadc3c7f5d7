"""What a question means, decided by rule before anything is searched.

Which papers it refers to, which authors and years it names, what it takes from the turns before, and whether records
of papers answer it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from rag.errors import LibraryError
from rag.question import follow_up, metadata
from rag.question.dependence import Fit, fit
from rag.question.library_contents import (
    NAMED,
    Fitting,
    LibraryQuestion,
    count_of,
    extreme,
    fitting,
    lacking,
    library_question,
    values_of,
)
from rag.question.papers import Papers
from rag.question.references import Reference, bare_reference, chosen, item, reference, request
from rag.question.scope import LOOKED_AT, Scope, names_papers, narrow, narrowed, scope, unopened
from rag.text.pointing import ASKS, points_back
from rag.text.question_form import Form, QuestionReading
from rag.text.sentences import split_sentences
from rag.text.words import STOPWORDS, content_words, fold, term_set, words
from rag.types import Filters, Hit, Paper, Sentence
from rag.views.counts import counted

History = Sequence[Mapping[str, Any]]

# Papers named in a list from the records.
LISTED = 10
# Characters read of a turn.
LONGEST_TURN = 8_000
# Papers searched for one by its title.
NEAR = 100
# Papers whose similarity to a question shows whether it stands alone.
NEAREST = 5
NONE_CITED = "No paper was cited before, so it isn't clear which one is meant: name its title."
# The share of a title's words that a question has to name: of a title written out, and of a paper described.
WRITTEN_OUT, DESCRIBED = 0.8, 0.5
# What is said before or instead of a question.
_GREETING = frozenset(
    """hello hi hey hallo good morning afternoon evening day night thanks thank thx cheers bye goodbye welcome ok okay
    cool great nice perfect please dear pincite lot help wow sorry test testing""".split()  # noqa: SIM905 - quoted, it reads worse
)
# What takes at least two papers.
_BETWEEN = term_set("agree disagree differ contradict")
# What may be asked of any study, however it is worded.
OF_ANY_STUDY = _BETWEEN | term_set(
    "use used measure propose conclude claim argue suggest call name compare evaluate recommend test train sample "
    "survey ask collect limitation limit result main key method approach idea contribution newest oldest first best "
    "model dataset data benchmark baseline size participant subject patient experiment setting finding number "
    "conclusion figure accuracy performance score well worst better large small many much example year country "
    "place species hypothesis control group outcome analysis statistic significant reliable generalize future author "
    "do done need run make made long take cost"
)
_MARK = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class Understood:
    """`searched` is the question made to stand alone, `filters` limit its search, `notes` explain both to the reader.

    `records` is the whole answer where records give it. `known` is text that needs no repeating, `own` what a follow-up
    newly asks about. `settled`: nothing is left for a model to clarify. `nothing`: why it can't mean any paper.
    """

    searched: str
    filters: Filters
    notes: tuple[str, ...] = ()
    records: tuple[Sentence, ...] = ()
    known: str = ""
    own: str = ""
    settled: bool = False
    nothing: str = ""
    a_question: bool = True


def understand(asked: QuestionReading, history: History, library: Papers, filters: Filters) -> Understood:
    """Return what a question means in this conversation over this library, from its words alone."""
    if _is_greeting(asked):
        return Understood(asked.text, filters, a_question=False)
    talk = _Talk(asked, [_shortened(turn) for turn in history], library, filters)
    return (
        talk.asks_records()
        or talk.asks_of_library()
        or talk.asks_of_item()
        or talk.asks_of_cited()
        or talk.narrows()
        or talk.plain()
    )


def _shortened(turn: Mapping[str, Any]) -> Mapping[str, Any]:
    """Shorten a turn, which may come from anyone, to what it takes to understand the next one."""
    return {**turn, "content": " ".join(str(turn["content"])[:LONGEST_TURN].split())}


def _is_greeting(question: QuestionReading) -> bool:
    said = {word for word in question.words if word not in STOPWORDS}
    return bool(said) and said <= _GREETING and not ASKS.match(question.spaced)


@dataclass(frozen=True)  # without slots: cached properties need the instance's dict
class _Talk:
    asked: QuestionReading
    history: History
    library: Papers
    filters: Filters

    @property
    def question(self) -> str:
        return self.asked.text

    def asks_records(self) -> Understood | None:
        """Answer "who wrote that?" from the records, where it is clear which papers are meant."""
        asked = metadata.about(self.asked)
        if asked is None:
            return None
        meant = bare_reference(asked.papers)
        if meant and not self._cited:
            return self._nothing(NONE_CITED)
        papers = self._chosen(meant) if meant else self._titled(asked.papers)
        if meant and not papers:
            return self._too_few(meant)
        return self._from_records(papers, asked.field) if papers else None

    def asks_of_library(self) -> Understood | None:
        """Count the papers that a question describes, name the newest or oldest of them, or say who wrote them."""
        if library_question(scope(self.asked)) is None:
            return None
        named = narrow(self.asked, self.library, self.filters)
        asked = library_question(named.scope)
        if asked is None or (asked.means_cited and not self._cited) or (asked.of_cited and self._cited):
            return None
        if asked.may_mean_cited and len(self._cited) > 1:
            return self._picked(asked, Fitting(tuple(self._cited), len(self._cited), more=False), " cited before")
        if named.nothing:
            return self._nothing(named.nothing)
        found = fitting(asked, self.library, named.within)
        left_out = self._left_out_of_years(asked.scope, named.within)
        if not found.count:
            return self._nothing(f"The library has no papers{asked.said}.{left_out}")
        if asked.pick:
            return self._picked(asked, found)
        return self._counted(asked, found, named.within, left_out)

    def _counted(self, asked: LibraryQuestion, found: Fitting, within: Filters, left_out: str) -> Understood:
        """Answer with a number of papers, or with the authors, journals or years of their records."""
        if asked.attribute and len(found.papers) < found.count:
            return self._nothing(
                f"Of {found.count:,} papers, only {LOOKED_AT:,} can be listed: name years or a journal."
            )
        without = lacking(asked, found.papers) if asked.attribute else ()
        if asked.lacked:
            return self._without(asked, without, within)
        if len(without) == found.count:
            return self._nothing(f"No record of the papers{asked.said} names the {asked.attribute}.")
        if without:
            left_out += f" {counted(len(without), 'record')} without the {asked.attribute} left out."
        said = values_of(asked, found, LISTED) if asked.attribute else count_of(asked, found, LISTED)
        at_most = f" At most {NAMED} are named." if asked.attribute and len(said) == NAMED else ""
        notes = (f"Counted from the records.{at_most}{left_out}",)
        return Understood(self.question, within, notes, said, settled=True)

    def _without(self, asked: LibraryQuestion, papers: Sequence[Paper], within: Filters) -> Understood:
        """Answer with the papers whose records lack what a question names, or with their number."""
        if not papers:
            return self._nothing(f"The library has no papers{asked.said}.")
        if asked.number:
            said = count_of(asked, Fitting(tuple(papers), len(papers), more=False), LISTED)
            return Understood(self.question, within, ("Counted from the records.",), said, settled=True)
        listed = "all" if len(papers) <= LISTED else f"{LISTED} of {len(papers):,}"
        return self._from_records(papers, "", (f"Listed from the records: {listed} papers{asked.said}.",))

    def _picked(self, asked: LibraryQuestion, found: Fitting, said: str = "") -> Understood:
        undated = sum(paper.year is None for paper in found.papers)
        left_out = f" {_left_out_undated(undated)}" if undated else ""
        papers = extreme(found.papers, asked.pick)
        if not papers:
            return self._nothing(f"No record of the papers{asked.said} has a year.")
        note = f"From the records: the {asked.pick} of {counted(found.count, 'paper')}{asked.said}{said}.{left_out}"
        return self._from_records(papers, "", (note,))

    def _nothing(self, why: str) -> Understood:
        return Understood(self.question, self.filters, nothing=why)

    def asks_of_item(self) -> Understood | None:
        """Ask about one of the things that the last answer lists: "the third one", unless it cites several papers."""
        named = item(self.asked, str(self._last_turn("assistant").get("content", "")))
        if named is None or len(self._cited) > 1:
            return None
        said, meant = named
        plain = re.sub(re.escape(said), lambda _: meant, " ".join(self.question.split()), count=1, flags=re.IGNORECASE)
        searched = follow_up.in_context(QuestionReading(plain), self._turns, self.library.embedder)
        return Understood(searched, self.filters, (f"Understood as: {searched}",))

    def asks_of_cited(self) -> Understood | None:
        """Ask about the papers that the last answer cited, where the question means them."""
        if follow_up.chooses(self.asked, self._last_question):
            return None
        wish, meant = request(self.asked), self._reference()
        generic = wish is None and meant is None and bool(self.history) and self._is_generic
        if generic or wish is not None:
            meant = bare_reference(wish.of if wish else "")
        cited = self._cited if meant else []
        papers = self._chosen(meant) if meant else ()
        if meant is None or not papers:
            return self._too_few(meant) if meant and cited else None
        own = "" if wish else _without(self.asked, meant.words)
        before = metadata.about(self._last_asked()) if wish is None and not generic and not content_words(own) else None
        if before is not None:
            return self._from_records(papers, before.field)
        titles = " and ".join(f"“{paper.title}”" for paper in papers)
        if wish is not None:
            searched = f"What did {'the papers ' if len(papers) > 1 else ''}{titles} find?"
        else:
            searched = self._with(meant, titles if len(papers) == 1 else "")
        known = " ".join(str(turn["content"]) for turn in self.history) if wish is not None and wish.more else ""
        within = replace(self.filters, papers=tuple(paper.id for paper in papers))
        only = () if len(papers) == 1 else (f"Asked of the {len(papers)} papers cited before.",)
        notes = (f"Understood as: {searched}", *only)
        return Understood(searched, within, notes, known=known, own="" if generic else own, settled=True)

    @property
    def _is_generic(self) -> bool:
        """Whether it could be asked of any study, and is asked of those just cited.

        "Who disagrees?" is asked of others, "How was it measured?" after "What is X?" of X.
        """
        of_others = self.asked.subject_set & _BETWEEN and (len(self._cited) < 2 or not points_back(self.asked.spaced))
        of_a_thing = follow_up.means_what_was_defined(self.asked, self._last_question)
        return _is_generic(self.asked) and not of_others and not of_a_thing

    def _reference(self) -> Reference | None:
        meant = reference(self.asked)
        return None if meant and not meant.sure and self.history and self._own_fit.alone else meant

    def _chosen(self, meant: Reference) -> tuple[Paper, ...]:
        """Return the cited papers that are meant; a mark's number is that of the whole conversation, where given."""
        if not meant.marked or meant.number is None or not self._numbered:
            return chosen(meant, self._cited)
        paper = next((_get(self.library, name) for name in self._numbered[meant.number - 1 :]), None)
        return (paper,) if paper is not None else ()

    @cached_property
    def _numbered(self) -> tuple[str, ...]:
        """The papers by the numbers that marks have throughout the conversation; none where each answer begins at 1."""
        given = self._last_answer().get("numbered")
        return tuple(map(str, given)) if isinstance(given, list | tuple) else ()

    def _too_few(self, meant: Reference) -> Understood:
        if meant.marked and self._numbered:
            return self._nothing(f"This conversation cites only {counted(len(self._numbered), 'paper')}.")
        return self._nothing(f"The last answer cites only {counted(len(self._cited), 'paper')}.")

    def narrows(self) -> Understood | None:
        """Narrow to the authors and years that the question names; list their papers where it asks nothing else."""
        goes_on = bool(self.history) and not names_papers(self.question)
        years = QuestionReading(f"papers {unopened(self.question)}")  # "Only since 2020?"
        asked = years if goes_on and _names_only_years(scope(years)) else self.asked
        if scope(asked).is_open:
            return None
        found = narrow(asked, self.library, self.filters)
        named = found.scope
        if named.is_open:
            return None
        if found.nothing:
            return self._nothing(found.nothing)
        if named.lists and not goes_on:
            return self._listed(named, found.within)
        rest = self._last_question if named.lists else self._alone(named.rest)
        within, searched = self._of_years(named, found.within)
        notes = (f"Understood as: {rest}", searched)
        again = replace(self, asked=QuestionReading(rest), history=(), filters=within)
        before = (again.asks_of_library() or again.narrows()) if named.lists else None
        if before is not None:
            return replace(before, notes=(*notes, *before.notes))
        return Understood(rest, within, notes, settled=True)

    def _of_years(self, named: Scope, within: Filters) -> tuple[Filters, str]:
        """Return the filters to search with, and a note on them; without years where most papers have none."""
        only = f"Searched only {named.said}, as the question says."
        if named.year_from is None and named.year_to is None:
            return within, only
        of_any = replace(within, year_from=self.filters.year_from, year_to=self.filters.year_to)
        everyone, undated = self.library.matching(of_any), self._undated(of_any)
        if undated * 2 > everyone:
            undated_ones = f"{undated:,} of {counted(everyone, 'paper has', 'papers have')} no year"
            return of_any, f"{undated_ones}, so papers of every year were searched."
        return within, f"{only} {_left_out_undated(undated)}" if undated else only

    def _undated(self, within: Filters) -> int:
        """Return how many of these papers have no year, so that no limit on years lets them pass."""
        return self.library.matching(within) - self.library.matching(replace(within, year_from=within.year_from or 0))

    def plain(self) -> Understood:
        """Resolve references to the turns before."""
        alone = self._alone(self.asked)
        if alone == self.question:
            return Understood(alone, self.filters, self._left_out())
        own = follow_up.asked_instead(self.asked)
        return Understood(alone, self.filters, (f"Understood as: {alone}",), own=own)

    def _from_records(self, papers: Sequence[Paper], field: str, notes: tuple[str, ...] = ()) -> Understood:
        if len(papers) > LISTED and not notes:
            notes = (f"The question refers to {len(papers)} papers; {LISTED} of them are named.",)
        return Understood(self.question, self.filters, notes, metadata.sentences(papers[:LISTED], field), settled=True)

    def _listed(self, named: Scope, within: Filters) -> Understood:
        """List the newest of the papers that the question names by authors, journal and years alone."""
        left_out = self._left_out_of_years(named, within)
        count = self.library.matching(within)
        if not count:
            return Understood(self.question, within, nothing=f"The library has no {named.said}.{left_out}")
        hits = self.library.find(self.question, min(count, LOOKED_AT), within)
        papers = sorted((hit.paper for hit in hits), key=lambda paper: (-(paper.year or 0), paper.title))
        shown = f"the {LISTED} newest" if count <= LOOKED_AT else f"{LISTED}"
        listed = "all" if count <= LISTED else f"{shown} of {count:,}"
        return self._from_records(papers, "", (f"Listed from the records: {listed} {named.said}.{left_out}",))

    def _left_out_of_years(self, named: Scope, within: Filters) -> str:
        """Report how many papers a limit on years leaves out because they have none; empty where that is none."""
        by_year = named.year_from is not None or named.year_to is not None
        undated = self._undated(replace(within, year_from=None, year_to=None)) if by_year else 0
        return f" {_left_out_undated(undated)}" if undated else ""

    def _titled(self, of: str) -> list[Paper]:
        """Return the papers whose titles a question writes out, or the one that it describes."""
        asked = library_question(scope(QuestionReading(of)))
        if asked is not None and asked.pick:
            within = narrowed(self.filters, asked.scope, ())
            return extreme(fitting(asked, self.library, within).papers, asked.pick)
        subject = metadata.subject_of(of)
        if not content_words(subject):
            return []
        hits = self.library.find(subject, NEAR, self.filters)
        shares = [(metadata.titled(of, hit.paper), hit) for hit in hits]
        best = max((share for share, _ in shares), default=0.0)
        described = subject != of.strip(" \"'“”‘’")
        if best < (DESCRIBED if described else WRITTEN_OUT):
            return []
        same = [hit.paper for share, hit in shares if share == best]
        whole = [paper for paper in same if fold(paper.title).strip(" ?.!") == subject]
        return whole or (same if best == 1 else same[:1])

    def _with(self, meant: Reference, title: str) -> str:
        """Replace the words that mean the paper by its title, or append it to the question; the title may be empty."""
        plain = " ".join(self.question.split())
        named = re.compile(re.escape(meant.words), re.IGNORECASE)
        rest = content_words(_without(self.asked, meant.words))
        if not rest:
            last = self._last_question
            last = last if last and not metadata.about(QuestionReading(last)) else "What did the papers find?"
            return f"{last} ({title})" if title else last
        if title and meant.named and named.search(plain):
            return named.sub(lambda _: title, plain, count=1)
        if title:
            return f"{plain} ({title})"
        of_them = re.sub(r"^((?:and )?which) of (?:these|those|them)\b", r"\1 papers", plain, flags=re.IGNORECASE)
        last = self._last_question if len(rest) < 2 or not meant.words else ""
        return f"{of_them} ({last})" if last else of_them

    # --- the turns before ---

    def _alone(self, question: QuestionReading) -> str:
        return follow_up.stand_alone(question, self._turns, self.library.embedder, leans=self._leans, cited=self._cited)

    def _left_out(self) -> tuple[str, ...]:
        """Report that the turns before were left out, where a question's words could refer to them."""
        if not self._turns or not self._own_fit.in_doubt or not self._own_fit.held:
            return ()
        return ("Taken as a new question: the turns before were left out.",)

    def _leans(self, question: QuestionReading, points_back: bool) -> bool:
        """Whether a question depends on the turns before: it names no subject, or by the papers that it fits."""
        if _is_generic(question):
            return True
        found = self._own_fit if question is self.asked else self._fit(question)
        return not found.alone if points_back else found.in_doubt and (found.at_home or found.nowhere)

    @cached_property
    def _own_fit(self) -> Fit:
        return self._fit(self.asked)

    def _fit(self, asked: QuestionReading) -> Fit:
        """Compare what the question finds with what it finds among the papers of the turn before."""
        if not asked.terms:
            return Fit()
        before = tuple(paper.id for paper in self._cited) or self._found_before()
        anywhere = self.library.find(asked.text, NEAREST, self.filters)
        cited = self.library.find(asked.text, NEAREST, replace(self.filters, papers=before)) if before else []
        return fit(asked, anywhere, cited)

    def _found_before(self) -> tuple[str, ...]:
        """Return the papers that the last question finds, where the answer names none."""
        last = self._last_question
        return tuple(hit.paper_id for hit in self.library.find(last, NEAREST, self.filters)) if last.strip() else ()

    @cached_property
    def _last_question(self) -> str:
        return follow_up.last_question(self._turns, self.library.embedder)

    @cached_property
    def _read(self) -> tuple[follow_up.ReadTurn, ...]:
        return follow_up.turns_of(self.history)

    @cached_property
    def _turns(self) -> list[follow_up.ReadTurn]:
        """The turns before, without questions on records or papers as such, which name no subject."""
        turns: list[follow_up.ReadTurn] = []
        names_none = False
        for turn in self._read:
            if turn.asked:
                names_none = _names_no_subject(turn.reading)
            if not names_none:
                turns.append(turn)
        return turns

    def _last_asked(self) -> QuestionReading:
        return next((turn.reading for turn in reversed(self._read) if turn.asked), QuestionReading(""))

    def _last_turn(self, role: str) -> Mapping[str, Any]:
        return next((turn for turn in reversed(self.history) if turn["role"] == role), {})

    def _last_answer(self) -> Mapping[str, Any]:
        answers = (turn for turn in reversed(self.history) if turn.get("role") == "assistant")
        return next((turn for turn in answers if turn.get("papers") or _MARK.search(str(turn["content"]))), {})

    @cached_property
    def _cited(self) -> list[Paper]:
        """The papers that the last answer cited, in order: as stated, else those that its sentences are from."""
        last = self._last_answer()
        given = last.get("papers")
        stated = [_get(self.library, str(name)) for name in given] if isinstance(given, list | tuple) else []
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


def _left_out_undated(count: int) -> str:
    return f"{counted(count, 'paper without a year was', 'papers without a year were')} left out."


def _without(question: QuestionReading, said: str) -> str:
    """Return a question, folded, without the words that mean a paper."""
    plain = question.spaced
    return re.sub(r"\b(?:paper|studie|article)s?\b", " ", plain.replace(said, " ") if said else plain)


def _is_generic(asked: QuestionReading) -> bool:
    """Whether a question could be asked of any study: "Which models were tested?", "What are the limitations?"."""
    return bool(asked.terms) and asked.subject_set <= OF_ANY_STUDY and asked.form is not Form.DEFINITION


def _names_only_years(named: Scope) -> bool:
    return named.lists and not (named.author or named.venue or named.is_open)


def _names_no_subject(question: QuestionReading) -> bool:
    asked = metadata.about(question)
    named = scope(question)
    meant = reference(question)
    return (
        (asked is not None and bare_reference(asked.papers) is not None)
        or request(question) is not None
        or (named.lists and not named.is_open and not named.author)
        or _counts_all(named)
        or _is_greeting(question)
        or (meant is not None and not content_words(_without(question, meant.words)))
    )


def _counts_all(named: Scope) -> bool:
    asked = library_question(named)
    return asked is not None and not asked.subject and not named.author


def _source(said: str, hits: Sequence[Hit]) -> Paper | None:
    """Return the paper that a sentence is from: word for word, by its title, or the nearest one."""
    verbatim = (hit.paper for hit in hits if said.strip(" .") in hit.paper.abstract or f"“{hit.paper.title}”" in said)
    return next(verbatim, hits[0].paper if hits else None)


def _get(library: Papers, name: str) -> Paper | None:
    try:
        return library.get(name)
    except LibraryError:
        return None
