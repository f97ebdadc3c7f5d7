"""The tab of manuscripts, and the list of watched questions."""

import pytest
from asking import visit
from test_accessibility import findings

from rag.config import Config
from rag.watched_questions import first_answer, keep

pytestmark = pytest.mark.browser

TEXT = """# On resources <b>held in common</b>

Communication between agents is critical for cooperation [@piatti]. Induction heads were found by nobody [@none].
"""
BIB = "@article{piatti, title={Cooperate or Collapse: Emergence of Sustainable Cooperation in a Society of LLM Agents}}"


def test_a_dropped_manuscript_is_shown_with_what_its_papers_say_and_saved_as_a_page(chat, tab, tmp_path):
    (tmp_path / "draft.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "refs.bib").write_text(BIB, encoding="utf-8")
    visit(tab, chat)
    tab.get_by_role("tab", name="Manuscript").click()
    tab.set_input_files("#manuscript input[type=file]", [tmp_path / "refs.bib", tmp_path / "draft.md"])
    tab.get_by_role("button", name="Save as a web page").wait_for()
    shown = tab.locator(".manuscript")
    assert shown.locator("p mark.supported").inner_text().startswith("Communication between agents")
    assert shown.locator("p mark.not-in-library").count() >= 1
    assert shown.locator("b").count() == 0, "what a manuscript holds is text"
    shown.locator("details.not-in-library summary").click()
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save as a web page").click()
    page = saved.value.path().read_text(encoding="utf-8")
    assert (saved.value.suggested_filename, page.startswith("<!doctype html>")) == ("draft.html", True)
    assert str(tmp_path) not in page
    assert "uploads" not in page


def test_what_cannot_be_checked_is_said(chat, tab, tmp_path):
    (tmp_path / "one.bib").write_text(BIB, encoding="utf-8")
    visit(tab, chat)
    tab.get_by_role("tab", name="Manuscript").click()
    tab.set_input_files("#manuscript input[type=file]", [tmp_path / "one.bib"])
    tab.locator("#checked .issue").wait_for()
    assert "one.bib: no manuscript among them" in tab.locator("#checked .issue").inner_text()


def test_the_watched_questions_are_listed_with_what_changed_last(chat, tab, demo_library):
    visit(tab, chat)
    tab.get_by_role("tab", name="Conversations").click()
    tab.get_by_text("pincite watch add").wait_for()
    watch, _ = first_answer("Do societies of LLM agents cooperate over a resource?", {}, demo_library, Config())
    keep(demo_library, watch, new=True)
    tab.get_by_role("tab", name="Ask").click()
    tab.get_by_role("tab", name="Conversations").click()
    tab.locator(".watched li").first.wait_for()
    assert watch.question in tab.locator(".watched").inner_text()
    assert findings(tab) == []
