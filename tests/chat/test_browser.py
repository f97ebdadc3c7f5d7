import pytest

from app import EXAMPLES

pytestmark = pytest.mark.browser


def ask(tab, question):
    tab.fill("#message textarea", question)
    tab.press("#message textarea", "Enter")
    tab.wait_for_selector(".written, .declined")


def test_a_citation_opens_its_paper_and_lights_the_very_sentence(chat, tab):
    tab.goto(chat.url)
    ask(tab, "How many parameters does the smallest xFinder have, and how accurate is it?")
    pin = tab.locator("button.pin").first
    number, quote = pin.inner_text(), pin.locator("q").text_content()
    assert "✓" in number
    assert "supported" in pin.get_attribute("class")
    pin.click()
    lit = tab.locator("mark.lit")
    lit.wait_for()
    assert lit.text_content() == "✓" + quote
    assert lit.is_visible()
    source = tab.locator("details.source[open]", has=tab.locator("mark.lit"))
    assert "xFinder" in source.locator(".title").inner_text()
    assert source.locator(".number").inner_text() == number[0]


def test_the_first_page_says_what_it_is_and_its_examples_are_answered(chat, tab, demo_library):
    tab.goto(chat.url)
    assert f"{len(demo_library)} papers" in tab.locator(".holdings").inner_text()
    assert "Nothing leaves this machine" in tab.locator(".leaves").inner_text()
    for example in EXAMPLES:
        tab.goto(chat.url)
        tab.get_by_role("button", name=example).click()
        tab.wait_for_selector(".written")
        assert tab.locator(".question").inner_text() == example
        assert tab.locator("button.pin").count()


def test_the_page_asks_nobody_but_its_own_server(chat, tab):
    tab.goto(chat.url)
    ask(tab, "What is a mirage?")
    foreign = [url for url in tab.asked_for if not url.startswith((chat.url, "data:", "blob:"))]
    assert tab.asked_for
    assert foreign == []
