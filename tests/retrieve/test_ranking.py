from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_library import BARN, EMBEDDER, MemoryLibrary, WordEmbedder, paper

from rag.errors import InputError
from rag.retrieve import search
from rag.types import Filters


def ids(hits):
    return [hit.paper_id for hit in hits]


def test_the_paper_with_the_words_comes_first():
    assert ids(search("dents in tin roofs", BARN, EMBEDDER))[0] == "p2"


def test_a_question_that_shares_no_word_is_found_by_its_meaning():
    # "early" is in another abstract by chance; it must not win over what the question means.
    hits = search("which felines slumber or doze in early autumn", BARN, EMBEDDER)
    assert hits[0].paper_id == "p1"


def test_every_hit_quotes_its_abstract_and_gives_both_scores():
    for hit in search("how much more grain do moist plots of barley give", BARN, EMBEDDER):
        assert hit.paper.abstract[hit.start : hit.end] == hit.quote
        assert hit.dense is not None
        assert 0 <= hit.lexical <= 1


def test_scores_fall_and_each_paper_comes_once():
    hits = search("barley", BARN, EMBEDDER)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(set(ids(hits))) == len(hits) == 4


def test_k_limits_the_hits():
    assert len(search("barley", BARN, EMBEDDER, k=2)) == 2


def test_filters_leave_only_what_passes():
    assert ids(search("barley", BARN, EMBEDDER, filters=Filters(year_from=2024))) == ["p2"]
    assert ids(search("barley", BARN, EMBEDDER, filters=Filters(author="angstrom"))) == ["p0"]
    assert search("barley", BARN, EMBEDDER, filters=Filters(venue="no such venue")) == []


def test_an_empty_library_finds_nothing():
    assert search("barley", MemoryLibrary([], EMBEDDER), EMBEDDER) == []


def test_a_paper_without_abstract_is_found_by_its_title_with_an_empty_quote():
    hits = search("owls", MemoryLibrary([paper(0, "Owls", "")], EMBEDDER), EMBEDDER)
    assert (hits[0].quote, hits[0].start, hits[0].end) == ("", 0, 0)


@pytest.mark.parametrize("question", ["", " \n"])
def test_an_empty_question_is_refused(question):
    with pytest.raises(InputError, match="empty"):
        search(question, BARN, EMBEDDER)


def test_k_below_one_is_refused():
    with pytest.raises(InputError, match=r"k must be at least 1 \(got 0\)"):
        search("barley", BARN, EMBEDDER, k=0)


def test_a_question_longer_than_the_model_reads_is_embedded_in_pieces():
    question = "tell me about hail dents and tin roofs " * 40
    assert search(question, BARN, EMBEDDER)[0].paper_id == "p2"


ALL = MemoryLibrary([paper(n, f"Title {n}", f"Word{n} stands here. Common ground.") for n in range(6)], WordEmbedder())


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_can_be_asked(question):
    hits = search(question, ALL, WordEmbedder(), k=3)
    assert len(hits) == 3
    assert all(0 <= hit.lexical <= 1 and hit.paper.abstract[hit.start : hit.end] == hit.quote for hit in hits)
