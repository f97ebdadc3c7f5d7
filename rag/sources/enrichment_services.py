"""What Crossref and OpenAlex know about papers of a library: their DOIs, years and retractions.

It is kept apart from `rag.sources`: reading files imports no network client. Both take the DOIs of many papers in one
request: https://api.crossref.org/swagger-ui/index.html,
https://docs.openalex.org/how-to-use-the-api/get-lists-of-entities/filter-entity-lists
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from rag.catalog.identity import DISTINCTIVE_WORDS, features, link
from rag.catalog.titles import title_key
from rag.errors import SourceError
from rag.sources import crossref, identifiers, openalex
from rag.sources.cleaning import clean
from rag.sources.enrichment import Known
from rag.sources.entry import Entry
from rag.sources.fetch import SERVICES, Ask, asking, json_object
from rag.sources.finish import finish
from rag.sources.jsonrecord import JsonObject, table, tables
from rag.sources.notice_fields import title_notices
from rag.types import Paper, Record

BATCH = 40  # DOIs of one request: an address has room for some 4,000 characters
CANDIDATES = 5
# Years between the paper and a work of the same title and first author that can be it.
YEARS_APART = 1
_PARTING = frozenset(",| ")  # separators in a filter: a DOI with one of these is requested alone

Request = tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Service:
    """How a service is asked: for the works of several DOIs, for that of one, and for works with a title."""

    of_dois: Callable[[Sequence[str]], Request]
    of_doi: Callable[[str], Request]
    of_title: Callable[[Paper], Request]
    works: Callable[[JsonObject], list[JsonObject]]
    entry: Callable[[JsonObject, int | None], Entry]


def looked_up(
    service: str,
    papers: Sequence[Paper],
    taken: Collection[str] = (),
    *,
    base_url: str | None = None,
    delay_seconds: float | None = None,
    retries: int = 3,
) -> Iterator[tuple[Paper, Known]]:
    """Yield what Crossref or OpenAlex knows about each of these papers.

    A paper with a DOI is looked up by it. One without any identifier is looked up by its title, and what is found is
    believed where one work alone has that title, first author and year, and no abstract that says something else.
    `taken` are the DOIs of other papers, which none of these can have. Raises what `fetch` raises.
    """
    known = SERVICES[service]
    asked = _SERVICES[service]
    with asking(known, base_url=base_url, delay_seconds=delay_seconds, retries=retries) as ask:
        named = [paper for paper in papers if paper.doi]
        for start in range(0, len(named), BATCH):
            some = named[start : start + BATCH]
            entries = _by_doi(known.name, asked, ask, [paper.doi for paper in some if paper.doi])
            for paper in some:
                if paper.doi in entries:
                    yield paper, _known(entries[paper.doi], known.name)
        for paper in papers:
            if not (paper.doi or paper.arxiv_id):
                found = _by_title(known.name, asked, ask, paper)
                if found is not None and found.doi not in taken:
                    yield paper, found


def _by_doi(name: str, service: _Service, ask: Ask, dois: Sequence[str]) -> dict[str, Entry]:
    together = [doi for doi in dois if _PARTING.isdisjoint(doi)]
    alone = [doi for doi in dois if doi not in together]
    works: list[JsonObject] = []
    try:
        works += service.works(json_object(name, ask(*service.of_dois(together)))) if together else []
    except SourceError:  # one of them is unknown to the service, or not written as it wants it
        alone = [*dois]
    for doi in alone:
        try:
            works.append(json_object(name, ask(*service.of_doi(doi))))
        except SourceError:
            continue
    entries = [service.entry(work, None) for work in works]
    return {found: entry for entry in entries if (found := identifiers.doi(entry.doi))}


def _by_title(name: str, service: _Service, ask: Ask, paper: Paper) -> Known | None:
    if len(title_key(paper.title).split()) < DISTINCTIVE_WORDS or not paper.authors:
        return None
    works = service.works(json_object(name, ask(*service.of_title(paper))))
    found = {known.doi: known for work in works if (known := _same(service.entry(work, None), paper, name)) is not None}
    return next(iter(found.values())) if len(found) == 1 else None


def _same(entry: Entry, paper: Paper, name: str) -> Known | None:
    """Return what is known of a work that is this paper, None for another work."""
    record = finish(replace(entry, abstract=entry.abstract or paper.abstract), name, name, 1)
    if not isinstance(record, Record) or not record.doi:
        return None
    ours, theirs = features(paper), features(record)
    if ours.title != theirs.title or ours.author.isdisjoint(theirs.author) or theirs.copy:
        return None
    if paper.year and record.year and abs(paper.year - record.year) > YEARS_APART:
        return None
    return _known(entry, name) if link(ours, theirs) is not None else None


def _known(entry: Entry, name: str) -> Known:
    notices = (*entry.notices, *title_notices(clean(entry.title), entry.notices))
    return Known(
        name,
        identifiers.doi(entry.doi),
        identifiers.year(entry.year),
        tuple(replace(notice, text=_according(notice.text, name)) for notice in notices),
    )


def _according(text: str, name: str) -> str:
    return text if name in text else f"{text}, according to {name}"


def _crossref_of_dois(dois: Sequence[str]) -> Request:
    return "/works", {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(len(dois))}


def _crossref_of_title(paper: Paper) -> Request:
    return "/works", {"query.bibliographic": f"{paper.title} {paper.authors[0]}", "rows": str(CANDIDATES)}


def _openalex_of_dois(dois: Sequence[str]) -> Request:
    return "/works", {"filter": f"doi:{'|'.join(dois)}", "per-page": str(len(dois))}


_SERVICES = {
    "crossref": _Service(
        _crossref_of_dois,
        lambda doi: (f"/works/{quote(doi, safe='')}", {}),
        _crossref_of_title,
        lambda reply: tables(table(reply.get("message")).get("items")),
        crossref.entry,
    ),
    "openalex": _Service(
        _openalex_of_dois,
        lambda doi: (f"/works/doi:{quote(doi, safe='')}", {}),
        lambda paper: ("/works", {"search": paper.title, "per-page": str(CANDIDATES)}),
        lambda reply: tables(reply.get("results")),
        openalex.entry,
    ),
}
