"""Papers from the programming interfaces of PubMed, OpenAlex, Crossref and Europe PMC, page by page and politely.

A reply is read as the file that it would be. It is kept apart from `rag.sources`: reading files imports no network
client. https://www.ncbi.nlm.nih.gov/books/NBK25497/, https://docs.openalex.org/how-to-use-the-api/api-overview,
https://github.com/CrossRef/rest-api-doc, https://europepmc.org/RestfulWebService
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import httpx

from rag.errors import FetchError, SourceError
from rag.serialization import parse_json
from rag.sources import read_document, web
from rag.sources.decoding import Document
from rag.sources.jsonrecord import first, table
from rag.types import Record, Rejection

PAGE = 100
_BUSY = {429, 500, 502, 503, 504}
_LONGEST_WAIT = 60.0


# Asks a path of a service with parameters, and returns the body of its reply.
Ask = Callable[[str, Mapping[str, str]], bytes]


@dataclass(frozen=True, slots=True)
class _Page:
    """A reply with papers, how many there are in it, and the parameters of the next; None: it is the last."""

    content: bytes
    suffix: str
    papers: int
    following: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its address, how long to wait between two requests, and how a page is asked for.

    `page` takes what asks the address, the query, how many papers are wanted and the parameters that the page before
    gave (none for the first).
    """

    name: str
    url: str
    delay_seconds: float
    page: Callable[[Ask, str, int, Mapping[str, str]], _Page]


def fetch(
    service: str,
    query: str,
    limit: int = 100,
    *,
    base_url: str | None = None,
    delay_seconds: float | None = None,
    retries: int = 3,
) -> Iterator[list[Record | Rejection]]:
    """Yield at most `limit` papers that a query finds, in the service's own syntax, a page at a time.

    Raises `SourceError` where the service refuses the query, `FetchError` where it can't be reached, asks to slow down
    or keeps failing. What was yielded before stays valid.
    """
    known = SERVICES[service]
    following: Mapping[str, str] | None = {}
    done = 0
    with asking(known, base_url=base_url, delay_seconds=delay_seconds, retries=retries) as ask:
        while following is not None and done < limit:
            size = min(PAGE, limit - done)
            page = known.page(ask, query, size, following)
            if not page.papers:
                return
            yield _numbered(islice(_read(page, f"{known.name} {query}"), size), done)
            done += page.papers
            following = page.following


@contextmanager
def asking(
    service: Service, *, base_url: str | None = None, delay_seconds: float | None = None, retries: int = 3
) -> Iterator[Ask]:
    """Yield what asks a service, no faster than it allows and one request at a time.

    It raises `SourceError` for a request that the service refuses, and `FetchError` where it can't be reached, asks to
    slow down or fails for good.
    """
    delay = service.delay_seconds if delay_seconds is None else delay_seconds
    base = base_url or service.url
    with web.client(base, {"User-Agent": "pincite (question answering over abstracts)"}) as client:

        def ask(path: str, parameters: Mapping[str, str]) -> bytes:
            return _asked(client, service.name, f"{base}{path}", parameters, delay, retries)

        yield ask


def _read(page: _Page, name: str) -> Iterator[Record | Rejection]:
    return read_document(Document(name, page.suffix, lambda: io.BytesIO(page.content)))


def _numbered(items: Iterator[Record | Rejection], done: int) -> list[Record | Rejection]:
    """Count the records on from the pages before."""
    return [
        replace(item, origin=replace(item.origin, position=item.origin.position + done, line=None))
        if isinstance(item, Record)
        else item
        for item in items
    ]


