"""Refusals in free words, told from statements that deny something or are about papers."""

from eval.answers.declined_in_prose import declines, refuses
from eval.gates.thresholds import GATE
from eval.json_lines import read_lines


def test_refusals_are_told_from_findings_that_deny():
    """33 of each kind, written before the sentences that they are compared with were settled."""
    found = [(row["declines"], refuses(row["text"])) for _, row in read_lines(GATE.parent / "refusals.jsonl")]
    assert len(found) == 66
    assert sum(said for true, said in found if true) >= 23
    assert sum(said for true, said in found if not true) <= 5


def test_a_sentence_of_any_length_and_spelling_can_be_asked_about():
    for text in ("", " ", "…", "word " * 500, "a" * 5000):
        assert not declines(text)
