"""Questions about the library itself: how many papers fit, which is the newest, who wrote them, where and when.

The authors, the journal and the years of a description are its scope (`rag.question.scope`). What is left is its
subject: a paper fits if its title and abstract have every word of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.question.metadata import name_of, pin_of
from rag.question.papers import Papers
from rag.question.scope import FRAME, LOOKED_AT, Scope, appeared_in, bare, names_in, wrote
from rag.text.lexicon import NEGATORS
from rag.text.words import content_words, fold, stem, term_set, words
from rag.types import Filters, Paper, Sentence, Verdict
from rag.views.counts import counted

LAST_YEAR = 2_200
_PAPERS = r"(?:papers|articles|studies|publications|preprints|abstracts)"
_PAPER = r"(?:paper|article|study|publication|preprint)"
_LIBRARY = r"(?:the|this|my|our|your) (?:library|collection|database)"
# What makes it the library that is asked about: "are there", "do you have", "in the library".
_HELD = (
    rf"(?:(?:are|is) (?:there|here)|(?:do|does) (?:you|we|i|{_LIBRARY}) (?:have|hold|contain)|"
    rf"(?:(?:are|is) )?(?:there )?in (?:here|{_LIBRARY}))"
)
_ON = r"(?:on|about|of)"
_COUNT = re.compile(
    rf"how many (?:of the )?{_PAPERS}(?: (?P<held>{_HELD}))?(?: (?P<said>are )?{_ON} (?P<subject>.+?))?"
    rf"(?P<late>(?: {_HELD})*)(?: (?:are|were|have))?"
)
_FIRST = r"(?:(?P<newest>newest|latest|most recent)|oldest|earliest)"
_PICKS = (
    re.compile(
        rf"(?:(?:what|which) (?:is|was) )?(?:the )?{_FIRST} {_PAPER}(?: {_ON} (?P<subject>.+?))?(?: (?P<held>{_HELD}))?"
    ),
    re.compile(rf"(?:what|which) {_PAPER}(?: {_ON} (?P<subject>.+?))? (?:is|was) (?:the )?{_FIRST}(?: one)?"),
    re.compile(rf"which (?P<cited>one|of (?:them|these|those)(?: {_PAPERS})?) (?:is|was) (?:the )?{_FIRST}(?: one)?"),
)
# The attributes of a record by the words that name them, and the words that may be used in asking for one.
_ATTRIBUTES = {
    "author": term_set("author writer"),
    "journal": term_set("journal venue"),
    "year": term_set("year span range period"),
}
_ASKS_OF_THEM = term_set("common frequent prolific different represent cover time")
# Values that an answer names.
NAMED = 10
# A clause says more of the papers than what they are about: "papers on clay that report yields".
_CLAUSE = re.compile(r"\b(?:that|which|who|whose|where|when|whether)\b")
_COUNTED = re.compile(
    r"The library holds (?:at least )?[\d,]+ papers?(?: by (?P<by>.+?))?(?: in (?P<venue>.+?))?"
    r"(?: of (?P<first>\d{4})(?: to (?P<last>\d{4})| or (?P<side>later|earlier))?)?"
    r"(?: with “(?P<subject>.+)” in title or abstract)?(?: without an? (?P<lacked>author|journal|year))?"
    r"(?:, with [\d,]+ different (?:authors?|journals?|years?))?\."
)


@dataclass(frozen=True, slots=True)
class LibraryQuestion:
    """What is asked of the library: the `newest` or `oldest` paper that fits; with an empty `pick`, how many fit.

    With an `attribute` (author, journal or year) it is what the records of these papers hold there: `number` asks how
    many different values there are, `most` for the most frequent. `lacked`: the papers whose records hold none.
    """

    pick: str
    scope: Scope
    subject: str
    may_mean_cited: bool = False  # the papers that the last answer cites, where it cites any
    means_cited: bool = False  # no other
    attribute: str = ""
    number: bool = False
    most: bool = False
    lacked: bool = False
    of_cited: bool = False  # the papers that the last answer cites are meant instead, where it cites any

    @property
    def said(self) -> str:
        """The description in words, after a number of papers: "by Fell with “clay” in title or abstract"."""
        about = f" with “{self.subject}” in title or abstract" if self.subject else ""
        lacked = f" without {'an' if self.attribute == 'author' else 'a'} {self.attribute}" if self.lacked else ""
        return f"{self.scope.said.removeprefix('papers')}{about}{lacked}"


def library_question(scope: Scope) -> LibraryQuestion | None:
    """Return what a question with this scope asks of the library, None where it asks for something else."""
    plain = bare(scope.rest)
    if asked := _of_records(scope, plain):
        return asked
    found = _COUNT.fullmatch(plain)
    if found and not (found["held"] or found["said"] or found["late"] or (scope.lists and not scope.is_open)):
        return None
    found = found or next((found for form in _PICKS if (found := form.fullmatch(plain))), None)
    said = found.groupdict() if found else {}
    subject = said.get("subject") or ""
    if found is None or _CLAUSE.search(subject) or (subject and not content_words(subject)):
        return None
    if "newest" not in said:
        return LibraryQuestion("", scope, subject)
    pick = "newest" if said["newest"] else "oldest"
    bare_pick = scope.is_open and not subject and not said.get("held")
    return LibraryQuestion(pick, scope, subject, bare_pick, bool(said.get("cited")))


def _of_records(scope: Scope, plain: str) -> LibraryQuestion | None:
    """Return which attribute of the papers' records a question asks for, None where it asks for anything else."""
    asked, said = term_set(plain), words(plain)
    most = "most" in said
    named = [name for name, terms in _ATTRIBUTES.items() if asked & terms]
    if not named and most and said[0] == "who":
        named = ["author"]
    if len(named) != 1 or not asked <= _ATTRIBUTES[named[0]] | FRAME | _ASKS_OF_THEM | NEGATORS:
        return None
    if named == ["author"] and scope.author:  # "Which authors wrote papers by Fell?"
        return None
    number, of_library = "how many" in plain, bool({"library", "collection", "database", "here"} & set(said))
    lacked = any(stem(word) in NEGATORS for word in said)
    of_cited = not of_library and not lacked
    return LibraryQuestion(
        "", scope, "", attribute=named[0], number=number, most=most, lacked=lacked, of_cited=of_cited
    )


