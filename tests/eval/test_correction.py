"""What the judge's errors do to a share: corrected by its card, by labels of one's own, and how often that holds."""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from judges_for_tests import ExactJudge

from eval.__main__ import main
from eval.answers.responses import Claim, Passage, Response
from eval.judges.correction import (
    Accuracy,
    Verdicts,
    accuracy_of,
    corrected_mean,
    prediction_powered,
)
from eval.judges.registry import card_of
from eval.metrics import BY_NAME
from eval.questions import Case, Nugget
from eval.runs import comparison, labels, report, summary
from eval.runs.run import execute, read_run

CARD = card_of("builtin")
RESAMPLES, SENTENCES, LABELS, ANSWERS = 1_000, 150, 40, 60


def verdicts(accepted):
    """Sentences that all took a judge, each by itself."""
    return [Verdicts(0.0, float(one), 1.0) for one in accepted]


def test_a_share_is_corrected_by_hand():
    found = corrected_mean(verdicts([True, False] * 500), Accuracy(0.8, 0.9, 10_000, 10_000))
    assert found.value == pytest.approx((0.5 + 0.9 - 1) / 0.7)
    assert found.low < found.value < found.high


def test_a_judge_no_better_than_chance_corrects_nothing():
    assert corrected_mean(verdicts([True, False] * 50), Accuracy(0.5, 0.5, 100, 100)) is None


def test_a_mean_over_answers_is_corrected_by_hand():
    """Half of the sentences need no judge; of the others it accepts 0.5, which is 4/7 without its errors."""
    found = corrected_mean([Verdicts(0.5, 0.25, 0.5)] * 40, Accuracy(0.8, 0.9, 10_000, 10_000))
    assert found.value == pytest.approx(0.5 + 0.5 * (0.5 + 0.9 - 1) / 0.7)
    assert found.low < found.value < found.high


def test_a_mean_that_no_verdict_is_behind_is_not_corrected():
    assert corrected_mean([Verdicts(1.0, 0.0, 0.0)] * 40, Accuracy(0.8, 0.9, 100, 100)) is None
    assert corrected_mean([], Accuracy(0.8, 0.9, 100, 100)) is None


def test_labels_that_agree_leave_the_judges_share_and_do_not_look_certain():
    verdicts = [True] * 60 + [False] * 40
    found = prediction_powered(verdicts, [(v, v) for v in verdicts[40:80]])
    assert found.value == pytest.approx(0.56, abs=0.05)
    assert found.high - found.low > 0.1


def test_what_needs_no_verdict_counts_as_it_is():
    """Half is certain; of the rest people find twice what the judge says."""
    said = [0.5] * 50
    found = prediction_powered(said, [(0.5, 1.0)] * 20, [0.0] * 50)
    assert found.value == pytest.approx(0.5)
    assert found.high - found.low < 0.5


def answers_of(draw, share, sensitivity, false):
    """Answers of up to five sentences. They differ: some are better than the share, some worse."""
    counts = draw.integers(1, 6, ANSWERS)
    true = draw.binomial(counts, draw.beta(3 * share, 3 * (1 - share), ANSWERS))
    accepted = draw.binomial(true, sensitivity) + draw.binomial(counts - true, false)
    return [Verdicts(0.0, part, 1.0) for part in accepted / counts]


