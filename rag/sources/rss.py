"""RSS of PubMed's saved searches and of arXiv's lists of new papers.

https://pubmed.ncbi.nlm.nih.gov/help/#create-rss-feed, https://info.arxiv.org/help/rss.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rag.sources import arxiv, identifiers
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.xmlfile import parsed, text, texts, xml_records

_PARAGRAPH = re.compile(r"<p\b[^<>]*>(.*?)</p>", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>")
_ABSTRACT, _IDENTIFIERS = "ABSTRACT", "PMID:"  # the paragraphs above and below PubMed's abstract
# "J Dusk. 2021 May 4;12(3):5-9. doi: …"
_CITATION = re.compile(
    r"\s*(?P<venue>.+?)\. (?P<date>\d{4}[^;:.]*)"
    r"(?:;(?P<volume>[^(:.]*)(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[\w-]+))?)?"
)


def recognise(head: str) -> bool:
    """Recognise RSS with an item whose link leads to PubMed or arXiv."""
    linked = r"<link>\s*https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:[\w.]+\.)?arxiv\.org)/"
    return bool(re.match(r"\s*(?:<[?!][^<>]*>\s*)*<rss\b", head) and re.search(linked, head))


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the items."""
    for record in xml_records(document, ("item",)):
        found = record.flaw or parsed(record.text)
        if isinstance(found, str):
            yield Flaw(found, record.line)
        elif "arxiv.org/" in text(found, "link"):
            yield arxiv.announced_entry(found, record.line)
        elif identifiers.pmid(text(found, "link")):
            yield _pubmed_entry(found, record.line)
        else:
            yield Flaw("an item of another feed, not a paper of PubMed or arXiv", record.line, text(found, "title"))


def _pubmed_entry(item: Element, line: int) -> Entry:
    paragraphs = _PARAGRAPH.findall(text(item, "encoded"))
    cited = _CITATION.match(_plain(paragraphs[0])) if paragraphs else None
    place = cited.groupdict(default="") if cited else {}
    names = texts(item, "identifier")
    return Entry(
        line=line,
        title=text(item, "title"),
        abstract=_abstract(paragraphs),
        authors=texts(item, "creator"),
        year=place.get("date", "") or text(item, "date"),
        published=place.get("date", "") or text(item, "date"),
        venue=text(item, "source") or place.get("venue", ""),
        doi=next((name for name in names if name.startswith("doi:")), ""),
        pmid=text(item, "link"),
        url=text(item, "link").partition("?")[0],
        kind="article-journal",
        volume=place.get("volume", ""),
        issue=place.get("issue", ""),
        pages=place.get("pages", ""),
    )


def _abstract(paragraphs: list[str]) -> str:
    """Return what is between the heading and the identifiers; an item's `description` is only its beginning."""
    plain = [_plain(paragraph) for paragraph in paragraphs]
    if _ABSTRACT not in plain:
        return ""
    start = plain.index(_ABSTRACT) + 1
    end = next((place for place, one in enumerate(plain) if place >= start and one.startswith(_IDENTIFIERS)), None)
    return " ".join(paragraphs[start:end])


def _plain(markup: str) -> str:
    return _MARKUP.sub("", markup).strip()


FORMAT = Format("rss", recognise, entries)
