"""Which stage lost what an answer lacks."""

import dataclasses

import pytest
from judges_for_tests import PASSAGES, ExactJudge, GradedJudge, case, response

from eval.__main__ import main
from eval.judges.judged import judge_response
from eval.questions import GoldSentence, Nugget
from eval.runs.run import execute, row_of
from eval.runs.why import why
from rag import Library

NUGGET = Nugget("Salt floats up.", True, (GoldSentence("p1", "Salt floats up."),))
ASKED = case(gold=("p1",), nuggets=(NUGGET,))


def reasons(given, asked=ASKED, judge=None):
    item = judge_response(asked, given, judge or ExactJudge())
    return why(row_of(item))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            response(("Winds turn north.", 2), retrieved=("p2", "p3")),
            "not among the first 10 papers found: Salt",
        ),
        (response(("Winds turn north.", 1), passages=PASSAGES[1:], retrieved=("p2", "p1")), "found and not read: Salt"),
        (response(text="No.", declined=True, reason="low_relevance"), "read and refused (low_relevance): Salt floats"),
        (response(("Tides rise at noon.", 1), issues=("dropped",)), "read and not written (issues: dropped): Salt"),
        (response(error="no connection"), "failed, unscored: no connection"),
    ],
)
def test_the_first_stage_that_lost_a_fact(given, reason):
    assert any(line.startswith(reason) for line in reasons(given))


def test_a_sentence_that_its_citation_does_not_support():
    found = reasons(response(("Salt floats up.", 1), ("Owls hunt at night.", 1)))
    assert found == ["not supported by what it cites: 'Owls hunt at night.' (not there)"]


def test_a_sentence_that_its_citation_supports_in_part():
    given = response(("Salt floats up.", 1), ("Winds turn north. and Owls hunt at night.", 2))
    (found,) = reasons(given, judge=GradedJudge())
    assert found.startswith("supported only in part by what it cites: 'Winds turn")


def test_a_right_answer_has_no_fault():
    assert reasons(response(("Salt floats up.", 1))) == []
    assert reasons(response(text="No.", declined=True), case("absent")) == []
    assert reasons(response(("Salt floats up.", 1)), case("absent")) == ["answered, though the library holds no answer"]


def test_a_paper_that_the_library_lacks_is_named(tmp_path, write_jsonl, capsys):
    papers = write_jsonl("papers.jsonl", [{"title": "Owls", "abstract": "Owls hunt at night. They sleep by day."}])
    with Library.open(tmp_path / "library") as library:
        library.add(papers)
    asked = [{"question": "Do owls hunt?", "gold": ["title:none"], "expected": [["noon"]]}]
    questions, run = write_jsonl("own.jsonl", asked), tmp_path / "run.jsonl"
    options = ["--library", str(tmp_path / "library"), "--questions", str(questions), "--out", str(run)]
    assert main(["run", *options]) == 0
    assert "the gold paper 'title:none' isn't in the library: add what is missing" in capsys.readouterr().err
    assert main(["why", str(run)]) == 0
    assert "\n  not in the library: noon" in capsys.readouterr().out


def test_the_command(tmp_path, capsys):
    path = tmp_path / "run.jsonl"
    header = {"format": 2, "made_at": "now", "judge": "exact", "questions": {"split": "dev"}}
    given = dataclasses.replace(response(("Tides rise at noon.", 1)), case="q")
    execute([ASKED], lambda _: given, ExactJudge(), header, path)
    assert main(["why", str(path), "q"]) == 0
    assert "q: What happens?\n  read and not written: Salt floats up." in capsys.readouterr().out
    assert main(["why", str(path), "z"]) == 2
    assert "no question 'z' in it" in capsys.readouterr().err
