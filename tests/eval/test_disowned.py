"""What an answer takes back by the words around it counts for nothing; what it concedes or hedges costs nothing."""

import pytest

from eval.answers.disowned import frame
from eval.answers.file_format import from_record
from eval.gates.thresholds import GATE
from eval.json_lines import read_lines
from eval.judges.judged import judge_usefulness
from eval.metrics import scores_of
from eval.questions import load_cases
from rag.types import Support, Verdict

ANSWERS = [row for _, row in read_lines(GATE.parent / "framed_answers.jsonl")]
CASES = {case.id: case for case in load_cases()}


class Accepting:
    """A judge to which everything is supported: only what is taken back can be wrong."""

    def check(self, sentence, evidence):
        return Support(1.0, Verdict.SUPPORTED)


def is_right(question, text):
    case = CASES[question]
    evidence = case.evidence[0]
    passages = [{"id": evidence.paper, "text": " ".join(e.sentence for e in case.evidence)}]
    clause = evidence.sentence[0].lower() + evidence.sentence[1:].rstrip(".")
    text = text.replace("{sentence}", evidence.sentence).replace("{clause}", clause)
    text = text.replace("{unstopped}", evidence.sentence.rstrip("."))
    response = from_record({"id": case.id, "text": f"{text} [1]", "passages": passages, "declined": False})
    return scores_of(judge_usefulness(case, response, Accepting()))["right"].value == 1.0


def share_right(*, honest):
    """Over answers in these words, written before the examples that they are compared with."""
    asked = [row for row in ANSWERS if row["honest"] == honest]
    found = [is_right(row.get("question", "figure-052"), row["answer"]) for row in asked]
    return sum(found) / len(found)


def test_most_ways_of_taking_an_answer_back_are_seen():
    """126 of them, from "That is false." to a column that marks the evidence as wrong: every one was right before."""
    assert share_right(honest=False) <= 0.22


def test_concessions_hedges_and_negative_results_take_nothing_back():
    assert share_right(honest=True) >= 0.97


@pytest.mark.parametrize(
    "text",
    ["{sentence} That is false.", "{sentence} None of this is true.", "Some claim that {clause}.",
     "It has been wrongly said that {clause}.", "What follows is wrong. {sentence}", "Wrong answers:\n- {sentence}",
     "| Claim | Verdict |\n|---|---|\n| {sentence} | false |", "Is it true that {clause}? No.", "~~{sentence}~~"],
)  # fmt: skip
def test_the_evidence_word_for_word_is_not_right_where_it_is_taken_back(text):
    assert is_right("figure-052", "{sentence}")
    assert not is_right("figure-052", text)


def test_a_remark_before_the_statement_denies_something_else_unless_it_points_ahead():
    assert is_right("figure-052", "No, that is false. {sentence}")
    assert not is_right("figure-052", "The next sentence is a lie. {sentence}")


def test_what_a_semicolon_sets_apart_denies_something_else_unless_it_points_at_the_statement():
    assert is_right("figure-052", "It isn't true that nothing was found; rather, {clause}.")
    assert not is_right("figure-052", "{unstopped}; that is a lie.")


def test_a_frame_is_what_is_not_copied():
    source = "Warm currents raise the height of spring tides by 12%."
    assert frame(source, [source]) == ""
    assert (
        frame("Some say that warm currents raise the height of spring tides.", [source]) == "Some say that this holds."
    )
    assert frame("Tides rise.", [source]) == "Tides rise."
