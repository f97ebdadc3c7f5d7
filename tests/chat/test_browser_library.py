"""Bringing, correcting and removing papers, and what an answer says when they disagree or have changed."""

import threading

import pytest
from asking import ask, settled, visit
from test_accessibility import findings

from rag import Library

pytestmark = pytest.mark.browser

PAIR = [
    {
        "title": "Vitamin K and frost scars",
        "abstract": "Frost scars were counted in forty orchards. Vitamin K reduces frost scars in apple trees.",
        "year": 2020,
    },
    {
        "title": "Vitamin K and frost scars: a second trial",
        "abstract": "Ninety orchards took part. Vitamin K does not reduce frost scars in apple trees.",
        "year": 2021,
        "retracted": True,
    },
]


@pytest.fixture
def mine(serve, embedder, tmp_path):
    """An empty library, and the chat over it."""
    library = Library.open(tmp_path / "mine", embedder=embedder)
    yield serve(library)
    library.close()


def bring(tab, *files):
    """Drop files on the library."""
    tab.get_by_role("tab", name="Library").click()
    tab.set_input_files("#files input[type=file]", files)
    tab.locator(".report").wait_for()


def paper(tab, title):
    """Open a paper of the library's list."""
    source = tab.locator("#papers .source", has=tab.locator(".title", has_text=title))
    source.locator("summary").click()
    return source


def test_the_report_shows_abstracts_in_conflict_and_new_notices(mine, tab, write_jsonl):
    wells = {"title": "On wells and their depth", "doi": "10.1000/wells", "abstract": "The well is nine metres deep."}
    planted = wells | {"abstract": "The well, which was dug long ago by others, is three metres deep."}
    notice = {"title": f"Retraction notice to: {wells['title']}", "doi": "10.1000/n", "abstract": "It is withdrawn."}
    visit(tab, mine)
    bring(tab, write_jsonl("one.jsonl", [wells]))
    assert tab.locator(".report .conflicts, .report .marked").count() == 0
    tab.set_input_files("#files input[type=file]", [write_jsonl("two.jsonl", [planted, notice])])
    tab.locator(".report .conflicts").wait_for()
    assert "two.jsonl#1 has a different abstract than one.jsonl#1" in tab.locator(".report .conflicts").inner_text()
    assert "says two.jsonl#2, matched by its title alone" in tab.locator(".report .marked").inner_text()
    assert findings(tab) == []


def test_files_come_in_with_a_report_and_papers_are_corrected_and_removed(mine, tab, tmp_path):
    file = tmp_path / "of <b>mine.csv"
    file.write_text("title,abstract,year\nOn wells,The well is nine metres deep.,2021\nEmpty,,2020\n", "utf-8")
    visit(tab, mine)
    tab.get_by_text("There are no papers here yet").wait_for()
    tab.get_by_role("button", name="Add papers").click()
    bring(tab, file)
    report = tab.locator(".report")
    assert "1 added" in report.inner_text()
    report.locator("summary").click()
    assert "no abstract" in report.inner_text()
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save the whole report").click()
    assert str(tmp_path) not in saved.value.path().read_text(encoding="utf-8")

    tab.get_by_role("tab", name="Ask").click()
    tab.locator(".welcome .example", has_text="On wells").wait_for()  # the welcome knows of them
    ask(tab, "How deep is the well?")
    assert "nine metres" in tab.locator("#current .prose").inner_text()

    tab.get_by_role("tab", name="Library").click()
    wells = paper(tab, "On wells")
    wells.get_by_role("button", name="Edit").click()
    wells.get_by_role("textbox", name="Abstract").fill("The well is twelve metres deep.")
    wells.get_by_role("button", name="Save the correction").click()
    tab.locator("#papers .abstract", has_text="twelve").wait_for(state="attached")
    tab.get_by_role("tab", name="Ask").click()
    ask(tab, "How deep is the well?")
    assert "twelve metres" in tab.locator("#current .prose").inner_text()
    assert "library has changed" in tab.locator("#past .outdated").inner_text()

    tab.get_by_role("tab", name="Library").click()
    wells = paper(tab, "On wells")
    wells.get_by_role("button", name="Edit").click()
    wells.get_by_role("textbox", name="Abstract").fill(" ")
    wells.get_by_role("button", name="Save the correction").click()
    tab.locator("#papers .issue", has_text="is empty").wait_for()
    wells = paper(tab, "On wells")
    wells.get_by_role("button", name="Edit").click()
    wells.get_by_role("button", name="Restore the original").click()
    tab.locator("#papers .abstract", has_text="nine").wait_for(state="attached")

    wells = paper(tab, "On wells")
    wells.get_by_role("button", name="Remove").click()
    wells.get_by_role("button", name="Remove for good?").click()
    tab.locator("#papers .empty").wait_for()


