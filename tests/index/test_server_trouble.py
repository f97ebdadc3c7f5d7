"""A server that is away, silent, refusing or something else: a typed error in time that says what to do."""

import http.server
import json
import logging
import re
import shutil
import ssl
import subprocess
import threading
import time

import chroma_server
import invented
import pytest
from counting import CountingEmbedder

from rag import Library, answer
from rag.config import Config, from_environment
from rag.errors import (
    ConfigError,
    IndexBehindError,
    LibraryError,
    ServerRefusedError,
    ServerReplyError,
    ServerTimeoutError,
    ServerUnreachableError,
)
from rag.index import server_client
from rag.index.server_client import parse_address
from rag.index.server_records import parsed, unpacked
from rag.serialization import to_json

TOKEN = "sesame-0123456789"
PAUSES = server_client.PAUSES
needs_openssl = pytest.mark.skipif(
    not shutil.which("openssl"), reason="openssl, which makes the certificate, is missing"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Don't wait long between tries."""
    monkeypatch.setattr(server_client, "PAUSES", (0.01, 0.02))


@pytest.fixture(scope="module")
def chroma(tmp_path_factory):
    """A server for this module."""
    running = chroma_server.ChromaServer(tmp_path_factory.mktemp("chroma")).start()
    yield running
    running.stop()


def read(url, embedder=None, **settings):
    """Open a library by its URL alone."""
    return Library.open(url, embedder=embedder or CountingEmbedder(), config=Config(**settings))


def publish(tmp_path, url, name="library", **settings):
    """Put a small library on a server."""
    library = Library.open(tmp_path / name, embedder=CountingEmbedder(), config=Config(index=url, **settings))
    with library:
        library.add(invented.write(tmp_path / "papers.jsonl", range(4)))


def replying(status, body, dripping=False):
    """Return a server that answers everything so."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_all(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05 * dripping)

        do_GET = do_POST = do_PUT = handle_all  # noqa: N815  the names that http.server calls

        def log_message(self, *arguments):
            pass

    return Handler


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (
            200,
            b"<html>It works!</html>",
            ServerReplyError,
            "isn't a Chroma server .*<html>It works!.*check host and port",
        ),
        (200, b'["a", "list"]', ServerReplyError, "isn't a Chroma server"),
        (302, b"", ServerReplyError, "isn't a Chroma server"),
        (404, b'{"detail": "Not Found"}', ServerReplyError, "isn't a Chroma server"),
        (401, b"who are you", ServerRefusedError, "set PINCITE_INDEX_TOKEN"),
        (403, b'{"error": "AuthError"}', ServerRefusedError, "set PINCITE_INDEX_TOKEN"),
        (503, b"<html>gateway</html>", ServerReplyError, "the server fails .*see its log"),
        (500, b'{"error":"InternalError","message":"hnsw is torn"}', ServerReplyError, "hnsw is torn"),
        (422, b'{"error":"InvalidArgumentError","message":"odd"}', ServerReplyError, "doesn't support this call .*odd"),
        (200, b'{"id": "1", "metadata": {"topic": "birds"}}', LibraryError, "belongs to another program"),
        (200, b'{"id": "1", "metadata": {"pincite": 99}}', LibraryError, "a newer Pincite"),
    ],
)
def test_an_unexpected_response_is_reported_by_type_cause_and_fix(status, body, error, message):
    with chroma_server.answering(replying(status, body)) as url, pytest.raises(error, match=message) as caught:
        read(f"{url}/papers")
    assert f"{url}/papers" in str(caught.value)


def test_a_server_that_fails_for_a_moment_is_asked_again(chroma, tmp_path):
    publish(tmp_path, f"{chroma.url}/again")
    seen = []

    class Shaky(chroma_server.guarding(TOKEN, chroma.port, seen)):
        def handle_all(self):
            if len(seen) == 0:
                seen.append("the connection is cut")
                self.close_connection = True
                return
            super().handle_all()

        do_GET = do_POST = do_PUT = handle_all  # noqa: N815  the names that http.server calls

    with chroma_server.answering(Shaky) as url, read(f"{url}/again", index_token=TOKEN) as library:
        assert len(library) == 4


def test_a_server_that_comes_back_while_a_call_waits_is_found(chroma, tmp_path, monkeypatch):
    monkeypatch.setattr(server_client, "PAUSES", PAUSES)
    publish(tmp_path, f"{chroma.url}/back")
    port, done = chroma_server.free_port(), threading.Event()

    def come_back():
        time.sleep(0.5)  # the first two calls are refused
        with chroma_server.answering(chroma_server.guarding(TOKEN, chroma.port, []), port=port):
            done.wait(30)

    coming = threading.Thread(target=come_back)
    coming.start()
    try:
        with read(f"http://127.0.0.1:{port}/back", index_token=TOKEN) as library:
            assert len(library) == 4
    finally:
        done.set()
        coming.join()


def test_a_server_in_trouble_is_not_asked_for_ever():
    asked = []

    class Busy(replying(503, b'{"error": "busy"}')):
        def handle_one_request(self):
            asked.append(1)
            super().handle_one_request()

    Busy.protocol_version = "HTTP/1.0"
    with chroma_server.answering(Busy) as url, pytest.raises(ServerReplyError, match="status 503: busy"):
        read(f"{url}/papers")
    assert len(asked) == 1 + len(server_client.PAUSES)


def test_silence_and_a_closed_port_end_in_time(tmp_path):
    with (
        chroma_server.silent() as url,
        pytest.raises(ServerTimeoutError, match=r"no answer within 0\.2 s: .*PINCITE_INDEX_TIMEOUT"),
    ):
        read(f"{url}/papers", index_timeout=0.2)
    with (
        chroma_server.answering(replying(200, b'{"id": ' + b" " * 200, dripping=True)) as url,
        pytest.raises(ServerTimeoutError),
    ):
        read(f"{url}/papers", index_timeout=0.3)
    closed = f"http://127.0.0.1:{chroma_server.free_port()}/papers"
    with pytest.raises(ServerUnreachableError, match=r"no connection .*refused.*: start it with `chroma run`"):
        read(closed)
    with chroma_server.silent() as url, pytest.raises(IndexBehindError, match="is stored in") as caught:
        publish(tmp_path, f"{url}/papers", index_timeout=0.2)
    assert len(caught.value.report.added) == 4
    with Library.open(tmp_path / "library", embedder=CountingEmbedder(), config=Config(index_timeout=0.2)) as library:
        assert len(library.search("barley")) == 4


def test_wrong_collections_are_refused(chroma, tmp_path):
    publish(tmp_path, f"{chroma.url}/right")
    with pytest.raises(LibraryError, match=r"/left: there is no such collection .*pincite add FILE"):
        read(f"{chroma.url}/left")
    with pytest.raises(LibraryError, match="there is no such collection"):
        read(f"{chroma.url}/right?database=none")
    with pytest.raises(LibraryError, match="was made with embedding counting:32, this is other:32: use that one"):
        read(f"{chroma.url}/right", CountingEmbedder("other:32"))
    other = Library.open(
        tmp_path / "other", embedder=CountingEmbedder("other:32"), config=Config(index=f"{chroma.url}/right")
    )
    with other, pytest.raises(IndexBehindError, match="was made with embedding counting:32, this is other:32"):
        other.add(tmp_path / "papers.jsonl")


def test_the_token_goes_to_the_server_and_nowhere_else(chroma, tmp_path, caplog, capsys):
    seen = []
    with (
        caplog.at_level(logging.DEBUG),
        chroma_server.answering(chroma_server.guarding(TOKEN, chroma.port, seen)) as url,
    ):
        publish(tmp_path, f"{url}/guarded", index_token=TOKEN)
        assert {headers["Authorization"] for headers in seen} == {f"Bearer {TOKEN}"}
        with read(f"{url}/guarded", index_token=TOKEN) as library:
            answered = answer("What did barley give in plot 0?", library, config=Config(index_token=TOKEN))
        settings = Config(index_token=TOKEN)
        with Library.open(tmp_path / "library", embedder=CountingEmbedder(), config=settings) as library:
            examined = library.examine()
            assert examined.healthy
        reported = []
        for wrong in ("wrong", None):
            with pytest.raises(ServerRefusedError, match=r"401: .*PINCITE_INDEX_TOKEN") as caught:
                read(f"{url}/guarded", index_token=wrong)
            reported.append(caught.value)
    everything = [to_json(answered), to_json(examined), settings, caplog.text, capsys.readouterr(), *reported]
    assert TOKEN not in repr(everything)
    assert all(TOKEN.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_a_server_that_repeats_the_token_does_not_bring_it_into_a_message():
    body = json.dumps({"error": "X", "message": f"no such user as {TOKEN}"}).encode()
    with (
        chroma_server.answering(replying(422, body)) as url,
        pytest.raises(ServerReplyError, match=re.escape("no such user as (token)")),
    ):
        read(f"{url}/papers", index_token=TOKEN)
    with pytest.raises(ConfigError, match="PINCITE_INDEX_TOKEN holds a line break") as caught:
        read("http://127.0.0.1:9/papers", index_token=f"{TOKEN}\n")
    assert TOKEN not in str(caught.value)


def test_what_a_server_says_of_a_paper_is_checked():
    reported = {
        "paper": "x",
        "title": "T",
        "abstract": "One. Two.",
        "fields": "{}",
        "sentences": "[[0,4],[5,9]]",
        "row": 1,
    }
    damage = [
        {"sentences": "[[0,4],[5,99]]"}, {"sentences": "[[4,0]]"}, {"sentences": "[[-9,4]]"}, {"sentences": "torn"},
        {"fields": "[]"}, {"fields": None}, {"abstract": 7}, {"paper": None},
    ]  # fmt: skip
    (whole,) = unpacked([reported, *({**reported, **wrong} for wrong in damage), {}, None])
    assert (whole.paper.abstract, [whole.paper.abstract[s.start : s.end] for s in whole.sentences]) == (
        "One. Two.",
        ["One.", "Two."],
    )
    assert parsed("a#b#3/12-0123456789abcdef") == ("a#b", 3, 12, "0123456789abcdef")
    assert parsed("a#0/999999999-0123456789abcdef") is None


@needs_openssl
def test_a_certificate_counts_by_its_authority(chroma, tmp_path):
    publish(tmp_path, f"{chroma.url}/secure")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command = ["openssl", "req", "-x509", *kind, "-keyout", key, "-out", certificate, *subject]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with chroma_server.answering(chroma_server.guarding(TOKEN, chroma.port, []), context) as url:
        assert url.startswith("https:")
        with read(f"{url}/secure", index_token=TOKEN, index_ca=str(certificate)) as library:
            assert len(library) == 4
        with pytest.raises(ServerUnreachableError, match=r"trusted \(self.signed certificate\): .*PINCITE_INDEX_CA"):
            read(f"{url}/secure", index_token=TOKEN)
    with pytest.raises(ServerUnreachableError, match="no connection that can be trusted"):
        read(f"{chroma.url.replace('http', 'https')}/secure")
    with pytest.raises(ConfigError, match=r"PINCITE_INDEX_CA='nowhere\.pem' can't be read"):
        read("https://127.0.0.1:9/papers", index_ca="nowhere.pem")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://host:8000", "names no collection"),
        ("http://host:8000/", "names no collection"),
        ("http://host:8000/a b", "names no collection"),
        ("http://host:80000/papers", "address of the index='http://host:80000/papers' isn't an address"),
        ("http://[::1/papers", "isn't an address"),
        ("http://host:99999999/papers", "isn't an address"),
        ("http:///papers", "isn't an address"),
        ("http://host:8000/papers?database=x&user=y", "only tenant and database are allowed"),
        (f"http://me:{TOKEN}@host:8000/papers", "the address of the index holds a user's name or password"),
        (f"ftp://me:{TOKEN}@host/papers", "the address of the index holds a user's name or password"),
        (f"http://me:{TOKEN}@host:99999/papers", "the address of the index holds a user's name or password"),
    ],
)
def test_an_invalid_address_is_refused_before_anything_is_done(url, message, tmp_path):
    with pytest.raises(ConfigError, match=message) as caught:
        read(url)
    assert TOKEN not in str(caught.value)
    with pytest.raises(ConfigError, match=message):
        publish(tmp_path, url)
    assert not (tmp_path / "library").exists()


def test_an_address_is_read_in_parts():
    found = parse_address("https://host/behind/a/proxy/my-papers/?tenant=lab&database=moths")
    assert (found.base, found.collection, found.tenant, found.database) == (
        "https://host/behind/a/proxy",
        "my-papers",
        "lab",
        "moths",
    )
    assert not found.loopback
    assert parse_address("http://[::1]:8000/papers").loopback
    assert from_environment({"PINCITE_INDEX_TIMEOUT": "2.5"}).index_timeout == 2.5
    with pytest.raises(ConfigError, match="PINCITE_INDEX_TIMEOUT='soon' isn't a number above 0"):
        from_environment({"PINCITE_INDEX_TIMEOUT": "soon"})
