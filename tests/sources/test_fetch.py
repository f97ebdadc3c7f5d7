"""PubMed, OpenAlex, Crossref and Europe PMC, served on loopback in the shape of their replies."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
from on_loopback import on_loopback

from rag.errors import FetchError, SourceError
from rag.sources.fetch import SERVICES, fetch
from rag.types import Record

FOUND = 150
ARTICLE = """<PubmedArticle><MedlineCitation><PMID>{n}</PMID><Article><ArticleTitle>Moths of valley {n}</ArticleTitle>
<Abstract><AbstractText>We counted {n} moths.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"""


class Service(BaseHTTPRequestHandler):
    """Answers each service's search with 150 papers, a page at a time."""

    asked: list[tuple[str, dict[str, str]]]
    refusals = 0

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.asked.append((address.path, given))
        if Service.refusals:
            Service.refusals -= 1
            self._send(429, b"", {"Retry-After": "0"})
        elif "wrong" in (given.get("query"), given.get("search")):
            self._send(400, b"{}")
        else:
            self._send(200, getattr(self, f"_{address.path.split('/')[1]}")(address.path, given))

    def _pubmed(self, path: str, given: dict[str, str]) -> bytes:
        if path.endswith("/efetch.fcgi"):
            articles = "".join(ARTICLE.replace("{n}", number) for number in given["id"].split(","))
            return f"<?xml version='1.0'?><PubmedArticleSet>{articles}</PubmedArticleSet>".encode()
        if given["term"] == "wrong":
            return json.dumps({"esearchresult": {"ERROR": "no such field"}}).encode()
        start, size = int(given["retstart"]), int(given["retmax"])
        ids = [str(n) for n in range(1, FOUND + 1)][start : start + size]
        return json.dumps({"header": {}, "esearchresult": {"count": str(FOUND), "idlist": ids}}).encode()

    def _openalex(self, path: str, given: dict[str, str]) -> bytes:
        numbers, after = self._page(given["cursor"], int(given["per-page"]))
        works = [
            {"id": f"https://openalex.org/W{n}", "doi": f"https://doi.org/10.1234/{n}", "title": f"Moths of valley {n}",
             "abstract_inverted_index": {"We": [0], "counted": [1], str(n): [2], "moths.": [3]}}
            for n in numbers
        ]  # fmt: skip
        return json.dumps({"meta": {"count": FOUND, "next_cursor": after}, "results": works}).encode()

    def _crossref(self, path: str, given: dict[str, str]) -> bytes:
        numbers, after = self._page(given["cursor"], int(given["rows"]))
        works = [
            {
                "DOI": f"10.1234/{n}",
                "title": [f"Moths of valley {n}"],
                "abstract": f"<jats:p>We counted {n} moths.</jats:p>",
            }
            for n in numbers
        ]
        message = {"total-results": FOUND, "items": works} | ({"next-cursor": after} if after else {})
        return json.dumps({"status": "ok", "message-type": "work-list", "message": message}).encode()

    def _europepmc(self, path: str, given: dict[str, str]) -> bytes:
        numbers, after = self._page(given["cursorMark"], int(given["pageSize"]))
        results = [
            {"id": str(n), "source": "MED", "pmid": str(n), "title": f"Moths of valley {n}.", "authorString": "Fell A.",
             "abstractText": f"We counted {n} moths."}
            for n in numbers
        ]  # fmt: skip
        cursor = after or given["cursorMark"]
        return json.dumps({"hitCount": FOUND, "nextCursorMark": cursor, "resultList": {"result": results}}).encode()

    def _page(self, cursor: str, size: int) -> tuple[range, str | None]:
        start = 0 if cursor == "*" else int(cursor)
        end = min(start + size, FOUND)
        return range(start + 1, end + 1), str(end) if end < FOUND else None

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def host() -> Iterator[str]:
    Service.asked, Service.refusals = [], 0
    with on_loopback(Service) as address:
        yield address


@pytest.mark.parametrize("name", SERVICES)
def test_a_search_is_read_page_by_page_up_to_the_limit(host: str, name: str) -> None:
    pages = list(fetch(name, "moths", 120, base_url=f"{host}/{name}", delay_seconds=0))
    assert [len(page) for page in pages] == [100, 20]
    records = [record for page in pages for record in page if isinstance(record, Record)]
    assert [record.origin.position for record in records] == list(range(1, 121))
    assert {record.origin.file for record in records} == {f"{SERVICES[name].name} moths"}
    assert (records[110].title.rstrip("."), records[110].abstract) == ("Moths of valley 111", "We counted 111 moths.")
    assert records[110].doi or records[110].pmid


@pytest.mark.parametrize("name", SERVICES)
def test_it_ends_with_what_there_is_and_asks_nothing_twice(host: str, name: str) -> None:
    pages = list(fetch(name, "moths", 1000, base_url=f"{host}/{name}", delay_seconds=0))
    assert [len(page) for page in pages] == [100, 50]
    assert len({json.dumps(asked, sort_keys=True) for _, asked in Service.asked}) == len(Service.asked)


@pytest.mark.parametrize("name", SERVICES)
def test_a_refused_query_is_an_input_error(host: str, name: str) -> None:
    with pytest.raises(SourceError, match="check"):
        list(fetch(name, "wrong", base_url=f"{host}/{name}", delay_seconds=0))


def test_it_waits_and_asks_again_where_it_is_asked_to_slow_down(host: str) -> None:
    Service.refusals = 2
    (page,) = fetch("openalex", "moths", 5, base_url=f"{host}/openalex", delay_seconds=0)
    assert (len(page), len(Service.asked)) == (5, 3)
    Service.refusals = 9
    with pytest.raises(FetchError, match="HTTP status 429: it asks to slow down"):
        list(fetch("openalex", "moths", 5, base_url=f"{host}/openalex", delay_seconds=0, retries=1))
    with pytest.raises(FetchError, match="can't be reached"):
        list(fetch("crossref", "moths", base_url="http://127.0.0.1:9", delay_seconds=0, retries=0))
