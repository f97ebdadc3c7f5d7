"""Getting about: addresses, back and forward, the head, one tap on a phone, searching and selecting papers."""

import re
import threading

import pytest
from asking import ask, settled, visit
from test_accessibility import findings

from rag import Library, answer
from rag.chat import service
from rag.chat.running_answer import Writing

pytestmark = pytest.mark.browser

MIRAGE = "Is emergence in language models a mirage made by the metric?"


def at(page, **parts):
    """Wait until the address names these, and nothing else."""
    page.wait_for_function(
        "parts => JSON.stringify([...new URLSearchParams(location.search)].sort()) === JSON.stringify(parts)",
        arg=sorted([name, value] for name, value in parts.items()),
    )


def conversation(tab):
    tab.wait_for_function("new URLSearchParams(location.search).has('c')")
    return tab.evaluate("new URLSearchParams(location.search).get('c')")


def search(tab, words):
    box = tab.locator("#search textarea")
    box.fill(words)
    box.press("Enter")
    tab.locator(".count", has_text=f"“{words}”").wait_for()


def in_view(tab, selector):
    """Whether nothing hides the middle of an element."""
    return tab.locator(selector).first.evaluate(
        "e => { const b = e.getBoundingClientRect(); const x = b.left + b.width / 2, y = b.top + b.height / 2;"
        " return e.contains(document.elementFromPoint(x, y)); }"
    )


def test_back_and_forward_lead_through_tabs_searches_and_conversations(chat, tab):
    visit(tab, chat)
    ask(tab, MIRAGE)
    name = conversation(tab)
    tab.get_by_role("tab", name="Library").click()
    at(tab, c=name, tab="library")
    search(tab, "mirage")
    tab.wait_for_function("location.search.includes('text=mirage')")
    tab.locator("#papers summary").first.click()
    tab.get_by_role("button", name="More like this").locator("visible=true").click()
    tab.locator(".count", has_text="Most similar to").wait_for()
    tab.wait_for_function("location.search.includes('like=')")
    tab.go_back()
    tab.locator(".count", has_text="“mirage”").wait_for()
    assert tab.locator("#search textarea").input_value() == "mirage"
    tab.go_back()
    tab.locator(".count", has_text=re.compile(r"^All \d+ papers")).wait_for()
    tab.go_back()
    at(tab, c=name)
    assert tab.locator("#current .question").is_visible()
    tab.go_back()
    tab.locator(".welcome").wait_for()
    assert tab.locator(".turn").count() == 0
    tab.go_forward()
    tab.locator("#current .question", has_text=MIRAGE).wait_for()
    at(tab, c=name)


def test_an_address_opens_its_tab_search_and_paper(chat, tab, demo_library):
    paper = demo_library.papers()[0]
    tab.goto(f"{chat.url}/?tab=library&text=mirage")
    tab.locator(".count", has_text="“mirage”").wait_for()
    assert tab.locator("#search textarea").input_value() == "mirage"
    assert tab.locator("mark.hit").first.is_visible()
    tab.goto(f"{chat.url}/?tab=library&paper={paper.id}")
    tab.locator(".count", has_text="One paper").wait_for()
    assert tab.locator("#papers .title").all_inner_texts() == [paper.title]
    tab.goto(f"{chat.url}/?tab=conversations")
    tab.locator(".kept").wait_for()


def test_the_latest_conversations_are_gone_on_with_from_the_first_page(chat, tab):
    visit(tab, chat)
    ask(tab, "What is an induction head?")
    tab.goto(chat.url)
    tab.locator(".recent .open", has_text="What is an induction head?").first.click()
    tab.locator("#current .turn .said").first.wait_for()
    assert tab.locator("#current .question").inner_text() == "What is an induction head?"
    assert "c=" in tab.url


