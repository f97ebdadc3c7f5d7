"""Marks in prose, and the sentences that they belong to."""

import pytest

from eval.answers.marks import marks_in, refuses, split_claims, strip_marks


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("It rises [1].", [1]),
        ("It rises [1][2].", [1, 2]),
        ("It rises [1, 3; 4].", [1, 3, 4]),
        ("It rises [2-4].", [2, 3, 4]),
        ("It rises [2–3].", [2, 3]),
        ("It rises 【7】.", [7]),
        ("It lies in [0, 1].", []),  # an interval
        ("It grows by [1.2, 3.4].", []),
        ("It rises (Smith, 2020) [a].", []),
        ("It rises [1-900].", [1, 900]),  # no range that anyone means
    ],
)
def test_marks(text, marks):
    assert marks_in(text) == marks


def test_a_mark_behind_the_full_stop_belongs_to_the_sentence_before_it():
    claims = split_claims("Tides rise. [1] Winds turn [2]. Owls hunt.")
    assert [(c.text, c.marks) for c in claims] == [("Tides rise.", (1,)), ("Winds turn.", (2,)), ("Owls hunt.", ())]


def test_a_mark_twice_in_a_sentence_is_one():
    assert split_claims("Tides [1] rise [1].")[0].marks == (1,)


def test_an_answer_that_is_only_a_mark_keeps_it():
    assert [c.marks for c in split_claims("[4]")] == [(4,)]


def test_nothing_of_the_text_is_lost():
    text = "Tides rise [1]. Winds, e.g. north winds [2], turn! Do owls hunt? They do."
    assert " ".join(c.text for c in split_claims(text)) == strip_marks(text)


@pytest.mark.parametrize(
    "text",
    [
        "The sources do not provide this.",
        "I cannot answer this from the papers.",
        "I don't know.",
        "There is no information available on the sampling rate.",
    ],
)
def test_refusals(text):
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The model does not report lower scores [1].",  # a cited finding
        "Tides rise. Winds turn. The papers do not mention owls.",  # an answer with a gap
        "Tides rise.",
    ],
)
def test_answers_are_no_refusals(text):
    assert not refuses(text)
