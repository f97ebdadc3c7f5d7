"""A false premise of a question is reported, and a true one isn't."""

from __future__ import annotations

import pytest

from rag import answer, verify
from rag.types import Citation, Paper, Role, Sentence, Verdict
from rag.verify.presupposition import false_premise, premise_of

FOUND = (
    "Glowworms climb higher in June than in August. Only 40 of 90 larvae survived the winter. "
    "The light is made in the tail. Cold nights do not dim the light."
)


@pytest.fixture(scope="module")
def checker(embedder):
    return verify.BuiltinChecker(embedder)


def cited(quote, role=Role.RESULT):
    """An answer of one sentence, the abstract's own."""
    start = FOUND.index(quote)
    pin = Citation(1, Paper("g", "Glowworms", FOUND), quote, start, start + len(quote), Verdict.SUPPORTED, 1.0, role)
    return [Sentence(quote, (pin,), Verdict.SUPPORTED, 1.0)]


@pytest.mark.parametrize(
    ("question", "premise"),
    [
        ("Why do glowworms shine?", "glowworms shine"),
        ("Why don't glowworms shine?", "glowworms shine not"),
        ("And how did the larvae survive?", "the larvae survive"),
        ("Why is it that cold dims the light?", "cold dims the light"),
        ("Since 80 larvae survived, how cold was it?", "80 larvae survived"),
        ("Do glowworms shine?", None),
        ("How can light be made?", None),
        ("How many larvae survived?", None),
        ("", None),
    ],
)
def test_a_premise_is_what_the_question_takes_for_granted(question, premise):
    assert premise_of(question) == premise


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Why do glowworms climb lower in June than in August?", "Glowworms climb higher in June than in August."),
        ("Since 80 of 90 larvae survived the winter, how mild was it?", "Only 40 of 90 larvae survived the winter."),
        ("Why do cold nights dim the light?", "Cold nights do not dim the light."),
        ("Why is the light not made in the tail?", "The light is made in the tail."),
    ],
)
def test_a_false_premise_is_named_with_the_sentence_that_contradicts_it(checker, question, quote):
    issue = false_premise(question, cited(quote), checker)
    assert issue.code == "false_premise"
    assert f"[1] says otherwise: “{quote}”" in issue.message
    assert premise_of(question) in issue.message


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Why do glowworms climb higher in June than in August?", "Glowworms climb higher in June than in August."),
        ("Since 40 of 90 larvae survived the winter, how mild was it?", "Only 40 of 90 larvae survived the winter."),
        ("Why do cold nights not dim the light?", "Cold nights do not dim the light."),
        ("How is the light of the larvae made in their tail?", "The light is made in the tail."),
        ("Why do cold nights fail?", "Cold nights do not dim the light."),
        ("Why did 12 owls vanish from the forest?", "Only 40 of 90 larvae survived the winter."),
    ],
)
def test_a_true_or_unrelated_premise_is_not_questioned(checker, question, quote):
    assert false_premise(question, cited(quote), checker) is None


def test_what_others_said_or_a_paper_only_asks_corrects_nobody(checker):
    for role in (Role.BACKGROUND, Role.AIM):
        quote = cited("Cold nights do not dim the light.", role)
        assert false_premise("Why do cold nights dim the light?", quote, checker) is None


def test_an_answer_names_the_false_premise(demo_library):
    found = answer("Why do the false induction heads sit in early layers?", demo_library)
    (issue,) = found.issues
    assert issue.code == "false_premise"
    assert "late layers" in issue.message
    true = answer("Why do the false induction heads sit in late layers?", demo_library)
    assert [i.code for i in true.issues] == []
