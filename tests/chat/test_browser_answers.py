"""Answers in the browser: the table of evidence, what is shown at once, what leaves the page, and what is printed."""

import csv
import re
import threading
from contextlib import ExitStack

import pytest
from asking import ask, put, settled, visit
from served import Server
from test_accessibility import findings

from rag import Library
from rag.pipeline.reading import ReadAtOnce
from rag.types import Origin, Record

pytestmark = pytest.mark.browser

QUESTION = "Does vitamin K reduce frost scars in apple trees?"
PAPERS = [
    ("Vitamin K and frost scars", 2020, "Frost scars were counted (n = 1,204 trees). Vitamin K reduces frost scars in "
     "apple trees."),
    ("Vitamin K and frost scars: a second trial", 2021, "Ninety orchards took part. Vitamin K does not reduce frost "
     "scars in apple trees."),
    ("Frost in orchards", 2018, "Frost scars lower the price of apples. Orchards on slopes had fewer frost scars."),
]  # fmt: skip


@pytest.fixture(scope="module")
def orchards(embedder, tmp_path_factory):
    """The chat over three papers, two of which disagree."""
    place = tmp_path_factory.mktemp("orchards")
    with ExitStack() as stack:
        library = stack.enter_context(Library.open(place / "library", embedder=embedder))
        library.add_records(
            Record(title=title, abstract=abstract, year=year, origin=Origin("orchards.jsonl", number))
            for number, (title, year, abstract) in enumerate(PAPERS, 1)
        )
        yield stack.enter_context(Server(library, place / "data"))


def open_table(tab):
    tab.locator("#current .evidence > summary").click()
    tab.locator("#current .evidence table").wait_for()


def test_the_evidence_table_is_sorted_pinned_and_saved(orchards, tab):
    visit(tab, orchards)
    ask(tab, QUESTION)
    assert re.search(r"Of 3 papers found, 1 supports it, 1 disagrees", tab.locator(".stands").inner_text())
    open_table(tab)
    tab.locator(".evidence").get_by_role("button", name="Year").click()
    years = tab.locator(".evidence td[data-label=Year]")
    assert years.all_inner_texts() == ["2018", "2020", "2021"]
    tab.locator(".evidence").get_by_role("button", name="Year").click()
    assert years.all_inner_texts() == ["2021", "2020", "2018"]
    tab.get_by_role("button", name=re.compile("^Sample of Vitamin K")).click()
    tab.locator("mark.lit", has_text="n = 1,204").wait_for()
    tab.get_by_role("button", name=re.compile("^What it says of Frost in orchards")).click()
    assert tab.locator("mark.lit").is_visible()  # of a paper that isn't cited
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save the table’s papers as CSV").click()
    rows = list(csv.DictReader(saved.value.path().read_text("utf-8").splitlines()))
    assert {row["stance"] for row in rows} == {"supports", "disagrees", ""}
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save the table’s papers as BibTeX").click()
    assert saved.value.path().read_text("utf-8").count("@") == 3
    assert findings(tab) == []
    assert [url for url in tab.asked_for if not url.startswith((orchards.url, "data:", "blob:"))] == []


def test_on_a_phone_the_table_is_a_card_a_paper(orchards, tab):
    tab.set_viewport_size({"width": 390, "height": 844})
    visit(tab, orchards)
    ask(tab, QUESTION)
    open_table(tab)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.locator(".evidence tr").nth(1).evaluate("row => row.scrollWidth <= row.clientWidth")
    assert findings(tab) == []


def test_on_a_phone_the_table_is_sorted_too(orchards, tab):
    tab.set_viewport_size({"width": 390, "height": 844})
    visit(tab, orchards)
    ask(tab, QUESTION)
    open_table(tab)
    by_year = tab.locator("#current .evidence").get_by_role("button", name="Year")
    for order in (["2018", "2020", "2021"], ["2021", "2020", "2018"]):
        by_year.click()
        assert tab.locator("#current .evidence td[data-label=Year]").all_inner_texts() == order
    assert findings(tab) == []


def test_dissent_and_quotes_have_signs_of_their_own(orchards, tab):
    visit(tab, orchards)
    ask(tab, QUESTION)
    assert tab.locator(".prose .pin.disagrees .sign").first.inner_text() == "⇄"
    assert tab.locator(".prose .pin.quoted .sign").first.inner_text() == "”"
    assert tab.locator(".pin.contradicted, .pin.supported").count() == 0


def test_what_was_asked_is_shown_before_the_server_answers(orchards, tab):
    visit(tab, orchards)
    released, held = False, []
    tab.route("**/gradio_api/queue/join*", lambda route: route.continue_() if released else held.append(route))
    with tab.expect_request("**/gradio_api/queue/join*"):
        put(tab, QUESTION)
    tab.locator("#asked .question", has_text=QUESTION).wait_for()
    assert not tab.locator(".welcome").is_visible()
    released = True
    for route in held:
        route.continue_()
    settled(tab)
    assert tab.locator("#asked").count() == 0


def test_the_papers_found_are_listed_while_they_are_read(orchards, tab, monkeypatch):
    begun, released = threading.Event(), threading.Event()
    read = ReadAtOnce.answers

    def slowly(*given):
        begun.set()
        assert released.wait(60)
        return read(*given)

    monkeypatch.setattr(ReadAtOnce, "answers", slowly)
    visit(tab, orchards)
    put(tab, QUESTION)
    assert begun.wait(60)
    listed = tab.get_by_role("complementary", name="Papers found for question 1")
    listed.get_by_text("Frost in orchards").wait_for()
    assert "reading 3 abstracts" in tab.locator("#current .progress").inner_text()
    listed.get_by_text("Frost in orchards").click()
    released.set()
    settled(tab)
    # what was opened stays open
    assert tab.locator("#current .source", has_text="Frost in orchards").locator(".abstract").is_visible()


