"""The claims that a sentence makes, and the metrics that count them."""

import pytest
from judges_for_tests import PASSAGES, ExactJudge, GradedJudge, case, judged, response

from eval.answers.responses import Passage
from eval.judges.claims import claims_of
from eval.judges.judged import judge_response
from eval.metrics import scores_of
from eval.runs.run import row_of
from eval.runs.why import why

TIDES, OWLS = "Tides rise at noon", "Owls hunt at night"
HALF = f"{TIDES}; Bees cure every cold."


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("Tides rise at noon; winds turn north.", ("Tides rise at noon", "winds turn north.")),
        ("CNNs copy texture well, while GANs copy shape.", ("CNNs copy texture well", "GANs copy shape.")),
        ("Tides rise at noon, and winds turn north.", ("Tides rise at noon", "winds turn north.")),
        ("It scored 81.7% on MMLU and 79.2% on MedQA.", ("It scored 81.7% on MMLU", "It scored 79.2% on MedQA.")),
        ("Heads copy whole tokens, which cuts total loss.", ("Heads copy whole tokens", "which cuts total loss.")),
    ],
)  # fmt: skip
def test_a_sentence_is_divided_where_another_claim_opens(sentence, claims):
    assert claims_of(sentence) == claims


@pytest.mark.parametrize(
    "sentence",
    [
        "Tides rise at noon.",
        "Tides rise at noon, but",
        "Tides rise at noon and winds turn; while",
        "It is faster, cheaper, and far easier to train well.",
        "The share lies between 4% in young mice and 7% in old rats.",
        "Both scored 81% and 79% on that benchmark.",
        "The new method, which uses labels from people, beats all rivals.",
        "Older patients with diabetes who took aspirin had fewer strokes.",
        "Scores rose sharply because noisy data were removed first.",
        "Yes.",
        "",
    ],
)
def test_a_sentence_of_one_claim_stays_whole(sentence):
    assert claims_of(sentence) == (sentence,)


def scores(*claims, judge=None, passages=PASSAGES):
    return {name: score.value for name, score in scores_of(judged(*claims, judge=judge, passages=passages)).items()}


def test_half_a_sentence_counts_half_by_claim_and_nothing_by_sentence():
    found = scores((HALF, 1))
    assert (found["citation_recall"], found["citation_recall:claims"]) == (0.0, 0.5)
    assert (found["citation_precision"], found["citation_precision:claims"]) == (0.0, 1.0)
    assert (found["groundedness"], found["groundedness:claims"]) == (0.0, 0.5)
    assert (found["no_support"], found["no_support:claims"]) == (1.0, 0.5)


def test_a_supported_sentence_supports_its_claims_and_counts_once_for_each():
    whole = f"{TIDES}; {OWLS}."
    judge = ExactJudge()
    found = scores((whole, 1), ("Bees cure colds.", 1), judge=judge, passages=(Passage("p1", whole),))
    assert (found["citation_recall"], found["citation_recall:claims"]) == (0.5, pytest.approx(2 / 3))
    assert TIDES not in [asked for asked, _ in judge.asked]


def test_degrees_are_counted_by_claim():
    found = scores((f"{TIDES} and Bees hum; Salt floats up far away.", 1), judge=GradedJudge())
    assert (found["partial_support:claims"], found["no_support:claims"]) == (0.5, 0.5)
    assert found["support_recall:claims"] == 0.25


def test_a_mark_is_precise_for_the_claim_that_needs_it():
    """The second claim needs paper 3, nothing needs paper 2."""
    found = scores((f"{TIDES} far off; {OWLS}", 1, 3, 2))
    assert found["citation_precision"] == 0.0
    assert found["citation_precision:claims"] == pytest.approx(1 / 3)


def test_a_sentence_without_a_verdict_leaves_its_claims_without_one():
    found = scores_of(judged((f"??? {TIDES}; {OWLS}", 1)))
    assert found["citation_recall:claims"].value is None
    assert found["citation_recall:claims"].unscored == 2


def test_the_claim_that_lacks_support_is_named():
    asked = case(gold=("p1",), expected=(("noon",),))
    (line,) = why(row_of(judge_response(asked, response((f"{TIDES}; Bees cure every cold.", 1)), ExactJudge())))[-1:]
    assert line.startswith("not supported by what it cites: 'Bees cure every cold.'")
