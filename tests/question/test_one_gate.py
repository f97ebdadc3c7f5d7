"""The one gate: whether and why a question is declined, before the search and with what it found."""

from dataclasses import replace

import pytest

from rag.question import answerability as gate
from rag.question.answerability import NOT_FOUND, Answerability, Found, answerability
from rag.question.understood import Understood
from rag.text.question_form import QuestionReading
from rag.types import Evidence, Filters, Hit, Paper, Reason

PAPER = Paper("p1", "Otters by sound", "Sound finds otters at night.")
EVIDENCE = (Evidence(1, PAPER, 0, len(PAPER.abstract), PAPER.abstract, 0.3),)


def asked(text="How many otters?", **read):
    return Understood(text, Filters(), **read)


def hit(lexical):
    return Hit(PAPER, 1.0, PAPER.abstract, 0, len(PAPER.abstract), 0.3, lexical)


@pytest.mark.parametrize(
    ("meant", "papers", "within", "gate"),
    [
        (asked(), 3, 3, Answerability()),
        (asked(), 0, 0, Answerability(Reason.NO_PAPERS)),
        (asked("hello", a_question=False), 3, 3, Answerability(Reason.NO_QUESTION)),
        (asked(), 3, 0, Answerability(Reason.FILTERED_OUT)),
        (asked(nothing="No record names Fell."), 3, 3, Answerability(Reason.FILTERED_OUT, "No record names Fell.")),
    ],
)
def test_before_the_search_it_says_why_there_is_nothing_to_search(meant, papers, within, gate):
    assert answerability(meant, papers, within) == gate


def test_words_that_no_paper_contains_are_declined_without_an_offer():
    found = Found(QuestionReading("asdf qwer"), [hit(0.0)], EVIDENCE)
    decided = answerability(asked("asdf qwer"), 1, 1, found)
    assert (decided.reason, decided.offers_papers) == (Reason.LOW_RELEVANCE, False)
    assert [issue.code for issue in decided.issues] == ["unknown_words"]


def test_a_model_decides_itself_but_only_with_evidence():
    question = "Which bread does BakerNet bake at noon?"
    found = Found(QuestionReading(question), [hit(0.1)], EVIDENCE)
    assert answerability(asked(question), 1, 1, found).reason is Reason.LOW_RELEVANCE
    decided = answerability(asked(question), 1, 1, found, read_by_model=True)
    assert decided.reason is None
    assert [issue.code for issue in decided.issues] == ["unmentioned"]
    nothing = Found(QuestionReading(question), [], ())
    assert answerability(asked(question), 1, 1, nothing, read_by_model=True).reason is Reason.NO_PAPERS


def test_a_question_in_another_language_is_said_to_be_in_one_unless_a_model_reads_it():
    question = "Wie viele Otter findet man nachts durch Geräusche?"
    near = (Evidence(1, PAPER, 0, len(PAPER.abstract), PAPER.abstract, 0.9, answers=0.9),)
    found = Found(QuestionReading(question), [hit(0.1)], near)
    assert found.asked.foreign
    assert [issue.code for issue in answerability(asked(question), 1, 1, found).issues] == ["not_english"]
    assert answerability(asked(question), 1, 1, found, read_by_model=True).issues == ()
    far = Found(QuestionReading(question), [hit(0.1)], (replace(EVIDENCE[0], relevance=0.0),))
    declined = answerability(asked(question), 1, 1, far)
    assert (declined.reason, declined.message) == (Reason.LOW_RELEVANCE, NOT_FOUND)


def test_what_was_found_is_measured_once_however_often_the_gate_is_asked(monkeypatch):
    question, looked = "Which bread does BakerNet bake at noon?", []
    look = gate.unmentioned
    monkeypatch.setattr(gate, "unmentioned", lambda *given: looked.append(given) or look(*given))
    found = Found(QuestionReading(question), [hit(0.1)], EVIDENCE)
    for read_by_model in (True, False):
        answerability(asked(question), 1, 1, found, read_by_model=read_by_model)
    assert len(looked) == 1
