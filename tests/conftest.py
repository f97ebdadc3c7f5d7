"""What all tests share: no network but loopback, no settings from outside, and libraries that are built once."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import os
import socket

import hypothesis
import pytest
from places import ROOT, SEEDS

import rag.models.minilm
from rag import Library
from rag.index import segment

# Busy machines are slow now and then: no property is tested against the clock.
hypothesis.settings.register_profile("default", max_examples=50, deadline=None)
hypothesis.settings.register_profile("check", max_examples=2_000, deadline=None)
hypothesis.settings.register_profile("soak", max_examples=20_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """Refuse every connection and look-up but on loopback."""
    connect = socket.socket.connect

    def guarded(self, address):
        if isinstance(address, tuple) and not _loopback(address[0]):
            raise AssertionError(f"a test tried to connect to {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _loopback(host):
    try:
        address = ipaddress.ip_address(host)
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback or address.is_unspecified
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """Forget the settings of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("PINCITE_") or name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def own_data(monkeypatch, tmp_path_factory):
    """Keep the data folder of whoever runs the tests out of them.

    The secret is one for all tests, or each would embed the sentences of the shared libraries again.
    """
    data = tmp_path_factory.mktemp("data")
    (data / "pincite").mkdir(mode=0o700)
    (data / "pincite" / "secret").write_bytes(b"of all the tests of this session")
    monkeypatch.setenv("XDG_DATA_HOME", str(data))


@pytest.fixture(autouse=True)
def log_as_imported():
    """Undo what the command line does to Pincite's log: its handler would keep the next test's lines from `caplog`."""
    yield
    logger = logging.getLogger("pincite")
    logger.handlers.clear()
    logger.propagate = True


@pytest.fixture(scope="session")
def embedder():
    """The real default embedding, loaded once."""
    return rag.models.minilm.MiniLM()


@pytest.fixture
def write_jsonl(tmp_path):
    """Write records to a JSON Lines file and return its path."""

    def write(name, records):
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return write


@pytest.fixture
def foreign(tmp_path):
    """A folder with somebody else's `rag/`, `eval/`, `prompts/` and `app.py`, which end whatever imports them."""
    for name in ("rag/__init__.py", "eval/__init__.py", "prompts/__init__.py", "app.py"):
        file = tmp_path / "foreign" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("raise SystemExit('a module of somebody else was imported')\n", encoding="utf-8")
    return tmp_path / "foreign"


@pytest.fixture(scope="session")
def with_chroma():
    """Have Chroma hold what is added within `with with_chroma():`, as it does a large library."""

    @contextlib.contextmanager
    def set_aside():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(segment, "SCANNED", 0)
            yield

    return set_aside


@pytest.fixture(scope="session")
def demo_library(tmp_path_factory, embedder):
    """The demo library, built once with the real embedding and the real Chroma. Don't write to it."""
    library = Library.open(tmp_path_factory.mktemp("demo") / "library", embedder=embedder)
    with contextlib.chdir(ROOT):
        library.add("eval/data/library.jsonl")
    yield library
    library.close()


@pytest.fixture(scope="session")
def seed_library(tmp_path_factory, embedder):
    """The five saved pages, built once: about half a minute. Don't write to it."""
    if not SEEDS.is_dir():
        pytest.skip("the five saved pages are not beside this checkout")
    library = Library.open(tmp_path_factory.mktemp("seeds") / "library", embedder=embedder)
    library.add(*sorted(SEEDS.glob("*.txt")))
    yield library
    library.close()
