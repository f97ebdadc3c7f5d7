"""What a question means, decided by rule before anything is searched.

Which papers it refers to, which authors and years it names, what it takes from the turns before, and whether records
of papers answer it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from rag.question import follow_up, metadata
from rag.question.any_study import BETWEEN, is_of_any_study
from rag.question.earlier_turns import EarlierTurns, History, find_paper, is_greeting
from rag.question.library_contents import extreme, fitting, library_question
from rag.question.papers import Papers
from rag.question.record_answers import RecordAnswers, left_out_undated
from rag.question.references import Reference, bare_reference, chosen, item, reference, request, without
from rag.question.scope import Scope, names_papers, narrow, narrowed, scope, unopened
from rag.question.understood import Understood
from rag.text.pointing import points_back
from rag.text.question_form import QuestionReading
from rag.text.words import content_words, fold
from rag.types import Filters, Paper
from rag.views.counts import counted

# Characters read of a turn.
LONGEST_TURN = 8_000
# Papers searched for one by its title.
NEAR = 100
NONE_CITED = "No paper was cited before, so it isn't clear which one is meant: name its title."
_GOES_ON = ("and ", "but ", "only ", "just ", "what about ", "how about ")
# The share of a title's words that a question has to name: of a title written out, and of a paper described.
WRITTEN_OUT, DESCRIBED = 0.8, 0.5


def understand(asked: QuestionReading, history: History, library: Papers, filters: Filters) -> Understood:
    """Return what a question means in this conversation over this library, from its words alone."""
    if is_greeting(asked):
        return Understood(asked.text, filters, a_question=False)
    talk = _Talk(asked, [_shortened(turn) for turn in history], library, filters)
    return (
        talk.asks_records()
        or talk.records.of_library()
        or talk.asks_of_item()
        or talk.asks_of_cited()
        or talk.narrows()
        or talk.plain()
    )


def _shortened(turn: Mapping[str, Any]) -> Mapping[str, Any]:
    """Shorten a turn, which may come from anyone, to what it takes to understand the next one."""
    return {**turn, "content": " ".join(str(turn["content"])[:LONGEST_TURN].split())}


@dataclass(frozen=True)  # without slots: cached properties need the instance's dict
class _Talk:
    asked: QuestionReading
    history: History
    library: Papers
    filters: Filters

    @property
    def question(self) -> str:
        return self.asked.text

    @cached_property
    def before(self) -> EarlierTurns:
        """The turns before."""
        return EarlierTurns(self.asked, self.history, self.library, self.filters)

    @cached_property
    def records(self) -> RecordAnswers:
        """What the records of papers answer."""
        return RecordAnswers(self.asked, self.library, self.filters, self.before)

    def asks_records(self) -> Understood | None:
        """Answer "who wrote that?" from the records, where it is clear which papers are meant."""
        asked = metadata.about(self.asked)
        if asked is None:
            return None
        meant = bare_reference(asked.papers)
        if meant and not self.before.cited:
            return self.records.nothing(NONE_CITED)
        papers = self._chosen(meant) if meant else self._titled(asked.papers)
        if meant and not papers:
            return self._too_few(meant)
        return self.records.from_records(papers, asked.field) if papers else None

    def asks_of_item(self) -> Understood | None:
        """Ask about one of the things that the last answer lists: "the third one", unless it cites several papers."""
        named = item(self.asked, str(self.before.last_turn("assistant").get("content", "")))
        if named is None or len(self.before.cited) > 1:
            return None
        said, meant = named
        plain = re.sub(re.escape(said), lambda _: meant, " ".join(self.question.split()), count=1, flags=re.IGNORECASE)
        searched = follow_up.in_context(QuestionReading(plain), self.before.turns, self.library.embedder)
        return Understood(searched, self.filters, (f"Understood as: {searched}",))

    def asks_of_cited(self) -> Understood | None:
        """Ask about the papers that the last answer cited, where the question means them."""
        if follow_up.chooses(self.asked, self.before.last_question):
            return None
        wish, meant = request(self.asked), self._reference()
        generic = wish is None and meant is None and bool(self.history) and self._is_generic
        if generic or wish is not None:
            meant = bare_reference(wish.of if wish else "")
        cited = self.before.cited if meant else []
        papers = self._chosen(meant) if meant else ()
        if meant is None or not papers:
            return self._too_few(meant) if meant and cited else None
        own = "" if wish else without(self.asked, meant.words)
        same = wish is None and not generic and not content_words(own)
        last = metadata.about(self.before.last_asked()) if same else None
        if last is not None:
            return self.records.from_records(papers, last.field)
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
        of_these = len(self.before.cited) > 1 and points_back(self.asked.spaced)
        of_others = self.asked.subject_set & BETWEEN and not of_these
        of_a_thing = follow_up.means_what_was_defined(self.asked, self.before.last_question)
        return is_of_any_study(self.asked) and not of_others and not of_a_thing

    def _reference(self) -> Reference | None:
        meant = reference(self.asked)
        return None if meant and not meant.sure and self.history and self.before.own_fit.alone else meant

    def _chosen(self, meant: Reference) -> tuple[Paper, ...]:
        """Return the cited papers that are meant; a mark's number is that of the whole conversation, where given."""
        if not meant.marked or meant.number is None or not self.before.numbered:
            return chosen(meant, self.before.cited)
        paper = next((find_paper(self.library, name) for name in self.before.numbered[meant.number - 1 :]), None)
        return (paper,) if paper is not None else ()

    def _too_few(self, meant: Reference) -> Understood:
        if meant.marked and self.before.numbered:
            return self.records.nothing(f"This conversation cites only {counted(len(self.before.numbered), 'paper')}.")
        return self.records.nothing(f"The last answer cites only {counted(len(self.before.cited), 'paper')}.")

    def narrows(self) -> Understood | None:
        """Narrow to the authors and years that the question names; list their papers where it asks nothing else."""
        bare = not names_papers(self.question)
        goes_on = bool(self.history) and (bare or self.asked.folded.startswith(_GOES_ON))
        years = QuestionReading(f"papers {unopened(self.question)}")  # "Only since 2020?"
        asked = years if goes_on and bare and _names_only_years(scope(years)) else self.asked
        if scope(asked).is_open:
            return None
        found = narrow(asked, self.library, self.filters)
        named = found.scope
        if named.is_open:
            return None
        if found.nothing:
            return self.records.nothing(found.nothing)
        if named.lists and not goes_on:
            return self.records.listed(named, found.within)
        rest = self.before.last_question if named.lists else self.before.alone(named.rest)
        within, searched = self._of_years(named, found.within)
        notes = (f"Understood as: {rest}", searched)
        again = replace(self, asked=QuestionReading(rest), history=(), filters=within)
        before = (again.records.of_library() or again.narrows()) if named.lists else None
        if before is not None:
            return replace(before, notes=(*notes, *before.notes))
        return Understood(rest, within, notes, settled=True)

    def _of_years(self, named: Scope, within: Filters) -> tuple[Filters, str]:
        """Return the filters to search with, and a note on them; without years where most papers have none."""
        only = f"Searched only {named.said}, as the question says."
        if named.year_from is None and named.year_to is None:
            return within, only
        of_any = replace(within, year_from=self.filters.year_from, year_to=self.filters.year_to)
        everyone, undated = self.library.matching(of_any), self.records.undated(of_any)
        if undated * 2 > everyone:
            undated_ones = f"{undated:,} of {counted(everyone, 'paper has', 'papers have')} no year"
            return of_any, f"{undated_ones}, so papers of every year were searched."
        return within, f"{only} {left_out_undated(undated)}" if undated else only

    def plain(self) -> Understood:
        """Resolve references to the turns before."""
        alone = self.before.alone(self.asked)
        if alone == self.question:
            return Understood(alone, self.filters, self.before.left_out())
        own = follow_up.asked_instead(self.asked)
        return Understood(alone, self.filters, (f"Understood as: {alone}",), own=own)

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
        rest = content_words(without(self.asked, meant.words))
        if not rest:
            last = self.before.last_question
            last = last if last and not metadata.about(QuestionReading(last)) else "What did the papers find?"
            return f"{last} ({title})" if title else last
        if title and meant.named and named.search(plain):
            return named.sub(lambda _: title, plain, count=1)
        if title:
            return f"{plain} ({title})"
        of_them = re.sub(r"^((?:and )?which) of (?:these|those|them)\b", r"\1 papers", plain, flags=re.IGNORECASE)
        last = self.before.last_question if len(rest) < 2 or not meant.words else ""
        return f"{of_them} ({last})" if last else of_them


def _names_only_years(named: Scope) -> bool:
    return named.lists and not (named.author or named.venue or named.is_open)
