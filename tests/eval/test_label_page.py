"""Labels given on the page in a browser, offline, saved as a file and read by the command."""

import json

import pytest
from judges_for_tests import ExactJudge

from eval.__main__ import main
from eval.answers.responses import Claim, Passage, Response
from eval.questions import Case, Nugget
from eval.runs.run import execute

pytestmark = pytest.mark.browser

TEXT = "Tides rise at noon </script><b>in the north</b>. Winds turn there at night."


@pytest.fixture
def tab():
    """A browser that may fetch nothing."""
    from playwright.sync_api import sync_playwright  # not needed by the tests that need no browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(offline=True)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.faults = []
        page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        yield page
        browser.close()


def test_labels_are_given_kept_and_saved(tab, tmp_path, capsys):
    claims = tuple(Claim(text, (1,)) for text in ("Noon <i>tides</i>.", "Winds fall.", "Winds turn."))
    response = Response("q", " ".join(f"{c.text} [1]" for c in claims), claims, (Passage("p", TEXT),))
    run = tmp_path / "run.jsonl"
    header = {"format": 2, "judge": "exact", "judge_card": None, "questions": {"split": "all"}}
    execute([Case("q", "question", "", "When?", gold=("p",))], lambda _: response, ExactJudge(), header, run)
    page = tmp_path / "label.html"
    assert main(["label", str(run), "--page", str(page)]) == 0

    tab.goto(page.as_uri())
    assert tab.locator("output").inner_text() == "0 of 3 labelled"
    assert tab.locator(".passage").first.inner_text() == TEXT
    tides = tab.locator("fieldset", has_text="Noon <i>tides</i>.")
    tides.get_by_label("supported", exact=True).check()
    tab.locator("fieldset", has_text="Winds fall.").get_by_label("contradicted").check()
    tab.reload()
    assert tab.locator("output").inner_text() == "2 of 3 labelled"
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save the labels").click()
    assert saved.value.suggested_filename == "run.labels.jsonl"
    labels = tmp_path / "saved.jsonl"
    saved.value.save_as(labels)
    assert tab.faults == []

    found = {row["claim"]: row["label"] for row in map(json.loads, labels.read_text(encoding="utf-8").splitlines())}
    assert found == {"Noon <i>tides</i>.": "supported", "Winds fall.": "contradicted"}
    capsys.readouterr()
    assert main(["label", str(run), "--labels", str(labels), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"]["sentences"] == 2


def test_labels_of_facts_are_given_kept_and_saved(tab, tmp_path, capsys):
    claims = (Claim("Noon <i>tides</i>."), Claim("Winds fall."))
    response = Response("q", " ".join(c.text for c in claims), claims, (Passage("p", TEXT),))
    run = tmp_path / "run.jsonl"
    header = {"format": 2, "judge": "exact", "judge_card": None, "questions": {"split": "all"}}
    case = Case("q", "figure", "", "When?", gold=("p",), nuggets=(Nugget("Tides <b>rise</b>.", True),))
    execute([case], lambda _: response, ExactJudge(), header, run)
    page = tmp_path / "label.html"
    assert main(["label", str(run), "--facts", "--page", str(page)]) == 0

    tab.goto(page.as_uri())
    tab.get_by_label("in part", exact=True).check()
    tab.get_by_label("answers the question, at least in part").first.check()
    assert tab.locator("output").inner_text() == "0 of 1 labelled"
    tab.reload()
    tab.get_by_label("doesn't").last.check()
    assert tab.locator("output").inner_text() == "1 of 1 labelled"
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save the labels").click()
    assert saved.value.suggested_filename == "run.facts.jsonl"
    labels = tmp_path / "saved.jsonl"
    saved.value.save_as(labels)
    assert tab.faults == []
    assert json.loads(labels.read_text(encoding="utf-8")) == {
        "id": "q", "degrees": ["partial"], "answering": [True, False],
    }  # fmt: skip
    capsys.readouterr()
    assert main(["label", str(run), "--facts", "--labels", str(labels), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"]["answers"] == 1
