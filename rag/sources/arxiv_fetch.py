"""Papers from arXiv's API through the `arxiv` client, within its terms of use: one connection, 3 seconds apart.

https://info.arxiv.org/help/api/tou.html. It is kept apart from `rag.sources`: reading files imports no network client.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import arxiv
import requests
from requests.adapters import BaseAdapter

from rag.errors import FetchError, PinciteError, SourceError
from rag.sources import web
from rag.sources.arxiv import NAME, withdrawal
from rag.sources.entry import Entry
from rag.sources.finish import finish
from rag.sources.identifiers import arxiv_id
from rag.types import Record, Rejection

BASE_URL = "https://export.arxiv.org/api/query"
DELAY_SECONDS = 3.0  # what arXiv's terms of use ask for
IDS_A_REQUEST = 100
MOST_COMMENTS = 100  # in one reply, escaped or not


def fetch_arxiv(
    query: str | None = None,
    ids: Sequence[str] = (),
    limit: int = 100,
    *,
    base_url: str = BASE_URL,
    delay_seconds: float = DELAY_SECONDS,
    retries: int = 3,
) -> Iterator[Record | Rejection]:
    """Yield at most `limit` papers that a query (arXiv's syntax: `ti:moth AND cat:q-bio.PE`) or ids name.

    An invalid or unknown id is yielded as a Rejection. Raises `SourceError` where arXiv refuses
    the query, `FetchError` where it can't be reached, asks to slow down or fails.
    """
    client = _client(base_url, delay_seconds, retries)
    source = f"arXiv {query}" if query else "arXiv"
    wanted = list(dict.fromkeys(filter(None, (arxiv_id(text) for text in ids))))
    position = 0
    found: set[str | None] = set()
    for search in _searches(query, wanted if ids else None, limit):
        for result in islice(_results(client, search), limit - position):
            position += 1
            found.add(arxiv_id(result.entry_id))
            yield finish(_entry(result), source, NAME, position)
    for text in ids:
        if position < limit and arxiv_id(text) not in found:
            reason = "arXiv has no paper with this id" if arxiv_id(text) else "not an arXiv id: write it as 2001.01234"
            yield Rejection(source, f"{text.strip()}: {reason}")


def _searches(query: str | None, ids: list[str] | None, limit: int) -> Iterator[arxiv.Search]:
    if ids is None:
        yield arxiv.Search(query=query or "", max_results=limit)
        return
    for start in range(0, min(len(ids), limit), IDS_A_REQUEST):
        some = ids[start : start + IDS_A_REQUEST]
        yield arxiv.Search(query=query or "", id_list=some, max_results=len(some))


def _results(client: arxiv.Client, search: arxiv.Search) -> Iterator[arxiv.Result]:
    try:
        yield from client.results(search)
    except arxiv.HTTPError as error:
        status = f"answered with HTTP status {error.status}"
        if error.status in (429, 503):
            raise FetchError(f"arXiv: {status}: it asks to slow down: try again later") from error
        if error.status >= 500:
            raise FetchError(f"arXiv: {status}: it is failing: try again later") from error
        raise SourceError("arXiv", f"{status}: check the query and the ids") from error
    except arxiv.ArxivError as error:
        raise FetchError(f"arXiv: its answer breaks off ({error.message}): try again later") from error
    except requests.RequestException as error:
        raise FetchError(f"arXiv: can't be reached ({type(error).__name__}): check the network") from error
    except PinciteError:
        raise
    except Exception as error:  # the feed's content decides which error the client's parser raises: a month of 99, say
        raise FetchError(f"arXiv: its answer can't be read ({type(error).__name__}): try again later") from error


def _entry(result: arxiv.Result) -> Entry:
    return Entry(
        title=result.title,
        abstract=result.summary,
        authors=tuple(author.name for author in result.authors),
        year=str(result.published.year),
        published=result.published.date().isoformat(),
        venue=result.journal_ref or "",
        doi=result.doi or "",
        arxiv_id=result.entry_id,
        url=result.entry_id,
        notices=withdrawal(result.comment or ""),
    )


def _client(base_url: str, delay_seconds: float, retries: int) -> arxiv.Client:
    client = arxiv.Client(page_size=IDS_A_REQUEST, delay_seconds=delay_seconds, num_retries=retries)
    client.query_url_format = f"{base_url}?{{}}"
    session: requests.Session = vars(client)["_session"]  # the client has no other way to set limits
    session.mount("http://", _Adapter())
    session.mount("https://", _Adapter())
    return client


class _Adapter(BaseAdapter):
    """Keeps the limits of every reply, and reports an error feed, which the client takes for an empty one."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        url = request.url or ""
        try:
            with web.client(url, {"User-Agent": str(request.headers["User-Agent"])}) as client:
                found = web.get(client, "arXiv", url)
        except web.UnreachedError as error:  # the client tries again after this one
            raise requests.ConnectionError(str(error), request=request) from error
        if b"/api/errors" in found.content:
            summary = found.text.partition("<summary>")[2].partition("</summary>")[0].strip()
            raise SourceError("arXiv", f"answered with an error, no papers: {summary or 'no details given'}")
        if found.is_success and b"<feed" not in found.content:  # the client would take it for an empty one
            raise FetchError("arXiv: its answer isn't a list of papers: try again later")
        if found.is_success and (b"<!DOCTYPE" in found.content or found.content.count(b"!--") > MOST_COMMENTS):
            # The client's parser expands entities, and rereads the rest of the text at every comment that never ends.
            raise FetchError("arXiv: its answer holds what no list of papers does: try again later")
        reply = requests.Response()
        reply.status_code, reply.url, reply.request = found.status_code, str(found.url), request
        reply.headers.update(found.headers)
        reply.raw = io.BytesIO(found.content)
        return reply

    def close(self) -> None:
        """Nothing stays open."""
