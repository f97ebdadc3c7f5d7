"""A saved web page about one paper, by the data that publishers put into it for Google Scholar, Zotero and others.

Meta tags (`citation_title`, `dc.title`), JSON-LD, and the part of the page that is called its abstract. What pages put
into `description` for search engines is cut off, so it is never an abstract.
https://scholar.google.com/intl/en/scholar/inclusion.html#indexing
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from rag.sources import identifiers
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format, keyword_line, page_range
from rag.sources.jsonrecord import JsonObject, first, names

NAME = "webpage"
PAGE = re.compile(r"\s*(?:<\?xml[^<>]*>\s*|<!--.*?-->\s*|<!doctype html[^<>]*>\s*)*<(?:html|head|body)\b", re.I | re.S)
_OF_A_PAPER = re.compile(
    r"<meta\b[^<>]*\b(?:name|property)\s*=\s*[\"']?(?:citation_title|dc\.title|dcterms\.title)\b|\"ScholarlyArticle\"",
    re.IGNORECASE,
)
# An element whose id or class has one of these as a part: acl-abstract, abstract-content, Abs1-content.
_ABSTRACT = re.compile(r"(?:^|[-_\s])(?:abstract(?:text|note)?|abs\d*)(?:$|[-_\s])", re.IGNORECASE)
_SHORTEST = 60  # characters of an abstract; what is shorter is a link to it
_MOST = 8_000_000  # characters of a page
_DEEPEST, _WITHIN = 500, 10  # elements inside one another: all, and those that are called abstracts
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_NO_TEXT = {"script", "style", "button", "svg", "noscript", "template", "select"}
_KEPT = {"p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "sub", "sup", "i", "em", "b", "strong", "title"}
_CUT_OFF = re.compile(r"(?:…|\.\.\.)\W*$")
_TYPES = {"ScholarlyArticle", "Article", "MedicalScholarlyArticle", "Chapter", "Thesis", "Report"}


def recognise(head: str) -> bool:
    """Recognise a web page that says which paper it is about."""
    return bool(PAGE.match(head) and _OF_A_PAPER.search(head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the one paper of a page."""
    page = _Page()
    read = 0
    for chunk in document.chunks():
        page.feed(chunk)
        read += len(chunk)
        if read > _MOST:
            yield Flaw(f"larger than {_MOST:,} characters, too long for a page: export the paper from its site")
            return
    titles = {" ".join(title.split()) for title in page.metas("citation_title")}
    if len(titles) > 1:
        yield Flaw(f"a page about {len(titles)} papers: export them from its site")
    else:
        yield _entry(page)


def _entry(page: _Page) -> Entry:
    linked = page.linked_data()
    dates = page.metas("citation_publication_date", "citation_date", "citation_online_date", "citation_year", "dc.date",
                       "dc.date.issued", "dcterms.issued", "prism.publicationdate")  # fmt: skip
    date = next(iter(dates), "") or first(linked, "datePublished")
    people = page.metas("citation_author", "citation_authors", "dc.creator", "dc.contributor")
    return Entry(
        line=1,
        title=page.first("citation_title", "dc.title", "dcterms.title") or first(linked, "headline", "name"),
        abstract=_abstract(page, linked),
        authors=people or names(linked.get("author")),
        year=date,
        published=date,
        venue=page.first("citation_journal_title", "citation_conference_title", "citation_inbook_title",
                         "citation_technical_report_institution", "prism.publicationname"),
        doi=page.first("citation_doi", "prism.doi") or _identifier(page, linked),
        arxiv_id=page.first("citation_arxiv_id"),
        pmid=page.first("citation_pmid"),
        url=page.first("citation_abstract_html_url", "og:url", "citation_public_url"),
        volume=page.first("citation_volume", "prism.volume"),
        issue=page.first("citation_issue", "prism.number"),
        pages=page_range(page.first("citation_firstpage", "prism.startingpage"),
                         page.first("citation_lastpage", "prism.endingpage")),
        publisher=page.first("citation_publisher", "dc.publisher"),
        keywords=tuple(map(keyword_line, page.metas("citation_keywords", "citation_keyword"))),
        isbn=page.first("citation_isbn"),
        issn=page.first("citation_issn", "prism.issn"),
    )  # fmt: skip