def test_whose_abstract_it_is_stays_in_view_beside_a_sentence_far_down(embedder, tmp_path, tab):
    long = " ".join(f"Plot {number} was mown, limed and counted twice a year." for number in range(60))
    abstract = f"{long} Frost killed a third of the meadow voles."
    with ExitStack() as stack:
        library = stack.enter_context(Library.open(tmp_path / "library", embedder=embedder))
        library.add_records([Record(title="Frost and voles", abstract=abstract, origin=Origin("voles.jsonl", 1))])
        visit(tab, stack.enter_context(Server(library, tmp_path / "data")))
        ask(tab, "How many meadow voles did frost kill?")
        tab.locator("#current .prose .pin").first.click()
        tab.locator("#current mark.lit", has_text="meadow voles").wait_for()
        for part in ("mark.lit", ".source[open] .title"):
            tab.wait_for_function(
                """part => {
                    const box = document.querySelector(`#current .sources ${part}`).getClientRects()[0];
                    const there = document.elementFromPoint(box.left + 9, box.top + box.height / 2);
                    return Boolean(there?.closest(part));
                }""",
                arg=part,
            )


def test_a_conversation_is_shared_as_one_page_that_needs_nothing(orchards, tab, tmp_path):
    visit(tab, orchards)
    ask(tab, QUESTION)
    tab.get_by_role("tab", name="Conversations").click()
    with tab.expect_download() as saved:
        tab.get_by_text("Export", exact=True).first.click()
        tab.get_by_role("button", name="Export as Web page").first.click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert file.suffix == ".html"
    other = tab.context.new_page()
    before = len(tab.asked_for)
    other.goto(file.as_uri())
    other.locator("a.pin.disagrees").first.click()
    target = other.locator("mark:target")
    assert "does not reduce" in target.inner_text()
    assert findings(other) == []
    assert other.evaluate("getComputedStyle(document.querySelector('.pin.disagrees')).borderStyle") == "solid"
    assert [url for url in tab.asked_for[before:] if not url.startswith("file:")] == []
    other.locator("details.table summary").click()
    broken = """() => [...document.querySelectorAll('td:nth-child(2)')].filter((cell) => {
        const words = document.createRange();
        words.selectNodeContents(cell);
        return words.getClientRects().length > 1; })"""
    assert other.evaluate(broken) == []  # a year stands in one line
    other.set_viewport_size({"width": 390, "height": 844})
    assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_printed_is_the_answer_with_all_of_its_sources(orchards, tab):
    visit(tab, orchards)
    ask(tab, QUESTION)
    assert not tab.locator("#current .origin").is_visible()
    tab.emulate_media(media="print")
    origin = tab.locator("#current .origin").inner_text()
    assert re.fullmatch(r"Asked of the library “library” on .* UTC; .*Receipt [0-9a-f]{12}\.", origin)
    for part in ("#composer", "#top", ".answer > .actions"):
        assert not tab.locator(part).first.is_visible(), part
    abstracts = tab.locator("#current .sources > .source .abstract")
    assert abstracts.count() == 2
    assert all(abstract.bounding_box()["height"] > 10 for abstract in abstracts.all())
    assert tab.locator(".sources").evaluate("part => part.scrollHeight <= part.clientHeight")
    assert tab.locator("#current .considered").count()
    assert not tab.locator("#current .considered").is_visible()  # the table has them
    assert tab.locator("#current .evidence tbody tr").count() == len(PAPERS)


def test_a_long_question_leaves_room_for_its_answer(orchards, tab):
    visit(tab, orchards)
    ask(tab, QUESTION)
    ask(tab, "x " * 900)
    for part in (".question", ".within"):
        assert tab.locator(f"#current {part}").last.bounding_box()["height"] < 100


def test_earlier_turns_are_printed_whole_and_dark_colours_are_not(orchards, tab):
    tab.emulate_media(color_scheme="dark")
    visit(tab, orchards)
    ask(tab, QUESTION)
    ask(tab, "Which orchards had fewer frost scars?")
    assert not tab.locator("#past .prose").is_visible()
    ink = "getComputedStyle(document.querySelector('#past .said')).color.match(/\\d+/g).map(Number)"
    tab.wait_for_function(f"Math.min(...{ink}) > 200")
    tab.emulate_media(media="print")
    assert tab.locator("#past .prose").is_visible()
    assert tab.locator("#past .source .abstract").first.is_visible()
    tab.wait_for_function(f"Math.max(...{ink}) < 60")
    tab.emulate_media(media="screen")
    tab.wait_for_function(f"Math.min(...{ink}) > 200")


def test_a_table_is_read_whole_beside_its_sources(orchards, tab):
    visit(tab, orchards)
    ask(tab, QUESTION)
    open_table(tab)
    for width in (1440, 1210, 1000, 800, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.locator("#current .rows").evaluate("rows => rows.scrollWidth <= rows.clientWidth"), width


def test_a_question_offered_below_an_answer_is_answered(chat, tab):
    visit(tab, chat)
    ask(tab, "Are emergent abilities a mirage made by the metric?")
    offered = tab.locator("#current .next .example").first
    offered.wait_for()
    question = offered.inner_text()
    offered.click()
    tab.locator("#past .turn").wait_for()
    settled(tab)
    assert tab.locator("#current .question").inner_text() == question
    assert tab.locator("#current button.pin").count()
    assert tab.locator("#past .next .example").count() == 0
