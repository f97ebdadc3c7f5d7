"""The exact scan gives each paper the cosine of its best window, however few papers are wanted."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.index import snapshot


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.data())
def test_the_best_window_of_each_wanted_paper_is_found(counts, data):
    drawn = np.random.default_rng(len(counts))
    vectors = drawn.normal(size=(sum(counts), 4)).astype(np.float32)
    segment = SimpleNamespace(vectors=vectors, first=np.concatenate(([0], np.cumsum(counts))))
    holding = [place for place, count in enumerate(counts) if count]
    places = sorted(data.draw(st.sets(st.sampled_from(holding)))) if holding else []
    if not places:
        return
    question = drawn.normal(size=4).astype(np.float32)
    found = snapshot._best_cosines(segment, np.array(places), question)
    expected = [max(vectors[segment.first[p] : segment.first[p + 1]] @ question) for p in places]
    assert np.allclose(found, expected, atol=1e-5)
