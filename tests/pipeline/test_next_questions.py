"""Questions offered after an answer: whoever asks one gets an answer, from a paper that the last one didn't cite."""

import threading

from rag import answer
from rag.config import Config
from rag.pipeline.next_questions import OFFERED, next_questions

MIRAGE = "Are emergent abilities a mirage made by the metric?"


def conversation(answered):
    """The conversation that this answer ends."""
    reply = {"role": "assistant", "content": answered.text, "papers": [paper.id for paper in answered.papers]}
    return [{"role": "user", "content": answered.question}, reply]


def test_what_is_offered_is_answered_from_a_paper_not_cited_before(demo_library):
    first = answer(MIRAGE, demo_library, model="extractive")
    offered = next_questions(first, demo_library, config=Config(), history=conversation(first))
    assert 2 <= len(offered) <= OFFERED
    assert MIRAGE not in offered
    before = {pin.paper.id for pin in first.citations}
    for question in offered:
        then = answer(question, demo_library, model="extractive", history=conversation(first))
        assert {pin.paper.id for pin in then.citations} - before, question


def test_a_question_that_was_asked_is_not_offered_again(demo_library):
    first = answer(MIRAGE, demo_library, model="extractive")
    offered = next_questions(first, demo_library, config=Config(), history=conversation(first))
    asked = [{"role": "user", "content": offered[0].upper()}, {"role": "assistant", "content": "Yes."}]
    again = next_questions(first, demo_library, config=Config(), history=[*asked, *conversation(first)])
    assert offered[0] not in again


def test_no_model_is_called_for_them_whatever_is_configured(demo_library, monkeypatch):
    asked = []

    def noting(*given, **named):
        asked.append(answer(*given, **named))
        return asked[-1]

    monkeypatch.setattr("rag.pipeline.next_questions.answer", noting)
    first = answer(MIRAGE, demo_library, model="extractive")
    paid = Config(model="openai:writer", checker="openai:judge", openai_base_url="http://127.0.0.1:9/v1", timeout=5)
    assert next_questions(first, demo_library, config=paid, history=conversation(first))
    made = {(one.receipt.model, one.receipt.checker.split()[0]) for one in asked}
    assert made == {("extractive", first.receipt.checker.split()[0])}


def test_nothing_is_offered_after_a_refusal_or_from_elsewhere_or_once_stopped(demo_library):
    declined = answer("What is the recipe of apple pie with cinnamon?", demo_library, model="extractive")
    assert next_questions(declined, demo_library, config=Config()) == []
    first = answer(MIRAGE, demo_library, model="extractive")
    one = {"papers": [first.papers[0].id]}
    assert next_questions(first, demo_library, config=Config(), filters=one) == []
    stopped = threading.Event()
    stopped.set()
    assert next_questions(first, demo_library, config=Config(), stop=stopped) == []
