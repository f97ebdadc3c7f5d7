"""What counting words finds, with the sums by hand."""

from math import log

import pytest

from eval.questions import Case
from eval.runs.word_counting import line, word_counting

PAPERS = {"p1": "Tides lift boats.", "p2": "Tides drown owls.", "p3": "Owls hunt mice."}


def case(name, question, *gold, kind="finding", **fields):
    return Case(name, kind, "dev", question, gold=gold, **fields)


def test_by_hand():
    # "tides" stands in two papers of three, "mice" in one: p3 (log 3) is before p1 and p2 (log 3/2 each).
    # First question: shares 1 of 2 words with p3, which is first. Second: "zebras", shares 0 of 1, found nowhere.
    found = word_counting([case("a", "tides mice", "p3"), case("b", "zebras", "p1")], PAPERS)
    assert found == {"questions": 2, "shared": 0.25, "recall@5": 0.5, "mrr@10": 0.5}
    assert log(3) > log(3 / 2)
    assert line(found).startswith("of a question's words 25% are in its gold papers; counting words alone (idf) has")


def test_a_paper_that_was_taken_out_is_not_found_and_unanswerable_questions_are_not_asked():
    removed = case("a", "tides", "p1", remove=("p2",))
    assert word_counting([removed, case("b", "tides", "p1", kind="gold_removed")], PAPERS)["mrr@10"] == 1.0
    assert word_counting([case("c", "tides", kind="absent")], PAPERS) is None


@pytest.mark.parametrize("asked", ["drown", "drown drown drown"])
def test_a_repeated_word_counts_once(asked):
    assert word_counting([case("a", asked, "p2")], PAPERS)["shared"] == 1.0
