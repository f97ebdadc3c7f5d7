"""Questions that only the records of papers answer: who wrote it, when and where it was published.

Sentences made from a record are marked: their citations have the record (`Citation.record`) and no quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.text.person_names import fold_name, name_parts
from rag.text.question_form import QuestionReading
from rag.text.words import content_words, fold, term_set, words
from rag.types import Citation, Filters, Paper, Sentence, Verdict
from rag.views.counts import counted

# Authors that a sentence names; for more it gives their number.
NAMED = 6
_UNNAMED = "The record of {} doesn't name its authors."
_PAPER = r"(?:papers?|articles?|stud(?:y|ies)|works?|publications?|preprints?|abstracts?|research|literature)"
_IS = r"(?:is|are|was|were)"
_PUBLISHED = r"(?:published|printed|released|written|out)"
_OUT = rf"(?:been )?(?:first )?(?:{_PUBLISHED}|come out|appear)"
_PEOPLE = r"(?:people|researchers|scientists|teams?|groups?)"
# A paper and nothing else: people write, and groups publish, more than papers.
_SURELY = rf"(?P<of>it|this|that|these|those|them|\[\d+\]|(?:the|this|that|these|those) .*\b(?:ones?|{_PAPER})\b.*)"
# What people call a field of a record.
_NAMES = {
    "authors": r"(?:names? of (?:the )?)?(?:(?:first|lead|main|last|senior|corresponding) )?(?:co-?)?authors?",
    "author_count": r"number of (?:co-?)?authors",
    "year": r"(?:year|date) of publication|publication (?:year|date)",
    "venue": r"journal|venue|conference|proceedings",
    "doi": r"dois?|(?:arxiv|pubmed) (?:id|number|identifier)s?|arxiv|pmids?|identifiers?",
    "title": r"titles?",
}
# How any of them is asked for; `of` is the paper, the last ones cited where there is none.
_BY_NAME = (
    rf"(?:(?:who|what|which) {_IS} )?(?:the |its |their )?(?:%s)(?: (?:of|for|behind|on) (?P<of>.+))?",
    rf"(?:(?:who|what|which) {_IS} )?(?P<of>.+)['’]s? (?:%s)",
    rf"(?:who|what) (?:the |its |their )?(?:%s)(?: (?:of|for) (?P<of>.+))? {_IS}",
    r"(?:what|which) (?:%s) (?:does|do) (?P<of>.+) have",
    r"(?:does|do|has|have) (?P<of>.+?) (?:have |got )+(?:an? |any )?(?:%s)",
    r"(?:is|are) there (?:an? |any )?(?:%s)(?: (?:of|for) (?P<of>.+))?",
)
# How a field is asked for by what was done: wrote, published, retracted.
_BY_VERB = {
    "authors": (
        r"(?:who(?: all)?|(?:what|which) authors?) (?:wrote|authored|co-?authored|published) (?P<of>.+)",
        rf"(?:what|which) {_PEOPLE} (?:wrote|authored|co-?authored|published) {_SURELY}",
        rf"who {_IS} (?P<of>.+) (?:by|written by|published by)",
        rf"(?:by whom|by which authors?) {_IS} (?P<of>.+?)(?: written| published)?",
        rf"who {_IS} (?:the )?{_PEOPLE} behind {_SURELY}",
        rf"whose {_PAPER} {_IS} (?P<of>.+)",
    ),
    "author_count": (
        r"how many (?:co-?)?authors wrote (?P<of>.+)",
        rf"how many {_PEOPLE} (?:wrote|(?:co-?)?authored) {_SURELY}",
        r"how many (?:co-?)?authors (?:does|do|did) (?P<of>.+) have",
        rf"how many (?:co-?)?authors (?:{_IS} )?(?:there|listed|named|of|on|in| )+(?P<of>.*)",
    ),
    "year": (
        rf"(?:in )?(?:when|what year|which year) (?:{_IS}|did|has|have) (?P<of>.+?) {_OUT}(?: in)?",
        rf"(?:when|(?:in )?(?:what|which) year) (?P<of>.+?) (?:{_IS} (?:first )?{_PUBLISHED}|came out|appeared)",
        rf"(?:from )?(?:what|which) year {_IS} (?P<of>.+?)(?: from)?",
        rf"when {_IS} (?P<of>it|that|this|these|those|they)(?: from)?",
        rf"how (?:old|recent) {_IS} (?P<of>(?:the|this|that|these|those) .*\b(?:ones?|{_PAPER})\b.*)",
    ),
    "venue": (
        rf"where (?:{_IS}|did|has|have) (?P<of>.+?) {_OUT}",
        rf"where (?P<of>.+?) (?:{_IS} (?:first )?{_PUBLISHED}|came out|appeared)",
        rf"(?:in )?(?:what|which) (?:{_NAMES['venue']}) (?:{_IS}|did) "
        rf"(?P<of>.+?)(?: {_PUBLISHED}| appear)?(?: in| at)?",
        rf"(?:what|which) (?:{_NAMES['venue']}) (?:published|printed) (?P<of>.+)",
    ),
    "doi": (),
    "retraction": (
        rf"(?:{_IS}|has|have) (?P<of>.+?) (?:ever )?(?:been )?(?:retracted|withdrawn)",
        rf"(?:whether|if) (?P<of>.+?) (?:{_IS}|has been|have been) (?:ever )?(?:retracted|withdrawn)",
    ),
    "title": (
        rf"(?:what|which) {_IS} (?:the )?names? of (?P<of>.+)",
        rf"what {_IS} (?P<of>.+?) (?:called|titled|entitled)",
    ),
}
_FIELDS = {
    field: tuple(
        re.compile(form) for form in (*forms, *(named % _NAMES[field] for named in _BY_NAME if field in _NAMES))
    )
    for field, forms in _BY_VERB.items()
}
# What a question or request may begin with, and mean nothing by.
_OPENING = re.compile(
    r"(?:(?:and|but|so|ok(?:ay)?|please|(?:can|could|would|will) you|do you know|tell (?:me|us)|give (?:me|us)|"
    r"show (?:me|us)|i(?: would like|'d like| need| want)|list|name|what about|how about)\b[,:]? *)+"
)
# What comes before a title or a subject: "the paper on", "the article titled".
_THE_PAPER = re.compile(
    rf"(?:(?:the |that |this |a )?{_PAPER}\b(?: (?:on|about|titled|called|entitled|named|that|which)\b)?:?|"
    r"(?:on|about)\b) *"
)
# A name as written: "van Fell", "Sørensen", "Ada Fell".
_PARTICLE = r"(?:van|von|de|der|den|del|della|di|da|la|le|ter|ten)"
_CAPITALISED = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]*"
_PERSON = (
    rf"(?P<who>(?:{_PARTICLE} )*{_CAPITALISED}(?: (?:{_PARTICLE}|{_CAPITALISED}))*)(?: et al\b\.?| and colleagues)?"
)
_BY = (
    re.compile(
        rf"\b(?i:{_PAPER})(?i: (?:is|are|were|was|there|written|published|authored|co-authored))*"
        rf"(?P<cut> (?i:(?P<by>by)|from|of) {_PERSON})"
    ),
    re.compile(
        rf"(?P<cut>\b(?P<by>did|has|have|does) {_PERSON} (?:ever )?(?:publish|writ|wrot|author)\w*(?: {_PAPER})?)\b"
    ),
)
_PARTICLE_ALONE = re.compile(_PARTICLE)
_YEAR = r"((?:1[89]|20)\d\d)"
_WHEN = re.compile(
    rf"(?P<papers>\b{_PAPER})?\s*\b(?(papers)(?:that |which )?|(?=publish|writ|wrote|appear))"
    r"(?:(?:were|was|are|have|been|published?|written|wrote|write|appear(?:ed|ing)?|come|came|out|dated) )*"
    r"(?:(?P<since>since|from|after|starting in)|(?P<before>before|until|up to)|in|of|during|between) "
    rf"{_YEAR}(?:(?: and | to |\s?[-–]\s?){_YEAR})?(?: onwards?| and later| or later)?\b",
    re.IGNORECASE,
)
_LATE_SINCE = re.compile(
    rf",? (?:(?:since|after|before) {_YEAR}|(?:between|from) {_YEAR}(?: and | to |\s?[-–]\s?){_YEAR})(?=\W*$)",
    re.IGNORECASE,
)
_IS_FROM = re.compile(rf",? (?:is|are|was|were) (?:from|of|dated) {_YEAR}(?=\W*$)", re.IGNORECASE)
_ASKS_FOR_PAPERS = re.compile(
    rf"^(?:(?:which(?: of)?|what|list|show(?: me)?|find|any|all|are there|the|recent|name|give me) )*"
    rf"(?:the )?{_PAPER}\b",
    re.IGNORECASE,
)
# Words that ask for papers as such, without a subject.
_FRAME = frozenset(
    """paper papers article articles study studies work works publication publications preprint preprints abstract
    abstracts research literature library list show find name give tell held hold holds included contain contains
    available published publish written wrote write authored appear appeared year many et al present collection
    database about got does exist""".split()  # noqa: SIM905 - quoted, it reads worse
)


@dataclass(frozen=True, slots=True)
class About:
    """A question about one field of some papers' records; `papers` is how it describes them."""

    field: str
    papers: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The authors and years that a question names, and the rest of it; `lists` where it asks nothing else."""

    author: str | None
    certain: bool  # whether it can't be a place instead: "papers by Fell", not "papers from Fell"
    year_from: int | None
    year_to: int | None
    rest: str
    lists: bool

    @property
    def said(self) -> str:
        """The scope in words: "papers by Fell of 2020 to 2022"."""
        by = f" by {self.author}" if self.author else ""
        if self.year_from == self.year_to:
            years = f" of {self.year_from}" if self.year_from else ""
        elif self.year_to is None:
            years = f" of {self.year_from} or later"
        else:
            years = f" of {self.year_from} to {self.year_to}" if self.year_from else f" of {self.year_to} or earlier"
        return f"papers{by}{years}"


def about(question: QuestionReading) -> About | None:
    """Return what a question asks about the record of a paper, None where it asks for something else."""
    plain = question.expanded.strip(" ?.!").removesuffix(" please").rstrip(" ,")
    opening = _OPENING.match(plain)
    asked = plain[opening.end() :] if opening else plain
    for field, forms in _FIELDS.items():
        for form in forms:
            if found := form.fullmatch(asked):
                return About(field, (found["of"] or "").strip())
    return None


def scope(question: str) -> Scope | None:
    """Return the authors and years of publication that a question narrows papers to, None where it names none."""
    by = next((found for form in _BY if (found := form.search(question))), None)
    rest = question
    if by is not None:
        rest = question[: by.start("cut")] + ("" if by["cut"][0] == " " else "papers") + question[by.end("cut") :]
    year_from, year_to, rest = _years(rest)
    if by is None and year_from is None and year_to is None:
        return None
    subject = [word for word in content_words(rest) if word not in _FRAME]
    author = by["who"].rstrip(".") if by else None
    return Scope(author, bool(by and by["by"]), year_from, year_to, rest, not subject)


def _years(question: str) -> tuple[int | None, int | None, str]:
    """Return the first and the last year of publication that a question names, and the question without them."""
    for_papers = _ASKS_FOR_PAPERS.search(question)
    if for_papers and (found := _IS_FROM.search(question)):
        return int(found[1]), int(found[1]), question[: found.start()] + question[found.end() :]
    found = _WHEN.search(question) or (_LATE_SINCE.search(question) if for_papers else None)
    if found is None:
        return None, None, question
    cut = found.end("papers") if found.groupdict().get("papers") else found.start()
    rest = re.sub(r"\s+([?.,])", r"\1", f"{question[:cut].rstrip()} {question[found.end() :].lstrip()}").strip()
    first, *last = map(int, re.findall(_YEAR, found[0]))
    phrase = fold(found[0])
    if last:
        return min(first, *last), max(first, *last), rest
    if re.search(r"\b(?:since|from|after|starting|onwards?|later)\b", phrase):
        return first + ("after" in words(phrase)), None, rest
    if re.search(r"\b(?:before|until|up to)\b", phrase):
        return None, first - ("before" in words(phrase)), rest
    return first, first, rest


def narrowed(filters: Filters, scope: Scope, papers: Sequence[str]) -> Filters:
    """Fill in the filters with what the question says where they are open; `papers` are those of its author."""
    return Filters(
        filters.year_from if filters.year_from is not None else scope.year_from,
        filters.year_to if filters.year_to is not None else scope.year_to,
        filters.venue, filters.author, filters.source, filters.papers or tuple(papers), filters.exclude,
    )  # fmt: skip


def wrote(name: str, paper: Paper) -> bool:
    """Return whether a person of this name is among the authors: "Fell" and "A. Fell" both mean "Fell, Ada"."""
    wanted = [word for word in words(fold_name(name)) if not _PARTICLE_ALONE.fullmatch(word)]
    return any(all(_is_in(word, words(fold_name(author))) for word in wanted) for author in paper.authors)


def _is_in(word: str, name: Sequence[str]) -> bool:
    return any(part == word or (1 in (len(part), len(word)) and part[0] == word[0]) for part in name)


def titled(of: str, paper: Paper) -> float:
    """Return the share of a description's stems that are in the paper's title, in [0, 1]."""
    wanted = term_set(subject_of(of))
    return len(wanted & term_set(paper.title)) / len(wanted) if wanted else 0.0


def subject_of(of: str) -> str:
    """Return what a question says a paper is about: "the paper on clay" is about clay."""
    found = _THE_PAPER.match(of)
    return (of[found.end() :] if found else of).strip(" \"'“”‘’")


def sentences(papers: Sequence[Paper], field: str) -> tuple[Sentence, ...]:
    """Return what the records say, one sentence for each paper, pinned to the record."""
    return tuple(_sentence(_stated(paper, field), number, paper) for number, paper in enumerate(papers, 1))


def says(paper: Paper, sentence: str) -> bool:
    """Whether the record of the paper says this sentence."""
    return sentence in {_stated(paper, field) for field in (*_FIELDS, "")}


def _sentence(text: str, number: int, paper: Paper) -> Sentence:
    pin = Citation(number, paper, "", 0, 0, Verdict.SUPPORTED, 1.0, record=record_of(paper))
    return Sentence(text, (pin,), Verdict.SUPPORTED, 1.0)


def record_of(paper: Paper) -> str:
    """Return the record of a paper in one line: what is known about it apart from its abstract."""
    known = {
        "title": paper.title, "authors": "; ".join(paper.authors) or (paper.organisation or ""),
        "year": paper.published or str(paper.year or ""), "venue": paper.venue or "", "doi": paper.doi or "",
        "arXiv": paper.arxiv_id or "", "pmid": paper.pmid or "",
    }  # fmt: skip
    return ". ".join(f"{name}: {value.rstrip('.')}" for name, value in known.items() if value) + "."


def _stated(paper: Paper, field: str) -> str:
    title = f"“{paper.title or '(untitled)'}”"
    if field == "authors":
        by = people(paper)
        return f"{title} was written by {by}." if by else _UNNAMED.format(title)
    if field == "author_count":
        count = max(len(paper.authors), paper.author_count or 0)
        least = "at least " if paper.more_authors else ""
        return f"{title} has {least}{counted(count, 'author')}." if count else _UNNAMED.format(title)
    if field == "doi":
        known = (
            paper.doi
            or (f"arXiv {paper.arxiv_id}" if paper.arxiv_id else "")
            or (f"PMID {paper.pmid}" if paper.pmid else "")
        )
        return (
            f"{title} has the identifier {known}." if known else f"The record of {title} has no DOI, arXiv id or PMID."
        )
    if field == "retraction":
        return paper.retraction or f"{title} is not marked as retracted in its record."
    if field in ("year", "venue") and (paper.year if field == "year" else paper.venue):
        where = f" in {paper.venue}" if paper.venue else ""
        date = paper.published or str(paper.year or "")
        when = f" {'on' if date.count('-') == 2 else 'in'} {date}" if date else ""
        return f"{title} was published{where}{when}."
    if field in ("year", "venue"):
        return f"The record of {title} doesn't say {'when' if field == 'year' else 'where'} it was published."
    by = ", ".join(part for part in (people(paper), paper.venue or "", str(paper.year or "")) if part)
    return f"{title} ({by})." if by else f"{title}."


def people(paper: Paper) -> str:
    """Return the authors as a sentence names them: "Ada Fell, Bo Moor and 3 others"; empty where none is known."""
    names = [" ".join(reversed(name_parts(paper, author))).strip() for author in paper.authors]
    if not names:
        return paper.organisation or (
            f"{counted(paper.author_count, 'author')} whom the record doesn't name" if paper.author_count else ""
        )
    count = max(len(names), paper.author_count or 0)
    shown = names if len(names) <= NAMED and count == len(names) else names[:NAMED]
    if count > len(shown):
        shown = [*shown, counted(count - len(shown), "other")]
    elif paper.more_authors:
        shown = [*shown, "others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