def holds_by_facts(draw, share, sensitivity, false):
    """Whether labels of 40 answers out of 120 hold the true share of facts; a fifth of all answers are refusals."""
    counts = draw.integers(1, 4, ANSWERS * 2)
    true = draw.binomial(counts, draw.beta(3 * share, 3 * (1 - share), len(counts)))
    said = (draw.binomial(true, sensitivity) + draw.binomial(counts - true, false)) / counts
    pairs = list(zip(said[:LABELS], true[:LABELS] / counts[:LABELS], strict=True))
    refused = draw.binomial(len(counts) // 4 + len(counts), 0.2)
    found = prediction_powered(list(said), pairs, [0.0] * refused)
    return found.low <= 0.8 * share <= found.high


def coverage(share):
    """How often each interval holds the true share, drawing sentences and card from the stored card's pairs."""
    draw, apart = np.random.default_rng(3), np.random.default_rng(4)
    rows = {label: CARD["confusion"][label] for label in ("supported", "not_supported", "contradicted")}
    yes, no = rows["supported"], {k: rows["not_supported"][k] + rows["contradicted"][k] for k in rows}
    hit = sum(yes.values())
    miss = sum(no.values())
    sensitivity, false = yes["supported"] / hit, no["supported"] / miss
    held = {"card": 0, "labels": 0, "mean": 0, "facts": 0}
    for _ in range(RESAMPLES):
        accepted = {"supported": draw.binomial(hit, sensitivity), "not_supported": draw.binomial(miss, false)}
        card = {"confusion": {
            "supported": {"supported": accepted["supported"], "rest": hit - accepted["supported"]},
            "not_supported": {"supported": accepted["not_supported"], "rest": miss - accepted["not_supported"]},
            "contradicted": {"supported": 0},
        }}  # fmt: skip
        true = draw.random(SENTENCES) < share
        said = draw.random(SENTENCES) < np.where(true, sensitivity, false)
        by_card = corrected_mean(verdicts(said), accuracy_of(card), resamples=400)
        by_labels = prediction_powered(list(said), list(zip(said[:LABELS], true[:LABELS], strict=True)))
        held["facts"] += holds_by_facts(apart, share, sensitivity, false)
        mean = corrected_mean(answers_of(draw, share, sensitivity, false), accuracy_of(card), resamples=400)
        held["mean"] += mean.low <= share <= mean.high
        held["card"] += by_card.low <= share <= by_card.high
        held["labels"] += by_labels.low <= share <= by_labels.high
    return {name: count / RESAMPLES for name, count in held.items()}


@pytest.mark.parametrize("share", [0.4, 0.7, 0.9])
def test_intervals_hold_the_true_share_as_often_as_the_docs_say(share):
    # A thousand draws put 95% between 93% and 97%; another card draws others.
    assert min(coverage(share).values()) >= 0.92


TEXT = "Tides rise at noon in the north. Winds turn there at night."


@pytest.fixture
def run(tmp_path):
    """A run of one answer: a sentence of its passage, and two in other words."""
    claims = tuple(Claim(text, (1,)) for text in ("Tides rise at noon in the north.", "Noon tides.", "Winds fall."))
    response = Response("q", " ".join(f"{c.text} [1]" for c in claims), claims, (Passage("p", TEXT),))
    path = tmp_path / "run.jsonl"
    header = {"format": 2, "judge": "exact", "judge_card": CARD, "questions": {"split": "all"}}
    execute([Case("q", "question", "", "When?", gold=("p",))], lambda _: response, ExactJudge(), header, path)
    return path


def test_sentences_that_stand_in_what_they_cite_need_no_label(run):
    asked = labels.sentences_to_label(read_run(run), 40)
    assert {sentence.text for sentence in asked} == {"Noon tides.", "Winds fall."}


def test_labels_are_kept_one_by_one_and_not_asked_again(run, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("s\nq\n"))
    assert main(["label", str(run)]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("x\nn\n"))
    assert main(["label", str(run)]) == 0
    assert "1 of 1" in capsys.readouterr().out
    kept = [json.loads(line) for line in run.with_suffix(".labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["label"] for line in kept] == ["supported", "not_supported"]
    assert main(["label", str(run), "--json"]) == 0
    reported = json.loads(capsys.readouterr().out)
    assert (reported["cited"], reported["verbatim"], reported["labels"]) == (3, 1, {"sentences": 2, "answers": 0})
    for name in ("supported", "contradiction_rate"):
        corrected = reported["metrics"][name]["by_labels"]
        assert 0.0 <= corrected["low"] <= corrected["value"] <= corrected["high"] <= 1.0
    assert reported["metrics"]["supported"]["by_labels"]["value"] == pytest.approx(2 / 3)


class Stopped(io.StringIO):
    """A keyboard at which somebody presses Ctrl-C where nothing is left to read."""

    def readline(self, *_):
        line = super().readline()
        if not line:
            raise KeyboardInterrupt
        return line


def test_ctrl_c_keeps_what_was_labelled_and_shows_the_numbers(run, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", Stopped("s\n"))
    assert main(["label", str(run)]) == 0
    assert len(run.with_suffix(".labels.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert "of 3 cited sentences" in capsys.readouterr().out


def test_a_run_that_leaves_nothing_to_label_says_so(run, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("s\nn\n"))
    assert main(["label", str(run)]) == 0
    assert "corrected by 2 labels of your own: " in capsys.readouterr().out
    assert main(["label", str(run)]) == 0
    assert "all 2 are labelled: the run has no more" in capsys.readouterr().out
    assert main(["label", str(run), "--count", "1"]) == 0
    assert "all 1 are labelled: a larger --count asks for more" in capsys.readouterr().out
    assert main(["label", str(run), "--facts"]) == 0
    assert "no answer of this run has facts that a judge had to find" in capsys.readouterr().out


FACTS = ("Tides rise.", "Winds fall.", "Salt floats.")


@pytest.fixture
def facts_run(tmp_path):
    """Three answers in the very words of their facts, one of each that the judge misses, and a refusal."""
    given = {
        f"q{n}": Response(f"q{n}", f"{text} Bees hum.", (Claim(text), Claim("Bees hum.")), (Passage("p", TEXT),))
        for n, text in enumerate((*FACTS, "So the tides do."))
    }
    given["q4"] = Response("q4", "No.", declined=True)
    facts = [(Nugget(FACTS[n % 3], True), Nugget("Owls hunt.", False)) for n in range(5)]
    cases = [Case(f"q{n}", "figure", "", f"What of q{n}?", gold=("p",), nuggets=facts[n]) for n in range(5)]
    path = tmp_path / "run.jsonl"
    header = {"format": 2, "judge": "exact", "judge_card": None, "questions": {"split": "all"}}
    execute(cases, lambda case: given[case.id], ExactJudge(), header, path)
    return path


def test_labels_of_facts_correct_what_was_found_in_answers(facts_run, monkeypatch, capsys):
    """The judge finds three of five vital facts; people find the fourth, which it missed."""
    every_answer = "f\nn\ny\nn\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(every_answer * 2 + "f\nq\n"))
    assert main(["label", str(facts_run), "--facts"]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("z\n" + every_answer * 2))
    assert main(["label", str(facts_run), "--facts"]) == 0
    shown = capsys.readouterr().out
    assert "2 of 2\nWhat of " in shown
    assert "verdict" not in shown.split("as judged")[0]
    for name in ("right", "vital_recall", "nugget_recall", "answering_share", "nugget_f1"):
        assert f"{name}, corrected by 4 labels of your own: " in shown
    kept = [json.loads(line) for line in facts_run.with_suffix(".facts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert kept[0].keys() == {"id", "degrees", "answering"}
    assert main(["label", str(facts_run), "--json"]) == 0
    reported = json.loads(capsys.readouterr().out)
    assert reported["labels"]["answers"] == 4
    corrected = reported["metrics"]["vital_recall"]["by_labels"]
    assert corrected["value"] == pytest.approx(4 / 5)
    assert corrected["low"] < 4 / 5 < corrected["high"]
    assert summary.document(read_run(facts_run))["metrics"]["vital_recall"]["value"] == pytest.approx(3 / 5)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"id": "q9"}, "no answer of this run is 'q9'"),
        ({"id": "q4"}, "no answer of this run is 'q4'"),
        ({"id": "q0", "degrees": ["full"]}, "give full, partial or none for each of its 2 facts"),
        ({"id": "q0", "degrees": ["full", "wholly"]}, "give full, partial or none"),
        ({"id": "q0", "degrees": ["full", "none"], "answering": [True]}, "give true or false for each of its 2 sent"),
    ],
)  # fmt: skip
def test_labels_that_do_not_fit_the_answer_are_named(facts_run, capsys, line, fault):
    facts_run.with_suffix(".facts.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert main(["label", str(facts_run), "--json"]) == 2
    shown = capsys.readouterr().err
    assert "run.facts.jsonl:1:" in shown
    assert fault in shown


def test_the_page_of_facts_has_what_was_labelled(facts_run, tmp_path, capsys):
    given = {"id": "q0", "degrees": ["full", "none"], "answering": [True, False]}
    facts_run.with_suffix(".facts.jsonl").write_text(json.dumps(given) + "\n", encoding="utf-8")
    page = tmp_path / "label.html"
    assert main(["label", str(facts_run), "--facts", "--page", str(page), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"page": str(page), "answers": 4}
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(" checked", text)) == 4
    assert "verdict" not in text
    assert not re.search(r"https?://|src=|@import", text)


def test_the_page_has_what_was_labelled_and_no_verdict_and_fetches_nothing(run, tmp_path, capsys):
    run.with_suffix(".labels.jsonl").write_text(
        json.dumps({"id": "q#3", "source_text": TEXT, "claim": "Winds fall.", "label": "contradicted"}) + "\n", "utf-8"
    )
    page = tmp_path / "label.html"
    assert main(["label", str(run), "--page", str(page), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"page": str(page), "sentences": 2}
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r'value="contradicted" checked', text)) == len(re.findall(" checked", text)) == 1
    assert "verdict" not in text
    assert not re.search(r"https?://|src=|@import", text)


def test_what_stands_word_for_word_needs_no_page(run, tmp_path, capsys):
    found = [line for line in run.read_text(encoding="utf-8").splitlines() if "header" in json.loads(line)]
    run.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert main(["label", str(run), "--page", str(tmp_path / "label.html")]) == 2
    assert "no label needed" in capsys.readouterr().err


def test_a_file_of_labels_that_is_not_there_is_named(run, tmp_path, capsys):
    assert main(["label", str(run), "--labels", str(tmp_path / "mine.jsonl"), "--json"]) == 2
    assert "mine.jsonl: not there" in capsys.readouterr().err


def test_a_rate_that_the_judge_cannot_see_is_printed_nowhere(run):
    found = read_run(run)
    (line,) = [line for line in summary.table(found).splitlines() if line.startswith("  contradiction_rate")]
    assert re.search(r"not measured: by its card the judge finds \d+% of contradictions$", line)
    assert "contradiction_rate" not in comparison.document(found, found)["metrics"]
    assert "contradiction_rate: not compared, by its card the judge finds" in comparison.markdown(
        found, found, ("a", "b")
    )
    assert re.search(r"contradiction_rate</td><td class=\"number\">–</td>.*not measured", report.page(found))


def test_each_metric_of_the_judge_is_corrected_or_named_as_uncorrected_with_the_reason(run):
    found = read_run(run)
    shown = summary.table(found)
    assert "supported, of all cited sentences, corrected by its card" in shown
    for name in ("citation_recall", "citation_precision"):
        assert re.search(rf"^{name}, corrected by its card: \d\.\d\d \[", shown, re.MULTILINE), name
    below = shown.split("as judged, without the judge's errors in the interval:\n")[1]
    reasons = {line.rsplit(": ", 1)[0].strip(): line.rsplit(": ", 1)[1].split(", ") for line in below.splitlines()}
    (of_several,) = [names for why, names in reasons.items() if "several verdicts" in why]
    assert {"citation_f1", "groundedness"} <= set(of_several)
    named = {name for names in reasons.values() for name in names}
    judged = {name for name, metric in BY_NAME.items() if metric.judged and metric.group != "usefulness"}
    corrected = set(summary.document(found)["corrected"]["metrics"])
    # Quotes are missing here, and no card of this judge sees contradictions.
    assert named | corrected == judged - {"pinned_recall", "contradiction_rate"} | {"supported"}
    assert not named & corrected


def test_each_line_of_the_table_says_what_the_judge_does_to_it(run):
    lines = {line.split()[0].rstrip("↓"): line for line in summary.table(read_run(run)).splitlines() if line.strip()}
    assert re.search(r"corrected: \d\.\d\d \[\d\.\d\d, \d\.\d\d\]$", lines["citation_recall"])
    assert lines["citation_f1"].endswith("  as judged")
    assert not re.search("judged|corrected", lines["citation_validity"])


def test_a_headline_that_rests_on_verdicts_says_so(facts_run):
    shown = summary.table(read_run(facts_run))
    assert ", as judged" in shown.split("\n\n")[0].splitlines()[-1]
    (why,) = [line for line in shown.splitlines() if line.startswith("  facts that answers state")]
    assert why.endswith(": right, vital_recall, nugget_recall, answering_share, nugget_f1")


def test_what_stands_word_for_word_is_not_called_as_judged(tmp_path):
    claims = (Claim("Tides rise at noon in the north.", (1,)),)
    response = Response("q", f"{claims[0].text} [1]", claims, (Passage("p", TEXT),))
    path = tmp_path / "run.jsonl"
    header = {"format": 2, "judge": "exact", "judge_card": CARD, "questions": {"split": "all"}}
    execute([Case("q", "question", "", "When?", gold=("p",))], lambda _: response, ExactJudge(), header, path)
    assert summary.document(read_run(path))["corrected"]["as_judged"] == []


def test_a_judge_no_better_than_chance_measures_nothing(run, tmp_path):
    blind = {label: {"supported": 50, "not_supported": 50, "contradicted": 0} for label in CARD["confusion"]}
    header = read_run(run).header | {"judge_card": CARD | {"confusion": blind}}
    found = replace(read_run(run), header=header)
    shown = summary.table(found)
    assert "right: not measured, by its card the judge is no better than chance" in shown
    assert re.search(r"citation_recall +–  not measured: by its card the judge is no better than chance", shown)
    assert re.search(r"citation_validity +1\.000", shown)


def run_of_refusal_and_answer(path, nuggets):
    cases = [
        Case("q1", "question", "", "When?", gold=("p",)),
        Case("q2", "unanswerable", "", "Who?"),
        Case("q3", "question", "", "Where?", gold=("p",), nuggets=nuggets),
    ]
    given = {"q1": Response("q1", "Noon. [1]", (Claim("Noon.", (1,)),), (Passage("p", TEXT),)),
             "q2": Response("q2", "No.", declined=True), "q3": Response("q3", "No.", declined=True)}  # fmt: skip
    header = {"format": 2, "judge": "exact", "judge_card": None, "questions": {"split": "all"}}
    execute(cases, lambda case: given[case.id], ExactJudge(), header, path)
    return read_run(path)


def test_questions_without_facts_are_counted_beside_the_headline(tmp_path):
    shown = summary.table(run_of_refusal_and_answer(tmp_path / "run.jsonl", (Nugget("Tides rise.", True),)))
    assert re.search(
        r"^right: 0\.500.* of 2 questions; 1 more has neither nuggets nor expected strings$", shown, re.MULTILINE
    )


def test_question_and_gold_alone_have_no_headline_that_a_refusal_wins(tmp_path):
    """Only what has no answer could be right, so a system that refuses everything would be the best."""
    found = run_of_refusal_and_answer(tmp_path / "run.jsonl", ())
    shown = summary.table(found)
    assert "right: not measured, no question that has an answer has nuggets or expected strings" in shown
    assert re.search(r"^  refusal +–", shown, re.MULTILINE)
    assert summary.document(found)["metrics"]["right"]["value"] is None


def test_failing_on_hard_questions_does_not_lift_the_headline_unseen(tmp_path):
    cases = [Case(f"q{n}", "unanswerable", "", f"Who is {n}?") for n in range(4)]
    given = {
        f"q{n}": Response(f"q{n}", "No.", declined=True) if n else Response("q0", "", error="timeout") for n in range(4)
    }
    path = tmp_path / "run.jsonl"
    header = {"format": 2, "judge": "exact", "judge_card": None, "questions": {"split": "all"}}
    execute(cases, lambda case: given[case.id], ExactJudge(), header, path)
    shown = summary.table(read_run(path))
    # Three of three are right, and three of four if the failure is an error.
    assert re.search(
        r"^right: 1\.000.* of 3 questions; 1 more failed or can't be judged: 0\.750 if wrong$", shown, re.MULTILINE
    )
