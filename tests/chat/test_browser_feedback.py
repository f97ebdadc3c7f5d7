"""Feedback on an answer, conversations found again by their words, and the settings, in the browser."""

import json

import pytest
from asking import ask, visit
from loopback import OpenAI, answer, serving
from served import Server

pytestmark = pytest.mark.browser

MIRAGE = "Is emergence in language models a mirage made by the metric?"


def test_feedback_is_given_kept_and_exported_and_its_conversation_found(chat, tab):
    visit(tab, chat)
    ask(tab, MIRAGE)
    assert tab.locator("#current .of").inner_text() == "Library: library"
    tab.get_by_text("Was this right?").click()
    tab.get_by_role("radio", name="Missing paper").check()
    tab.get_by_label("Paper that answers it").fill("nothing of this name")
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_text("no paper here has the id, DOI or title").wait_for()
    assert tab.get_by_label("Paper that answers it").input_value() == "nothing of this name"  # to be mended
    tab.get_by_role("radio", name="Good answer").check()
    assert not tab.get_by_label("Paper that answers it").is_visible()
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_text("Saved. You can export it").wait_for()
    tab.locator("#current .feedback form").wait_for(state="hidden")
    tab.get_by_role("tab", name="Conversations").click()
    box = tab.get_by_role("textbox", name="Search conversations")
    box.fill("no such words")
    box.press("Enter")
    tab.locator(".kept .count", has_text="nothing was found").wait_for()
    box.fill("MIRAGE metric")
    box.press("Enter")
    tab.locator(".kept .open", has_text=MIRAGE).wait_for()
    assert " in library," in tab.locator(".kept .by").first.inner_text()
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="as questions for").click()
    (row,) = map(json.loads, saved.value.path().read_text("utf-8").splitlines())
    assert row["question"] == MIRAGE
    assert row["gold"]


def test_a_model_is_chosen_tested_and_saved_on_the_page(demo_library, tmp_path, tab):
    with serving(OpenAI(), answer(500, "{}")) as model, Server(demo_library, tmp_path / "data") as chat:
        visit(tab, chat)
        tab.get_by_role("tab", name="Settings").click()
        tab.locator(".settings").wait_for()
        tab.get_by_role("textbox", name="Model").fill("openai:m")
        tab.get_by_role("textbox", name="OpenAI-compatible").fill(f"{model.address}/v1")
        tab.get_by_role("button", name="Test the connection").click()
        tab.locator(".outcome", has_text="m is one of them").wait_for()
        tab.get_by_role("button", name="Save").click()
        tab.locator(".outcome", has_text="Saved").wait_for()
        tab.wait_for_function("document.querySelector('#model input').value === 'openai:m'")
        tab.get_by_role("textbox", name="Model").fill("nonsense")
        tab.get_by_role("button", name="Test the connection").click()
        tab.get_by_text("unknown model").wait_for()
    assert [url for url in tab.asked_for if not url.startswith((chat.url, "data:", "blob:"))] == []
