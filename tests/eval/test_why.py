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
from rag.types import Support, Verdict

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


def test_a_fact_that_the_answer_denies_is_named():
    found = stated(("Salt floats up.", 1), ("Not Salt floats up.", 1))
    assert "stated, and denied or taken back by the rest of the answer: Salty water carries more." in found


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
    owls = {"id": "question-1", "text": "They do.", "declined": False, "passages": []}
    answers = ["--answers", str(write_jsonl("answers.jsonl", [owls])), "--questions", str(questions)]
    assert main(["score", *answers, "--library", str(tmp_path / "library"), "--out", str(run)]) == 0
    printed = capsys.readouterr()
    assert "the gold paper 'title:none' isn't in the library" in printed.err
    assert "library library (1 paper)" in printed.out


def test_the_command(tmp_path, capsys):
    path = tmp_path / "run.jsonl"
    header = {"format": 2, "made_at": "now", "judge": "exact", "questions": {"split": "dev"}}
    given = dataclasses.replace(response(("Tides rise at noon.", 1)), case="q")
    execute([ASKED], lambda _: given, ExactJudge(), header, path)
    assert main(["why", str(path), "q"]) == 0
    assert "q: What happens?\n  read and not written: Salt floats up." in capsys.readouterr().out
    assert main(["why", str(path), "z"]) == 2
    assert "no question 'z' in it" in capsys.readouterr().err


def stated(*claims, evidence="Salt floats up.", **fields):
    nugget = Nugget("Salty water carries more.", True, (GoldSentence("p1", evidence),), **fields)
    return reasons(response(*claims), case(gold=("p1",), nuggets=(nugget,)))


def test_a_fact_that_the_judge_does_not_see_is_judged_wrong():
    """Its evidence stands in the answer, without its full stop or in other capitals."""
    found = stated(("salt floats up", 1))
    assert "judged wrong (its evidence is in the answer): Salty water carries more." in found
    longer = stated(("It is said that salt floats up.", 1))
    assert "judged wrong, or denied by the words around it: Salty water carries more." in longer


def test_a_fact_behind_the_words_that_are_read_is_stated_too_late():
    filler = [("Tides rise at noon. " * 16, 1)]
    assert "stated too late: Salty water carries more." in stated(*filler, ("salt floats up", 1))
    assert "stated too late: up" in reasons(
        response(*filler, ("salt floats up", 1)), case(gold=("p1",), expected=(("up",),))
    )


def test_evidence_without_the_string_that_is_asked_for_is_stated_in_part():
    assert "stated in part: Salty water carries more." in stated(("salt floats up", 1), alternatives=("12%",))


def test_a_sentence_that_stands_in_what_it_cites_and_is_refused_is_judged_wrong():
    class Refusing(ExactJudge):
        def check(self, sentence, evidence):
            return Support(0.0, Verdict.UNSUPPORTED, "no")

    found = reasons(response(("Salt floats up.", 1)), judge=Refusing())
    assert found == ["judged wrong (unsupported, and it is word for word in what it cites): 'Salt floats up.'"]


@pytest.fixture
def labelled(tmp_path):
    """A run of two sentences, of which the judge supports the first, and the files of its labels."""
    path = tmp_path / "run.jsonl"
    header = {"format": 2, "made_at": "now", "judge": "exact", "questions": {"split": "dev"}}
    said = response(("Salt floats up. and Tides rise", 1), ("Salt swims.", 1))
    execute([ASKED], lambda _: dataclasses.replace(said, case="q"), ExactJudge(), header, path)
    return path


def test_labels_that_contradict_the_judge_are_a_stage_of_their_own(labelled, write_jsonl, capsys):
    labels = [
        {"id": "q#1", "source_text": "s", "claim": "c", "label": "not_supported"},
        {"id": "q#2", "source_text": "s", "claim": "c", "label": "supported"},
    ]
    write_jsonl("run.labels.jsonl", labels)
    assert main(["why", str(labelled), "q"]) == 0
    shown = capsys.readouterr().out
    assert "judged wrong (supported, your label not_supported): 'Salt floats up. and Tides rise'" in shown
    assert "judged wrong (unsupported, your label supported): 'Salt swims.'" in shown
    assert "not supported by what it cites" not in shown
    assert main(["report", str(labelled)]) == 0
    assert "> judged wrong</label>" in labelled.with_suffix(".html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("degree", "wrong", "lost"),
    [
        ("full", False, False),
        ("none", True, True),
    ],
)
def test_labels_of_facts_that_contradict_the_judge(labelled, write_jsonl, capsys, degree, wrong, lost):
    write_jsonl("run.facts.jsonl", [{"id": "q", "degrees": [degree], "answering": [True, False]}])
    assert main(["why", str(labelled), "q"]) == 0
    shown = capsys.readouterr().out
    assert (f"judged wrong (stated: full, your label {degree}): Salt floats up." in shown) == wrong
    assert ("judged wrong, or denied" in shown) == lost


def test_a_label_that_agrees_with_the_judge_changes_nothing(labelled, write_jsonl, capsys):
    labels = [{"id": "q#2", "source_text": "s", "claim": "c", "label": "contradicted"}]
    write_jsonl("run.labels.jsonl", labels)
    assert main(["why", str(labelled), "q"]) == 0
    assert "  not supported by what it cites: 'Salt swims.' (not there)" in capsys.readouterr().out
