"""The gate: thresholds kept or not, with the reason; and the repository's own gate turns red when it should."""

import dataclasses
import json
import re
import tempfile

import pytest
from judges_for_tests import ExactJudge
from places import DEMO

from eval.__main__ import main
from eval.answers.file_format import read_responses
from eval.answers.responses import Response
from eval.estimates import Estimate, estimate
from eval.gates.checks import answered, falls, measure
from eval.gates.thresholds import Threshold, read_gate, shortfalls
from eval.judges.registry import open_judge
from eval.metrics import summarise
from eval.questions import load_cases
from eval.runs.asking import asker
from eval.runs.corrected import by_card
from eval.runs.run import execute, read_run
from rag.errors import InputError, SourceError
from rag.types import Support, Verdict

FOUND = {"recall": Estimate(0.90, 0.85, 0.94, 100, 0, 2), "alone": Estimate(0.5, None, None, 1, 0, 0)}


@pytest.mark.parametrize(
    ("threshold", "reason"),
    [
        (Threshold("recall", low_at_least=0.85, unscored_at_most=2), None),
        (Threshold("recall", low_at_least=0.86, unscored_at_most=2), "lower bound is 0.8500, below 0.86"),
        (Threshold("recall", high_at_most=0.93, unscored_at_most=2), "upper bound is 0.9400, above 0.93"),
        (Threshold("recall", value_at_least=0.91, unscored_at_most=2), "value is 0.9000, below 0.91"),
        (Threshold("recall", value_at_most=0.89, unscored_at_most=2), "value is 0.9000, above 0.89"),
        (Threshold("recall", low_at_least=0.5), "2 could not be scored, above 0"),
        (Threshold("alone", low_at_least=0.1), "lower bound is not known, below 0.1"),
        (Threshold("missing", low_at_least=0.1), "missing was not measured"),
    ],
)
def test_thresholds(threshold, reason):
    reasons = shortfalls([threshold], FOUND)
    assert (reasons == []) if reason is None else (len(reasons) == 1 and reason in reasons[0])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("not toml", "not TOML"),
        ("", r"no \[\[check\]\]"),
        ('[[check]]\nmodel = "x"\n', "'metrics' is missing"),
        ('[[check]]\nname = "a"\n[check.metrics]\n', "sets no threshold"),
        ('[[check]]\nname = "a"\ncolour = 1\n[check.metrics]\nx = {low_at_least = 1}\n', "unknown key 'colour'"),
        ('[[check]]\nname = "a"\n[check.metrics]\nx = {above = 1}\n', "unknown threshold 'above'"),
        (
            '[[check]]\nname = "a"\nmutations = "builtin"\nmutants = 0\n[check.metrics]\nx = {low_at_least = 1}\n',
            "is 0: give",
        ),
        (
            '[[check]]\nname = "a"\nmutants = 9\n[check.metrics]\nright = {low_at_least = 1}\n',
            "has mutants and no mutations",
        ),
        ('[[check]]\nname = "a"\n[check.metrics]\nx = {low_at_least = "1"}\n', "give a number"),
        ('[[check]]\nname = "a"\n[check.metrics]\nx = {}\n', "has no threshold"),
        ('[[check]]\nname = "a"\n[check.metrics]\nx = {worse_at_most = 0}\n', "nothing to compare with"),
        ('[[check]]\nname = "a"\nmodel = "m"\nrun = "r"\n[check.metrics]\nx = {low_at_least = 1}\n', "in one check"),
    ],
)
def test_a_gate_file_with_a_fault_is_refused(tmp_path, text, fault):
    path = tmp_path / "gate.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=fault):
        read_gate(path)


def test_a_check_without_a_source_needs_a_run(tmp_path):
    path = tmp_path / "gate.toml"
    path.write_text('[[check]]\nname = "mine"\n[check.metrics]\nexpected = {low_at_least = 0.5}\n', encoding="utf-8")
    (check,) = read_gate(path)
    with pytest.raises(InputError, match="names nothing to measure"):
        measure(check, tmp_path)


@pytest.fixture(scope="module")
def own():
    return {check.source[0]: check for check in read_gate()}


