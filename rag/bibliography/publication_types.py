"""The types of publications: CSL's names, and what BibTeX, RIS and others call them.

A paper's kind is one of `KINDS`: a type of CSL, or one of the few that CSL lumps together. A foreign name
means the first kind that has it.
https://docs.citationstyles.org/en/stable/specification.html#appendix-iii-types
"""

from __future__ import annotations

import re
from typing import NamedTuple


class PublicationType(NamedTuple):
    """A type of publication under its names; `genre` is CSL's genre for it."""

    name: str
    bibtex: str
    ris: str
    csl: str
    genre: str = ""


_ROWS = (
    PublicationType("article-journal", "article", "JOUR", "article-journal"),
    PublicationType("article-magazine", "article", "MGZN", "article-magazine"),
    PublicationType("article-newspaper", "article", "NEWS", "article-newspaper"),
    PublicationType("document", "misc", "GEN", "document"),  # of a type without a name
    PublicationType("article", "misc", "GEN", "article"),  # a preprint, as CSL calls it
    PublicationType("paper-conference", "inproceedings", "CPAPER", "paper-conference"),
    PublicationType("proceedings", "proceedings", "CONF", "book", "proceedings"),
    PublicationType("chapter", "incollection", "CHAP", "chapter"),
    PublicationType("book", "book", "BOOK", "book"),
    PublicationType("collection", "collection", "EDBOOK", "book", "collection"),
    PublicationType("thesis", "thesis", "THES", "thesis"),
    PublicationType("phdthesis", "phdthesis", "THES", "thesis", "PhD thesis"),
    PublicationType("mastersthesis", "mastersthesis", "THES", "thesis", "Master's thesis"),
    PublicationType("report", "techreport", "RPRT", "report"),
    PublicationType("manuscript", "unpublished", "UNPB", "manuscript"),
    PublicationType("entry-encyclopedia", "inreference", "ENCYC", "entry-encyclopedia"),
    PublicationType("entry-dictionary", "inreference", "DICT", "entry-dictionary"),
    PublicationType("webpage", "online", "ELEC", "webpage"),
    PublicationType("post-weblog", "online", "BLOG", "post-weblog"),
    PublicationType("dataset", "dataset", "DATA", "dataset"),
    PublicationType("software", "software", "COMP", "software"),
    PublicationType("patent", "patent", "PAT", "patent"),
    PublicationType("standard", "standard", "STAND", "standard"),
    PublicationType("speech", "unpublished", "SLIDE", "speech"),
)
KINDS = {row.name: row for row in _ROWS}

# What else they are called: types of BibLaTeX, RIS, EndNote, Zotero, Crossref, OpenAlex, Scopus and Web of Science,
# folded to letters.
_ALSO = {
    "article-journal": "article ejour abst inpr jfull journal journalarticle electronicarticle articleinpress review"
    " reviewarticle shortsurvey erratum editorial letter note suppperiodical journalissue",
    "article-magazine": "magazinearticle",
    "article-newspaper": "newspaperarticle",
    "article": "preprint postedcontent",
    "document": "misc generic miscellaneous other",
    "paper-conference": "conference conferencepaper conferenceproceedings proceedingsarticle proceedingspaper"
    " meetingabstract",
    "proceedings": "mvproceedings conferencereview",
    "chapter": "inbook bookinbook suppbook bookchapter booksection bookpart echap incollection suppcollection",
    "book": "ebook mvbook booklet editedbook monograph whole referencebook",
    "collection": "mvcollection bookseries reference mvreference",
    "phdthesis": "doctoralthesis phd",
    "mastersthesis": "masterthesis masters",
    "thesis": "dissertation",
    "report": "techreport govdoc manual grey reportcomponent reportseries governmentdocument datapaper",
    "manuscript": "unpublishedwork",
    "entry-encyclopedia": "encyclopediaarticle encyclopedia inreference referenceentry",
    "entry-dictionary": "dictionaryentry dictionary",
    "webpage": "electronic www icomm webpage blog",
    "post-weblog": "blogpost",
    "dataset": "dbase database aggregateddatabase onlinedatabase",
    "software": "computerprogram",
    "patent": "",
    "standard": "",
    "speech": "presentation",
}


def _folded(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


_BY_BIBTEX, _BY_RIS, _BY_NAME = dict[str, str](), dict[str, str](), dict[str, str]()
for _row in _ROWS:
    _BY_BIBTEX.setdefault(_row.bibtex, _row.name)
    _BY_RIS.setdefault(_row.ris, _row.name)
    for _name in (_row.name, *_ALSO.get(_row.name, "").split()):
        _BY_NAME.setdefault(_folded(_name), _row.name)


def of_bibtex(entry_type: str) -> str:
    """Return the kind of `@inproceedings`; empty where BibTeX and BibLaTeX have no such type."""
    folded = entry_type.lower()
    return _BY_BIBTEX.get(folded) or of_name(folded)


def of_ris(tag: str, genre: str = "") -> str:
    """Return the kind for RIS's TY. CONF is a paper of a conference in most files, whatever the standard says."""
    tag = tag.strip().upper()
    known = "paper-conference" if tag == "CONF" else _BY_RIS.get(tag) or of_name(tag)
    return next((row.name for row in _ROWS if row.ris == tag and _is(row, genre)), known)


def of_csl(csl_type: str, genre: str = "") -> str:
    """Return the kind of an item of CSL; a type that is not in the table is its own kind."""
    return next((row.name for row in _ROWS if row.csl == csl_type and _is(row, genre)), csl_type)


def _is(row: PublicationType, genre: str) -> bool:
    """Return whether a genre is that of the kind: "Doctoral dissertation" and "PhD thesis" are one."""
    stem = "phd" if re.search(r"\bph\.? ?d|doctor", genre.lower()) else genre.lower()[:6]
    return bool(row.genre) and bool(stem) and row.genre.lower().startswith(stem)


def of_name(name: str) -> str:
    """Return the kind of a type as programs and databases write it: "Conference Paper", "journalArticle"."""
    folded = _folded(name)
    return _BY_NAME.get(folded) or _BY_BIBTEX.get(folded, "")
