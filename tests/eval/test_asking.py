"""What the harness reports of an answer is what the answer itself says."""

import pytest

from eval.questions import load_cases
from eval.runs.asking import asker
from rag import Status, answer
from rag.question.answerability_weights import ANSWERED_FROM

CASES = {case.id: case for case in load_cases()}
ASKED = ("figure-001", "synthesis-001", "off-field-002", "gold-removed-001")


@pytest.mark.parametrize("name", ASKED)
def test_the_confidence_is_the_one_that_the_answer_was_given_or_declined_by(name, demo_library):
    case = CASES[name]
    given = answer(case.question, demo_library, history=case.history, model="extractive", exclude=list(case.remove))
    found = asker(demo_library, "extractive")(case)
    # Sentences' vectors are kept in half precision: what was asked before differs in the fifth place.
    assert found.confidence == pytest.approx(given.confidence, abs=1e-4)
    assert (given.confidence >= ANSWERED_FROM) == (given.status is Status.ANSWERED)


def test_an_answer_for_which_nothing_was_read_has_no_confidence(demo_library):
    assert answer("Hello!", demo_library, model="extractive").confidence is None
