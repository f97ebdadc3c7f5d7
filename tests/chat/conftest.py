from contextlib import ExitStack

import pytest
from served import Server


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
