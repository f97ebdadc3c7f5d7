"""Which papers a question narrows itself to: by their authors, their journal and their years.

A name counts only if the library knows it as such: "studies from Fell" may be of a place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rag.question.papers import Papers
from rag.text.person_names import fold_name
from rag.text.question_form import QuestionReading
from rag.text.words import fold, term_set, words
from rag.types import Filters, Paper

# Papers examined for a name.
LOOKED_AT = 2_000
PAPER = r"(?:papers?|articles?|stud(?:y|ies)|works?|publications?|preprints?|abstracts?|research|literature)"
IS = r"(?:is|are|was|were)"
PUBLISHED = r"(?:published|printed|released|written|out)"
VENUE = r"journal|venue|conference|proceedings"
# What a question or request may begin with, and mean nothing by.
_OPENING = re.compile(
    r"(?:(?:and|but|so|only|just|ok(?:ay)?|please|(?:can|could|would|will) you|do you know|"
    r"(?:tell|give|show) (?:me|us)|i(?: would like|'d like| need| want)|list|name|what about|how about)\b[,:]? *)+",
    re.IGNORECASE,
)
# A name as written: "van Fell", "Sørensen", "Ada Fell".
_PARTICLE = r"(?:van|von|de|der|den|del|della|di|da|la|le|ter|ten)"
_CAPITALISED = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]*"
_NAME = rf"(?:{_PARTICLE} )*{_CAPITALISED}(?: (?:{_PARTICLE}|{_CAPITALISED}))*"
_AND = r"(?:, (?:and )?| and | & )"
_PERSON = rf"(?P<who>{_NAME}(?:{_AND}{_NAME})*)(?: et al\b\.?| and colleagues)?"
_BY = (
    re.compile(
        rf"\b(?i:{PAPER})(?i: (?:is|are|were|was|there|written|published|authored|co-authored))*"
        rf"(?P<cut> (?i:(?P<by>by)|from|of) {_PERSON})"
    ),
    re.compile(
        rf"(?P<cut>\b(?P<by>did|has|have|does) {_PERSON} (?:ever )?(?:publish|writ|wrot|author)\w*(?: {PAPER})?)\b"
    ),
)
# "Anything by Fell?": without a word for papers it must be all that is asked.
_BY_ALONE = re.compile(rf"(?P<cut> (?i:(?:is|are) )?(?P<by>by) {_PERSON})(?=(?: in (?:here|the \w+))?\W*$)")
# "Published in Field Notes", "from the journal Soils": the name of a journal, as written.
_IN = re.compile(
    rf"(?P<cut>(?i: (?:(?:were|was|have|has|been) )*(?:{PUBLISHED}|appeared|appear) in(?: the)?"
    rf"(?: (?:{VENUE}))?| (?:in|from|of) the (?:{VENUE})) "
    rf"(?P<venue>{_CAPITALISED}(?: (?:(?:of|and|the|for|in|on|&) )*{_CAPITALISED})*))"
)
_ENDS_IN_PAPERS = re.compile(rf"\b{PAPER}\s*$", re.IGNORECASE)
_PARTICLE_ALONE = re.compile(_PARTICLE)
_YEAR = r"((?:1[89]|20)\d\d)"
# "since 2020", "between 2010 and 2015", with what joins it to the papers: "that were published", "dated".
_YEARS = re.compile(
    r",?(?P<joined>(?:\s*\b(?:that|which|is|are|was|were|have|been|publish(?:ed)?|written|wrote|write|"
    r"appear(?:ed|ing)?|come|came|out|dated|from))*)"
    r"\s*\b(?P<how>since|from|after|starting in|newer than|before|until|up to|older than|in|of|during|between) "
    rf"{_YEAR}(?:(?: and | to |\s?[-–]\s?){_YEAR})?(?P<onwards> onwards?| (?:and|or) later)?\b",
    re.IGNORECASE,
)
_SINCE, _UNTIL = ("since", "after", "starting in", "newer than"), ("before", "until", "up to", "older than")
# Stems of the words that ask for papers as such, without a subject.
FRAME = term_set(
    "paper article study work publication preprint abstract research literature library collection find hold held "
    "include contain available publish write wrote written appear year many got exist everything anything"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The authors, journal and years that a question names, and the rest of it; `lists` where it asks nothing else."""

    author: str | None
    certain: bool  # whether it can't be a place instead: "papers by Fell", not "papers from Fell"
    year_from: int | None
    year_to: int | None
    rest: QuestionReading
    lists: bool
    venue: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it narrows nothing."""
        return not (self.author or self.venue or self.year_from or self.year_to)

    @property
    def names(self) -> tuple[str, ...]:
        """Its authors, one by one."""
        return names_in(self.author or "")

    @property
    def said(self) -> str:
        """The scope in words: "papers by Fell in Soils of 2020 to 2022"."""
        by = (f" by {self.author}" if self.author else "") + (f" in {self.venue}" if self.venue else "")
        if self.year_from == self.year_to:
            years = f" of {self.year_from}" if self.year_from else ""
        elif self.year_to is None:
            years = f" of {self.year_from} or later"
        else:
            years = f" of {self.year_from} to {self.year_to}" if self.year_from else f" of {self.year_to} or earlier"
        return f"papers{by}{years}"


def bare(question: QuestionReading) -> str:
    """Return a question, folded, without what it may begin and end with and mean nothing by: "Please tell me …"."""
    return unopened(question.expanded.strip(" ?.!").removesuffix(" please").rstrip(" ,"))


def unopened(question: str) -> str:
    """Return a question without what it may begin with and mean nothing by."""
    opening = _OPENING.match(question)
    return question[opening.end() :] if opening else question


def names_papers(question: str) -> bool:
    """Whether a question has a word for papers: "And those papers of 2020?"."""
    return re.search(rf"\b{PAPER}\b", question, re.IGNORECASE) is not None


def scope(asked: QuestionReading, ignored: Collection[str] = ()) -> Scope:
    """Return the authors, journal and years that a question narrows papers to.

    `ignored`: "author" or "venue", where the name in that place turned out to be something else.
    """
    by = None if "author" in ignored else _by(asked.text)
    text = _without(asked.text, by)
    venue = None if "venue" in ignored else _IN.search(text)
    year_from, year_to, text = _years(_without(text, venue))
    rest = asked if text == asked.text else QuestionReading(text)
    author = by["who"].rstrip(".") if by else None
    certain = bool(by and by.re is not _BY_ALONE and by["by"])
    return Scope(author, certain, year_from, year_to, rest, not _has_subject(rest), venue["venue"] if venue else None)


def _by(question: str) -> re.Match[str] | None:
    """Return where a question names authors."""
    alone = _BY_ALONE.search(question)
    if alone and _has_subject(QuestionReading(question[: alone.start("cut")])):
        alone = None
    return next((found for form in _BY if (found := form.search(question))), alone)


def _without(question: str, found: re.Match[str] | None) -> str:
    """Return the question without a name and what joins it: "did Fell publish" leaves "papers"."""
    if found is None:
        return question
    before = question[: found.start("cut")]
    papers = "" if found["cut"][0] == " " or _ENDS_IN_PAPERS.search(before) else "papers"
    return f"{before}{papers}{question[found.end('cut') :]}"


def _has_subject(rest: QuestionReading) -> bool:
    """Return whether it asks for more than papers as such."""
    return not term_set(bare(rest)) <= FRAME


def _years(question: str) -> tuple[int | None, int | None, str]:
    """Return the first and the last year of publication that a question names, and the question without them."""
    found = next((found for found in _YEARS.finditer(question) if _are_of_papers(found, question)), None)
    if found is None:
        return None, None, question
    start = found.start("how") if fold(found["joined"]).strip() == "have" else found.start()
    rest = re.sub(r"\s+([?.,])", r"\1", f"{question[:start].rstrip()} {question[found.end() :].lstrip()}").strip()
    first, *last = (int(year) for year in (found[3], found[4]) if year)
    how = fold(found["how"])
    if last:
        return min(first, *last), max(first, *last), rest
    if how in _SINCE or found["onwards"]:
        return first + (how in ("after", "newer than")), None, rest
    if how in _UNTIL:
        return None, first - (how in ("before", "older than")), rest
    return first, first, rest


def _are_of_papers(found: re.Match[str], question: str) -> bool:
    """Whether years are those of publication: they follow a word for papers or say so, or end a question for papers."""
    before, joined = question[: found.start()], fold(found["joined"])
    if _ENDS_IN_PAPERS.search(before) or re.search("publish|writ|wrote|appear", joined):
        return True
    ends = not words(question[found.end() :]) and (joined or fold(found["how"]) in (*_SINCE, *_UNTIL) or found[4])
    return bool(ends) and _asks_for_papers(before)


def _asks_for_papers(question: str) -> bool:
    """Whether a question begins with papers: "Which of the papers on clay"."""
    found = re.search(rf"\b{PAPER}\b", question, re.IGNORECASE)
    return found is not None and term_set(unopened(question[: found.start()])) <= FRAME


def narrowed(filters: Filters, scope: Scope, papers: Sequence[str]) -> Filters:
    """Fill in the filters with what the question says where they are open; `papers` are those of its author."""
    return Filters(
        filters.year_from if filters.year_from is not None else scope.year_from,
        filters.year_to if filters.year_to is not None else scope.year_to,
        filters.venue, filters.author, filters.source, filters.papers or tuple(papers), filters.exclude,
    )  # fmt: skip


def names_in(authors: str) -> tuple[str, ...]:
    """Return the names of people named together: "Fell and Okafor" are two."""
    return tuple(name for name in re.split(_AND, authors) if name)


def appeared_in(venue: str, paper: Paper) -> bool:
    """Return whether this is the paper's journal, by its whole name."""
    return fold(paper.venue or "").removeprefix("the ") == fold(venue).removeprefix("the ")


