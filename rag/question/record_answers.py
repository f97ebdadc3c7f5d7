"""Answers that the records of papers give: how many there are, the newest of them, who wrote them, a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.question import metadata
from rag.question.earlier_turns import EarlierTurns
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
from rag.question.scope import LOOKED_AT, Scope, narrow, scope
from rag.question.understood import Understood
from rag.text.question_form import QuestionReading
from rag.types import Filters, Paper
from rag.views.counts import counted

# Papers named in a list from the records.
LISTED = 10


@dataclass(frozen=True, slots=True)
class RecordAnswers:
    """A question as the records of a library answer it, after the turns before."""

    asked: QuestionReading
    library: Papers
    filters: Filters
    before: EarlierTurns

    def of_library(self) -> Understood | None:
        """Count the papers that a question describes, name the newest or oldest of them, or say who wrote them."""
        if library_question(scope(self.asked)) is None:
            return None
        named = narrow(self.asked, self.library, self.filters)
        asked = library_question(named.scope)
        if asked is None or (asked.means_cited and not self.before.cited) or (asked.of_cited and self.before.cited):
            return None
        if asked.may_mean_cited and len(self.before.cited) > 1:
            return self._picked(
                asked, Fitting(tuple(self.before.cited), len(self.before.cited), more=False), " cited before"
            )
        if named.nothing:
            return self.nothing(named.nothing)
        found = fitting(asked, self.library, named.within)
        left_out = self._left_out_of_years(asked.scope, named.within)
        if not found.count:
            return self.nothing(f"The library has no papers{asked.said}.{left_out}")
        if asked.pick:
            return self._picked(asked, found)
        return self._counted(asked, found, named.within, left_out)

    def _counted(self, asked: LibraryQuestion, found: Fitting, within: Filters, left_out: str) -> Understood:
        """Answer with a number of papers, or with the authors, journals or years of their records."""
        if asked.attribute and len(found.papers) < found.count:
            return self.nothing(
                f"Of {found.count:,} papers, only {LOOKED_AT:,} can be listed: name years or a journal."
            )
        without = lacking(asked, found.papers) if asked.attribute else ()
        if asked.lacked:
            return self._without(asked, without, within)
        if len(without) == found.count:
            return self.nothing(f"No record of the papers{asked.said} names the {asked.attribute}.")
        if without:
            left_out += f" {counted(len(without), 'record')} without the {asked.attribute} left out."
        said = values_of(asked, found, LISTED) if asked.attribute else count_of(asked, found, LISTED)
        at_most = f" At most {NAMED} are named." if asked.attribute and len(said) == NAMED else ""
        notes = (f"Counted from the records.{at_most}{left_out}",)
        return Understood(self.asked.text, within, notes, said, settled=True)

    def _without(self, asked: LibraryQuestion, papers: Sequence[Paper], within: Filters) -> Understood:
        """Answer with the papers whose records lack what a question names, or with their number."""
        if not papers:
            return self.nothing(f"The library has no papers{asked.said}.")
        if asked.number:
            said = count_of(asked, Fitting(tuple(papers), len(papers), more=False), LISTED)
            return Understood(self.asked.text, within, ("Counted from the records.",), said, settled=True)
        listed = "all" if len(papers) <= LISTED else f"{LISTED} of {len(papers):,}"
        return self.from_records(papers, "", (f"Listed from the records: {listed} papers{asked.said}.",))

    def _picked(self, asked: LibraryQuestion, found: Fitting, said: str = "") -> Understood:
        undated = sum(paper.year is None for paper in found.papers)
        left_out = f" {left_out_undated(undated)}" if undated else ""
        papers = extreme(found.papers, asked.pick)
        if not papers:
            return self.nothing(f"No record of the papers{asked.said} has a year.")
        note = f"From the records: the {asked.pick} of {counted(found.count, 'paper')}{asked.said}{said}.{left_out}"
        return self.from_records(papers, "", (note,))

    def nothing(self, why: str) -> Understood:
        """Say why no paper can be meant."""
        return Understood(self.asked.text, self.filters, nothing=why)

    def from_records(self, papers: Sequence[Paper], field: str, notes: tuple[str, ...] = ()) -> Understood:
        """Answer with what the records of these papers say in a field, or with the papers as such."""
        if len(papers) > LISTED and not notes:
            notes = (f"The question refers to {len(papers)} papers; {LISTED} of them are named.",)
        said = metadata.sentences(papers[:LISTED], field)
        return Understood(self.asked.text, self.filters, notes, said, settled=True)

    def listed(self, named: Scope, within: Filters) -> Understood:
        """List the newest of the papers that the question names by authors, journal and years alone."""
        left_out = self._left_out_of_years(named, within)
        count = self.library.matching(within)
        if not count:
            return Understood(self.asked.text, within, nothing=f"The library has no {named.said}.{left_out}")
        hits = self.library.find(self.asked.text, min(count, LOOKED_AT), within)
        papers = sorted((hit.paper for hit in hits), key=lambda paper: (-(paper.year or 0), paper.title))
        shown = f"the {LISTED} newest" if count <= LOOKED_AT else f"{LISTED}"
        listed = "all" if count <= LISTED else f"{shown} of {count:,}"
        return self.from_records(papers, "", (f"Listed from the records: {listed} {named.said}.{left_out}",))

    def _left_out_of_years(self, named: Scope, within: Filters) -> str:
        """Report how many papers a limit on years leaves out because they have none; empty where that is none."""
        by_year = named.year_from is not None or named.year_to is not None
        undated = self.undated(replace(within, year_from=None, year_to=None)) if by_year else 0
        return f" {left_out_undated(undated)}" if undated else ""

    def undated(self, within: Filters) -> int:
        """Return how many of these papers have no year, so that no limit on years lets them pass."""
        return self.library.matching(within) - self.library.matching(replace(within, year_from=within.year_from or 0))


def left_out_undated(count: int) -> str:
    """Say how many papers were left out because they have no year."""
    return f"{counted(count, 'paper without a year was', 'papers without a year were')} left out."