@dataclass(frozen=True, slots=True)
class Fitting:
    """The papers that fit a description, newest first; their number, and whether there may be more."""

    papers: tuple[Paper, ...]
    count: int
    more: bool


def fitting(asked: LibraryQuestion, library: Papers, within: Filters) -> Fitting:
    """Return the papers that fit a description, which passes these filters; of very many the nearest are examined."""
    count = library.matching(within)
    if asked.pick and not asked.subject and count > LOOKED_AT:
        within = _of_one_year(asked.pick, library, within)
    hits = library.find(asked.subject or asked.scope.rest.text, min(count, LOOKED_AT), within) if count else []
    found = (hit.paper for hit in hits if is_about(asked.subject, hit.paper))
    papers = tuple(sorted(found, key=lambda paper: (-(paper.year or 0), paper.title)))
    return Fitting(papers, len(papers), count > LOOKED_AT) if asked.subject else Fitting(papers, count, more=False)


def _of_one_year(pick: str, library: Papers, within: Filters) -> Filters:
    """Limit filters to the newest or oldest year of the papers that pass them."""
    years = range(within.year_from or 0, (within.year_to or LAST_YEAR) + 1)
    if pick == "newest":
        year = years[bisect_left(years, True, key=lambda y: not library.matching(replace(within, year_from=y))) - 1]
    else:
        year = years[bisect_left(years[:-1], True, key=lambda y: library.matching(replace(within, year_to=y)) > 0)]
    return replace(within, year_from=year, year_to=year)


def is_about(subject: str, paper: Paper) -> bool:
    """Return whether a paper's title and abstract have every word of a subject."""
    return term_set(subject) <= term_set(f"{paper.title}\n{paper.abstract}")


