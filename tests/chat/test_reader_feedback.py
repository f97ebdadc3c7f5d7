"""What readers say about answers: kept with the answer, and exported as questions that `python -m eval` reads."""

import json
from types import SimpleNamespace

import pytest

from eval.questions import load_cases
from rag.chat import feedback
from rag.chat.conversations import Conversations
from rag.chat.libraries import Shelf
from rag.chat.service import Desk
from rag.config import Config
from rag.errors import InputError

QUESTION = "Are emergent abilities a mirage made by the metric?"


@pytest.fixture
def desk(demo_library, tmp_path):
    conversations = Conversations(tmp_path / "kept.sqlite3")
    desk = Desk(Shelf([demo_library], tmp_path / "libraries", Config()), conversations, Config())
    yield desk
    desk.close()
    conversations.close()


def asked(desk, *questions, owner="ada"):
    conversation = ""
    for question in questions:
        *_, last = desk.ask(owner, conversation, question, "library", "extractive")
        conversation = last.conversation
    turns = desk.conversations.turns(conversation)
    return SimpleNamespace(name=conversation, turns=turns, papers=turns[-1].answer.papers)


def cases(desk, tmp_path, owner="ada"):
    """The exported questions, as the evaluation reads them."""
    file = tmp_path / "questions.jsonl"
    file.write_text(feedback.lines(desk.rated(owner)[0]), "utf-8")
    return load_cases(file)


def test_a_good_answer_becomes_a_question_with_its_papers_and_sentences(desk, tmp_path):
    one = asked(desk, QUESTION)
    desk.rate("ada", one.name, 1, {"kind": "good", "note": "just\nright", "right": "left over"})
    (case,) = cases(desk, tmp_path)
    assert (case.question, case.gold) == (QUESTION, tuple(paper.id for paper in one.papers))
    assert case.answerable
    assert {e.sentence for e in case.evidence} == {p.quote for s in one.turns[0].answer.sentences for p in s.citations}
    assert case.reason == "good: just right"
    _, (record,) = desk.rated("ada")
    assert record["answer"]["receipt"] == json.loads(json.dumps(record["answer"]["receipt"]))
    assert record["answer"]["receipt"]["library"] == one.turns[0].answer.receipt.library


def test_a_missing_paper_is_named_by_title_doi_or_id_and_is_gold(desk, tmp_path, demo_library):
    one = asked(desk, QUESTION)
    other = next(paper for paper in demo_library.papers() if paper.id not in {p.id for p in one.papers})
    for name in (other.title, other.title.upper(), other.id):
        desk.rate("ada", one.name, 1, {"kind": "missing_paper", "right": name})
        (case,) = cases(desk, tmp_path)  # the latest word alone
        assert case.gold == (*(paper.id for paper in one.papers), other.id)
    for form in ({}, {"right": "A paper that nobody wrote"}, {"right": "language"}):
        with pytest.raises(InputError, match="title"):
            desk.rate("ada", one.name, 1, {"kind": "missing_paper"} | form)


def test_a_wrong_citation_is_not_gold_and_alone_settles_nothing(desk, tmp_path, demo_library):
    one = asked(desk, QUESTION)
    wrong = one.papers[0]
    other = next(paper for paper in demo_library.papers() if paper.id not in {p.id for p in one.papers})
    desk.rate("ada", one.name, 1, {"kind": "wrong_citation", "wrong": "1", "right": other.id})
    (case,) = cases(desk, tmp_path)
    assert wrong.id not in case.gold
    assert other.id in case.gold
    numbers = ", ".join(str(number) for number in range(1, len(one.papers) + 1))
    desk.rate("ada", one.name, 1, {"kind": "wrong_citation", "wrong": numbers})
    found, records = desk.rated("ada")
    assert found == []  # which papers are right is unknown
    assert records[0]["feedback"]["wrong"] == [paper.id for paper in one.papers]
    with pytest.raises(InputError, match="Give its number"):
        desk.rate("ada", one.name, 1, {"kind": "wrong_citation", "wrong": "99"})


def test_a_question_that_no_paper_answers_is_exported_as_unanswerable(desk, tmp_path):
    one = asked(desk, QUESTION)
    desk.rate("ada", one.name, 1, {"kind": "no_answer"})
    assert desk.rated("ada")[0] == []
    desk.rate("ada", one.name, 1, {"kind": "no_answer", "unanswerable": "yes"})
    (case,) = cases(desk, tmp_path)
    assert case.gold == ()
    assert not case.answerable


def test_a_follow_up_is_exported_with_what_came_before(desk, tmp_path):
    one = asked(desk, QUESTION, "Who wrote that?")
    desk.rate("ada", one.name, 2, {"kind": "good"})
    (case,) = cases(desk, tmp_path)
    assert case.question == "Who wrote that?"
    assert [line["role"] for line in case.history] == ["user", "assistant"]
    assert case.history[0]["content"] == QUESTION


def test_only_its_owner_rates_an_answer_and_a_deleted_one_is_forgotten(desk):
    one = asked(desk, QUESTION)
    for owner, name, number in (("eve", one.name, 1), ("ada", "other", 1), ("ada", one.name, 7)):
        with pytest.raises(InputError, match="no finished answer"):
            desk.rate(owner, name, number, {"kind": "good"})
    with pytest.raises(InputError, match="choose"):
        desk.rate("ada", one.name, 1, {"kind": "excellent"})
    desk.rate("ada", one.name, 1, {"kind": "good"})
    assert desk.rated("eve") == ([], [])
    desk.delete("ada", one.name)
    assert desk.rated("ada") == ([], [])


def test_conversations_are_found_by_what_was_asked_or_answered(desk):
    mirage = asked(desk, QUESTION)
    asked(desk, "What is grokking?")
    said = mirage.turns[0].answer.text.split()[-1].strip(".")
    for words in ("MIRAGE metric", said):
        assert mirage.name in [found.id for found in desk.conversations.all("ada", words)]
    assert [found.title for found in desk.conversations.all("ada", "grokking")] == ["What is grokking?"]
    assert desk.conversations.all("ada", "mirage grokking") == []
    assert desk.conversations.all("eve", "mirage") == []
    assert desk.conversations.all("ada")[0].libraries == ("library",)
