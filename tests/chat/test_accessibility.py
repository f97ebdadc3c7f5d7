"""axe-core over the states of the page, light and dark, wide and narrow: it finds nothing, so nothing is excused."""

import pytest
from asking import ask, visit

pytestmark = pytest.mark.browser

SCREENS = [(width, scheme) for width in (1440, 390) for scheme in ("light", "dark")]


@pytest.fixture(params=SCREENS, ids=[f"{width}-{scheme}" for width, scheme in SCREENS])
def screen(chromium, request):
    width, scheme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    yield context.new_page()
    context.close()


def findings(page):
    """Return what axe-core holds against the page as it stands, and where."""
    from axe_playwright_python.sync_playwright import Axe  # with the browser, not needed by other tests

    found = Axe().run(page).response["violations"]
    return [(f["id"], f["impact"], [node["target"] for node in f["nodes"][:3]]) for f in found]


def test_axe_finds_nothing(chat, screen, tmp_path):
    visit(screen, chat)
    assert findings(screen) == []
    ask(screen, "Is emergence in language models a mirage made by the metric?")
    screen.get_by_role("button", name="Filter by").click()
    screen.get_by_role("textbox", name="Years").press_sequentially("2023..2025")
    screen.locator(".scope").wait_for()
    screen.locator("button.pin").first.click()
    if screen.locator(".foot-note").count():  # a narrow screen
        assert findings(screen) == []
        screen.get_by_role("button", name="Show in the abstract").click()
    screen.locator("mark.lit").wait_for()
    screen.get_by_text("Was this right?").first.click()
    screen.get_by_role("radio", name="Wrong citation").first.check()
    assert findings(screen) == []
    screen.locator("#current .next .example").first.wait_for()
    assert findings(screen) == []
    ask(screen, "What is the recipe of apple pie with cinnamon?")
    assert findings(screen) == []
    screen.get_by_role("tab", name="Library").click()
    screen.locator("#papers summary").first.click()
    screen.locator("[data-star]").first.click()
    screen.get_by_role("button", name="Note").first.click()
    screen.get_by_role("button", name="Edit").first.click()
    screen.locator(".pick").first.check()
    assert findings(screen) == []
    draft = tmp_path / "draft.txt"
    draft.write_text("Communication between agents is critical for cooperation (Piatti et al., 2024).\n", "utf-8")
    screen.get_by_role("tab", name="Manuscript").click()
    screen.set_input_files("#manuscript input[type=file]", draft)
    screen.locator(".manuscript details summary").first.click()
    assert findings(screen) == []
    screen.get_by_role("tab", name="Conversations").click()
    screen.locator(".watched").wait_for()
    screen.get_by_role("button", name="Rename").first.click()
    assert findings(screen) == []
    screen.get_by_role("tab", name="Settings").click()
    screen.locator(".settings").wait_for()
    assert findings(screen) == []


def test_axe_finds_nothing_in_what_opens_later_or_goes_wrong(chat, screen):
    screen.goto(f"{chat.url}/?c=nowhere")
    screen.get_by_role("alert").wait_for()
    assert findings(screen) == []
    ask(screen, "Is emergence in language models a mirage made by the metric?")
    screen.locator("#current .evidence > summary").click()
    screen.locator("#current .considered > summary").click()
    assert findings(screen) == []
    ask(screen, "Which papers are from 2021?")
    screen.locator("#current .evidence > summary").click()
    screen.locator("#past [data-fold]").first.click()
    assert findings(screen) == []
    rating = screen.locator("#current .feedback")
    rating.locator("summary").click()
    rating.get_by_role("radio", name="Missing paper").check()
    rating.get_by_role("button", name="Save", exact=True).click()
    screen.locator(".toast-body").wait_for()
    screen.wait_for_function("getComputedStyle(document.querySelector('.toast-body')).opacity === '1'")
    assert findings(screen) == []
    screen.get_by_role("tab", name="Library").click()
    screen.locator("#search textarea").fill("mirage metric")
    screen.locator("#search textarea").press("Enter")
    screen.locator(".close-ones").wait_for()
    screen.get_by_role("textbox", name="New library").fill("../x")
    screen.get_by_role("button", name="Create").click()
    screen.locator("#report .issue").wait_for()
    assert findings(screen) == []
    screen.locator("#years input").fill("soon")
    screen.locator("#years input").press("Enter")
    screen.locator("#papers .issue").wait_for()
    assert findings(screen) == []
    screen.get_by_role("tab", name="Settings").click()
    screen.get_by_role("textbox", name="Seconds").fill("soon")
    screen.get_by_role("button", name="Test the connection").click()
    screen.locator(".outcome", has_text="Seconds that one answer may take: 'soon' isn't a number").wait_for()
    assert findings(screen) == []
