from __future__ import annotations

import numpy as np
import pytest

from rag.retrieve.feedback import WEIGHT, towards

EAST, NORTH = np.array([1.0, 0.0], dtype=np.float32), np.array([0.0, 1.0], dtype=np.float32)


def test_the_question_moves_towards_the_leaders():
    moved = towards(EAST, [np.array([NORTH])])
    # (1, 0) + WEIGHT · (0, 1), scaled to length 1
    assert moved == pytest.approx(np.array([1, WEIGHT]) / np.hypot(1, WEIGHT), abs=1e-6)


def test_a_paper_of_many_windows_has_one_vote():
    once = towards(EAST, [np.array([NORTH]), np.array([EAST])])
    often = towards(EAST, [np.array([NORTH] * 9), np.array([EAST])])
    assert often == pytest.approx(once, abs=1e-6)


def test_without_leaders_the_question_stays():
    assert towards(EAST, []) is EAST
    assert towards(EAST, [np.empty((0, 2), dtype=np.float32)]) is EAST
