import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag import Library, answer
from rag.bibliography.citation_keys import citation_keys
from rag.chat import service
from rag.chat.conversations import Conversations
from rag.chat.libraries import Shelf
from rag.chat.service import Desk
from rag.chat.turns import State, Within
from rag.config import Config
from rag.errors import InputError
from rag.serialization import from_json, to_json
from rag.types import Answer

QUESTION = "Are emergent abilities a mirage made by the metric?"


@pytest.fixture
def kept(tmp_path):
    conversations = Conversations(tmp_path / "kept.sqlite3")
    yield conversations
    conversations.close()


@pytest.fixture
def desk(demo_library, kept, tmp_path):
    desk = Desk(Shelf([demo_library], tmp_path / "libraries", Config()), kept, Config())
    yield desk
    desk.close()


def ask(desk, question, conversation="", owner=""):
    *_, last = desk.ask(owner, conversation, question, "library", "extractive")
    return last


def test_an_answer_comes_back_from_its_json_as_it_was(demo_library):
    for question in (QUESTION, "What is the recipe of apple pie with cinnamon?"):
        found = answer(question, demo_library)
        assert to_json(from_json(Answer, to_json(found))) == to_json(found)


def test_a_conversation_is_found_again_after_a_restart(desk, kept, tmp_path):
    shown = ask(desk, QUESTION)
    again = Conversations(tmp_path / "kept.sqlite3")
    (turn,) = again.turns(shown.conversation)
    again.close()
    assert turn.state is State.DONE
    for sentence in turn.answer.sentences:
        for pin in sentence.citations:
            assert pin.paper.abstract[pin.start : pin.end] == pin.quote


def test_what_was_being_answered_when_the_process_ended_is_found_stopped(kept, tmp_path):
    name = kept.begin("", "Q?")
    kept.ask(name, "Q?", "library")
    kept.close()
    again = Conversations(tmp_path / "kept.sqlite3")
    assert [turn.state for turn in again.turns(name)] == [State.STOPPED]
    again.close()


def test_a_reader_who_leaves_the_page_finds_the_whole_answer(desk, kept):
    running = desk.ask("", "", QUESTION, "library", "extractive")
    name = next(running).conversation
    running.close()
    *_, shown = desk.open("", name)
    assert "turn running" not in shown.current
    assert [turn.state for turn in kept.turns(name)] == [State.DONE]
    assert "button" in shown.current


def test_a_question_that_still_waits_is_stopped_at_once(desk, kept):
    others = threading.Event()
    desk._extractive = ThreadPoolExecutor(1)
    desk._extractive.submit(others.wait, 30)
    shown = desk.ask("", "", QUESTION, "library", "extractive")
    waiting = next(shown)
    assert "waiting for other answers" in waiting.current
    desk.stop("eve", waiting.conversation)
    assert [turn.state for turn in kept.turns(waiting.conversation)] == [State.RUNNING]
    desk.stop("", waiting.conversation)
    *_, last = shown
    assert "turn running" not in last.current
    assert "Stopped early" in last.current
    others.set()
    desk.close()


def test_a_deleted_conversation_does_not_come_back_with_its_answer(desk, kept):
    shown = desk.ask("", "", QUESTION, "library", "extractive")
    (conversation,) = kept.all("")
    desk.delete("", conversation.id)
    *_, last = shown
    assert last.current == ""
    assert kept.all("") == []


def test_an_answer_that_ends_after_its_conversation_was_deleted_touches_no_other(kept):
    name = kept.begin("", "Q?")
    turn = kept.ask(name, "Q?", "library")
    kept.delete(name, "")
    other = kept.begin("eve", "R?")
    kept.ask(other, "R?", "library")
    kept.fail(turn, "too late")
    assert [turn.state for turn in kept.turns(other)] == [State.RUNNING]


def test_the_earlier_turns_stay_above_the_next_answer(desk):
    first = ask(desk, QUESTION)
    *_, second = desk.ask("", first.conversation, "And what did they name it?", "library", "extractive")
    assert "folded" in second.past
    assert QUESTION in second.past
    assert "And what did they name it?" in second.current


def test_a_long_conversation_is_shown_from_its_latest_turns_on(desk, kept):
    name = kept.begin("ada", "Question 1?")
    for number in range(1, 11):
        kept.fail(kept.ask(name, f"Question {number}?", "library"), "no")
    (shown,) = desk.open("ada", name)
    assert "Question 10?" in shown.current
    assert [n for n in range(1, 11) if f"Question {n}?" in shown.past] == [4, 5, 6, 7, 8, 9]
    assert "Show 3 earlier questions" in shown.past
    assert "3 earlier questions are left out here." in shown.past  # which is printed
    whole = desk.earlier("ada", name)
    assert [n for n in range(1, 11) if f"Question {n}?" in whole] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert "earlier question" not in whole
    assert desk.earlier("eve", name) == ""


