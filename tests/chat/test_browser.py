import re

import pytest
from asking import ask, put, settled, visit

from rag.chat.welcome import EXAMPLES as ANSWERED

EXAMPLES = tuple(ANSWERED)

pytestmark = pytest.mark.browser


def test_a_citation_opens_its_paper_and_lights_the_very_sentence(chat, tab):
    visit(tab, chat)
    ask(tab, "How many parameters does the smallest xFinder have, and how accurate is it?")
    pin = tab.locator("button.pin").first
    number, quote = pin.inner_text(), pin.locator("q").text_content()
    assert "”" in number
    assert "quoted" in pin.get_attribute("class")
    pin.click()
    lit = tab.locator("mark.lit")
    lit.wait_for()
    assert lit.text_content() == "”" + quote
    assert lit.is_visible()
    source = tab.locator("details.source[open]", has=tab.locator("mark.lit"))
    assert "xFinder" in source.locator(".title").inner_text()
    assert source.locator(".number").inner_text() == number[0]


def test_the_first_page_says_what_it_is_and_its_examples_are_answered(chat, tab, demo_library):
    visit(tab, chat)
    assert f"{len(demo_library)} papers" in tab.locator(".holdings").inner_text()
    tab.get_by_text("Nothing leaves this machine").wait_for()
    for example in EXAMPLES:
        visit(tab, chat)
        tab.get_by_role("button", name=example).click()
        settled(tab)
        assert tab.locator(".question").inner_text() == example
        assert tab.locator("button.pin").count()


def test_the_page_asks_nobody_but_its_own_server(chat, tab):
    visit(tab, chat)
    ask(tab, "What is a mirage?")
    for name in ("Library", "Conversations"):
        tab.get_by_role("tab", name=name).click()
        tab.locator(".kept, .holdings-page").locator("visible=true").wait_for()
    foreign = [url for url in tab.asked_for if not url.startswith((chat.url, "data:", "blob:"))]
    assert tab.asked_for
    assert foreign == []


def test_all_can_be_done_with_the_keyboard_alone(chat, tab):
    visit(tab, chat)
    tab.wait_for_selector("#message textarea:focus")
    tab.keyboard.type("Is emergence a mirage?")
    tab.keyboard.press("Enter")
    settled(tab)
    for _ in range(40):  # back from the message box, through the sources, to the answer
        tab.keyboard.press("Shift+Tab")
        if tab.evaluate("document.activeElement.matches('button.pin')"):
            break
    assert tab.locator("button.pin:focus .tip").is_visible()
    tab.keyboard.press("Enter")
    tab.wait_for_selector("mark.lit:focus")
    tab.keyboard.press("Escape")
    tab.wait_for_selector("button.pin:focus")


def test_who_works_with_the_keyboard_keeps_their_place(chat, tab):
    def focused(selector):
        tab.wait_for_function("s => document.activeElement.matches(s)", arg=selector)

    visit(tab, chat)
    tab.locator(".welcome .example").first.focus()
    tab.keyboard.press("Enter")
    settled(tab)
    focused("#current .question")
    tab.get_by_role("button", name="Ask again").focus()
    tab.keyboard.press("Enter")
    tab.locator("#past .turn").wait_for()
    settled(tab)
    focused("#current .question")
    tab.locator("#current .feedback summary").focus()
    tab.keyboard.press("Enter")
    tab.get_by_role("radio", name="Good answer").focus()
    tab.keyboard.press("Space")
    tab.get_by_role("button", name="Save", exact=True).focus()
    tab.keyboard.press("Enter")
    focused("#current .feedback summary")
    tab.get_by_role("tab", name="Library").focus()
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Next").focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("Page 2 of").wait_for()
    focused("#papers .count")
    tab.locator("#papers summary").first.focus()
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Note").first.focus()
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Save the note").first.focus()
    tab.keyboard.press("Enter")
    focused("#papers details[open] > summary")
    tab.get_by_role("tab", name="Conversations").focus()
    tab.keyboard.press("Enter")
    kept = tab.locator(".kept [data-event=delete]")
    kept.first.wait_for()
    before = kept.count()
    kept.first.focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    tab.wait_for_function("n => document.querySelectorAll('.kept [data-event=delete]').length < n", arg=before)
    focused("#said :is(input, textarea), .kept .open")


def test_the_pickers_show_where_the_focus_is(chat, tab):
    visit(tab, chat)
    for picker in ("#library", "#model"):
        tab.locator(f"{picker} input").focus()
        box = tab.locator(f"{picker} .wrap:not([data-testid])")  # the other shows that something is loading
        assert box.evaluate("e => parseFloat(getComputedStyle(e).outlineWidth)") >= 2


