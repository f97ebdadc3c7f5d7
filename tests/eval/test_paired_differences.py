"""The difference between two runs without the errors of their judge, and how often its interval holds the true one."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from judges_for_tests import ExactJudge

from eval.__main__ import main
from eval.answers.responses import Claim, Passage, Response
from eval.estimates import Score
from eval.gates.checks import Measurement, falls
from eval.gates.thresholds import Check, Threshold
from eval.judges.corrected_difference import (
    Judgement,
    Paired,
    corrected_difference,
    prediction_powered_difference,
)
from eval.judges.correction import Accuracy, Verdicts, accuracy_of
from eval.judges.registry import card_of
from eval.questions import Case, Nugget
from eval.runs import comparison, report
from eval.runs.run import execute, read_run

CARD = card_of("builtin")
RESAMPLES, QUESTIONS, LABELS = 1_000, 80, 40
SURE = Accuracy(0.8, 0.9, 10_000, 10_000)


def judged(accepted, certain=0.0, doubtful=1.0):
    return Verdicts(certain, accepted, doubtful)


def test_a_difference_is_corrected_by_hand():
    """The judge accepts 0.2 more, of a true 0.2 / 0.7; what it accepts wrongly falls on both sides and cancels."""
    found = corrected_difference([Paired(judged(0.4), judged(0.6))] * 400, (SURE, SURE))
    assert found.difference == pytest.approx(0.2 / 0.7)
    assert (found.first, found.second) == (pytest.approx((0.4 - 0.1) / 0.7), pytest.approx((0.6 - 0.1) / 0.7))
    assert found.low < found.difference < found.high


def test_each_side_is_corrected_by_the_card_of_its_own_judge():
    worse = Accuracy(0.6, 0.7, 10_000, 10_000)
    found = corrected_difference([Paired(judged(0.45), judged(0.45))] * 400, (SURE, worse))
    assert found.difference == pytest.approx((0.45 - 0.3) / 0.3 - (0.45 - 0.1) / 0.7)


def test_the_same_answers_do_not_differ_and_others_with_the_same_verdicts_may():
    alike = corrected_difference([Paired(judged(0.5), judged(0.5), same=True)] * 60, (SURE, SURE))
    assert (alike.difference, alike.low, alike.high, alike.p) == (0.0, 0.0, 0.0, 1.0)
    others = corrected_difference([Paired(judged(0.5), judged(0.5))] * 60, (SURE, SURE))
    assert others.low < 0.0 < others.high


def test_what_no_verdict_is_behind_is_not_corrected():
    certain = Verdicts(1.0, 0.0, 0.0)
    assert corrected_difference([Paired(certain, certain)] * 60, (SURE, SURE)) is None
    assert corrected_difference([], (SURE, SURE)) is None
    chance = Accuracy(0.5, 0.5, 100, 100)
    assert corrected_difference([Paired(judged(0.4), judged(0.6))] * 60, (SURE, chance)) is None


def test_labels_of_both_sides_correct_a_difference():
    """The judge sees none; of each side people labelled half: 0.2 of the first and 0.7 of the second."""
    before = [Judgement(0.5, float(n % 10 < 2) if n < 20 else None) for n in range(40)]
    after = [Judgement(0.5, float(n % 10 < 7) if n < 20 else None) for n in range(40)]
    found = prediction_powered_difference(before, after)
    assert found.difference == pytest.approx(0.5)
    assert 0 < found.low < 0.5 < found.high < 1
    assert found.p < 0.05


def test_labels_of_one_side_correct_nothing_and_a_refusal_needs_none():
    before = [Judgement(1.0, 1.0) for _ in range(10)]
    assert prediction_powered_difference(before, [Judgement(1.0) for _ in range(10)]) is None
    refused = prediction_powered_difference(before, [Judgement(0.0, certain=True) for _ in range(10)])
    assert refused.difference == pytest.approx(-1.0)
    assert prediction_powered_difference(*[[Judgement(0.0, certain=True)] * 10] * 2) is None


# --- how often the intervals hold the true difference ---

YES, NO = CARD["confusion"]["supported"], [CARD["confusion"][name] for name in ("not_supported", "contradicted")]
HITS, MISSES = sum(YES.values()), sum(sum(row.values()) for row in NO)
SENSITIVITY, FALSE = YES["supported"] / HITS, sum(row["supported"] for row in NO) / MISSES


def two_runs(draw, first, second):
    """What is true of the answers of two runs, up to five sentences each, and what the judge accepts of it.

    A third of the answers are the same in both. Papers differ in how hard they are to judge, which both runs share.
    """
    counts = draw.integers(1, 6, QUESTIONS)
    same = draw.random(QUESTIONS) < 1 / 3
    ease = draw.uniform(-1, 1, QUESTIONS) * min(SENSITIVITY, 1 - SENSITIVITY, FALSE, 1 - FALSE)
    sides = []
    for share in (first, second):
        true = draw.binomial(counts, draw.beta(3 * share, 3 * (1 - share), QUESTIONS))
        accepted = draw.binomial(true, SENSITIVITY + ease) + draw.binomial(counts - true, FALSE + ease)
        sides.append([true / counts, accepted / counts])
    sides[1] = [np.where(same, a, b) for a, b in zip(*sides, strict=True)]
    return sides, same


def drawn_card(draw):
    hits, false = draw.binomial(HITS, SENSITIVITY), draw.binomial(MISSES, FALSE)
    return accuracy_of({"confusion": {
        "supported": {"supported": hits, "rest": HITS - hits},
        "not_supported": {"supported": false, "rest": MISSES - false},
        "contradicted": {"supported": 0},
    }})  # fmt: skip


def judgements(said, true, labelled):
    return [Judgement(s, t if n in labelled else None) for n, (s, t) in enumerate(zip(said, true, strict=True))]


def coverage(first, second):
    """How often each interval holds the true difference: as judged, by the card, by labels of the same 40 answers."""
    draw, held = np.random.default_rng(5), {"as judged": 0, "card": 0, "labels": 0}
    true = (second - first) * 2 / 3
    for _ in range(RESAMPLES):
        ((true_a, said_a), (true_b, said_b)), same = two_runs(draw, first, second)
        raw = (said_b - said_a)[draw.integers(0, QUESTIONS, (400, QUESTIONS))].mean(axis=1)
        low, high = np.quantile(raw, [0.025, 0.975])
        held["as judged"] += low <= true <= high
        pairs = [Paired(judged(a), judged(b), bool(one)) for a, b, one in zip(said_a, said_b, same, strict=True)]
        card = drawn_card(draw)
        by_card = corrected_difference(pairs, (card, card), resamples=400)
        held["card"] += by_card.low <= true <= by_card.high
        asked = set(draw.choice(QUESTIONS, LABELS, replace=False))
        by_labels = prediction_powered_difference(judgements(said_a, true_a, asked), judgements(said_b, true_b, asked))
        held["labels"] += by_labels.low <= true <= by_labels.high
    return {name: count / RESAMPLES for name, count in held.items()}


@pytest.mark.parametrize(("first", "second"), [(0.6, 0.6), (0.5, 0.7), (0.4, 0.9)])
def test_intervals_hold_the_true_difference_as_often_as_the_docs_say(first, second):
    found = coverage(first, second)
    # A thousand draws put 95% between 93% and 97%; another card draws others.
    assert min(found["card"], found["labels"]) >= 0.92
    # Why a difference is corrected: as judged, it shows a third of the true one.
    assert second - first < 0.4 or found["as judged"] < 0.5


# --- in compare, in the report and in the gate ---

TEXT = "Tides rise at noon in the north. Winds turn there at night."
FACT = Nugget("Tides rise", True)


def run_of(path, texts, card=CARD):
    """A run of one sentence an answer."""
    given = {f"q{n}": Response(f"q{n}", f"{text} [1]", (Claim(text, (1,)),), (Passage("p", TEXT),))
             for n, text in enumerate(texts)}  # fmt: skip
    header = {"format": 2, "judge": "builtin", "judge_card": card, "questions": {"split": "all"}}
    cases = [Case(f"q{n}", "question", "", f"What of {n}?", gold=("p",), nuggets=(FACT,)) for n in range(len(texts))]
    execute(cases, lambda case: given[case.id], ExactJudge(), header, path)
    return path


@pytest.fixture
def runs(tmp_path):
    """Two runs of twenty answers in other words than the passage: of the second the judge accepts ten fewer."""
    stands = "Tides rise and Winds turn"  # "X and Y" is accepted, and stands nowhere word for word
    first = run_of(tmp_path / "first.jsonl", [stands] * 20)
    return first, run_of(tmp_path / "second.jsonl", [stands] * 10 + ["Owls hunt."] * 10)


def test_compare_corrects_what_its_card_can_and_says_which(runs, capsys):
    assert main(["compare", *map(str, runs)]) == 0
    shown = capsys.readouterr().out
    row = {line.split("|")[1].strip(): line for line in shown.splitlines() if line.startswith("| ")}
    assert "| the judge's card |" in row["citation_recall"]
    assert "| nothing: as judged |" in row["right"]
    assert "| no judge in it |" in row["citation_coverage"]
    assert "As judged: the judge's errors affect both runs" in shown
    assert main(["compare", *map(str, runs), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["metrics"]
    assert (found["citation_recall"]["corrected_by"], found["citation_recall"]["as_judged"]) == ("card", -0.5)
    assert found["citation_recall"]["difference"] < -0.5
    assert (found["right"]["corrected_by"], found["right"]["as_judged"]) == (None, None)


def test_answers_in_the_words_of_their_passage_need_no_correction(tmp_path):
    stands, other = "Tides rise at noon in the north.", "Winds turn there at night."
    first, second = (run_of(tmp_path / f"{n}.jsonl", [text] * 4) for n, text in enumerate((stands, other)))
    found = comparison.differences(read_run(first), read_run(second))["citation_recall"]
    assert (found.difference, found.corrected_by) == (0.0, None)


def test_labels_beside_both_runs_correct_their_difference(runs, capsys):
    """People find the fact in every answer of the second run, too: there is no difference."""
    for path in runs:
        lines = [{"id": f"q{n}", "degrees": ["full"], "answering": [True]} for n in range(20)]
        path.with_suffix(".facts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert main(["compare", *map(str, runs), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["metrics"]["right"]
    assert (found["corrected_by"], found["better"]) == ("labels", None)
    assert found["difference"] == pytest.approx(0.0)
    assert found["as_judged"] < 0


def test_the_page_of_two_runs_states_what_is_corrected(runs):
    page = report.page(*map(read_run, runs))
    assert re.search(r"citation_recall</td>(<td>[^<]*</td>){3}<td>the judge&#x27;s card|the judge's card</td>", page)


def test_the_gate_compares_without_the_errors_of_the_judge(runs):
    """As judged the second is 0.5 worse; the limit lies between that and the difference without errors."""
    limit = Threshold("citation_recall", worse_at_most=0.6)
    check = Check("tonight", None, "all", None, (limit,), against=runs[0].name)
    (reason,) = falls(check, Measurement({}, read_run(runs[1])), runs[0].parent)
    assert reason.startswith("citation_recall: 1.0000 became ")
    assert ", corrected by the judge's card), worse by more than 0.6: q10" in reason
    as_judged = replace(check, thresholds=(Threshold("right", worse_at_most=0.0),))
    (reason,) = falls(as_judged, Measurement({}, read_run(runs[1])), runs[0].parent)
    assert ", as judged), worse" in reason


def test_scores_without_verdicts_are_compared_as_before(tmp_path):
    first, second = (read_run(run_of(tmp_path / f"{n}.jsonl", ["Tides rise."] * 3, card=None)) for n in (1, 2))
    rows = {name: replace(row, scores=row.scores | {"seconds": Score(2.0, 1.0)}) for name, row in second.rows.items()}
    found = comparison.differences(first, replace(second, rows=rows))
    assert found["citation_recall"].corrected_by is None