def _identifier(page: _Page, linked: JsonObject) -> str:
    texts = (*page.metas("dc.identifier", "dc.identifier.doi"), first(linked, "sameAs", "identifier", "@id"))
    return next((text for text in texts if identifiers.doi(text)), "")


def _abstract(page: _Page, linked: JsonObject) -> str:
    """Return the abstract if it is complete, from the most reliable place first."""
    described = page.metas("dc.description", "dcterms.abstract", "dc.description.abstract")
    texts = (*page.metas("citation_abstract"), first(linked, "abstract"), page.abstract, *described)
    texts = (*texts, first(linked, "description"))
    return next((text for text in texts if len(text) >= _SHORTEST and not _CUT_OFF.search(text)), "")


class _Page(HTMLParser):
    """What a page says in its head, and the innermost element that is called an abstract and holds one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.abstract = ""
        self._metas: dict[str, list[str]] = {}
        self._scripts: list[str] = []
        self._open: list[str] = []
        self._abstracts: list[tuple[int, list[str]]] = []  # depth and text of each element that is called so
        self._is_data = False

    def first(self, *wanted: str) -> str:
        """Return the first content of the first meta tag that has any."""
        return next(iter(self.metas(*wanted)), "")

    def metas(self, *wanted: str) -> tuple[str, ...]:
        """Return all contents of the first meta tag that has any."""
        return next((tuple(found) for name in wanted if (found := self._metas.get(name))), ())

    def linked_data(self) -> JsonObject:
        """Return the first article in the page's JSON-LD."""
        for script in self._scripts:
            try:
                found = next(_articles(json.loads(script, strict=False)), None)
            except (ValueError, RecursionError):
                continue
            if found:
                return found
        return {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read a meta tag, or go into an element."""
        values = {name: value or "" for name, value in attrs}
        if tag == "meta" and (content := values.get("content", "").strip()):
            name = values.get("name") or values.get("property") or ""
            self._metas.setdefault(name.lower().replace("dc.terms", "dcterms"), []).append(content)
        self._write(f"<{tag}>" if tag in _KEPT else "")
        if tag in _VOID or len(self._open) >= _DEEPEST:
            return
        self._open.append(tag)
        self._is_data = tag == "script" and "ld+json" in values.get("type", "")
        called = f"{values.get('id', '')} {values.get('class', '')}"
        if not self.abstract and len(self._abstracts) < _WITHIN and _ABSTRACT.search(called):
            self._abstracts.append((len(self._open), []))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, and those in it that nobody closed."""
        self._is_data = False
        if tag not in self._open:
            return
        while self._open:
            closed = self._open.pop()
            self._write(f"</{closed}>" if closed in _KEPT else "")
            while self._abstracts and self._abstracts[-1][0] > len(self._open):
                self._keep("".join(self._abstracts.pop()[1]).strip())
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        """Take text: of a script of data, or of an abstract."""
        if self._is_data:
            self._scripts.append(data)
        elif not _NO_TEXT.intersection(self._open):
            self._write(html.escape(data, quote=False))

    def _write(self, text: str) -> None:
        for _, written in self._abstracts:
            written.append(text)

    def _keep(self, text: str) -> None:
        if not self.abstract and len(re.sub(r"<[^<>]*>", "", text)) >= _SHORTEST:
            self.abstract = text


def _articles(value: Any) -> Iterator[JsonObject]:
    """Yield the articles in JSON-LD, at any depth."""
    if isinstance(value, dict):
        kinds = value.get("@type")
        if not _TYPES.isdisjoint(kinds if isinstance(kinds, list) else [str(kinds)]):
            yield value
        for inner in value.values():
            yield from _articles(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _articles(inner)


FORMAT = Format(NAME, recognise, entries)