def test_the_latest_conversations_are_listed_beside_an_answer(chat, tab):
    visit(tab, chat)
    ask(tab, MIRAGE)
    name = conversation(tab)
    tab.get_by_role("button", name="New conversation").click()
    tab.locator(".welcome").wait_for()
    ask(tab, "What is a sudden leap?")
    tab.locator(".recents summary").click()
    listed = tab.locator(".recents .open")
    listed.nth(1).wait_for()
    assert listed.all_inner_texts()[:2] == ["What is a sudden leap?", MIRAGE]
    assert listed.first.get_attribute("aria-current") == "true"
    assert findings(tab) == []
    tab.keyboard.press("Escape")
    listed.first.wait_for(state="hidden")
    assert tab.evaluate("document.activeElement.matches('.recents summary')")
    tab.keyboard.press("Enter")
    listed.nth(1).click()
    tab.locator("#current .question", has_text=MIRAGE).wait_for()
    at(tab, c=name)
    assert not listed.first.is_visible()
    tab.locator(".recents summary").click()
    tab.get_by_role("button", name="All conversations, and search").click()
    tab.locator("#said :is(input, textarea)").wait_for()


def test_a_key_leads_to_the_box_of_the_open_tab(chat, tab):
    visit(tab, chat)
    for name, box in (
        ("Library", "#search"),
        ("Conversations", "#said"),
        ("Ask", "#message"),
        ("Settings", "#message"),
    ):
        tab.get_by_role("tab", name=name, exact=True).click()
        tab.keyboard.press("Control+k")
        tab.wait_for_function("box => document.activeElement.matches(box)", arg=f"{box} :is(input, textarea)")


def test_a_conversation_that_is_not_there_is_reported(chat, tab):
    tab.goto(f"{chat.url}/?c=nowhere")
    assert "no conversation at this address" in tab.get_by_role("alert").inner_text()
    ask(tab, MIRAGE)
    assert conversation(tab) != "nowhere"
    assert not tab.locator(".missing").is_visible()


def test_the_head_stays_and_the_cited_sentence_is_in_view(chat, tab):
    visit(tab, chat)
    ask(tab, MIRAGE)
    ask(tab, "What is grokking?")
    tab.mouse.wheel(0, 300)
    for part in ("#new", "#library input", "#tabs [role=tab]"):
        assert in_view(tab, part), part
    tab.locator("#current mark").first.wait_for()
    mark = tab.locator("#current .source[open] mark").first.bounding_box()
    assert mark["y"] + mark["height"] <= tab.locator("#composer").bounding_box()["y"]


def test_an_earlier_turn_is_folded_to_its_question_and_stays_as_it_was_left(chat, tab):
    visit(tab, chat)
    ask(tab, MIRAGE)
    ask(tab, "What is an induction head?")
    fold = tab.locator("#past").get_by_role("button", name=MIRAGE)
    assert fold.get_attribute("aria-expanded") == "false"
    assert not tab.locator("#past .answer").is_visible()
    assert not tab.locator("#past .sources").is_visible()
    fold.click()
    assert tab.locator("#past .prose").is_visible()
    assert tab.locator("#past .source[open]").count() == 0
    ask(tab, "What is grokking?")
    assert tab.locator("#past .answer").nth(0).is_visible()
    assert not tab.locator("#past .answer").nth(1).is_visible()


def test_below_a_short_answer_its_sources_follow_at_once(chat, tab):
    tab.set_viewport_size({"width": 800, "height": 1100})
    visit(tab, chat)
    ask(tab, "How many parameters does the smallest xFinder have, and how accurate is it?")
    answer_box, sources = (tab.locator(f"#current {part}").bounding_box() for part in (".answer", ".sources"))
    assert 0 <= sources["y"] - answer_box["y"] - answer_box["height"] < 60


