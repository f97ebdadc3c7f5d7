from __future__ import annotations

import numpy as np
import pytest

from rag.retrieve.ranking import FALL, WEIGHT, towards

EAST, NORTH, WEST = (np.array(v, dtype=np.float32) for v in ([1, 0], [0, 1], [-1, 0]))


def scores(*values):
    return np.array(values, dtype=np.float32)


def test_the_question_moves_towards_the_leaders():
    moved = towards(EAST, [np.array([NORTH])], scores(0.7))
    # (1, 0) + WEIGHT · (0, 1), scaled to length 1
    assert moved == pytest.approx(np.array([1, WEIGHT]) / np.hypot(1, WEIGHT), abs=1e-6)


def test_a_paper_of_many_windows_has_one_vote():
    once = towards(EAST, [np.array([NORTH]), np.array([EAST])], scores(0.5, 0.5))
    often = towards(EAST, [np.array([NORTH] * 9), np.array([EAST])], scores(0.5, 0.5))
    assert often == pytest.approx(once, abs=1e-6)


def test_a_paper_that_stands_out_leads_alone_and_equals_lead_together():
    north, west = np.array([NORTH]), np.array([WEST])
    alone = towards(EAST, [north], scores(0.9))
    assert towards(EAST, [north, west], scores(0.9, 0.9 - 20 * FALL)) == pytest.approx(alone, abs=1e-6)
    together = towards(EAST, [north, west], scores(0.9, 0.9))
    assert together == pytest.approx(np.array([1 - WEIGHT / 2, WEIGHT / 2]) / np.hypot(1 - WEIGHT / 2, WEIGHT / 2))


def test_without_leaders_the_question_stays():
    assert towards(EAST, [], scores()) is EAST
    assert towards(EAST, [np.empty((0, 2), dtype=np.float32)], scores(0.5)) is EAST
