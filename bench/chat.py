"""The chat in a browser: `python -m bench.chat [LIBRARY]`. Seconds, on this machine now.

LIBRARY defaults to the five saved pages where they are beside the checkout, else to the demo papers. It needs Debian's
chromium and the `dev` extra.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.startup import ROOT, SEEDS

PORT = 7868
VISITS, QUESTIONS = 10, 40


@contextmanager
def served(library, data):
    """The chat over a library: its address."""
    command = [sys.executable, "app.py", "--library", library, "--data", data, "--port", str(PORT)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        url = f"http://127.0.0.1:{PORT}/"
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            yield url
        finally:
            server.terminate()


def visits(browser, url):
    """Return seconds to the first paint and to the first words of the page, of visits with an empty cache."""
    paints, words = [], []
    for _ in range(VISITS):
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        started = time.perf_counter()
        page.goto(url)
        page.locator(".welcome").wait_for()
        words.append(time.perf_counter() - started)
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000)
        page.context.close()
    return paints, words


def weight(browser, url):
    """Return the requests of a first visit and the kilobytes that it takes on the wire."""
    page = browser.new_page()
    wire = page.context.new_cdp_session(page)
    requests, received = [], []
    wire.on("Network.requestWillBeSent", lambda event: requests.append(event["request"]["url"]))
    wire.on("Network.dataReceived", lambda event: received.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    page.goto(url)
    page.locator(".welcome").wait_for()
    page.wait_for_timeout(3_000)  # what the page asks for once it is there
    page.close()
    return len([url for url in requests if not url.startswith("data:")]), sum(received) / 1000


def answers(browser, url, questions):
    """Return the seconds from Enter to the whole answer on the page, for questions that were not asked before."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    page.locator(".welcome").wait_for()
    taken = []
    for question in questions:
        page.locator("#new").click()
        page.wait_for_selector(".welcome", state="visible")
        page.fill("#message textarea", question)
        started = time.perf_counter()
        page.press("#message textarea", "Enter")
        page.wait_for_selector("#current .turn:not(.running) .actions")
        taken.append(time.perf_counter() - started)
    page.context.close()
    return taken


def questions_on(library):
    """Return questions about papers from all over a library."""
    from rag import Library

    with Library.open(library) as opened:
        titles = [paper.title for paper in opened.papers() if paper.title]
    return [f"What did “{title}” find?" for title in titles[:: max(1, len(titles) // QUESTIONS)][:QUESTIONS]]


def p95(seconds):
    """Return the ninety-fifth percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def main():
    """Print the table of docs/lab/performance.md."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        library = sys.argv[1] if len(sys.argv) > 1 else str(Path(folder) / "library")
        if len(sys.argv) < 2:
            files = sorted(map(str, SEEDS.glob("*.txt"))) or [str(ROOT / "eval" / "data" / "library.jsonl")]
            subprocess.run([sys.executable, "-m", "rag", "add", *files, "--library", library], cwd=ROOT, check=True,
                           capture_output=True)  # fmt: skip
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        with served(library, str(Path(folder) / "data")) as url:
            requests, kilobytes = weight(browser, url)
            questions = questions_on(library)
            (cold,) = answers(browser, url, questions[:1])
            paints, words = visits(browser, url)
            taken = answers(browser, url, questions[1:])
        browser.close()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} {'p50':>22} {'p95':>6} {'aim':>6}")
    rows = (("first paint", paints, 2.0), ("first words", words, 2.0), ("extractive answer", taken, 1.0))
    for name, seconds, aim in rows:
        print(f"{name:<38} {statistics.median(seconds):6.2f} {p95(seconds):6.2f} {aim:6.1f}")
    print(f"{'first answer of a new server':<38} {cold:6.2f}")
    print(f"first visit: {requests} requests, {kilobytes:,.0f} kB")


if __name__ == "__main__":
    main()
