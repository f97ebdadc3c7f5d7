import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import uvicorn

from rag.config import Config


class Server:
    """The chat, served on loopback in a thread of the tests."""

    def __init__(self, library, data, auth=None, **config):
        import app  # gradio takes seconds to import: only where a test serves the page

        with socket.socket() as spare:
            spare.bind(("127.0.0.1", 0))
            self.port = spare.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

        async def build():  # without a running event loop Gradio makes two, and never closes them
            return app.build_app([library], Config(**config), data, port=self.port, auth=auth)

        with ThreadPoolExecutor(1) as thread:  # this one may have the browser's loop
            web = thread.submit(asyncio.run, build()).result()
        self._server = uvicorn.Server(
            uvicorn.Config(web, port=self.port, log_level="error", timeout_graceful_shutdown=2)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self):
        self._thread.start()
        until = time.monotonic() + 30
        while not self._server.started:
            assert self._thread.is_alive(), "the chat did not start"
            assert time.monotonic() < until, "the chat does not answer"
            time.sleep(0.02)
        return self

    def __exit__(self, *error):
        self._server.should_exit = True
        self._thread.join(15)


@pytest.fixture(scope="module")
def chat(demo_library, tmp_path_factory):
    """The chat over the demo library. Don't write to the library."""
    with Server(demo_library, tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture
def serve(tmp_path):
    """Serve the chat over another library; stopped when the test ends."""
    with ExitStack() as stack:
        yield lambda library, **more: stack.enter_context(Server(library, more.pop("data", tmp_path / "data"), **more))


@pytest.fixture(scope="module")
def chromium():
    """Debian's chromium, without a window; while it lives, this thread can run no event loop of its own."""
    from playwright.sync_api import sync_playwright  # not needed by the tests that need no browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium):
    """A fresh browser, and every request that it made, in `tab.asked_for`."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.asked_for = []
    context.on("request", lambda request: page.asked_for.append(request.url))
    yield page
    context.close()
