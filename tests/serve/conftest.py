import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from rag import Library
from rag.chat.listening import SETTINGS
from rag.config import Config
from rag.integrations.mcp import build_server
from rag.integrations.tools import Tools
from rag.serve.program import agents
from rag.serve.server import build_app

PAPERS = [
    {"title": "Tin roofs in hail", "year": 2024, "authors": ["Fell, Ada"], "doi": "10.1000/hail",
     "abstract": "Hail dents roofs of tin. We dropped ice on 40 roofs. A thicker sheet of tin cut dents by 52%."},
    {"title": "Rest in barn cats", "year": 2021,
     "abstract": "Barn cats rest by day. We filmed 12 cats for a month. They slept eleven hours a day."},
]  # fmt: skip


@pytest.fixture(scope="session")
def barn(tmp_path_factory, embedder):
    """A library of two papers. Don't write to it."""
    with Library(tmp_path_factory.mktemp("barn") / "library", embedder=embedder) as library:
        library.add_records(PAPERS, "barn")
        yield library


@pytest.fixture
def serve(barn):
    """Serve a library on a free port of loopback; stopped when the test ends."""
    with contextlib.ExitStack() as stack:
        yield lambda library=barn, config=None, **more: stack.enter_context(served(library, config, **more))


@contextlib.contextmanager
def served(library, config=None, **more):
    config = config or Config()
    listening = socket.create_server(("127.0.0.1", 0))
    app = build_app(library, config, agents=agents(library, config), **more)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", **SETTINGS))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(15)
        listening.close()


@pytest.fixture
def agent_server(barn):
    """The server of an agent's tools, to speak to in this process."""
    return build_server(Tools(barn, Config()))