def wrote(name: str, paper: Paper) -> bool:
    """Return whether a person of this name is among the authors: "Fell" and "A. Fell" both mean "Fell, Ada"."""
    wanted = [word for word in words(fold_name(name)) if not _PARTICLE_ALONE.fullmatch(word)]
    return any(all(_is_in(word, words(fold_name(author))) for word in wanted) for author in paper.authors)


def _is_in(word: str, name: Sequence[str]) -> bool:
    return any(part == word or (1 in (len(part), len(word)) and part[0] == word[0]) for part in name)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A question's scope with what the library knows of it: the filters, and why no paper passes, where none does."""

    scope: Scope
    within: Filters
    nothing: str = ""


def narrow(question: QuestionReading, library: Papers, filters: Filters) -> Narrowed:
    """Return what a question narrows papers to in this library, and within these filters."""
    asked = scope(question)
    by = _written_by(asked.names, library, filters) if asked.author else None
    there = _published_in(asked.venue, library, filters) if asked.venue else None
    ignored = [name for name, found in (("venue", there), ("author", by)) if found is not None and not found]
    if asked.certain and asked.lists and "author" in ignored:
        return Narrowed(asked, filters, f"No record in the library names an author “{asked.author}”.")
    asked = scope(question, ignored) if ignored else asked
    known = [found for found in (by, there) if found]
    own = set.intersection(*known) if known else set()
    nothing = f"The library has no {asked.said}." if known and not own else ""
    return Narrowed(asked, narrowed(filters, asked, sorted(own)), nothing)


def _written_by(names: Sequence[str], library: Papers, filters: Filters) -> set[str]:
    """Return the ids of the papers that people of these names wrote together, else of those that any of them wrote."""
    each = []
    for name in names:
        within = replace(filters, author=filters.author or name.rsplit(maxsplit=1)[-1])
        each.append({paper.id for paper in _all(name, library, within) if wrote(name, paper)})
    return set.intersection(*each) or set.union(*each)


def _published_in(venue: str, library: Papers, filters: Filters) -> set[str]:
    within = replace(filters, venue=filters.venue or venue)
    return {paper.id for paper in _all(venue, library, within) if appeared_in(venue, paper)}


def _all(name: str, library: Papers, within: Filters) -> list[Paper]:
    count = library.matching(within)
    return [hit.paper for hit in library.find(name, min(count, LOOKED_AT), within)] if count else []
