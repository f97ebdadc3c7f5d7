"""Two answers to one question, claim by claim: what was won, lost, moved, new or gone."""

import copy
import json

import pytest

from rag.__main__ import main
from rag.pipeline.receipt_changes import Change, changes_between


def receipt(*quotes, question="How much more grain?"):
    return {
        "question": question,
        "quotes": [
            {
                "sentence": sentence, "number": 1, "paper": paper, "title": paper.title(), "abstract_sha256": "",
                "start": 0, "end": 1, "quote": "x", "verdict": verdict,
            }
            for sentence, paper, verdict in quotes
        ],
    }  # fmt: skip


MOIST = "Moist plots gave 37% more grain than dry plots."
MOVED = "Moist plots gave 21% more grain than dry plots."
WORDED = "Plots that were moist gave 37% more grain than dry plots."


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([(MOIST, "a", "supported")], [(MOIST, "a", "supported")], (Change.NOTHING,)),
        ([(MOIST, "a", "supported")], [(WORDED, "a", "supported")], (Change.NOTHING,)),
        ([(MOIST, "a", "supported")], [(MOVED, "a", "supported")], (Change.FIGURE_MOVED,)),
        (
            [(MOIST, "a", "supported")],
            [(MOIST, "a", "supported"), (MOIST, "b", "supported")],
            (Change.NEW_SUPPORT,),
        ),
        (
            [(MOIST, "a", "supported"), (MOIST, "b", "supported")],
            [(MOIST, "b", "supported")],
            (Change.LOST_SUPPORT,),
        ),
        ([(MOIST, "a", "supported")], [(MOIST, "a", "partial")], (Change.VERDICT_CHANGED,)),
        ([(MOIST, "a", "supported")], [], (Change.GONE,)),
        ([], [(MOIST, "a", "supported")], (Change.NEW_CLAIM,)),
    ],
)
def test_a_claim_shows_what_became_of_it(before, after, expected):
    (found,) = changes_between(receipt(*before), receipt(*after))
    assert found.changes == expected


def test_a_dispute_and_a_retraction_that_are_new_are_reported():
    before = receipt((MOIST, "a", "supported")) | {"disputed": []}
    against = {"sentence": MOIST, "paper": "b", "title": "B", "start": 0, "end": 1, "quote": "x"}
    after = copy.deepcopy(before) | {"disputed": [against]}
    (found,) = changes_between(before, after)
    assert (found.changes, [side.title for side in found.against]) == ((Change.NOW_DISPUTED,), ["B"])
    after["quotes"][0]["retracted"] = True
    (found,) = changes_between(after | {"quotes": before["quotes"]}, after)
    assert (found.changes, [side.title for side in found.retracted]) == ((Change.RETRACTED,), ["A"])
    del before["disputed"]  # a receipt of an older Pincite doesn't say who disputed it
    assert Change.NOW_DISPUTED not in changes_between(before, after)[0].changes


def test_each_claim_is_paired_once():
    found = changes_between(
        receipt((MOIST, "a", "supported"), ("Clay soil holds water.", "b", "supported")),
        receipt(("Clay soil holds water.", "b", "supported"), (MOVED, "a", "supported"), (MOIST, "a", "supported")),
    )
    assert [one.changes for one in found] == [(Change.NOTHING,), (Change.NOTHING,), (Change.NEW_CLAIM,)]


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(receipt((MOIST, "a", "supported"))), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps(receipt((MOVED, "a", "supported"))), encoding="utf-8")
    other = receipt((MOIST, "a", "supported"), question="Why?")
    (tmp_path / "c.json").write_text(json.dumps(other), encoding="utf-8")
    return tmp_path


def test_the_exit_code_says_whether_anything_changed(files, capsys):
    assert main(["answers", "diff", str(files / "a.json"), str(files / "a.json")]) == 0
    assert main(["answers", "diff", str(files / "a.json"), str(files / "b.json")]) == 1
    shown = capsys.readouterr().out
    assert f"figure moved: {MOVED}" in shown
    assert f"before: {MOIST}" in shown
    assert main(["answers", "diff", str(files / "a.json"), str(files / "b.json"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["claims"][0]["changes"] == ["figure-moved"]


def test_answers_to_different_questions_are_not_compared(files, capsys):
    assert main(["answers", "diff", str(files / "a.json"), str(files / "c.json")]) == 2
    assert "answers another question than 'How much more grain?'" in capsys.readouterr().err