def test_both_sides_of_a_dispute_are_opened_and_a_retraction_is_marked(mine, tab, write_jsonl):
    visit(tab, mine)
    bring(tab, write_jsonl("pair.jsonl", PAIR))
    tab.get_by_role("tab", name="Ask").click()
    ask(tab, "Does vitamin K reduce frost scars in apple trees?")
    count = tab.get_by_role("button", name="1 paper supports, 1 disagrees").first
    against = tab.locator("#current .prose .pin.disagrees").first
    for width in range(320, 1440, 40):  # at no width does a line break between the count and its number
        tab.set_viewport_size({"width": width, "height": 900})
        (above, left), (top, right) = ((box["y"], box["x"]) for box in (count.bounding_box(), against.bounding_box()))
        assert abs(above - top) < 12
        assert left < right
    count.click()
    sides = tab.locator(".sides").first
    assert "Vitamin K reduces frost scars" in sides.locator("div").nth(0).inner_text()
    assert "Vitamin K does not reduce frost scars" in sides.locator("div").nth(1).inner_text()
    assert "retracted" in sides.locator(".pin.disagrees").get_attribute("aria-label")
    assert findings(tab) == []
    sides.locator(".pin.disagrees").click()
    tab.locator("mark.lit", has_text="does not reduce").wait_for()
    assert "Retracted" in tab.locator(".source[open]", has=tab.locator("mark.lit")).inner_text()


def test_another_library_is_made_filled_and_asked_and_its_conversation_brings_it_back(mine, tab, write_jsonl):
    visit(tab, mine)
    tab.get_by_role("tab", name="Library").click()
    tab.get_by_role("textbox", name="New library").fill("Orchards")
    tab.get_by_role("button", name="Create").click()
    tab.wait_for_function("document.querySelector('#library input').value === 'Orchards'")
    bring(tab, write_jsonl("pair.jsonl", PAIR))
    tab.locator(".holdings", has_text="2").wait_for()
    tab.get_by_role("tab", name="Ask").click()
    ask(tab, "Does vitamin K reduce frost scars in apple trees?")
    assert tab.locator("button.pin").count()
    tab.locator("#library input").click()
    tab.get_by_role("option", name="mine").click()
    tab.locator(".holdings", has_text="0").wait_for()
    tab.reload()
    settled(tab)
    tab.wait_for_function("document.querySelector('#library input').value === 'Orchards'")
    tab.locator(".holdings", has_text="2").wait_for()


def test_a_reload_finds_the_upload_going_on_then_its_report_and_papers(mine, tab, write_jsonl, monkeypatch):
    whole, go_on = Library.add, threading.Event()

    def add(self, *paths, progress):
        progress(1, 3)
        assert go_on.wait(60)
        return whole(self, *paths, progress=progress)

    monkeypatch.setattr(Library, "add", add)
    visit(tab, mine)
    tab.get_by_role("tab", name="Library").click()
    tab.set_input_files("#files input[type=file]", [write_jsonl("pair.jsonl", PAIR)])
    tab.locator(".adding", has_text="1 of 3 records").wait_for()
    assert "Adding pair.jsonl to mine" in tab.locator(".adding [role=status]").inner_text()
    tab.set_input_files("#files input[type=file]", [write_jsonl("later.jsonl", [PAIR[0] | {"title": "Of apples"}])])
    tab.locator(".adding", has_text="Waiting for other files to be added: later.jsonl").wait_for()
    tab.reload()
    tab.locator(".adding progress").wait_for()
    assert findings(tab) == []
    go_on.set()
    tab.locator(".report").nth(1).wait_for()
    tab.locator(".holdings", has_text="3").wait_for()
    assert tab.locator("#papers .title").count() == 3
    tab.reload()
    tab.locator(".report", has_text="2 added").wait_for()
    tab.get_by_role("button", name="Close").first.click()
    tab.locator(".report").first.wait_for(state="detached")
    tab.reload()
    tab.locator(".holdings-page").wait_for()
    assert tab.locator(".report").count() == 0