def test_an_answer_remembers_what_it_was_asked_of(desk, kept):
    *_, shown = desk.ask("", "", QUESTION, "library", "extractive", Within(year="2023", author=" Schaeffer "))
    (turn,) = kept.turns(shown.conversation)
    assert turn.within.filters == {"year": "2023", "author": "Schaeffer"}
    assert "Searched only: years <b" in shown.current


def test_a_file_from_before_narrowing_is_read(kept, tmp_path):
    name = kept.begin("", "Q?")
    kept.ask(name, "Q?", "library")
    kept.close()
    with sqlite3.connect(tmp_path / "kept.sqlite3") as file:
        file.execute("ALTER TABLE turns DROP COLUMN within")
    file.close()
    again = Conversations(tmp_path / "kept.sqlite3")
    assert [turn.within for turn in again.turns(name)] == [Within()]
    again.close()


def test_exports_take_the_users_own_keys(kept, embedder, tmp_path):
    (tmp_path / "mine.bib").write_text(
        "@article{wells:own, title={On wells}, author={Fell, Bo}, year={2020},"
        " abstract={The well is nine metres deep.}}",
        encoding="utf-8",
    )
    with Library.open(tmp_path / "wells", embedder=embedder) as library:
        library.add(tmp_path / "mine.bib")
        desk = Desk(Shelf([library], tmp_path / "libraries", Config()), kept, Config())
        *_, shown = desk.ask("", "", "How deep is the well?", "wells", "extractive")
        assert "[@wells:own]" in desk.export("", shown.conversation, "pandoc")[1]
        assert "{wells:own," in desk.export("", shown.conversation, "bibtex")[1]
        desk.close()


def test_a_key_that_two_papers_claim_is_the_same_in_every_export(kept, embedder, tmp_path):
    for name, what in (("first.bib", "The pond is two metres deep."), ("second.bib", "The well is nine metres deep.")):
        (tmp_path / name).write_text(
            f"@article{{water, title={{{what}}}, author={{Fell, Bo}}, year={{2020}}, abstract={{{what}}}}}",
            encoding="utf-8",
        )
    with Library.open(tmp_path / "waters", embedder=embedder) as library:
        library.add(tmp_path / "first.bib", tmp_path / "second.bib")
        well = citation_keys(library.papers())[library.search("How deep is the well?")[0].paper_id]
        assert well.startswith("water-")
        desk = Desk(Shelf([library], tmp_path / "libraries", Config()), kept, Config())
        *_, shown = desk.ask("", "", "How many metres deep is the well?", "waters", "extractive")
        assert f"[@{well}]" in desk.export("", shown.conversation, "pandoc")[1]
        assert f"{{{well}," in desk.export("", shown.conversation, "bibtex")[1]
        desk.close()


def test_nobody_sees_renames_or_deletes_the_conversations_of_another(desk, kept):
    mine = ask(desk, QUESTION, owner="ada").conversation
    kept.rename(mine, "bob", "taken")
    kept.delete(mine, "bob")
    assert kept.all("bob") == []
    assert [c.title for c in kept.all("ada")] == [QUESTION]
    assert next(desk.open("bob", mine)).current == ""
    assert ask(desk, "And then?", mine, owner="bob").conversation != mine
    with pytest.raises(InputError):
        desk.export("bob", mine, "markdown")
    for owner, number, form in (("bob", "1", "csv"), ("ada", "9", "csv"), ("ada", "x", "csv"), ("ada", "1", "exe")):
        with pytest.raises(InputError):
            desk.table(owner, mine, number, form)
    assert desk.table("ada", mine, "1", "csv")[1].startswith("number,paper_id,")


def test_every_form_of_export_names_what_was_cited(desk):
    conversation = ask(desk, QUESTION).conversation
    title = "Are Emergent Abilities of Large Language Models a Mirage"
    for form in ("html", "markdown", "pandoc", "bibtex", "ris", "csl-json"):
        name, text = desk.export("", conversation, form)
        assert title in text
        assert name.startswith("are-emergent-abilities")


def test_an_unknown_model_fails_with_a_message_and_the_next_question_is_answered(desk):
    *_, failed = desk.ask("", "", QUESTION, "library", "nonsense:x")
    assert "Unknown model" in failed.current
    assert "turn running" not in failed.current
    assert "button" in ask(desk, QUESTION, failed.conversation).current


def test_a_library_is_made_by_name_and_only_inside_its_folder(desk, tmp_path):
    assert desk.shelf.make("My papers") == "My papers"
    assert len(desk.shelf.get("My papers")) == 0
    for name in ("..", "../x", "/etc", "", "My papers", "a/b", ".hidden"):
        with pytest.raises(InputError):
            desk.shelf.make(name)
    desk.shelf.get("My papers").close()


