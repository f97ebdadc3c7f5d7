from __future__ import annotations

import pytest

from rag.retrieve import stand_alone


def turns(*contents):
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": content} for i, content in enumerate(contents)]


FIRST = turns("How well does BarnNet tell owls apart?", "BarnNet tells 91% of owls apart [1], OwlBase 80% [2].")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How was it trained?", "How was it trained? (BarnNet)"),
        ("What is that method compared with?", "What is that method compared with? (BarnNet)"),
        ("And for GPT-4o?", "How well does BarnNet tell owls apart? And for GPT-4o?"),
        ("What about mice?", "How well does BarnNet tell owls apart? What about mice?"),
        ("Why?", "How well does BarnNet tell owls apart? Why?"),
        ("How does it differ from BarnNet?", "How does it differ from BarnNet?"),
    ],
)
def test_what_the_question_leans_on_is_put_in(question, expected):
    assert stand_alone(question, FIRST) == expected


@pytest.mark.parametrize(
    "question", ["Which papers show that hail dents tin roofs?", "How many hours do barn cats sleep at night?"]
)
def test_a_question_that_stands_alone_is_left_as_it_is(question):
    assert stand_alone(question, FIRST) == question


def test_without_history_nothing_changes():
    assert stand_alone("How was it trained?", []) == "How was it trained?"


def test_the_named_thing_survives_two_follow_ups():
    history = [*FIRST, *turns("How was it trained?", "On 4,000 hours of recordings [1].")]
    assert "BarnNet" in stand_alone("And is it fast?", history)


def test_where_the_question_named_nothing_the_answer_does():
    history = turns("which network tells owls apart best?", "In tests BarnNet told most owls apart [1].")
    assert stand_alone("How was it trained?", history) == "How was it trained? (BarnNet)"


def test_where_nobody_named_anything_the_whole_question_is_carried_over():
    history = turns("how long do barn cats sleep?", "They sleep eleven hours [1].")
    assert stand_alone("is that because they hunt at night?", history) == (
        "is that because they hunt at night? (how long do barn cats sleep?)"
    )
