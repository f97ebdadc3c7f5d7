from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_library import MemoryLibrary, WordEmbedder, paper

from rag.errors import InputError
from rag.retrieve import search
from rag.types import Filters


def ids(hits):
    return [hit.paper_id for hit in hits]


def test_the_paper_with_the_words_comes_first(library, embedder):
    assert ids(search("dents in tin roofs", library, embedder))[0] == "p2"


def test_a_question_that_shares_no_word_is_found_by_its_meaning(library, embedder):
    # "early" is in another abstract by chance; it must not win over what the question means.
    hits = search("which felines slumber or doze in early autumn", library, embedder)
    assert hits[0].paper_id == "p1"
    assert hits[0].quote == "The kitten slept eleven hours."


def test_every_hit_quotes_its_abstract_and_tells_both_scores(library, embedder):
    for hit in search("how much more grain do moist plots of barley give", library, embedder):
        assert hit.paper.abstract[hit.start : hit.end] == hit.quote
        assert hit.dense is not None
        assert 0 <= hit.lexical <= 1


def test_scores_fall_and_each_paper_comes_once(library, embedder):
    hits = search("barley", library, embedder)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(set(ids(hits))) == len(hits) == 4


def test_k_limits_the_hits(library, embedder):
    assert len(search("barley", library, embedder, k=2)) == 2


def test_filters_leave_only_what_passes(library, embedder):
    assert ids(search("barley", library, embedder, filters=Filters(year_from=2024))) == ["p2"]
    assert ids(search("barley", library, embedder, filters=Filters(author="angstrom"))) == ["p0"]
    assert search("barley", library, embedder, filters=Filters(venue="no such venue")) == []


def test_an_empty_library_finds_nothing(embedder):
    assert search("barley", MemoryLibrary([], embedder), embedder) == []


def test_a_paper_without_abstract_is_found_by_its_title_with_an_empty_quote(embedder):
    hits = search("owls", MemoryLibrary([paper(0, "Owls", "")], embedder), embedder)
    assert (hits[0].quote, hits[0].start, hits[0].end) == ("", 0, 0)


@pytest.mark.parametrize("question", ["", " \n"])
def test_an_empty_question_is_refused(library, embedder, question):
    with pytest.raises(InputError, match="empty"):
        search(question, library, embedder)


def test_k_below_one_is_refused(library, embedder):
    with pytest.raises(InputError, match="k=0"):
        search("barley", library, embedder, k=0)


def test_a_question_longer_than_the_model_reads_is_embedded_in_pieces(library, embedder):
    question = "tell me about hail dents and tin roofs " * 40
    assert search(question, library, embedder)[0].paper_id == "p2"


ALL = MemoryLibrary([paper(n, f"Title {n}", f"Word{n} stands here. Common ground.") for n in range(6)], WordEmbedder())


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_can_be_asked(question):
    hits = search(question, ALL, WordEmbedder(), k=3)
    assert len(hits) == 3
    assert all(0 <= hit.lexical <= 1 and hit.paper.abstract[hit.start : hit.end] == hit.quote for hit in hits)
