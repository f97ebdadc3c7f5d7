"""The chat in a browser: `python -m bench.chat [LIBRARY] [--against CHECKOUT]`. Seconds, on this machine now.

LIBRARY defaults to the five saved pages where they are beside the checkout, else to the demo papers. `--against` asks
the chat of another checkout the same questions in turn, and prints how the two compare: on a busy machine only that
means anything. It needs Debian's chromium and the `dev` extra.
"""

import argparse
import os
import shutil
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
# Questions that two checkouts are asked by turns, and seconds of rest between: neither works while the other is asked.
BLOCK, REST = 4, 6


@contextmanager
def served(library, data, checkout=ROOT, port=PORT):
    """The chat of a checkout over a library: its address."""
    command = [sys.executable, "app.py", "--library", library, "--data", data, "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    with subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL) as server:
        url = f"http://127.0.0.1:{port}/"
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


def seen(page, selector):
    """Wait until the page shows this, looking at every frame: a locator's own wait looks less and less often."""
    page.wait_for_function("one => Boolean(document.querySelector(one)?.checkVisibility())", arg=selector)


def visits(browser, url):
    """Return seconds to the first paint and to the first words of the page, of visits with an empty cache."""
    paints, words = [], []
    for _ in range(VISITS):
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        started = time.perf_counter()
        page.goto(url)
        seen(page, ".welcome")
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


def opened(browser, url):
    """A page of the chat."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.locator(".welcome").wait_for()
    return page


def answers(page, questions):
    """Return the seconds from Enter until the page shows papers, and the whole answer; for questions new to it."""
    found, whole = [], []
    for question in questions:
        page.locator("#new").click()
        page.wait_for_selector(".welcome", state="visible")
        page.fill("#message textarea", question)
        started = time.perf_counter()
        page.press("#message textarea", "Enter")
        seen(page, "#current .turn .sources")
        found.append(time.perf_counter() - started)
        seen(page, "#current .turn:not(.running) .actions")
        whole.append(time.perf_counter() - started)
    return found, whole


def compare(browser, library, folder, checkout):
    """Print the times of the chats of this checkout and another, asked by turns."""
    other = shutil.copytree(library, folder / "other")
    kept = [str(folder / name) for name in ("here", "there")]
    with served(library, kept[0]) as here, served(str(other), kept[1], checkout, PORT + 1) as there:
        pages = {"now": opened(browser, here), "before": opened(browser, there)}
        times = {name: ([], []) for name in pages}
        questions = questions_on(library)
        for start in range(0, len(questions), BLOCK):
            for name, page in list(pages.items())[:: -1 if start // BLOCK % 2 else 1]:
                page.bring_to_front()
                for all_of_it, new in zip(times[name], answers(page, questions[start : start + BLOCK]), strict=True):
                    all_of_it += new
                time.sleep(REST)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {len(questions)} questions")
    print(f"{'':<22} {'before p50':>11} {'p95':>6} {'now p50':>9} {'p95':>6} {'ratio':>7}")
    for row, what in enumerate(("papers found", "whole answer")):
        old, new = times["before"][row], times["now"][row]
        ratio = statistics.median(new) / statistics.median(old)
        print(
            f"{what:<22} {statistics.median(old):11.2f} {p95(old):6.2f} {statistics.median(new):9.2f} {p95(new):6.2f} "
            f"{ratio:7.2f}"
        )


def questions_on(library):
    """Return questions about papers from all over a library."""
    from rag import Library

    with Library.open(library) as opened:
        titles = [paper.title for paper in opened.papers() if paper.title]
    return [f"What did “{title}” find?" for title in titles[:: max(1, len(titles) // QUESTIONS)][:QUESTIONS]]


def p95(seconds):
    """Return the ninety-fifth percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def measure(browser, library, folder):
    """Print the table of docs/lab/performance.md."""
    with served(library, str(folder / "data")) as url:
        requests, kilobytes = weight(browser, url)
        questions = questions_on(library)
        _, (cold,) = answers(opened(browser, url), questions[:1])
        paints, words = visits(browser, url)
        found, taken = answers(opened(browser, url), questions[1:])
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} {'p50':>22} {'p95':>6} {'aim':>6}")
    rows = (
        ("first paint", paints, 2.0), ("first words", words, 2.0), ("papers found", found, 1.0),
        ("extractive answer", taken, 1.0),
    )  # fmt: skip
    for name, seconds, aim in rows:
        print(f"{name:<38} {statistics.median(seconds):6.2f} {p95(seconds):6.2f} {aim:6.1f}")
    print(f"{'first answer of a new server':<38} {cold:6.2f}")
    print(f"first visit: {requests} requests, {kilobytes:,.0f} kB")


def main():
    """Measure one chat, or compare two."""
    parser = argparse.ArgumentParser(prog="python -m bench.chat")
    parser.add_argument("library", nargs="?")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        library = options.library or str(folder / "library")
        if not options.library:
            files = sorted(map(str, SEEDS.glob("*.txt"))) or [str(ROOT / "eval" / "data" / "library.jsonl")]
            subprocess.run([sys.executable, "-m", "rag", "add", *files, "--library", library], cwd=ROOT, check=True,
                           capture_output=True)  # fmt: skip
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        if options.against:
            compare(browser, library, folder, options.against)
        else:
            measure(browser, library, folder)
        browser.close()


if __name__ == "__main__":
    main()