def test_earlier_turns_that_were_asked_for_stay_while_an_answer_is_written(desk, kept):
    name = kept.begin("", "Question 1?")
    for number in range(1, 11):
        kept.fail(kept.ask(name, f"Question {number}?", "library"), "no")
    assert "Question 1?" in desk.earlier("", name)
    shown = list(desk.ask("", name, QUESTION, "library", "extractive"))
    assert all("Question 1?" in state.past and "Question 10?" in state.past for state in shown)
    (again,) = desk.open("", name)
    assert "Question 1?" not in again.past


def test_earlier_turns_that_were_asked_for_stay_though_the_answer_is_whole_before_it_is_followed(desk, kept):
    name = kept.begin("", "Question 1?")
    for number in range(1, 11):
        kept.fail(kept.ask(name, f"Question {number}?", "library"), "no")
    desk.earlier("", name)
    following = desk.ask("", name, QUESTION, "library", "extractive")
    until = time.monotonic() + 60
    while kept.turns(name, 1)[-1].state is not State.DONE and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)  # the writing ends a moment after the answer is kept
    *_, last = following
    assert "Question 1?" in last.past


def test_a_follow_up_means_the_papers_that_the_page_showed(desk, kept):
    first = ask(desk, QUESTION)
    *_, shown = desk.ask("", first.conversation, "Who wrote that?", "library", "extractive")
    assert "No language model wrote this. It comes from the papers’ records" in shown.current
    assert "the paper’s record says so" in shown.current
    assert "title: " in shown.current


def test_a_chat_that_starts_leaves_alone_what_another_over_the_same_file_is_answering(kept, tmp_path):
    name = kept.begin("", "Q?")
    turn = kept.ask(name, "Q?", "library")
    second = Conversations(tmp_path / "kept.sqlite3")
    kept.fail(turn, "of its own")
    assert [(turn.state, turn.problem) for turn in second.turns(name)] == [(State.FAILED, "of its own")]
    second.close()


@pytest.mark.parametrize("event", ["UPDATE", "UPDATE OF answer"])
def test_an_answer_that_cannot_be_kept_ends_with_a_message_and_is_settled_once_there_is_room(desk, kept, event):
    full = "SELECT RAISE(ABORT, 'database or disk is full')"
    kept._run(f"CREATE TRIGGER full BEFORE {event} ON turns WHEN NEW.state <> 'failed' BEGIN {full}; END")
    kept._run(f"CREATE TRIGGER fuller BEFORE UPDATE ON turns WHEN NEW.state = 'failed' BEGIN {full}; END")
    shown = ask(desk, QUESTION)
    assert "be saved: the disk is full" in shown.current
    assert "being answered" not in shown.current
    kept._run("DROP TRIGGER full")
    kept._run("DROP TRIGGER fuller")
    list(desk.open("", shown.conversation))
    assert [turn.state for turn in kept.turns(shown.conversation)] == [State.FAILED]


def test_a_disk_that_is_full_when_a_question_is_asked_is_reported(desk, kept, tmp_path):
    kept._run("CREATE TRIGGER full BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with pytest.raises(InputError, match="disk is full"):
        ask(desk, QUESTION)
    kept._run("DROP TRIGGER full")
    assert "disk is full" not in ask(desk, QUESTION).current


@pytest.mark.parametrize("state", ["garbled", "folder"])
def test_a_file_of_conversations_that_cannot_be_opened_is_named_in_one_line(tmp_path, state):
    path = tmp_path / "kept.sqlite3"
    if state == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"garbled " * 1_000)
    with pytest.raises(InputError, match=r"kept.sqlite3: can't .* --data") as reported:
        Conversations(path)
    assert "\n" not in str(reported.value)


def test_questions_to_ask_next_are_offered_to_their_owner_and_only_while_nothing_is_answered(desk, kept):
    shown = ask(desk, QUESTION, owner="ada")
    assert desk.next_questions("bo", shown.conversation) == (0, [])
    number, offered = desk.next_questions("ada", shown.conversation)
    assert number == 1
    assert offered
    waiting = desk.ask("bo", "", QUESTION, "library", "extractive")
    assert desk.next_questions("ada", shown.conversation) == (0, [])
    *_, last = waiting
    assert last.conversation


def test_the_search_for_questions_to_ask_next_gives_way_to_a_question(desk, monkeypatch):
    monkeypatch.setattr(service, "PAUSE", 60)
    shown = ask(desk, QUESTION)
    offered = []
    looking = threading.Thread(target=lambda: offered.append(desk.next_questions("", shown.conversation)))
    looking.start()
    while not desk._looking:
        looking.join(0.01)
    ask(desk, QUESTION)
    looking.join(30)
    assert offered == [(0, [])]
