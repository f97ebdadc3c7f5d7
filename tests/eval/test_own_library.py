"""A question set made from one's own library, and what a question file needs."""

import json

import pytest
from scripted import ScriptedModel

from eval.__main__ import main
from eval.answers.file_format import from_record
from eval.benchmarks.own_library import make_set, row_of
from eval.json_lines import dump_line
from eval.judges.judged import judge_usefulness
from eval.judges.registry import open_judge
from eval.metrics import scores_of
from eval.questions import holds, load_cases, parse_case
from rag import Library


@pytest.fixture(scope="module")
def own(demo_library):
    return make_set(demo_library, 18, judge=open_judge("builtin"))


def test_every_question_has_its_paper_and_a_sentence_of_it(own, demo_library):
    papers = {paper.id: paper for paper in demo_library.papers()}
    answerable = [case for case in own.cases if case.answerable]
    assert len(answerable) >= 12
    for case in (case for case in answerable if case.kind != "comparison"):
        (nugget,) = case.nuggets
        (evidence,) = nugget.evidence
        assert evidence.sentence in papers[evidence.paper].abstract
        assert case.gold == (evidence.paper,)
        assert not any(holds(case.question, answer) for answer in nugget.alternatives)
        assert not any(holds(evidence.sentence, rival) for rival in case.forbidden)


def test_traps_have_no_answer(own):
    removed = [case for case in own.cases if case.kind == "gold_removed"]
    assert removed
    assert all(case.remove == case.gold != () for case in removed)
    assert not any(case.answerable for case in own.cases if case.kind in ("gold_removed", "absent"))


@pytest.fixture
def two_of_a_kind(tmp_path):
    with Library.open(tmp_path / "tides") as library:
        library.add_records([
            {"title": "Currents", "abstract": "Warm currents raise the height of spring tides."},
            {"title": "Winds", "abstract": "Steady offshore winds reduce the height of spring tides."},
            {"title": "Coasts", "abstract": "We surveyed 412 coastal gauges in nine countries."},
            {"title": "Rivers", "abstract": "We surveyed 96 coastal gauges on tidal rivers."},
            {"title": "Bees", "abstract": "Street lights reduce the length of foraging flights."},
        ])  # fmt: skip
        yield library


def test_comparisons_take_what_two_papers_say_about_the_same_thing(two_of_a_kind):
    made = make_set(two_of_a_kind, 12, judge=open_judge("builtin"))
    compared = {case.question: case for case in made.cases if case.kind == "comparison"}
    assert {frozenset(e.sentence for e in case.evidence) for case in compared.values()} == {
        frozenset({"Warm currents raise the height of spring tides.",
                   "Steady offshore winds reduce the height of spring tides."}),
        frozenset({"We surveyed 412 coastal gauges in nine countries.",
                   "We surveyed 96 coastal gauges on tidal rivers."}),
    }  # fmt: skip
    for case in compared.values():
        assert len(set(case.gold)) == len(case.nuggets) == 2
        assert all(nugget.vital for nugget in case.nuggets)
        # Each figure is the rival of the other: in a comparison both are right.
        assert not any(holds(e.sentence, rival) for e in case.evidence for rival in case.forbidden)
    alone = [case.question for case in made.cases if case.kind != "comparison"]
    assert not any(question in both for question in alone for both in compared)


def test_a_comparison_is_right_only_with_both_sides(two_of_a_kind):
    made = make_set(two_of_a_kind, 12, judge=open_judge("builtin"))
    for case in (case for case in made.cases if case.kind == "comparison"):
        sentences = [e.sentence for e in case.evidence]
        passages = [{"id": e.paper, "text": e.sentence} for e in case.evidence]
        for text, right in ((" ".join(sentences), 1.0), (sentences[0], 0.0), (sentences[1], 0.0)):
            response = from_record({"id": case.id, "text": text, "passages": passages, "declined": False})
            assert scores_of(judge_usefulness(case, response, open_judge("builtin")))["right"].value == right


def test_a_question_file_holds_the_same_cases(own):
    assert tuple(parse_case(json.loads(dump_line(row_of(case)))) for case in own.cases) == own.cases


def test_the_command_writes_questions_that_run_can_ask(capsys, tmp_path):
    folder = tmp_path / "tides"
    with Library.open(folder) as library:
        library.add_records([
            {"title": "Spring tides", "abstract": "We surveyed 412 coastal gauges in nine countries. Warm currents "
             "raise the height of spring tides."},
            {"title": "City bees", "abstract": "Street lights reduce the length of foraging flights. The Urban Bee "
             "Survey (UBS) counted honey bees in parks."},
        ])  # fmt: skip
    out = tmp_path / "questions.jsonl"
    assert main(["make", "--library", str(folder), "--count", "6", "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["count"] == len(load_cases(out)) >= 4
    assert main(["run", "--library", str(folder), "--questions", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == []
    assert main(["make", "--library", str(folder), "--out", str(out)]) == 2
    assert "exists: name another file with --out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "kept"), [("The survey covered 412 coastal gauges.", True), ("It says nothing of gauges.", False)]
)
def test_a_model_rewords_what_leads_back_to_its_fact(tmp_path, answer, kept):
    with Library.open(tmp_path / "one") as library:
        library.add_records([{"title": "Tides", "abstract": "We surveyed 412 coastal gauges in nine countries."}])
        model = ScriptedModel(
            '{"question": "On how many stations does the survey of the shore rest?"}', json.dumps({"answer": answer})
        )
        made = make_set(library, 1, model=model, judge=open_judge("builtin"))
    assert made.reworded == kept
    assert made.cases[0].question.startswith("On how many stations" if kept else "How many coastal gauges")