@pytest.fixture(scope="module")
def cited_twice(demo_library):
    """Some development questions with the extractive answers to them that cite two papers or more."""
    ask = asker(demo_library, "extractive")
    kinds = ("comparison", "synthesis")
    asked = [(case, ask(case)) for case in load_cases(split="dev") if case.kind in kinds]
    return [(case, response) for case, response in asked if len({m for c in response.claims for m in c.marks}) > 1]


def measured(pairs):
    answers = {case.id: response for case, response in pairs}
    found = answered([case for case, _ in pairs], lambda case: answers[case.id], open_judge("builtin"))
    return summarise([row.scores for row in found.values()])


def swap_two_citations(response: Response) -> Response:
    """Let mark 1 point at the second paper and mark 2 at the first."""
    claims = tuple(
        dataclasses.replace(
            claim,
            marks=tuple({1: 2, 2: 1}.get(mark, mark) for mark in claim.marks),
            pins=tuple(dataclasses.replace(p, passage={1: 2, 2: 1}.get(p.passage, p.passage)) for p in claim.pins),
        )
        for claim in response.claims
    )
    return dataclasses.replace(response, claims=claims)


CITATIONS = ("quote_exactness", "citation_recall", "citation_precision")


def test_two_swapped_citations_turn_the_gate_red(own, cited_twice):
    thresholds = [t for t in own["model"].thresholds if t.metric in CITATIONS]
    assert shortfalls(thresholds, measured(cited_twice)) == []
    (case, response), *others = cited_twice
    reasons = shortfalls(thresholds, measured([(case, swap_two_citations(response)), *others]))
    assert {reason.split(":")[0] for reason in reasons} == set(CITATIONS)


class Loosened:
    """The built-in judge, of which somebody thought that it was too strict."""

    def __init__(self):
        self.strict = open_judge("builtin")

    def check(self, sentence, evidence):
        found = self.strict.check(sentence, evidence)
        loose = found.verdict in (Verdict.CONTRADICTED, Verdict.PARTIAL)
        return Support(found.score, Verdict.SUPPORTED) if loose else found


def test_a_loosened_checker_turns_the_gate_red(own):
    thresholds = tuple(t for t in own["mutations"].thresholds if t.metric in ("negation", "number"))
    check = dataclasses.replace(own["mutations"], thresholds=thresholds, mutants=40)
    assert shortfalls(thresholds, measure(check, DEMO.parent).estimates) == []
    reasons = shortfalls(thresholds, measure(check, DEMO.parent, judge=Loosened()).estimates)
    assert {reason.split(":")[0] for reason in reasons} == {"negation", "number"}


def test_recorded_answers_are_scored_now(tmp_path, write_jsonl):
    case = next(c for c in load_cases(split="dev") if c.kind == "figure")
    quote = case.evidence[0].sentence
    record = {"id": case.id, "text": f"{quote} [1]", "passages": [{"id": case.gold[0], "text": quote}]}
    write_jsonl("answers.jsonl", [record])
    path = tmp_path / "gate.toml"
    path.write_text(
        '[[check]]\nname = "r"\nanswers = "answers.jsonl"\nsplit = "dev"\n'
        "[check.metrics]\ncitation_recall = {value_at_least = 1.0}\n",
        encoding="utf-8",
    )
    (check,) = read_gate(path)
    found = measure(check, tmp_path, judge=ExactJudge()).estimates
    assert (found["citation_recall"].questions, found["citation_recall"].unscored) == (1, 0)
    assert shortfalls(check.thresholds, found) == []


def test_texts_are_cut_into_their_sentences_by_a_check(tmp_path, write_jsonl):
    write_jsonl(
        "cut.jsonl", [{"sentences": ["Fell et al. (2020) agree.", "Tides rise."]}, {"sentences": ["One. Two."]}]
    )
    (tmp_path / "gate.toml").write_text(
        '[[check]]\nname = "s"\nsentences = "cut.jsonl"\n[check.metrics]\nwhole_sentences = {value_at_least = 1.0}\n',
        encoding="utf-8",
    )
    (check,) = read_gate(tmp_path / "gate.toml")
    found = measure(check, tmp_path).estimates
    assert found["whole_sentences"].value == 0.5
    assert shortfalls(check.thresholds, found) == ["whole_sentences: its value is 0.5000, below 1"]


