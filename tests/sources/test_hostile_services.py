"""Services that never end, pack a bomb, trickle or send us elsewhere, to everything that fetches: an error, in time."""

import contextlib
import gzip
import http.server
import time

import pytest
from on_loopback import on_loopback

from rag.errors import FetchError
from rag.models import hub
from rag.sources import fetch, web, zotero_api
from rag.sources.arxiv_fetch import fetch_arxiv
from rag.sources.enrichment_services import looked_up
from rag.types import Paper

LIMIT = 2**20
BOMB = gzip.compress(b" " * 2**26)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
MODEL = hub.Published("tiny", "cross-encoder", "X=", "maker/tiny", COMMIT, "MIT", 1000, {"config.json": None})
PAPER = Paper("doi:10.1234/1", "Moths", "We counted moths.", doi="10.1234/1")


class Hostile(http.server.BaseHTTPRequestHandler):
    """Answers every request in one bad way."""

    kind = ""
    sent = 0
    asked: list[str]

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        Hostile.asked.append(self.path)
        with contextlib.suppress(OSError):
            getattr(self, self.kind)()

    def head(self, **headers):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def write(self, data):
        self.wfile.write(data)
        Hostile.sent += len(data)

    def endless(self):
        self.head()
        until = time.monotonic() + 20
        while time.monotonic() < until:
            self.write(b" " * 2**16)

    def bomb(self):
        self.head(Content_Encoding="gzip", Content_Length=str(len(BOMB)))
        self.write(BOMB)

    def not_packed(self):
        self.head(Content_Encoding="gzip", Content_Length="2")
        self.write(b"{}")

    def trickle(self):
        self.head(Content_Length="1000000")
        self.slowly(b" ")

    def trickled_head(self):
        self.write(b"HTTP/1.1 200 OK\r\n")
        self.slowly(b"X-Slow: yes\r\n")

    def slowly(self, piece):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            self.write(piece)
            time.sleep(0.1)

    def deep(self):
        body = b"[" * 200_000
        self.head(Content_Length=str(len(body)))
        self.write(body)

    def elsewhere(self):
        self.send_response(302)
        self.send_header("Location", f"http://localhost:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()


def services(folder):
    """Everything that fetches, from an address."""
    no_wait = {"delay_seconds": 0.0, "retries": 0}
    calls = {
        name: lambda url, name=name: list(fetch.fetch(name, "moths", 3, base_url=url, **no_wait))
        for name in fetch.SERVICES
    }
    calls |= {
        f"lookup {name}": lambda url, name=name: list(looked_up(name, [PAPER], base_url=url, **no_wait))
        for name in ("crossref", "openalex")
    }
    return calls | {
        "arxiv": lambda url: list(fetch_arxiv("ti:moth", limit=3, base_url=f"{url}/api/query", **no_wait)),
        "zotero": lambda url: zotero_api.read(f"{url}/api"),
        "hub": lambda url: hub.fetch(MODEL, folder, hub=url),
    }


@pytest.fixture
def limited(monkeypatch):
    """Small limits, so that the tests end soon."""
    monkeypatch.setattr(web, "SECONDS", 0.7)
    monkeypatch.setattr(web, "MOST_BYTES", LIMIT)
    monkeypatch.setattr(hub, "SECONDS", 0.7)
    monkeypatch.setattr(hub, "SMALL", LIMIT)
    Hostile.sent, Hostile.asked = 0, []


KINDS = ("endless", "bomb", "not_packed", "trickle", "trickled_head", "deep")


@pytest.mark.parametrize("service", [*services(None)])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_service_does_a_request_ends_with_one_line(limited, monkeypatch, tmp_path, service, kind):
    monkeypatch.setattr(Hostile, "kind", kind)
    monkeypatch.setattr(hub, "SLOWEST", 10**9)
    with on_loopback(Hostile) as url, pytest.raises(FetchError) as refused:
        services(tmp_path)[service](url)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500
    assert Hostile.sent < 32 * LIMIT  # what buffers hold, and not the endless reply


@pytest.mark.parametrize("service", [name for name in services(None) if name != "hub"])
def test_a_service_cannot_send_us_to_another_host(limited, monkeypatch, tmp_path, service):
    monkeypatch.setattr(Hostile, "kind", "elsewhere")
    with on_loopback(Hostile) as url, pytest.raises(FetchError, match="another host, 'localhost'"):
        services(tmp_path)[service](url)
    assert "/elsewhere" not in Hostile.asked
