import math

import numpy as np
import pytest

from rag.index import bm25

TEXTS = [("Barley", "Barley likes water."), ("Cats", "Cats like barley fields."), ("Tin", "Hail dents tin roofs.")]


def build(folder, texts):
    bm25.build(folder, ["\n".join(text) for text in texts])
    return bm25.LexicalIndex([bm25.Postings(folder, len(texts))], [np.arange(len(texts))], len(texts))


def test_scores_are_bm25_by_hand(tmp_path):
    index = build(tmp_path, TEXTS)
    # "hail" stands in one of three papers; that paper has the stems tin, hail, dent, tin, roof: 5 of (4 + 5 + 5) / 3.
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    length = 5 / (14 / 3)
    expected = idf * 1 / (1 + 1.2 * (1 - 0.75 + 0.75 * length))
    assert index.idf("hail") == pytest.approx(idf)
    assert index.scores({"hail": 2.0})[2] == pytest.approx(2 * expected, rel=1e-5)
    assert index.scores({"hail": 1.0, "nowhere": 1.0})[:2].tolist() == [0.0, 0.0]
    assert index.vocabulary["barley"] == 2


def test_segments_and_papers_that_are_gone_change_no_score(tmp_path):
    whole = build(tmp_path / "whole", TEXTS)
    # Two segments; the first also holds a former text of a paper, which is gone: its row is the number of papers.
    former = ("Tin", "Tin tin tin, and barley under hail.")
    bm25.build(tmp_path / "a", ["\n".join(text) for text in (TEXTS[0], former)])
    bm25.build(tmp_path / "b", ["\n".join(text) for text in TEXTS[1:]])
    segments = [bm25.Postings(tmp_path / "a", 2), bm25.Postings(tmp_path / "b", 2)]
    parts = bm25.LexicalIndex(segments, [np.array([0, 3]), np.array([1, 2])], 3)
    weights = {"barley": 1.0, "tin": 2.0, "hail": 0.5}
    assert parts.scores(weights).tolist() == whole.scores(weights).tolist()
    assert parts.vocabulary == whole.vocabulary


def test_an_empty_library_has_an_empty_index(tmp_path):
    index = build(tmp_path, [("...", "!!!")])
    assert index.scores({"anything": 1.0}).tolist() == [0.0]
    assert index.idf("anything") is None