def test_labelled_claims_are_counted_by_origin_and_unread_ones_apart(tmp_path, write_jsonl):
    right, wrong = "supported", "contradicted"
    pairs = [("Tides rise.", right, "a"), ("Not Tides rise.", wrong, "a"), ("Owls hunt.", right, "b"),
             ("??? hunt.", right, "b")]  # fmt: skip
    rows = [{"source_text": "Tides rise.", "claim": c, "label": label, "origin": o} for c, label, o in pairs]
    write_jsonl("pairs.jsonl", rows)
    (tmp_path / "gate.toml").write_text(
        '[[check]]\nname = "p"\npairs = "pairs.jsonl"\n[check.metrics]\n'
        '"claims_kept:a" = {value_at_least = 1.0}\nclaims_kept = {value_at_least = 0.5}\n',
        encoding="utf-8",
    )
    (check,) = read_gate(tmp_path / "gate.toml")
    found = measure(check, tmp_path, judge=ExactJudge()).estimates
    assert {name: (e.value, e.unscored) for name, e in found.items()} == {
        "claims_kept": (0.5, 1), "claims_kept:a": (1.0, 0), "claims_kept:b": (0.0, 1),
        "claims_refused": (1.0, 0), "claims_refused:a": (1.0, 0),
    }  # fmt: skip
    assert shortfalls(check.thresholds, found) == ["claims_kept: 1 could not be scored, above 0"]


MINE = [
    {"question": "When do tides rise?", "gold": ["p1"], "expected": [["noon"]]},
    {"question": "Where do winds turn?", "gold": ["p2"], "expected": [["north"]]},
    {"question": "What do bees cure?", "gold": []},
]
TIDES = {
    "id": "question-1",
    "text": "Tides rise at noon. [1]",
    "passages": [{"id": "p1", "text": "Tides rise at noon."}],
}
WINDS = {"id": "question-2", "text": "Winds turn north. [1]", "passages": [{"id": "p2", "text": "Winds turn north."}]}
BEES = {"id": "question-3", "text": "No paper answers this.", "declined": True}


@pytest.fixture
def nightly(tmp_path, write_jsonl):
    """A folder with questions of one's own, last night's run of them, and a gate on the difference to it."""
    questions = write_jsonl("mine.jsonl", MINE)
    answers = read_responses(write_jsonl("answers.jsonl", [TIDES, WINDS, BEES]))
    header = {"format": 2, "made_at": "last night", "judge": "builtin", "questions": {"split": "all"}}
    execute(load_cases(questions), lambda case: answers[case.id], ExactJudge(), header, tmp_path / "last.jsonl")
    (tmp_path / "gate.toml").write_text(
        '[[check]]\nname = "tonight"\nanswers = "answers.jsonl"\nquestions = "mine.jsonl"\nagainst = "last.jsonl"\n'
        "[check.metrics]\nright = {worse_at_most = 0.2}\nover_refusal = {worse_at_most = 0.0}\n",
        encoding="utf-8",
    )
    return tmp_path


def tonight(folder):
    (check,) = read_gate(folder / "gate.toml")
    found = measure(check, folder, judge=ExactJudge())
    return shortfalls(check.thresholds, found.estimates) + falls(check, found, folder)


def test_a_gate_asks_custom_questions_and_keeps_to_last_night(nightly, monkeypatch):
    monkeypatch.chdir("/")  # every path in the file is relative to it
    assert tonight(nightly) == []


def test_what_got_worse_since_last_night_is_named(nightly, write_jsonl):
    write_jsonl("answers.jsonl", [TIDES, WINDS | {"text": "No paper answers this.", "declined": True}, BEES])
    right, refused = tonight(nightly)
    assert right.startswith("right: 1.0000 became 0.6667 (-0.3333 [")
    assert right.endswith("worse by more than 0.2: question-2")
    assert refused.startswith("over_refusal: 0.0000 became 0.5000 (+0.5000")


def test_a_stored_run_of_other_questions_or_another_judge_is_refused(nightly, write_jsonl):
    last = nightly / "last.jsonl"
    stored = last.read_text(encoding="utf-8")
    last.write_text(stored.replace('"judge": "builtin"', '"judge": "overlap"'), encoding="utf-8")
    with pytest.raises(InputError, match="judged by overlap, this check by builtin, so right can't be compared"):
        tonight(nightly)
    last.write_text(stored, encoding="utf-8")
    write_jsonl("mine.jsonl", [MINE[0] | {"question": "When do tides fall?"}, *MINE[1:]])
    with pytest.raises(InputError, match="the question 'question-1' read differently then"):
        tonight(nightly)


