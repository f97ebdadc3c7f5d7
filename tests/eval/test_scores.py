"""Estimates and their intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.estimates import NOT_APPLICABLE, UNSCORED, Score, estimate, of, wilson


def test_an_estimate_is_the_ratio_of_the_sums_and_counts_what_is_not_in_it():
    # (1 + 2) / (2 + 4) = 0.5: the long answer weighs more than the short one.
    found = estimate([Score(1, 2), Score(2, 4, unscored=1), NOT_APPLICABLE, UNSCORED])
    assert found.value == 0.5
    assert (found.questions, found.not_applicable, found.unscored) == (2, 1, 2)


def test_nothing_scored_is_not_zero():
    found = estimate([NOT_APPLICABLE, UNSCORED])
    assert (found.value, found.low, found.high) == (None, None, None)


def test_wilson_by_hand():
    # 8 of 10: centre (0.8 + 1.92/10) / 1.384 = 0.717, half-width 0.227 (Newcombe 1998, table I: 0.490 to 0.943).
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0


def test_the_bootstrap_agrees_with_the_normal_interval_where_both_hold():
    # 30 right of 100: 0.3 ± 1.96 √(0.3 · 0.7 / 100) = 0.210 … 0.390.
    found = estimate([of(i < 30) for i in range(100)])
    assert found.low == pytest.approx(0.210, abs=0.015)
    assert found.high == pytest.approx(0.390, abs=0.015)


def test_a_perfect_share_still_has_an_interval():
    assert estimate([of(True)] * 20).low == pytest.approx(0.839, abs=0.001)  # Wilson, 20 of 20
    assert estimate([of(False)] * 20).high == pytest.approx(0.161, abs=0.001)


def test_one_question_has_no_interval_of_its_own():
    found = estimate([Score(12.5, 1)], is_share=False)
    assert (found.value, found.low, found.high) == (12.5, None, None)


def test_the_same_scores_give_the_same_interval():
    scores = [Score(i % 3, 2) for i in range(50)]
    assert estimate(scores) == estimate(scores)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda p: Score(min(p), max(p))), max_size=30))
def test_the_interval_holds_the_value_and_stays_in_0_1(scores):
    found = estimate(scores)
    if found.value is not None and found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high <= 1
    assert found.questions + found.not_applicable == len(scores)
