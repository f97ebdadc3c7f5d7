"""Which of the papers cited before a question means."""

import pytest

from rag.question.references import Request, bare_reference, chosen, item, reference, request
from rag.text.question_form import QuestionReading

CITED = ("a", "b", "c")


def test_a_mark_is_no_place():
    asked = ("Is [3] older?", "What does paper 3 use?", "What does the third one use?", "Which of these used clay?")
    assert [reference(QuestionReading(question)).marked for question in asked] == [True, True, False, False]


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("What did the second one measure?", ("b",)),
        ("Is [3] older?", ("c",)),
        ("What soil does paper 1 speak of?", ("a",)),
        ("Explain the latter", ("c",)),
        ("What does the last study say?", ("c",)),
        ("Which of these used clay?", CITED),
        ("Do these papers agree?", CITED),
        ("What soil does that study name?", CITED),
        ("What did they measure?", CITED),
        ("What did the fifth one measure?", ()),
    ],
)
def test_papers_are_meant_by_their_place_or_all_together(question, papers):
    assert chosen(reference(QuestionReading(question)), CITED) == papers


@pytest.mark.parametrize(
    "question",
    [
        "Which was the first study to show that owls hunt in rain?",
        "What is the second law of thermodynamics?",
        "What is the role of the paper industry?",
        "How do they react to light?",
        "Do bees that live in these fields die?",
        "What does the study of tree rings tell?",
    ],
)
def test_a_question_that_names_its_subject_means_no_paper(question):
    assert reference(QuestionReading(question)) is None


def test_a_text_that_is_only_a_reference():
    assert chosen(bare_reference("that"), CITED) == chosen(bare_reference(""), CITED) == CITED
    assert chosen(bare_reference("the second one"), CITED) == ("b",)
    assert bare_reference("the paper on clay") is bare_reference("clay") is None


@pytest.mark.parametrize(
    ("question", "wish"),
    [
        ("Tell me more about the second one.", Request("the second one", more=True)),
        ("Go on", Request("", more=True)),
        ("Summarise these papers", Request("these papers", more=False)),
        ("What does the last one say?", Request("the last one", more=False)),
        ("Tell me more about clay", None),
        ("Explain clay", None),
    ],
)
def test_a_request_for_papers_as_such(question, wish):
    assert request(QuestionReading(question)) == wish


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        (
            "How does the third one work?",
            "Three: mulch, lime, and drained clay [1].",
            ("the third one", "drained clay"),
        ),
        ("What happens in the first of these?", "Sowing, growth; harvest.", ("the first of these", "sowing")),
        ("Explain the last", "They grow rye, oats and maize [1].", ("the last", "maize")),
        ("What does the second one find?", "Yields rose, and costs fell [1].", None),
        ("How does the fourth one work?", "Three: mulch, lime and clay.", None),
        ("How does lime work?", "Three: mulch, lime and clay.", None),
    ],
)
def test_a_place_may_mean_a_thing_that_the_answer_lists(question, answer, found):
    assert item(QuestionReading(question), answer) == found