def test_a_declined_question_says_why_and_its_better_question_is_answered(chat, tab):
    visit(tab, chat)
    ask(tab, "What is the recipe of apple pie with cinnamon?")
    assert tab.locator(".declined").inner_text() == "No abstract in the library answers this question."
    assert tab.locator(".sources h3").inner_text() == "Nearest papers"
    titles = tab.locator("#current .sources > .source .title").all_inner_texts()
    turn = tab.locator("#current .turn").inner_text()
    assert [turn.count(title) for title in titles] == [1] * len(titles)  # each is named once
    title = titles[0]
    tab.get_by_role("button", name="Show what this paper found").first.click()
    tab.locator(".turn").nth(1).wait_for()
    settled(tab)
    assert tab.locator("#current button.pin").count()
    assert title in tab.locator("#current .sources .title").all_inner_texts()


def test_one_paper_alone_can_be_asked(chat, tab):
    visit(tab, chat)
    ask(tab, EXAMPLES[1])
    title = tab.locator(".source[open] .title").first.inner_text()
    tab.locator(".source[open]").get_by_role("button", name="Ask only this paper").first.click()
    tab.locator(".scope").wait_for()
    assert title in tab.locator(".scope").inner_text()
    ask(tab, "What does it show about emergent abilities of language models?")
    assert set(tab.locator("#current .sources .title").all_inner_texts()) == {title}
    tab.get_by_role("button", name="Search all papers").click()
    tab.locator(".scope").wait_for(state="detached")
    tab.locator("#current .source[open]").get_by_role("button", name="More like this").first.click()
    tab.locator(".count", has_text=f"Most similar to {title}").wait_for()
    assert title not in tab.locator("#papers .source .title").all_inner_texts()


def test_conversations_are_found_again_renamed_exported_and_deleted(chat, tab):
    visit(tab, chat)
    ask(tab, EXAMPLES[0])
    text = tab.locator("#current .prose").inner_text()
    tab.reload()
    settled(tab)
    assert tab.locator("#current .prose").inner_text() == text
    tab.get_by_role("tab", name="Conversations").click()
    mine = tab.locator(".kept li").first
    mine.get_by_role("button", name="Rename").click()
    mine.get_by_role("textbox").fill("About <b>mirages</b>")
    mine.get_by_role("textbox").press("Enter")
    tab.get_by_role("button", name="About <b>mirages</b>").wait_for()
    with tab.expect_download() as saved:
        assert not mine.get_by_role("button", name="Export as Markdown").is_visible()
        mine.get_by_text("Export", exact=True).click()
        mine.get_by_role("button", name="Export as Markdown").click()
    assert saved.value.suggested_filename == "about-b-mirages-b.md"
    assert "[^1]:" in saved.value.path().read_text(encoding="utf-8")
    mine.get_by_role("button", name="Delete").click()
    mine.get_by_role("button", name="Delete for good?").click()
    tab.get_by_role("button", name="About <b>mirages</b>").wait_for(state="detached")


def test_two_tabs_of_one_browser_do_not_mix(chat, tab):
    other = tab.context.new_page()
    visit(tab, chat)
    visit(other, chat)
    ask(tab, EXAMPLES[0])
    ask(other, EXAMPLES[2])
    ask(tab, "What is a sudden leap?")
    assert tab.locator(".question").all_inner_texts() == [EXAMPLES[0], "What is a sudden leap?"]
    assert other.locator(".question").all_inner_texts() == [EXAMPLES[2]]


def test_what_was_asked_leaves_the_box_and_what_is_typed_since_stays(chat, tab):
    visit(tab, chat)
    put(tab, EXAMPLES[0])
    tab.wait_for_function("document.querySelector('#message textarea').value === ''")
    tab.fill("#message textarea", "And since?")
    settled(tab)
    assert tab.locator("#message textarea").input_value() == "And since?"
    assert tab.get_by_role("button", name="Ask", exact=True).is_visible()
    assert tab.locator("#message .stop-button").is_hidden()


def test_the_beginning_of_a_long_conversation_is_a_click_away(chat, tab):
    visit(tab, chat)
    questions = [f"What is emergence, told in {count} words?" for count in range(10, 18)]
    for question in questions:
        put(tab, question)
        tab.locator("#current .question", has_text=question).wait_for()
        settled(tab)
    assert tab.locator(".question").all_inner_texts() == questions[1:]
    tab.get_by_role("button", name="Show 1 earlier question").click()
    tab.locator("#past .question", has_text=questions[0]).wait_for()
    assert tab.locator(".question").all_inner_texts() == questions
    put(tab, "What is a sudden leap?")
    tab.locator("#current .question", has_text="What is a sudden leap?").wait_for()
    settled(tab)
    assert tab.locator(".question").all_inner_texts() == [*questions, "What is a sudden leap?"]


