"""PubMedQA's layout: reading, decisions and their card."""

import pytest

from eval.benchmarks.pubmedqa import decision, read_pubmedqa, write_library, yes_no_card
from eval.json_lines import read_lines
from rag.errors import InputError, SourceError

ROW = {
    "id": "7",
    "question": "Do tides rise?",
    "contexts": "They were measured.",
    "answer": "yes",
    "conclusion": "They do.",
}


def test_questions_are_read_and_their_contexts_become_papers(write_jsonl, tmp_path):
    questions = read_pubmedqa(write_jsonl("dev.jsonl", [ROW]))
    assert (questions[0].case.question, questions[0].answer) == ("Do tides rise?", "yes")
    write_library(questions, tmp_path / "papers.jsonl")
    ((_, paper),) = read_lines(tmp_path / "papers.jsonl")
    assert paper == {"title": "Do tides rise?", "abstract": "They were measured.", "pmid": "7"}
    assert "They do." not in str(paper)  # the conclusion would give the answer away


@pytest.mark.parametrize(
    ("row", "fault"), [(ROW | {"answer": "sure"}, "give yes, no or maybe"), ({"id": "7"}, "question is None")]
)
def test_another_layout_is_refused(write_jsonl, row, fault):
    with pytest.raises(SourceError, match=rf"dev\.jsonl:1: .*{fault}"):
        read_pubmedqa(write_jsonl("dev.jsonl", [row]))
    with pytest.raises(InputError, match="no questions"):
        read_pubmedqa(write_jsonl("none.jsonl", []))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes, tides rise [1].", "yes"),
        ("No. They fall [1].", "no"),
        ("Maybe: the studies differ [1].", "maybe"),
        ("It is unclear whether tides rise [1].", "maybe"),
        ("Further studies are needed [1].", "maybe"),
        ("Tides rose in 7 of 9 ports [1].", None),
        ("Northern tides rise.", None),
        ("Tides rose. Yes.", None),
        ("", None),
    ],
)
def test_decisions(text, said):
    assert decision(text) == said


def test_the_card_by_hand():
    # Decided 4 of 5, right 3 of 4. F1: yes 2·2/(2+3) = 0.8, no 2·1/(2+1) = 2/3; maybe is nobody's right answer.
    pairs = [("yes", "yes"), ("yes", "yes"), ("no", "no"), ("no", "yes"), ("no", None)]
    card = yes_no_card(pairs)
    assert card["decided"]["value"] == 0.8
    assert card["accuracy"]["value"] == 0.75
    assert card["accuracy_of_all"]["value"] == 0.6
    assert card["macro_f1"]["value"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert card["undecided"] == card["accuracy"]["not_applicable"] + 1 == 1


def test_no_decision_at_all_is_not_zero():
    card = yes_no_card([("yes", None)])
    assert card["accuracy"]["value"] is card["macro_f1"]["value"] is None
    assert card["accuracy_of_all"]["value"] == 0.0  # the benchmark's own rule
