"""Retrieval, correctness, declining, errors and cost, each with its sum by hand."""

import math

import pytest
from judges_for_tests import case, judged

from eval.estimates import NOT_APPLICABLE, Score
from eval.judges.error_kinds import error_kind
from eval.metrics import BY_NAME, METRICS, summarise
from eval.metrics.correctness import expected, expected_share, forbidden, is_correct
from eval.metrics.cost import prompt_tokens, seconds
from eval.metrics.declining import RiskPoint, area_under_risk, risk_coverage
from eval.metrics.retrieval import evidence_recall, ndcg_at, recall_at, reciprocal_rank
from eval.questions import GoldSentence

RANKED = ["a", "b", "c", "d", "e", "f"]


def test_recall_at_k():
    assert recall_at(5, RANKED, {"b", "f"}) == 0.5  # f is sixth
    assert recall_at(10, RANKED, {"b", "f"}) == 1.0


def test_ndcg_by_hand():
    # Gold at ranks 2 and 4: 1/log2(3) + 1/log2(5); the best order: 1/log2(2) + 1/log2(3).
    ideal = 1 + 1 / math.log2(3)
    assert ndcg_at(10, RANKED, {"b": 1, "d": 1}) == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    # Graded: 2 at rank 3 and 1 at rank 1 against 2, 1.
    assert ndcg_at(10, RANKED, {"c": 2, "a": 1}) == pytest.approx((1 + 2 / 2) / (2 + 1 / math.log2(3)))
    # A gold paper that was not found still counts in the best order.
    assert ndcg_at(10, RANKED, {"a": 1, "z": 1}) == pytest.approx(1 / ideal)


def test_reciprocal_rank():
    assert reciprocal_rank(RANKED, {"c", "e"}) == pytest.approx(1 / 3)
    assert reciprocal_rank(RANKED, {"z"}) == 0.0
    assert reciprocal_rank(RANKED, {"f"}, k=5) == 0.0


def test_retrieval_is_of_papers_and_only_where_gold_is_there():
    metric = BY_NAME["recall@5"]
    twice = judged(("Tides rise at noon.", 1), case=case(gold=("p2",)), retrieved=("p1", "p1", "p1", "p1", "p1", "p2"))
    assert metric.score(twice) == Score(1, 1)  # pieces of one paper take one rank
    assert metric.score(judged(("Tides rise.", 1), case=case("gold_removed", gold=("p1",)))) == NOT_APPLICABLE


def test_evidence_recall():
    # Two of three sentences stand in what was retrieved, under their own paper.
    evidence = (
        GoldSentence("p1", "Salt floats up."),
        GoldSentence("p2", "Clouds gather fast."),
        GoldSentence("p9", "Owls hunt at night."),
    )
    assert evidence_recall(judged(case=case(evidence=evidence))) == Score(2, 3)


def test_evidence_recall_does_not_apply_to_another_wording():
    evidence = (GoldSentence("p1", "The tide is highest at twelve."),)
    assert evidence_recall(judged(case=case(evidence=evidence))) == NOT_APPLICABLE


def test_expected_strings():
    asked = case(expected=(("12%", "twelve percent"), ("noon",)), forbidden=("18%",))
    right = judged(case=asked, text="It rises by Twelve  Percent at noon [1].")
    assert expected(right) == Score(1, 1)
    half = judged(case=asked, text="It rises by 12% [1], not by 18% [2].")
    assert expected(half) == Score(0, 1)
    assert expected_share(half) == Score(0.5, 1)
    assert forbidden(half) == Score(1, 1)
    assert expected(judged(case=asked, text="It rises by 112% at noon.")) == Score(0, 1)
    assert expected(judged(case=case(expected=(("1",),)), text="It rises [1].")) == Score(0, 1)  # a mark is no figure


def test_a_refusal_does_not_say_what_is_expected_but_says_nothing_forbidden():
    asked = case(expected=(("12%",),), forbidden=("18%",))
    refused = judged(case=asked, text="No abstract says 12%.", declined=True)
    assert expected(refused) == Score(0, 1)
    assert forbidden(refused) == NOT_APPLICABLE


