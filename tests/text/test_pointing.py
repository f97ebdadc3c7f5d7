"""A double question is taken apart into questions that stand alone, and a single one is left whole."""

import pytest

from rag.text.pointing import points_back
from rag.text.question_form import QuestionReading


def parts(question):
    return tuple(part.text for part in QuestionReading(question).parts)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What causes frost heave, and does it stop in sandy soil?",
            ("What causes frost heave?", "does it stop in sandy soil (frost heave)?"),
        ),
        (
            "How do swifts sleep and how long do they stay in the air?",
            ("How do swifts sleep?", "how long do they stay in the air (swifts sleep)?"),
        ),
        ("What is frost heave and what triggers it?", ("What is frost heave?", "what triggers it (frost heave)?")),
        ("What is a moraine and what is an esker?", ("What is a moraine?", "what is an esker (moraine)?")),
        (
            "How much does mulch weigh, and what influences its decay in winter?",
            ("How much does mulch weigh?", "what influences its decay in winter (mulch weigh)?"),
        ),
        (
            "Does liming raise the yield of rye, but which soils gain nothing from lime?",
            ("Does liming raise the yield of rye?", "which soils gain nothing from lime?"),
        ),
        (
            "Which mosses grow on slate? Do they harm the roof?",
            ("Which mosses grow on slate?", "Do they harm the roof (mosses grow on slate)?"),
        ),
        (
            "By how much does liming raise yields, and is it safe?",
            ("By how much does liming raise yields?", "is it safe (liming raise yields)?"),
        ),
        (
            "How many mosses grow on slate, and how many of them are rare?",
            ("How many mosses grow on slate?", "how many of them are rare (mosses grow on slate)?"),
        ),
        ("Do otters hunt at night, and why?", ("Do otters hunt at night?", "why (otters hunt at night)?")),
    ],
)
def test_each_part_of_a_double_question_stands_alone(question, expected):
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How do bees know where and when flowers open?",
        "When and where was the ice core drilled?",
        "How do yields of rye and oats differ?",
        "Which benchmark tests what models know and when they are wrong?",
        "Which benchmark tests what models know and what models miss?",
        "Does it matter when and what cattle eat?",
        "Is the soil wet or is it dry?",
        "soil moisture and what it does",
        "Who can and will drain clay?",
        "",
    ],
)
def test_a_single_question_is_left_whole(question):
    assert parts(question) == (question,)


def test_a_part_is_read_as_a_question_of_its_own():
    how_many, why = QuestionReading("How many whales were tagged, and why did the whales dive?").parts
    assert how_many.asks_for_figure
    assert not why.asks_for_figure


@pytest.mark.parametrize(
    "question", ["how many children did their mothers bring?", "in which countries did their trial run?"]
)
def test_what_a_question_asks_for_owns_nothing_in_it(question):
    assert points_back(question)
    assert not points_back("do mothers bring their children?")
