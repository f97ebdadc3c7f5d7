"""arXiv's API, served on loopback in its documented format."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
from on_loopback import on_loopback

from rag.errors import FetchError, SourceError
from rag.sources.arxiv_fetch import fetch_arxiv
from rag.types import Record, Rejection

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
<title type="html">ArXiv Query</title><id>http://arxiv.org/api/x</id><updated>2026-01-01T00:00:00-05:00</updated>
<opensearch:totalResults>{total}</opensearch:totalResults><opensearch:startIndex>{start}</opensearch:startIndex>
<opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>{entries}</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/{id}v3</id><updated>2020-05-05T10:00:00Z</updated>
<published>2020-05-04T10:00:00Z</published><title>Moths at
  dusk, part {id}</title><summary>  Scent leads ($p &lt; 0.05$).
</summary><author><name>Ada Fell</name></author><arxiv:doi>10.1234/{id}</arxiv:doi>
<link href="http://arxiv.org/abs/{id}v3" rel="alternate" type="text/html"/></entry>"""
ERROR = """<entry><id>http://arxiv.org/api/errors#incorrect_id_format_for_x</id><title>Error</title>
<summary>incorrect id format for x</summary><updated>2026-01-01T00:00:00-05:00</updated></entry>"""

HOSTILE = {
    "date": ENTRY.replace("05-04T10", "99-99T99"),
    "year": ENTRY.replace("2020", "0000"),
    "comments": ENTRY.replace("<summary>", '<summary type="html">' + "&lt;!--" * 300_000),
    "comments in other words": ENTRY.replace("<summary>", '<summary type="html">' + "&#60;!--" * 300_000),
    "entities": '<!DOCTYPE feed [<!ENTITY a "ha">]>' + ENTRY.replace("Scent", "&a;"),
}


class Arxiv(BaseHTTPRequestHandler):
    """Answers searches with 250 papers, a list of ids with the papers that exist."""

    asked: list[dict[str, list[str]]]

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        self.asked.append(asked)
        if asked.get("search_query") == ["ti:busy"]:
            self.send_error(503)
            return
        start, size = int(asked["start"][0]), int(asked["max_results"][0])
        if "id_list" in asked:
            known = [name for name in asked["id_list"][0].split(",") if not name.endswith("9999")]
        elif asked.get("search_query") == ["ti:wrong"]:
            known = ["error"]
        elif asked.get("search_query", [""])[0] in HOSTILE:
            known = ["hostile"]
        else:
            known = [f"2005.{number:05}" for number in range(1, 251)]
        if known[:1] in (["error"], ["hostile"]):
            entries = HOSTILE.get(asked["search_query"][0], ERROR)
        else:
            entries = "".join(ENTRY.replace("{id}", name) for name in known[start : start + size])
        reply = FEED.format(total=len(known), start=start, size=size, entries=entries).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)


@pytest.fixture
def base_url() -> Iterator[str]:
    Arxiv.asked = []
    with on_loopback(Arxiv) as address:
        yield f"{address}/api/query"


def test_a_search_is_read_page_by_page_up_to_the_limit(base_url: str) -> None:
    found = list(fetch_arxiv("ti:moth", limit=120, base_url=base_url, delay_seconds=0))
    assert len(found) == 120
    assert len(Arxiv.asked) == 2
    first = found[0]
    assert isinstance(first, Record)
    assert (first.title, first.abstract) == ("Moths at dusk, part 2005.00001", "Scent leads (p < 0.05).")
    assert (first.arxiv_id, first.doi, first.year, first.published) == (
        "2005.00001",
        "10.1234/2005.00001",
        2020,
        "2020-05-04",
    )
    assert (first.origin.file, first.origin.position, first.origin.format) == ("arXiv ti:moth", 1, "arxiv")


def test_ids_are_asked_in_whatever_spelling_and_the_unknown_are_named(base_url: str) -> None:
    ids = ["arXiv:2005.00007v2", "https://arxiv.org/abs/2005.00008", "2005.09999", "moths"]
    found = list(fetch_arxiv(ids=ids, base_url=base_url, delay_seconds=0))
    assert [item.arxiv_id for item in found if isinstance(item, Record)] == ["2005.00007", "2005.00008"]
    assert [item.reason for item in found if isinstance(item, Rejection)] == [
        "2005.09999: arXiv has no paper with this id",
        "moths: not an arXiv id: write it as 2001.01234",
    ]
    assert Arxiv.asked[0]["id_list"] == ["2005.00007,2005.00008,2005.09999"]


def test_an_error_feed_is_an_error_and_no_paper(base_url: str) -> None:
    with pytest.raises(SourceError, match="incorrect id format for x"):
        list(fetch_arxiv("ti:wrong", base_url=base_url, delay_seconds=0))


def test_a_busy_server_and_no_server(base_url: str) -> None:
    with pytest.raises(FetchError, match="HTTP status 503: it asks to slow down"):
        list(fetch_arxiv("ti:busy", base_url=base_url, delay_seconds=0, retries=1))
    assert len(Arxiv.asked) == 2
    with pytest.raises(FetchError, match="can't be reached"):
        list(fetch_arxiv("ti:moth", base_url="http://127.0.0.1:9/api/query", delay_seconds=0, retries=0))


@pytest.mark.parametrize("query", [*HOSTILE])
def test_a_feed_that_the_parser_stumbles_over_is_an_error_in_words(base_url: str, query: str) -> None:
    with pytest.raises(FetchError, match=r"arXiv: its answer .*try again later"):
        list(fetch_arxiv(query, base_url=base_url, delay_seconds=0, retries=0))