UNANSWERABLE = case("absent")
ANSWERABLE = case(expected=(("noon",),))


def test_declining_by_hand():
    # Unanswerable: 2 refused, 1 answered. Answerable: 1 refused, 3 answered, 1 empty.
    items = [
        *[judged(case=UNANSWERABLE, text="No.", declined=True)] * 2,
        judged(("Tides rise at noon.", 1), case=UNANSWERABLE),
        judged(case=ANSWERABLE, text="No.", declined=True),
        *[judged(("Tides rise at noon.", 1), case=ANSWERABLE)] * 3,
        judged(case=ANSWERABLE, text=" "),
    ]
    found = summarise([{metric.name: metric.score(item) for metric in METRICS} for item in items])
    assert found["refusal_precision"].value == pytest.approx(2 / 3)
    assert found["refusal_recall"].value == pytest.approx(2 / 3)
    assert found["refusal_recall:absent"].value == pytest.approx(2 / 3)
    assert found["refusal_recall:off_field"].value is None
    assert found["refusal_f1"].value == pytest.approx(2 * 2 / (3 + 3))
    assert found["answered_unanswerable"].value == pytest.approx(1 / 3)
    assert found["over_refusal"].value == pytest.approx(1 / 5)
    assert found["empty_answers"].value == pytest.approx(1 / 8)


def test_risk_and_coverage_by_hand():
    # By confidence: right 0.9, wrong 0.8 and right 0.8 (one point), then a refusal that is never covered.
    def answered(text, confidence):
        return judged((text, 1), case=ANSWERABLE, confidence=confidence)

    items = [answered("noon", 0.8), answered("dusk", 0.8), answered("noon", 0.9)]
    items += [judged(case=ANSWERABLE, text="No.", declined=True)]
    points = risk_coverage(items)
    assert points == (RiskPoint(0.25, 0.0, 0.9), RiskPoint(0.75, pytest.approx(1 / 3), 0.8))
    # 0 over the first quarter, 1/3 over the next half: (0.25 · 0 + 0.5 / 3) / 0.75 = 2 / 9.
    assert area_under_risk(points) == pytest.approx(2 / 9)
    assert area_under_risk(()) is None


def test_what_is_correct():
    assert is_correct(judged(case=UNANSWERABLE, text="No.", declined=True))
    assert not is_correct(judged(("Tides rise at noon.", 1), case=UNANSWERABLE))
    assert is_correct(judged(("Tides rise at noon.", 1), case=case("dispute"))) is None  # nothing to compare with
    assert is_correct(judged(("Tides rise at noon.", 1), case=ANSWERABLE, error="no connection")) is None


SOURCE = "In 2019 the GPT-3 model raised the reported accuracy of coastal forecasts by 12% within 5 days."


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        (SOURCE.replace("12%", "21%"), "number"),
        (SOURCE.replace("2019", "2017"), "time"),
        (SOURCE.replace("5 days", "5 weeks"), "time"),
        (SOURCE.replace("GPT-3", "PaLM-2"), "entity"),
        (SOURCE.replace("raised", "lowered"), "negation"),
        (SOURCE.replace("raised", "never raised"), "negation"),
        ("Bees dance in the rain to greet their queen.", "invention"),
    ],
)
def test_kinds_of_error(sentence, kind):
    assert error_kind(sentence, [SOURCE]) == kind


def test_error_rates_are_over_all_check_worthy_sentences():
    # "Tides rise at dusk" shares 2 of 3 words and alters no figure or name: counted once, of two sentences.
    item = judged(("Salt floats up.", 1), ("Bees dance in rain.", 2))
    assert BY_NAME["error:invention"].score(item) == Score(1, 2)
    assert BY_NAME["error:number"].score(item) == Score(0, 2)


def test_cost_is_a_mean_over_what_is_reported():
    assert seconds(judged(seconds=2.5)) == Score(2.5, 1)
    assert prompt_tokens(judged(seconds=2.5)) == NOT_APPLICABLE


def test_every_metric_has_a_definition_and_a_name_of_its_own():
    assert len(BY_NAME) == len(METRICS)
    assert [metric.name for metric in METRICS if len(metric.definition) < 20] == []
