"""Questions that only the records of papers answer: who wrote it, when and where it was published.

Sentences made from a record are marked: their citations have the record (`Citation.record`) and no quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.question.scope import IS, PAPER, PUBLISHED, VENUE, bare
from rag.text.person_names import name_parts
from rag.text.question_form import QuestionReading
from rag.text.words import term_set
from rag.types import Citation, Paper, Sentence, Verdict
from rag.views.counts import counted

# Authors that a sentence names; for more it gives their number.
NAMED = 6
_UNNAMED = "The record of {} doesn't name its authors."
_OUT = rf"(?:been )?(?:first )?(?:{PUBLISHED}|come out|appear)"
_PEOPLE = r"(?:people|researchers|scientists|teams?|groups?)"
# A paper and nothing else: people write, and groups publish, more than papers.
_SURELY = rf"(?P<of>it|this|that|these|those|them|\[\d+\]|(?:the|this|that|these|those) .*\b(?:ones?|{PAPER})\b.*)"
# What people call a field of a record.
_NAMES = {
    "authors": r"(?:names? of (?:the )?)?(?:(?:first|lead|main|last|senior|corresponding) )?(?:co-?)?authors?",
    "author_count": r"number of (?:co-?)?authors",
    "year": r"(?:year|date) of publication|publication (?:year|date)",
    "venue": VENUE,
    "doi": r"dois?|(?:arxiv|pubmed) (?:id|number|identifier)s?|arxiv|pmids?|identifiers?",
    "title": r"titles?",
}
# How any of them is asked for; `of` is the paper, the last ones cited where there is none.
_BY_NAME = (
    rf"(?:(?:who|what|which) {IS} )?(?:the |its |their )?(?:%s)(?: (?:of|for|behind|on) (?P<of>.+))?",
    rf"(?:(?:who|what|which) {IS} )?(?P<of>.+)['’]s? (?:%s)",
    rf"(?:who|what) (?:the |its |their )?(?:%s)(?: (?:of|for) (?P<of>.+))? {IS}",
    r"(?:what|which) (?:%s) (?:does|do) (?P<of>.+) have",
    r"(?:does|do|has|have) (?P<of>.+?) (?:have |got )+(?:an? |any )?(?:%s)",
    r"(?:is|are) there (?:an? |any )?(?:%s)(?: (?:of|for) (?P<of>.+))?",
)
# How a field is asked for by what was done: wrote, published, retracted.
_BY_VERB = {
    "authors": (
        r"(?:who(?: all)?|(?:what|which) authors?) (?:wrote|authored|co-?authored|published) (?P<of>.+)",
        rf"(?:what|which) {_PEOPLE} (?:wrote|authored|co-?authored|published) {_SURELY}",
        rf"who {IS} (?P<of>.+) (?:by|written by|published by)",
        rf"(?:by whom|by which authors?) {IS} (?P<of>.+?)(?: written| published)?",
        rf"who {IS} (?:the )?{_PEOPLE} behind {_SURELY}",
        rf"whose {PAPER} {IS} (?P<of>.+)",
    ),
    "author_count": (
        r"how many (?:co-?)?authors wrote (?P<of>.+)",
        rf"how many {_PEOPLE} (?:wrote|(?:co-?)?authored) {_SURELY}",
        r"how many (?:co-?)?authors (?:does|do|did) (?P<of>.+) have",
        rf"how many (?:co-?)?authors (?:{IS} )?(?:there|listed|named|of|on|in| )+(?P<of>.*)",
    ),
    "year": (
        rf"(?:in )?(?:when|what year|which year) (?:{IS}|did|has|have) (?P<of>.+?) {_OUT}(?: in)?",
        rf"(?:when|(?:in )?(?:what|which) year) (?P<of>.+?) (?:{IS} (?:first )?{PUBLISHED}|came out|appeared)",
        rf"(?:from )?(?:what|which) year {IS} (?P<of>.+?)(?: from)?",
        rf"when {IS} (?P<of>it|that|this|these|those|they)(?: from)?",
        rf"how (?:old|recent) {IS} (?P<of>(?:the|this|that|these|those) .*\b(?:ones?|{PAPER})\b.*)",
    ),
    "venue": (
        rf"where (?:{IS}|did|has|have) (?P<of>.+?) {_OUT}",
        rf"where (?P<of>.+?) (?:{IS} (?:first )?{PUBLISHED}|came out|appeared)",
        rf"(?:in )?(?:what|which) (?:{_NAMES['venue']}) (?:{IS}|did) "
        rf"(?P<of>.+?)(?: {PUBLISHED}| appear)?(?: in| at)?",
        rf"(?:what|which) (?:{_NAMES['venue']}) (?:published|printed) (?P<of>.+)",
    ),
    "doi": (),
    "retraction": (
        rf"(?:{IS}|has|have) (?P<of>.+?) (?:ever )?(?:been )?(?:retracted|withdrawn)",
        rf"(?:whether|if) (?P<of>.+?) (?:{IS}|has been|have been) (?:ever )?(?:retracted|withdrawn)",
    ),
    "title": (
        rf"(?:what|which) {IS} (?:the )?names? of (?P<of>.+)",
        rf"what {IS} (?P<of>.+?) (?:called|titled|entitled)",
    ),
}
_FIELDS = {
    field: tuple(
        re.compile(form) for form in (*forms, *(named % _NAMES[field] for named in _BY_NAME if field in _NAMES))
    )
    for field, forms in _BY_VERB.items()
}
# What comes before a title or a subject: "the paper on", "the article titled".
_THE_PAPER = re.compile(
    rf"(?:(?:the |that |this |a )?{PAPER}\b(?: (?:on|about|titled|called|entitled|named|that|which)\b)?:?|"
    r"(?:on|about)\b) *"
)


@dataclass(frozen=True, slots=True)
class About:
    """A question about one field of some papers' records; `papers` is how it describes them."""

    field: str
    papers: str


def about(question: QuestionReading) -> About | None:
    """Return what a question asks about the record of a paper, None where it asks for something else."""
    asked = bare(question)
    for field, forms in _FIELDS.items():
        for form in forms:
            if found := form.fullmatch(asked):
                return About(field, (found["of"] or "").strip())
    return None


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
    return Sentence(text, (pin_of(number, paper),), Verdict.SUPPORTED, 1.0)


def pin_of(number: int, paper: Paper) -> Citation:
    """Return a citation of the paper's record."""
    return Citation(number, paper, "", 0, 0, Verdict.SUPPORTED, 1.0, record=record_of(paper))


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


def name_of(paper: Paper, author: str) -> str:
    """Return the name of an author of a paper as a sentence gives it: "Ada Fell"."""
    return " ".join(reversed(name_parts(paper, author))).strip()


def people(paper: Paper) -> str:
    """Return the authors as a sentence names them: "Ada Fell, Bo Moor and 3 others"; empty where none is known."""
    names = [name_of(paper, author) for author in paper.authors]
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
