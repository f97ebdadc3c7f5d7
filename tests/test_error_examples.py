"""docs/errors.md shows each typed error as the code words it."""

import http.server
import json
import re
import threading

import pytest
from places import ROOT

from rag import errors
from rag.arguments import parse_filters
from rag.catalog.lock import writing
from rag.config import Config, from_environment
from rag.index import server_client as chroma_server
from rag.library import Library
from rag.models import server_calls
from rag.models.chat import Message
from rag.models.minilm import MiniLM
from rag.models.ollama import OllamaModel
from rag.models.openai import OpenAIModel
from rag.sources.arxiv_fetch import fetch_arxiv

PAGE = ROOT / "docs" / "errors.md"


class Embedder:
    """Another embedding than the default."""

    fingerprint = "other-model:1"
    dimension = 4
    max_tokens = 256

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]

    def embed(self, texts):
        raise AssertionError(f"nothing is to be embedded here: {texts}")


def source(folder):
    (folder / "export.csv").write_text("colour,shape\nred,round\n", encoding="utf-8")
    Library.open(folder / "new").add(folder / "export.csv")


def library(folder):
    with Library.open(folder / "library") as made:
        made.add(folder / "one.jsonl")
    Library.open(folder / "library", embedder=Embedder())


def busy(folder):
    with writing(folder), writing(folder):
        pass


def not_found(folder):
    with Library.open(folder / "library") as made:
        made.add(folder / "one.jsonl")
        made.get("10.1000/none")


def damaged(folder):
    (folder / "library").mkdir()
    (folder / "library" / "catalog.sqlite").write_bytes(b"no database " * 100)
    Library.open(folder / "library")


def embedding(_folder):
    MiniLM().embed(["word " * 300])


class Reranker:
    name = "mine"

    def score(self, question, passages):
        return [][0]


def reranking(folder):
    with Library.open(folder / "library", reranker=Reranker()) as made:
        made.add(folder / "one.jsonl")
        made.search("A sentence?")


def model(status, body, timeout=20.0):
    """Ask a language model's server that answers every request so; None is silence."""
    return served(
        status,
        body,
        lambda url: list(OpenAIModel("small", f"{url}/v1", None).stream([Message("user", "Why?")], None, timeout)),
    )


def chroma(status, body):
    """Open a library on a Chroma server that answers every request so; None is silence."""
    return served(status, body, lambda url: Library.open(f"{url}/papers", config=Config(index_timeout=0.5)))


def behind(folder):
    with Library.open(folder / "library", config=Config(index="http://127.0.0.1:9/papers")) as made:
        made.add(folder / "one.jsonl")


def served(status, body, ask):
    """Ask a server that answers every request so; None is silence."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if status is None:
                done.wait(10)
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the names that http.server calls

        def log_message(self, *arguments):
            pass

    def trouble(_folder):
        done.clear()
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                ask(f"http://127.0.0.1:{server.server_port}")
            finally:
                done.set()
                server.shutdown()

    return trouble


done = threading.Event()


def refusal(message, code=None):
    return json.dumps({"error": {"message": message, "code": code}}).encode()


EXAMPLES = {
    errors.SourceError: source,
    errors.LibraryError: library,
    errors.LibraryBusyError: busy,
    errors.LibraryDamagedError: damaged,
    errors.PaperNotFoundError: not_found,
    errors.FetchError: lambda _: list(fetch_arxiv("ti:moth", base_url="http://127.0.0.1:9/api/query", retries=0)),
    errors.ConfigError: lambda _: from_environment({"PINCITE_MODLE": "x"}),
    errors.InputError: lambda _: parse_filters({"year": "2025..2023"}),
    errors.EmbeddingError: embedding,
    errors.RerankerError: reranking,
    errors.ServerUnreachableError: lambda _: Library.open("http://127.0.0.1:9/papers"),
    errors.ServerTimeoutError: chroma(None, b""),
    errors.ServerRefusedError: chroma(401, b"who are you"),
    errors.ServerReplyError: chroma(200, b"<html>It works!</html>"),
    errors.IndexBehindError: behind,
    errors.ModelUnreachableError: lambda _: list(
        OllamaModel("small", "http://127.0.0.1:9").stream([Message("user", "Why?")], None, 5.0)
    ),
    errors.ModelTimeoutError: model(None, b"", timeout=0.5),
    errors.ModelRateLimitedError: model(429, refusal("quota used up", "insufficient_quota")),
    errors.ModelConfigurationError: model(401, refusal("wrong key", "invalid_api_key")),
    errors.ModelContextError: model(400, refusal("too many tokens", "context_length_exceeded")),
    errors.ModelReplyError: model(200, b"<html>It works!</html>"),
}


def message(error, folder):
    (folder / "one.jsonl").write_text(json.dumps({"title": "A title", "abstract": "A sentence."}), encoding="utf-8")
    with pytest.raises(error) as caught:
        EXAMPLES[error](folder)
    assert type(caught.value) is error
    text = str(caught.value).replace(f"{folder}/", "").replace(str(folder), "library")
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", re.sub(r"pid \d+", "pid 4711", text))


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: error.__name__)
def test_the_page_words_each_error_as_the_code_does(error, tmp_path, monkeypatch):
    monkeypatch.setattr(server_calls, "PAUSES", ())
    monkeypatch.setattr(chroma_server, "PAUSES", ())
    assert f"    {message(error, tmp_path)}\n" in PAGE.read_text(encoding="utf-8")


def test_every_error_has_its_example():
    leaves = {e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.PinciteError)}
    # Three are roots of others; a derived index that can't be built anew takes a disk that loses what it is given.
    assert leaves - {errors.PinciteError, errors.ServerError, errors.ModelError, errors.DerivedIndexError} == set(
        EXAMPLES
    )