def extreme(papers: Sequence[Paper], pick: str) -> list[Paper]:
    """Return the newest or oldest of the papers that have a year: several where their records don't say which."""
    choose = max if pick == "newest" else min
    year = choose((paper.year for paper in papers if paper.year is not None), default=None)
    same = [paper for paper in papers if paper.year == year and year is not None]
    if all(paper.published and len(paper.published) == len("2020-01-01") for paper in same):
        day = choose((paper.published or "" for paper in same), default="")
        return [paper for paper in same if paper.published == day]
    return same


def count_of(asked: LibraryQuestion, found: Fitting, listed: int) -> tuple[Sentence, ...]:
    """Return the number of papers as a sentence, pinned to the records of the newest ones."""
    text = f"The library holds {'at least ' if found.more else ''}{counted(found.count, 'paper')}{asked.said}."
    pins = tuple(pin_of(number, paper) for number, paper in enumerate(found.papers[:listed], 1))
    return (Sentence(text, pins, Verdict.SUPPORTED, 1.0),)


def values_of(asked: LibraryQuestion, found: Fitting, listed: int) -> tuple[Sentence, ...]:
    """Return what the papers' records hold of an attribute, as sentences that count the papers of each value.

    At least one record must have a value (`lacking`).
    """
    held: dict[str, list[Paper]] = defaultdict(list)
    written: dict[str, str] = {}
    for paper in found.papers:
        for value in dict.fromkeys(_values(asked.attribute, paper)):
            held[written.setdefault(fold(value), value)].append(paper)
    if asked.number:
        return _with_number(asked, found, len(held), listed)
    if asked.attribute == "year" and not asked.most:
        within = replace(asked.scope, year_from=int(min(held)), year_to=int(max(held)))
        dated = tuple(paper for paper in found.papers if paper.year is not None)
        return count_of(replace(asked, scope=within), Fitting(dated, len(dated), found.more), listed)
    ranked = sorted(held, key=lambda value: (-len(held[value]), value))
    most = [value for value in ranked if len(held[value]) == len(held[ranked[0]])]
    return tuple(
        sentence
        for value in (most if asked.most else ranked)[:NAMED]
        for sentence in count_of(_only(asked, value), Fitting(tuple(held[value]), len(held[value]), found.more), listed)
    )


def lacking(asked: LibraryQuestion, papers: Sequence[Paper]) -> tuple[Paper, ...]:
    """Return those of these papers whose records have no value of the attribute that is asked for."""
    return tuple(paper for paper in papers if not _values(asked.attribute, paper))


def _values(attribute: str, paper: Paper) -> tuple[str, ...]:
    if attribute == "author":
        return tuple(name_of(paper, author) for author in paper.authors)
    value = paper.venue if attribute == "journal" else paper.year
    return (str(value),) if value else ()


def _only(asked: LibraryQuestion, value: str) -> LibraryQuestion:
    """Return the question of how many papers have this value."""
    if asked.attribute == "year":
        return replace(asked, scope=replace(asked.scope, year_from=int(value), year_to=int(value)))
    if asked.attribute == "author":
        return replace(asked, scope=replace(asked.scope, author=value))
    return replace(asked, scope=replace(asked.scope, venue=value))


def _with_number(asked: LibraryQuestion, found: Fitting, values: int, listed: int) -> tuple[Sentence, ...]:
    total = count_of(asked, found, listed)[0]
    text = f"{total.text[:-1]}, with {counted(values, f'different {asked.attribute}')}."
    return (replace(total, text=text),)


def counts(paper: Paper, sentence: str) -> bool:
    """Whether a sentence that states a number of papers counts this one, by its record and its words."""
    found = _COUNTED.fullmatch(sentence)
    if found is None:
        return False
    first, last = int(found["first"] or 0), int(found["last"] or found["first"] or 9999)
    first, last = (0 if found["side"] == "earlier" else first), (9999 if found["side"] == "later" else last)
    return (
        (not found["first"] or (paper.year is not None and first <= paper.year <= last))
        and (not found["by"] or any(wrote(name, paper) for name in names_in(found["by"])))
        and (not found["venue"] or appeared_in(found["venue"], paper))
        and (not found["subject"] or is_about(found["subject"], paper))
        and (not found["lacked"] or not _values(found["lacked"], paper))
    )
