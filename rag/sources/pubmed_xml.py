"""PubMed XML: articles and book articles, with labelled abstracts, formulas, retractions and corrections.

https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format, page_range
from rag.sources.notice_fields import PUBLICATION_TYPES, combined, names_in, update_kind
from rag.sources.xmlfile import inner, parsed, text, texts, xml_records
from rag.types import Notice

_NAMES = ("PubmedArticle", "PubmedBookArticle")
# https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html#commentscorrections
_COMMENTS = {
    "RetractionIn": "retraction",
    "RetractionOf": "retraction",
    "PartialRetractionIn": "retraction",
    "PartialRetractionOf": "retraction",
    "RetractedandRepublishedIn": "retraction",
    "ErratumIn": "correction",
    "ErratumFor": "correction",
    "CorrectedandRepublishedIn": "correction",
    "CorrectedandRepublishedFrom": "correction",
    "ExpressionOfConcernIn": "concern",
    "ExpressionOfConcernFor": "concern",
}


def recognise(head: str) -> bool:
    """Recognise a set of articles, or one."""
    return bool(re.search(r"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle|MedlineCitation(?:Set)?)[\s>]", head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the articles."""
    names = _NAMES if re.search(r"<Pubmed(?:Book)?Article[\s>]", document.head) else ("MedlineCitation",)
    for record in xml_records(document, names):
        article = record.flaw or parsed(record.text)
        if isinstance(article, str):
            title = re.search(r"<ArticleTitle[^>]*>(.*?)(?:</ArticleTitle>|$)", record.text, re.DOTALL)
            yield Flaw(article, record.line, title.group(1) if title else "")
        else:
            yield _entry(article, record.line)


def _entry(article: Element, line: int) -> Entry:
    citation = _first(article, "MedlineCitation", "BookDocument")
    body = _first(citation, "Article")
    date = _date(body)
    return Entry(
        line=line,
        title=inner(body.find("ArticleTitle"))
        or inner(body.find("VernacularTitle"))
        or inner(body.find("Book/BookTitle")),
        abstract=_abstract(body) or _abstract(citation, "OtherAbstract"),
        authors=_authors(body, "AuthorList") or _authors(body, "Book/AuthorList"),
        year=date or text(body, "Book/PubDate/Year"),
        published=date,
        venue=text(body, "Journal/Title") or text(body, "Journal/ISOAbbreviation") or text(body, "Book/BookTitle"),
        doi=_doi(article, body),
        pmid=text(citation, "PMID"),
        notices=_notices(citation, body),
        kind=_kind(body),
        volume=text(body, "Journal/JournalIssue/Volume") or text(body, "Book/Volume"),
        issue=text(body, "Journal/JournalIssue/Issue"),
        pages=text(body, "Pagination/MedlinePgn")
        or page_range(text(body, "Pagination/StartPage"), text(body, "Pagination/EndPage"))
        or _article_number(body),
        edition=text(body, "Book/Edition"),
        publisher=text(body, "Book/Publisher/PublisherName"),
        editors=tuple(filter(None, map(_name, body.iterfind("Book/AuthorList[@Type='editors']/Author")))),
        groups=texts(body, "AuthorList/Author/CollectiveName"),
        more_authors=any(found.get("CompleteYN") == "N" for found in body.iterfind("AuthorList")),
        keywords=texts(citation, "KeywordList/Keyword"),
        isbn=text(body, "Book/Isbn"),
        issn=text(body, "Journal/ISSN"),
    )


def _authors(body: Element, path: str) -> tuple[str, ...]:
    """Return the names in a list of authors; a book lists its editors in the same way."""
    lists = (found for found in body.iterfind(path) if found.get("Type") != "editors")
    return tuple(filter(None, (_name(author) for found in lists for author in found.iterfind("Author"))))


def _article_number(body: Element) -> str:
    """Return the publisher's number of an article that has no pages; in place of one it may be any other id."""
    numbers = (place.text or "" for place in body.iterfind("ELocationID") if place.get("EIdType") == "pii")
    return next((number.strip() for number in numbers if re.fullmatch(r"\s*[A-Za-z]{0,4}\d{1,8}\s*", number)), "")


def _kind(body: Element) -> str:
    if "preprint" in (name.lower() for name in texts(body, "PublicationTypeList/PublicationType")):
        return "article"
    if body.find("Book") is not None:
        return "chapter" if text(body, "ArticleTitle") else "book"
    return "article-journal" if body.find("Journal") is not None else ""


def _first(element: Element, *names: str) -> Element:
    """Return the first child of one of the names, or the element itself: books have fewer levels."""
    return next((found for name in names if (found := element.find(name)) is not None), element)


def _abstract(body: Element, name: str = "Abstract") -> str:
    """Join the parts of an abstract, each after its label as PubMed prints it: `METHODS: We …`."""
    abstract = body.find(name)
    if abstract is None:
        return ""
    parts = []
    for part in abstract.iterfind("AbstractText"):
        label = (part.get("Label") or "").strip()
        written = inner(part)
        if written:
            parts.append(f"{label}: {written}" if label and label.upper() != "UNLABELLED" else written)
    return " ".join(parts)


def _name(author: Element) -> str:
    family = text(author, "LastName")
    given = text(author, "ForeName") or text(author, "Initials")
    return (
        ", ".join(filter(None, (family, given, text(author, "Suffix")))) if family else text(author, "CollectiveName")
    )


def _date(body: Element) -> str:
    """Return the date of the issue, else that of the electronic copy."""
    for path in ("Journal/JournalIssue/PubDate", "Book/PubDate", "ArticleDate"):
        date = body.find(path)
        if date is not None and text(date, "Year"):
            return "-".join(filter(None, (text(date, name) for name in ("Year", "Month", "Day"))))
        if date is not None and text(date, "MedlineDate"):
            return text(date, "MedlineDate")
    return ""


def _doi(article: Element, body: Element) -> str:
    """Return the article's own DOI; its references list theirs in the same way, deeper down."""
    for place in body.iterfind("ELocationID"):
        if place.get("EIdType") == "doi" and place.get("ValidYN") != "N":
            return (place.text or "").strip()
    paths = (
        "PubmedData/ArticleIdList/ArticleId",
        "PubmedBookData/ArticleIdList/ArticleId",
        "BookDocument/ArticleIdList/ArticleId",
    )
    found = (place for path in paths for place in article.iterfind(path) if place.get("IdType") == "doi")
    return next(((place.text or "").strip() for place in found), "")


def _notices(citation: Element, body: Element) -> tuple[Notice, ...]:
    found = []
    for comment in citation.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        name, pmid = comment.get("RefType", ""), text(comment, "PMID")
        if kind := _COMMENTS.get(name):
            words = f"{name} {text(comment, 'RefSource')}".strip()
            others = name.endswith(("Of", "For", "From"))
            of = (*names_in(words), *([f"pmid:{pmid}"] if pmid else [])) if others else ()
            found.append(Notice(kind, words, of=of))
    for name in texts(body, "PublicationTypeList/PublicationType"):
        kind = PUBLICATION_TYPES.get(name.lower()) or update_kind(name)
        if kind:
            found.append(Notice(kind, name))
    return combined(found)


FORMAT = Format("pubmed-xml", recognise, entries)
