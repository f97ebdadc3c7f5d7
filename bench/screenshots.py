"""The screenshots of the docs, over the demo library: `python -m bench.screenshots [FOLDER]`, docs/ by default.

It needs Debian's chromium and the `dev` extra.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from bench.chat import served
from bench.startup import ROOT
from rag import Library

QUESTION = "Are emergent abilities a mirage made by the metric?"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
COLOURS = 64  # text on paper needs no more, and the files stay small


def shoot(page, file):
    """Save what the window shows."""
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def ask(page, url):
    """Open the page, ask, and wait until the answer is whole."""
    page.goto(url)
    page.locator(".welcome").wait_for()
    page.fill("#message textarea", QUESTION)
    page.press("#message textarea", "Enter")
    page.wait_for_selector("#current .turn:not(.running) .actions", timeout=120_000)


def wide(browser, url, folder):
    """An answer with a lit sentence, its evidence table, and the library; return the address of the answer."""
    page = browser.new_context(viewport=WIDE).new_page()
    ask(page, url)
    page.locator("#current .next .example").first.wait_for(timeout=120_000)
    page.locator("#current .prose button.pin").first.click()
    page.locator("mark.lit").wait_for()
    page.mouse.move(5, 5)
    shoot(page, folder / "chat.png")
    answered = page.url
    page.locator("#current .evidence summary").click()
    page.locator("#current .evidence").evaluate(
        "e => scrollTo(0, scrollY + e.getBoundingClientRect().top - 100)"
    )  # below the head, which stays
    shoot(page, folder / "chat-evidence.png")
    page.get_by_role("tab", name="Library").click()
    page.fill("#search textarea", "emergent abilities")
    page.press("#search textarea", "Enter")
    page.locator(".count", has_text="“emergent abilities”").wait_for()
    page.locator("[data-star]").first.click()
    page.mouse.move(5, 5)
    page.evaluate("scrollTo(0, 0)")
    shoot(page, folder / "chat-library.png")
    return answered


def phone(browser, answered, folder):
    """The same answer on a phone, with the sentence that a tap on a number shows."""
    page = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    page.goto(answered)
    page.locator("#current .turn .actions").wait_for()
    page.locator("#current .prose button.pin").first.tap()
    page.locator(".foot-note").wait_for()
    shoot(page, folder / "chat-phone.png")


def main():
    """Take them all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        with Library.open(f"{place}/demo") as library:
            library.add(ROOT / "eval/data/library.jsonl")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        with served(f"{place}/demo", f"{place}/data") as url:
            phone(browser, wide(browser, url, folder), folder)
        browser.close()


if __name__ == "__main__":
    main()