def test_papers_are_searched_and_filtered_by_year(chat, tab):
    visit(tab, chat)
    tab.get_by_role("tab", name="Library").click()
    tab.get_by_role("button", name=re.compile("^2024: ")).click()
    tab.locator(".count", has_text=re.compile(r"^\d+ of \d+ papers")).wait_for()
    tab.wait_for_function("!document.querySelector('#papers .count').textContent.match(/^(\\d+) of \\1 /)")
    assert all("2024" in by for by in tab.locator("#papers .by").all_inner_texts())
    tab.get_by_role("textbox", name="Search").fill("emergent communication")
    tab.get_by_role("textbox", name="Search").press("Enter")
    tab.locator(".count", has_text="“emergent communication”").wait_for()


def narrow_to_years(tab, years):
    """Fill the box, once more where Gradio did not listen to it yet: it has just opened, and no one types as fast."""
    box, shown = tab.get_by_role("textbox", name="Years"), tab.locator(".scope", has_text=f"years {years}")
    for turn in range(200):
        if shown.count():
            return
        if turn % 50 == 0:
            box.fill("")
            box.fill(years)
        tab.wait_for_timeout(100)
    shown.wait_for()


def test_a_question_is_narrowed_and_its_answer_says_so(chat, tab):
    visit(tab, chat)
    tab.get_by_role("button", name="Filter by").click()
    narrow_to_years(tab, "2023")
    ask(tab, "What is emergence in language models?")
    assert tab.locator("#current .within").inner_text() == "Searched only: years 2023"
    assert all("2023" in by for by in tab.locator("#current .sources .by:visible").all_inner_texts())
    assert re.search("years 2023: \\d+ papers", tab.locator(".scope").inner_text())
    narrow_to_years(tab, "1930")
    tab.locator(".scope", has_text="No paper passes this").wait_for()
    tab.get_by_role("textbox", name="Venue").fill("zzz")
    tab.locator(
        ".scope", has_text="No paper passes all of these; alone, years 1930 finds 0, venue zzz finds 0."
    ).wait_for()
    tab.get_by_role("textbox", name="Venue").fill("")
    narrow_to_years(tab, "soon")
    tab.locator(".scope", has_text="'soon' isn't a year").wait_for()  # said before it is asked
    ask(tab, "What is emergence in language models?")
    assert "'soon' isn't a year" in tab.locator("#current .issue").inner_text()
    tab.get_by_role("button", name="Search all papers").click()
    tab.locator(".scope").wait_for(state="detached")
    assert tab.get_by_role("textbox", name="Years").input_value() == ""
    narrow_to_years(tab, "2023")
    tab.locator("#new").click()
    tab.locator(".scope").wait_for(state="detached")
    assert tab.get_by_role("textbox", name="Years").input_value() == ""


def test_a_reload_and_an_opened_conversation_go_on_with_its_filters(chat, tab):
    visit(tab, chat)
    tab.get_by_role("button", name="Filter by").click()
    narrow_to_years(tab, "2024")
    ask(tab, "What is emergence in language models?")
    tab.reload()
    tab.locator(".scope", has_text="years 2024").wait_for()
    ask(tab, "What is grokking?")
    assert tab.locator("#current .within").inner_text() == "Searched only: years 2024"
    tab.get_by_role("button", name="New conversation").click()
    tab.locator(".scope").wait_for(state="detached")
    tab.go_back()
    tab.locator(".scope", has_text="years 2024").wait_for()


def test_a_question_before_the_page_has_loaded_is_answered_and_stays(chat, tab):
    asked, held = False, []
    tab.route("**/gradio_api/queue/join*", lambda route: route.continue_() if asked else held.append(route))
    tab.goto(chat.url)
    tab.wait_for_selector("#message textarea:focus")
    asked = True
    ask(tab, EXAMPLES[0])
    assert held
    for route in held:
        route.continue_()
    tab.wait_for_selector(".holdings")
    ask(tab, "What is a sudden leap?")
    assert tab.locator(".question").all_inner_texts() == [EXAMPLES[0], "What is a sudden leap?"]
    assert not tab.locator(".welcome").is_visible()


def test_a_question_is_edited_and_asked_anew(chat, tab):
    visit(tab, chat)
    ask(tab, EXAMPLES[0])
    tab.get_by_role("button", name="Edit the question").click()
    box = tab.locator("#message textarea")
    assert box.input_value() == EXAMPLES[0]
    tab.keyboard.type(" In 2023?")  # the box has the focus
    tab.keyboard.press("Enter")
    tab.locator("#current .question", has_text="In 2023?").wait_for()
    settled(tab)


def test_an_answer_is_copied_with_its_citations(chat, tab):
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(tab, chat)
    ask(tab, EXAMPLES[0])
    tab.get_by_role("button", name="Copy with citations").click()
    tab.get_by_role("button", name="Copied").wait_for()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert "[1]" in copied
    assert tab.locator("#current .source .title").first.inner_text() in copied