def test_one_tap_on_a_phone_shows_the_cited_sentence(chat, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = context.new_page()
    visit(phone, chat)
    ask(phone, MIRAGE)
    pin = phone.locator("#current button.pin").first
    quote = pin.locator("q").text_content()
    pin.tap()
    assert phone.locator(".foot-note q").inner_text().strip('“”"') == quote
    assert in_view(phone, ".foot-note q")
    phone.get_by_role("button", name="Show in the abstract").tap()
    phone.locator("mark.lit").wait_for()
    assert phone.locator(".foot-note").count() == 0
    pin.tap()
    phone.keyboard.press("Escape")
    assert pin.evaluate("e => e === document.activeElement")
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (768, 900), (720, 450), (390, 844), (320, 640)])
def test_nothing_scrolls_sideways_and_all_can_be_hit(chat, chromium, width, height):
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    visit(page, chat)
    ask(page, MIRAGE)
    wide = "document.documentElement.scrollWidth > innerWidth"
    parts = (
        ".pincite button:not(.year), .pincite input, .pincite summary, #new, [role=tab], .drop button, #settle button"
    )
    small = f"""() => [...document.querySelectorAll('{parts}')]
        .filter((e) => e.checkVisibility()).map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
        .filter(([, b]) => b.width && (b.width < 24 || b.height < 24)).map(([what, b]) => [what, b.width, b.height])"""
    cut = """() => [...document.querySelectorAll('#tabs [role=tab]')].filter((e) => e.scrollWidth > e.clientWidth + 1
        || e.getBoundingClientRect().right > e.closest('.tab-wrapper').getBoundingClientRect().right + 1).length"""
    assert page.evaluate(cut) == 0  # names of tabs are read whole
    for pin in page.locator("#current button.pin:visible").all():
        pin.hover()
        assert not page.evaluate(wide)
        if pin.locator(".tip").is_visible():
            box = pin.locator(".tip").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height
    assert page.evaluate(small) == []
    page.locator("#current .evidence > summary").click()
    page.get_by_text("Was this right?").click()
    assert not page.evaluate(wide)
    assert page.evaluate(small) == []
    tabs = {"Library": ".holdings-page", "Manuscript": ".drop", "Conversations": ".kept", "Settings": ".settings"}
    for name, part in tabs.items():
        page.get_by_role("tab", name=name).click()
        page.locator(part).locator("visible=true").wait_for()
        assert page.evaluate(cut) == 0
        assert not page.evaluate(wide)
        assert page.evaluate(small) == []
    context.close()


WORD = "pseudopseudohypoparathyroidism" * 4
ODD = [
    {"title": f"On {WORD} in barley", "year": 2020, "authors": [f"{WORD}, Ada"], "venue": WORD,
     "abstract": f"Barley fields have {WORD}. We counted n = 48 fields of barley. Barley with {WORD} ripens late."},
    {"title": "أثر الري على نضج الشعير", "year": 2021, "authors": ["الحسن, ليلى"],
     "abstract": "ينضج الشعير (barley) متأخرا. Barley ripens late with water."},
    {"title": "大麦の成熟に対する水の影響" * 6, "year": 2022, "authors": ["山田, 花子"],
     "abstract": "大麦(barley)は遅く熟す。Barley ripens early without water."},
]  # fmt: skip


