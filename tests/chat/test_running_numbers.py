"""A paper has one number throughout a conversation, wherever its reader meets it; answers keep their own."""

import csv
import io
import re
from dataclasses import replace

import pytest

from rag.chat.conversations import Conversations
from rag.chat.libraries import Shelf
from rag.chat.markdown import copied
from rag.chat.running_numbers import of_answer, papers_of, renumbered
from rag.chat.service import Desk
from rag.config import Config
from rag.errors import InputError
from rag.types import Issue
from rag.views.sentence_changes import notes_of

FIRST = "Are emergent abilities a mirage made by the metric?"
SECOND = "How many parameters does the smallest xFinder have, and how accurate is it?"


@pytest.fixture(scope="module")
def desk(demo_library, tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    conversations = Conversations(folder / "kept.sqlite3")
    desk = Desk(Shelf([demo_library], folder / "libraries", Config()), conversations, Config())
    yield desk
    desk.close()
    conversations.close()


def ask(desk, question, conversation=""):
    *_, last = desk.ask("ada", conversation, question, "library", "extractive")
    return last


@pytest.fixture(scope="module")
def talk(desk):
    """A conversation: two questions on other papers, then the second one again."""
    name = ask(desk, FIRST).conversation
    ask(desk, SECOND, name)
    ask(desk, SECOND, name)
    return name


def pins(html):
    return [int(number) for number in re.findall(r'aria-label="Source (\d+),', html)]


def source_heads(html):
    """Each number in the list of sources with its title."""
    return {
        title: int(number)
        for number, title in re.findall(
            r'<span class="number">(\d+)</span>\s*<span class="about">\s*<span class="title"[^>]*>([^<]+)<', html
        )
    }


def test_the_next_answer_goes_on_counting_and_a_paper_keeps_its_number(desk, talk):
    shown = list(desk.open("ada", talk))[-1]
    first, second, third = (turn.answer for turn in desk.conversations.turns(talk))
    assert papers_of(second.sentences) != papers_of(first.sentences)
    counted = len(papers_of(first.sentences))
    past, now = source_heads(shown.past), source_heads(shown.current)
    assert min(now.values()) > counted >= 1
    assert {title: number for title, number in past.items() if title in now} == now  # asked again, numbered as before
    assert set(pins(shown.current)) == set(now.values())
    assert [c.number for c in second.citations] == [c.number for c in third.citations]
    assert min(c.number for c in second.citations) == 1  # as stored and sealed


def test_what_is_copied_and_exported_has_the_numbers_of_the_page(desk, talk):
    now = source_heads(list(desk.open("ada", talk))[-1].current)
    title, number = next(iter(now.items()))
    turn = desk.conversations.turn(talk, 3)
    text = copied(renumbered(turn, desk._numbers(talk)))
    assert re.search(rf"^\[{number}\] .*{re.escape(title)}", text, re.M)
    assert f"[{number}]" in text.splitlines()[0]
    assert re.search(rf"^\[\^\d+\]: \\\[{number}\\\] .*xFinder", desk.export("ada", talk, "markdown")[1], re.M)
    rows = list(csv.DictReader(io.StringIO(desk.table("ada", talk, "3", "csv")[1])))
    assert {row["title"]: int(row["number"]) for row in rows if row["number"]} == now
    page = desk.export("ada", talk, "html")[1]
    assert f'href="#t3-{number}-' in page
    assert f"begin at 1: [{number}] is 1" in page


def test_a_mark_means_the_paper_that_the_page_shows_by_it(desk, talk):
    title = next(iter(source_heads(list(desk.open("ada", talk))[-1].past)))
    other = ask(desk, FIRST).conversation
    ask(desk, SECOND, other)
    ask(desk, "What does [1] find?", other)
    answered = desk.conversations.turn(other, 3).answer
    assert f"“{title}”" in notes_of(answered).before[0].message
    assert source_heads(list(desk.open("ada", other))[-1].current) == {title: 1}
    ask(desk, "What does [99] find?", other)
    known = len(desk.conversations.papers(other))
    assert desk.conversations.turn(other, 4).answer.text == f"This conversation cites only {known} papers."


def test_feedback_takes_the_number_that_the_page_shows(desk, talk):
    now = source_heads(list(desk.open("ada", talk))[-1].current)
    with pytest.raises(InputError, match=f"Give its number: {min(now.values())}"):
        desk.rate("ada", talk, 3, {"kind": "wrong_citation", "wrong": "1"})
    desk.rate("ada", talk, 3, {"kind": "wrong_citation", "wrong": str(min(now.values()))})
    assert desk.rated("ada")[1][0]["feedback"]["wrong"] == [
        papers_of(desk.conversations.turn(talk, 3).answer.sentences)[0]
    ]


def test_a_note_that_names_a_number_names_the_one_shown(desk, talk):
    found = desk.conversations.turn(talk, 3).answer
    note = Issue("false_premise", "The question takes for granted that “it is small”; [1] says otherwise: “in [1], no”")
    shown = of_answer(replace(found, issues=(note,)), desk._numbers(talk))
    number = shown.citations[0].number
    assert number > 1
    assert shown.issues[0].message.endswith(f"; [{number}] says otherwise: “in [1], no”")