def test_a_misspelt_metric_is_named_with_the_one_it_may_mean(nightly):
    path = nightly / "gate.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("over_refusal", "over_refusals"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"unknown metric 'over_refusals': did you mean 'over_refusal'\?"):
        read_gate(path)


def test_a_metric_without_a_question_is_named_once(nightly):
    path = nightly / "gate.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("over_refusal", '"refusal_recall:absent"'), "utf-8")
    assert tonight(nightly) == ["refusal_recall:absent was not measured: nothing to score it on"]


def gate(folder, *options):
    return main(["gate", "--thresholds", str(folder / "gate.toml"), *map(str, options)])


def test_the_answers_behind_a_failed_check_are_kept_and_explained(nightly, write_jsonl, capsys, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(nightly))
    assert gate(nightly) == 0
    assert not [path for path in nightly.iterdir() if path.is_dir()]
    write_jsonl("answers.jsonl", [TIDES, WINDS | {"text": "No paper answers this.", "declined": True}, BEES])
    assert gate(nightly) == 1
    command = re.search(r"see why with: pincite eval (why \S+)$", capsys.readouterr().out, re.MULTILINE)
    assert main([*command[1].split(), "question-2"]) == 0
    assert "read and refused" in capsys.readouterr().out


def test_the_answers_of_every_check_are_kept_where_asked(nightly, capsys):
    assert gate(nightly, "--out", nightly / "new" / "kept", "--json") == 0
    (kept,) = json.loads(capsys.readouterr().out)["runs"].values()
    assert kept == str(nightly / "new" / "kept" / "1-tonight.jsonl")
    assert set(read_run(kept).rows) == {"question-1", "question-2", "question-3"}
    assert gate(nightly, "--out", nightly / "gate.toml") == 2
    assert "a file, not a folder" in capsys.readouterr().err


def test_a_run_of_a_gate_knows_which_papers_its_library_lacks(tmp_path, write_jsonl, capsys):
    write_jsonl("mine.jsonl", [{"question": "When do owls moult?", "gold": ["owls"], "expected": [["July"]]}])
    (tmp_path / "gate.toml").write_text(
        '[[check]]\nname = "tonight"\nmodel = "extractive"\nquestions = "mine.jsonl"\n'
        "[check.metrics]\nright = {value_at_least = 0.0}\n",
        encoding="utf-8",
    )
    gate(tmp_path, "--out", tmp_path)
    capsys.readouterr()
    assert main(["why", str(tmp_path / "1-tonight.jsonl"), "question-1"]) == 0
    assert "not in the library" in capsys.readouterr().out


def test_a_threshold_on_what_the_judge_cannot_see_fails_with_the_reason(nightly, capsys):
    path = nightly / "gate.toml"
    limits = "contradiction_rate = {high_at_most = 1.0, worse_at_most = 1.0}\n"
    path.write_text(path.read_text(encoding="utf-8") + limits, encoding="utf-8")
    assert gate(nightly) == 1
    shown = capsys.readouterr().out
    assert re.search(r"contradiction_rate can't be measured: by its card the judge finds \d+% of contradictions", shown)
    assert shown.count("contradiction_rate") == 1


def test_bounds_have_the_error_of_the_judge_in_them(nightly, write_jsonl):
    """Sentences in other words, which the judge accepts or not: its card leaves little certain."""
    said = WINDS | {"text": "Winds are turning to the north. [1] " * 6}
    write_jsonl("answers.jsonl", [TIDES, said, BEES])
    (check,) = read_gate(nightly / "gate.toml")
    found = measure(check, nightly)
    raw = estimate([row.scores["citation_recall"] for row in found.run.rows.values()])
    assert found.estimates["citation_recall"].value == raw.value
    corrected = by_card(found.run.rows.values(), found.run.header["judge_card"])["citation_recall"]
    bounds = (found.estimates["citation_recall"].low, found.estimates["citation_recall"].high)
    assert bounds == (corrected.low, corrected.high) != (raw.low, raw.high)


def test_a_question_that_is_not_asked_any_more_is_named(nightly, write_jsonl):
    write_jsonl("answers.jsonl", [TIDES, BEES])
    assert "1 question of last.jsonl not asked: question-2" in tonight(nightly)