def _asked(
    client: httpx.Client, name: str, url: str, parameters: Mapping[str, str], delay: float, retries: int
) -> bytes:
    """Return a reply's body; wait before each request, longer after each refusal for the time being."""
    for attempt in range(retries + 1):
        time.sleep(delay * 4**attempt if attempt else delay)
        reply = web.get(client, name, url, parameters)
        if reply.status_code not in _BUSY:
            break
        if attempt < retries and (wait := reply.headers.get("Retry-After", "")).isdecimal():
            time.sleep(min(float(wait[:9]), _LONGEST_WAIT))
    status = f"answered with HTTP status {reply.status_code}"
    if reply.status_code in _BUSY:
        what = "it asks to slow down" if reply.status_code in (429, 503) else "it is failing"
        raise FetchError(f"{name}: {status}: {what}: try again later")
    if not reply.is_success:
        raise SourceError(name, f"{status}: check the query")
    return reply.content


def json_object(name: str, content: bytes) -> dict[str, Any]:
    """Return the object that a service answered with. Raises `FetchError` where it isn't JSON."""
    try:
        value = parse_json(content)
    except ValueError as error:
        raise FetchError(f"{name}: its answer isn't JSON ({error}): try again later") from error
    return table(value)


def _pubmed(ask: Ask, query: str, size: int, following: Mapping[str, str]) -> _Page:
    start = int(following.get("retstart", "0"))
    search = {"db": "pubmed", "retmode": "json", "term": query, "retmax": str(size), "retstart": str(start)}
    found = table(json_object("PubMed", ask("/esearch.fcgi", search | {"tool": "pincite"})).get("esearchresult"))
    if problem := first(found, "ERROR"):
        raise SourceError("PubMed", f"refuses the query ({problem}): check it")
    listed = found.get("idlist")
    ids = [str(number) for number in (listed if isinstance(listed, list) else [])[:size]]
    if not ids:
        return _Page(b"", ".xml", 0, None)
    content = ask("/efetch.fcgi", {"db": "pubmed", "retmode": "xml", "id": ",".join(ids), "tool": "pincite"})
    count = first(found, "count")
    more = count.isdecimal() and start + len(ids) < int(count[:9])
    return _Page(content, ".xml", len(ids), {"retstart": str(start + len(ids))} if more else None)


def _openalex(ask: Ask, query: str, size: int, following: Mapping[str, str]) -> _Page:
    content = ask("/works", {"search": query, "per-page": str(size), "cursor": "*"} | dict(following))
    reply = json_object("OpenAlex", content)
    return _listed(content, reply.get("results"), "cursor", first(table(reply.get("meta")), "next_cursor"))


def _crossref(ask: Ask, query: str, size: int, following: Mapping[str, str]) -> _Page:
    asked = {"query": query, "rows": str(size), "cursor": "*", "filter": "has-abstract:true"}
    content = ask("/works", asked | dict(following))
    message = table(json_object("Crossref", content).get("message"))
    return _listed(content, message.get("items"), "cursor", first(message, "next-cursor"))


def _europepmc(ask: Ask, query: str, size: int, following: Mapping[str, str]) -> _Page:
    asked = {"query": query, "format": "json", "resultType": "core", "pageSize": str(size), "cursorMark": "*"}
    content = ask("/search", asked | dict(following))
    reply = json_object("Europe PMC", content)
    cursor = first(reply, "nextCursorMark")
    again = cursor == following.get("cursorMark")
    return _listed(content, table(reply.get("resultList")).get("result"), "cursorMark", "" if again else cursor)


def _listed(content: bytes, papers: object, parameter: str, cursor: str) -> _Page:
    return _Page(
        content, ".json", len(papers) if isinstance(papers, list) else 0, {parameter: cursor} if cursor else None
    )


SERVICES = {
    "pubmed": Service("PubMed", "https://eutils.ncbi.nlm.nih.gov/entrez/eutils", 0.4, _pubmed),
    "openalex": Service("OpenAlex", "https://api.openalex.org", 0.2, _openalex),
    "crossref": Service("Crossref", "https://api.crossref.org", 1.0, _crossref),
    "europepmc": Service("Europe PMC", "https://www.ebi.ac.uk/europepmc/webservices/rest", 0.5, _europepmc),
}
