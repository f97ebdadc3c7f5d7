import math

import pytest

from rag.store import lexical

TEXTS = [("Barley", "Barley likes water."), ("Cats", "Cats like barley fields."), ("Tin", "Hail dents tin roofs.")]


def test_scores_are_bm25_by_hand(tmp_path):
    lexical.build(tmp_path, iter(TEXTS))
    index = lexical.LexicalIndex(tmp_path, len(TEXTS))
    # "hail" stands in one of three papers; that paper has the stems tin, hail, dent, tin, roof: 5 of (4 + 5 + 5) / 3.
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    length = 5 / (14 / 3)
    expected = idf * 1 / (1 + 1.2 * (1 - 0.75 + 0.75 * length))
    assert index.idf("hail") == pytest.approx(idf)
    assert index.scores({"hail": 2.0})[2] == pytest.approx(2 * expected, rel=1e-5)
    assert index.scores({"hail": 1.0, "nowhere": 1.0})[:2].tolist() == [0.0, 0.0]
    assert index.vocabulary()["barley"] == 2


def test_an_empty_library_has_an_empty_index(tmp_path):
    lexical.build(tmp_path, iter([("...", "!!!")]))
    index = lexical.LexicalIndex(tmp_path, 1)
    assert index.scores({"anything": 1.0}).tolist() == [0.0]
    assert index.idf("anything") is None
