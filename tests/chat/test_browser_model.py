"""A language model behind the page: chosen, watched, stopped, reloaded in mid-answer, and failing."""

import json
import threading

import pytest
from asking import put, settled, visit
from loopback import OpenAI, _chunk, answer, drip, serving, stream
from served import Server
from test_accessibility import findings

from rag.config import Config
from rag.models import available
from rag.types import Filters

pytestmark = pytest.mark.browser

QUESTION = "What is an induction head?"
MODEL = OpenAI()


@pytest.fixture(scope="module")
def model():
    """A model's server; a test sets its `behaviours`."""
    with serving(MODEL, answer(500, MODEL.error("not told what to say"))) as server:
        yield server


@pytest.fixture(scope="module")
def modelled(model, demo_library, tmp_path_factory):
    """The chat with that model's server."""
    data = tmp_path_factory.mktemp("data")
    server = f"{model.address}/v1"
    available(Config(openai_base_url=server))  # loads the client: on a busy machine longer than a server has to answer
    with Server(demo_library, data, openai_base_url=server, cache=False) as server:
        yield server


@pytest.fixture(scope="module")
def sentences(demo_library):
    """The first two sentences that the model is shown: what it may say, in the abstracts' own words."""
    shown = demo_library.gather(QUESTION, demo_library.find(QUESTION, 5, Filters()))
    return [evidence.text for evidence in shown[:2]]


def said(number, text):
    return json.dumps({"text": text, "evidence": [number]})


def opening(sentence):
    """A reply that has come as far as its first sentence."""
    return '{"reply": {"sentences": [' + said(1, sentence) + ", "


def choose_model(tab, chat):
    """Open the page and have the model write."""
    visit(tab, chat)
    tab.locator(".leaves").wait_for()  # with it come the models
    tab.locator("#model input").click()
    tab.get_by_role("option", name="openai:m").click()
    tab.locator(".leaves", has_text="every sentence is checked").wait_for()


def test_the_picker_offers_what_is_there_and_says_what_leaves_the_machine(modelled, tab):
    visit(tab, modelled)
    tab.locator(".leaves").wait_for()  # with it come the models
    tab.locator("#model input").click()
    tab.get_by_role("option", name="openai:m").click()
    assert "Nothing leaves this machine" in tab.locator(".leaves", has_text="every sentence").inner_text()


def test_stop_keeps_what_was_written_and_closes_the_models_connection(modelled, model, sentences, tab):
    model.behaviours[:] = [stream(MODEL.piece(opening(sentences[0])), then=drip(MODEL.piece(" ")))]
    model.hung_up.clear()
    choose_model(tab, modelled)
    put(tab, QUESTION)
    tab.locator(".said:not(.spare *)").wait_for()
    tab.get_by_role("button", name="Stop").click()
    settled(tab)
    assert model.hung_up.wait(10)
    assert tab.locator(".said").all_inner_texts() == [sentences[0]]
    assert "Stopped early" in tab.locator("#current .issue").inner_text()
    assert findings(tab) == []
    tab.get_by_role("button", name="Ask", exact=True).wait_for()


def ask_and_pause(tab, modelled, model, sentences):
    """Ask a model that stops behind its first sentence; it goes on once the event that is returned is set."""
    go_on = threading.Event()

    def finish(handler):
        go_on.wait(30)
        _chunk(handler, MODEL.piece(said(2, sentences[1]) + "]}}") + MODEL.end())

    model.behaviours[:] = [stream(MODEL.piece(opening(sentences[0])), then=finish)]
    choose_model(tab, modelled)
    put(tab, QUESTION)
    tab.locator(".running .said:not(.spare *)").wait_for()
    assert findings(tab) == []
    return go_on


def test_a_reload_in_mid_answer_and_a_second_tab_find_it_going_on(modelled, model, sentences, tab):
    go_on = ask_and_pause(tab, modelled, model, sentences)
    tab.reload()
    tab.locator(".running .said:not(.spare *)").wait_for()
    other = tab.context.new_page()
    other.goto(tab.url)
    other.locator(".running .said:not(.spare *)").wait_for()
    tab.fill("#message textarea", "What I write meanwhile")
    go_on.set()
    for page in (tab, other):
        settled(page)
        assert page.locator(".said").all_inner_texts() == sentences
    assert tab.input_value("#message textarea") == "What I write meanwhile"


def test_a_model_that_fails_says_so_and_the_answer_without_it_stands_below(modelled, model, tab):
    model.behaviours[:] = [answer(404, MODEL.error("the model m does not exist"))]
    choose_model(tab, modelled)
    put(tab, QUESTION)
    settled(tab)
    assert "The language model failed" in tab.locator("#current .declined").first.inner_text()
    assert "does not exist" in tab.locator("#current .issue").first.inner_text()
    assert findings(tab) == []
    spare = tab.locator(".spare")
    assert spare.locator("button.pin").count()
    spare.locator("button.pin").first.click()
    tab.locator("mark.lit").wait_for()


def test_a_reload_keeps_the_model_that_answered_last(modelled, model, tab):
    model.behaviours[:] = [answer(404, MODEL.error("the model m does not exist"))]
    choose_model(tab, modelled)
    put(tab, QUESTION)
    settled(tab)
    tab.reload()
    tab.locator(".leaves", has_text="every sentence is checked").wait_for()
    assert tab.locator("#model input").input_value() == "openai:m"


def test_what_a_reader_lit_and_opened_stays_while_the_answer_grows(modelled, model, sentences, tab):
    go_on = ask_and_pause(tab, modelled, model, sentences)
    tab.locator("#current .considered summary").first.click()
    tab.locator("#current .prose button.pin").first.click()
    lit = tab.locator("#current mark.lit").inner_text()
    go_on.set()
    settled(tab)
    assert tab.locator(".said").all_inner_texts() == sentences
    assert tab.locator("#current mark.lit").all_inner_texts() == [lit]
    assert tab.locator("#current .pin.chosen").count() == 1
    assert tab.locator("#current .considered").get_attribute("open") is not None
    tab.keyboard.press("Escape")
    assert tab.locator("#current mark.lit").count() == 0
