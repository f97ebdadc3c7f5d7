from __future__ import annotations

import numpy as np
import pytest

from rag.retrieve.ranking import DENSE_SHARE, WORDING_SHARE, coverage, fuse, look_closer


def scores(*values):
    return np.array(values, dtype=np.float32)


def test_coverage_is_the_share_of_what_the_question_could_score():
    assert coverage(scores(0, 2, 8), 8.0) == pytest.approx([0, 0.25, 1])


def test_a_question_without_terms_covers_nothing():
    assert coverage(scores(0, 0), 0.0) == pytest.approx([0, 0])


def test_the_sum_by_hand():
    assert fuse(scores(0.5), scores(0.6)) == pytest.approx([DENSE_SHARE * 0.5 + (1 - DENSE_SHARE) * 0.36])


def test_a_chance_match_does_not_outweigh_meaning_but_a_full_match_does():
    near, chance = fuse(scores(0.5, 0.3), scores(0.0, 0.2))
    assert near > chance
    near, full = fuse(scores(0.5, 0.3), scores(0.0, 0.8))
    assert full > near


def test_a_closer_look_puts_wording_in_the_place_of_coverage_and_lowers_no_score():
    seen = look_closer(fuse(scores(0.5), scores(0.6)), scores(0.6), scores(0.8))
    rest = 1 - DENSE_SHARE - WORDING_SHARE
    assert seen == pytest.approx([DENSE_SHARE * 0.5 + rest * 0.36 + WORDING_SHARE * 0.8])
    assert look_closer(scores(0.4), scores(0.9), scores(0.0)) == pytest.approx([0.4])