@pytest.mark.parametrize("width", [1440, 1000, 720, 390, 320])
def test_no_word_of_a_paper_is_too_long_and_no_script_too_foreign(serve, embedder, tmp_path, chromium, width):
    with Library.open(tmp_path / "odd", embedder=embedder) as library:
        library.add_records(ODD, "odd")
        context = chromium.new_context(viewport={"width": width, "height": 800})
        page = context.new_page()
        visit(page, serve(library))
        wide = "document.documentElement.scrollWidth > innerWidth"
        assert not page.evaluate(wide)
        ask(page, f"When does barley with {WORD} ripen?")
        assert not page.evaluate(wide)
        page.locator("#current details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        assert not page.evaluate(wide)
        page.get_by_role("tab", name="Library").click()
        page.locator("#papers .source").first.wait_for()
        page.locator("#papers details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        assert not page.evaluate(wide)
        page.get_by_role("tab", name="Conversations").click()
        page.locator(".kept .open").wait_for()
        assert not page.evaluate(wide)
        context.close()


def test_a_tip_below_the_head_opens_downwards(chat, tab):
    visit(tab, chat)
    ask(tab, MIRAGE)
    pin = tab.locator("#current .prose button.pin").first
    tab.set_viewport_size({"width": 1100, "height": 900})
    head = tab.locator("#tabs > .tab-wrapper").bounding_box()
    pin.evaluate("(pin, head) => scrollTo(0, scrollY + pin.getBoundingClientRect().top - head)", head["y"] + 60)
    pin.hover()
    tip, at = pin.locator(".tip").bounding_box(), pin.bounding_box()
    assert at["y"] < head["y"] + head["height"] + tip["height"]  # above it, there is no room
    assert tip["y"] > at["y"]


def test_the_end_of_an_answer_is_announced(chat, tab):
    visit(tab, chat)
    ask(tab, MIRAGE)
    announced = tab.locator("#route [role=status]")
    tab.wait_for_function("document.querySelector('#route [role=status]').textContent.startsWith('Answer ready')")
    assert re.fullmatch(r"Answer ready: \d+ sentences? from \d+ papers?\.", announced.text_content())
    ask(tab, "What is the recipe of apple pie with cinnamon?")
    tab.wait_for_function("document.querySelector('#route [role=status]').textContent.startsWith('No abstract')")


def announced(tab, beginning):
    """Wait until this was said to screen readers, and forget it."""
    said = "document.querySelector('#route [role=status]').textContent"
    tab.wait_for_function(f"words => {said}.startsWith(words)", arg=beginning)
    tab.evaluate(f"{said} = ''")


def test_an_answer_that_is_whole_at_once_is_announced_and_has_the_focus(chat, tab, demo_library, monkeypatch):
    visit(tab, chat)
    ask(tab, MIRAGE)
    announced(tab, "Answer ready")
    known = tab.locator("#current .prose").inner_text()
    whole = answers_at_once(monkeypatch, answer(MIRAGE, demo_library))
    tab.locator("#current").get_by_role("button", name="Ask again").focus()
    tab.keyboard.press("Enter")
    tab.locator("#past .turn").wait_for(state="attached")
    settled(tab)
    announced(tab, "Answer ready")
    tab.wait_for_function("document.activeElement.matches('#current .question')")
    assert tab.locator("#current .prose").inner_text() == known
    tab.locator("#message textarea").focus()
    ask(tab, MIRAGE)
    announced(tab, "Answer ready")
    assert tab.evaluate("document.activeElement.matches('#message textarea')")
    assert whole == [False, False]  # nothing was shown before the answer was whole
    tab.get_by_role("tab", name="Conversations").click()
    tab.locator(".kept .open").first.click()
    tab.locator("#current .turn").wait_for()
    tab.wait_for_timeout(200)
    assert tab.locator("#route [role=status]").text_content() == ""  # opened, not asked


def answers_at_once(monkeypatch, given):
    """Have the chat give this answer before anyone follows; return, for each question, whether it was seen running."""
    seen = []
    follow = Writing.follow

    def followed(writing):
        writing.waited.wait(30)
        steps = list(follow(writing))
        seen.append(bool(steps))
        return iter(steps)

    def end(writing):
        ended(writing)
        writing.waited.set()

    def made(writing, *about):
        begun(writing, *about)
        writing.waited = threading.Event()

    begun, ended = Writing.__init__, Writing.end
    monkeypatch.setattr(Writing, "__init__", made)
    monkeypatch.setattr(Writing, "end", end)
    monkeypatch.setattr(Writing, "follow", followed)
    monkeypatch.setattr(service, "stream_answer", lambda *_, **__: iter([given]))
    return seen


def test_dark_colours_are_chosen_and_kept(chat, tab):
    visit(tab, chat)
    look = tab.get_by_role("button", name="Dark colours")
    look.wait_for()
    assert look.get_attribute("aria-pressed") == "false"
    look.click()
    assert tab.evaluate("document.body.matches('.dark')")
    tab.reload()
    tab.wait_for_function("document.querySelector('[data-look]')?.getAttribute('aria-pressed') === 'true'")
    assert tab.evaluate("document.body.matches('.dark')")
    look.click()
    assert not tab.evaluate("document.body.matches('.dark')")


def test_a_compact_page_shows_more_papers_and_are_kept(chat, tab):
    def papers_in_view():
        rows = tab.locator("#papers .listed")
        return rows.evaluate_all(
            "rows => rows.filter((row) => row.getBoundingClientRect().bottom < innerHeight).length"
        )

    visit(tab, chat)
    tab.get_by_role("tab", name="Library").click()
    tab.locator("#papers .listed").first.wait_for()
    before = papers_in_view()
    tab.get_by_role("button", name="Compact").click()
    assert papers_in_view() > before
    tab.reload()
    tab.locator("#papers .listed").first.wait_for()
    assert tab.get_by_role("button", name="Compact").get_attribute("aria-pressed") == "true"
    assert papers_in_view() > before
    assert findings(tab) == []
    tab.get_by_role("button", name="Compact").click()
    assert papers_in_view() == before


def test_in_a_low_window_the_bar_of_selected_papers_leaves_no_gap_below_the_tabs(chat, tab):
    tab.set_viewport_size({"width": 720, "height": 450})  # a window of 1440 pixels at 200%
    visit(tab, chat)
    tab.get_by_role("tab", name="Library").click()
    tab.locator(".pick").first.check()
    tab.locator(".listed").nth(8).scroll_into_view_if_needed()
    tabs = tab.locator("#tabs > .tab-wrapper").bounding_box()
    bar = tab.locator(".picked").bounding_box()
    assert abs(bar["y"] - tabs["y"] - tabs["height"]) <= 3


def test_papers_are_selected_over_pages_asked_exported_and_forgotten(chat, tab):
    visit(tab, chat)
    tab.get_by_role("tab", name="Library").click()
    search(tab, "mirage metric")
    tab.locator(".pick").first.check()
    title = tab.locator("#papers .title").first.inner_text()
    search(tab, "grokking")
    tab.locator(".pick").first.check()
    tab.get_by_text("2 selected").wait_for()
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Export as BibTeX").locator("visible=true").click()
    assert saved.value.path().read_text("utf-8").count("\n@") + 1 >= 2
    tab.get_by_role("button", name="Ask only these").click()
    tab.locator(".scope", has_text="papers 2 selected").wait_for()
    ask(tab, MIRAGE)
    assert tab.locator("#current .sources .title:visible").all_inner_texts() == [title]
    assert "papers 2 selected" in tab.locator("#current .within").inner_text()
    tab.get_by_role("tab", name="Library").click()
    tab.get_by_role("button", name="Clear selection").click()
    assert not tab.locator(".chosen-ones").is_visible()
    assert tab.locator(".pick:checked").count() == 0


def test_the_list_is_sorted_and_a_known_author_is_found(chat, tab):
    visit(tab, chat)
    tab.get_by_role("tab", name="Library").click()
    tab.locator("#order input").click()
    tab.get_by_role("option", name="oldest first").click()
    tab.wait_for_function("location.search.includes('order=oldest')")
    years = [re.search(r"\b(19|20)\d\d\b", by) for by in tab.locator("#papers .by").all_inner_texts()]
    dated = [year[0] for year in years if year]
    assert dated == sorted(dated)
    tab.locator("#place input").click()
    tab.get_by_role("option", name="in authors").click()
    search(tab, "schaeffer")
    assert "among its authors" in tab.locator(".count").inner_text()
    assert "Schaeffer" in tab.locator("#papers .by").first.inner_text()
    tab.wait_for_function("location.search.includes('text=schaeffer')")
    tab.reload()
    tab.locator(".count", has_text="among its authors").wait_for()
    settled_value = tab.locator("#place input").input_value()
    assert settled_value == "in authors"


def test_a_reload_of_the_library_keeps_the_conversation(chat, tab):
    visit(tab, chat)
    ask(tab, MIRAGE)
    tab.get_by_role("tab", name="Library").click()
    tab.wait_for_function("location.search.includes('tab=library')")
    tab.reload()
    tab.locator(".holdings-page").wait_for()
    tab.get_by_role("tab", name="Ask").click()
    settled(tab)
    assert tab.locator("#current .question").inner_text() == MIRAGE


def test_a_paper_is_starred_and_noted_found_by_its_note_and_exported_with_it(chat, tab):
    visit(tab, chat)
    tab.get_by_role("tab", name="Library").click()
    row = tab.locator(".listed").nth(7)
    title = row.locator(".title").inner_text()
    row.get_by_role("button", name="Star").click()
    row.locator("summary").click()
    row.get_by_role("button", name="Note").click()
    row.get_by_role("textbox", name="Your note").fill("For the <b>zeppelin</b> chapter")
    row.get_by_role("button", name="Save the note").click()
    assert row.locator(".own-note").inner_text() == "For the <b>zeppelin</b> chapter"
    assert row.locator(".abstract").is_visible()  # nothing was drawn anew
    tab.locator("#order input").click()
    tab.get_by_role("option", name="starred first").click()
    tab.wait_for_function("location.search.includes('order=starred')")
    assert tab.locator("#papers .title").first.inner_text() == title
    assert tab.locator("#papers [data-star]").first.get_attribute("aria-pressed") == "true"
    search(tab, "zeppelin")
    assert tab.locator("#papers .title").first.inner_text() == title
    assert "1 paper contains" in tab.locator(".count").inner_text()
    tab.locator(".pick").first.check()
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Export as RIS").click()
    assert "N1  - For the <b>zeppelin</b> chapter" in saved.value.path().read_text("utf-8")
