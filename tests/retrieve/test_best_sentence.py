from __future__ import annotations

from memory_library import paper

from rag.retrieve.evidence import NOTHING, best_sentence
from rag.text.sentences import split_sentences
from rag.types import Span

OWLS = paper(0, "Night flight of owls", "Many birds sing. Owls fly in silence at night. Mice hear them late.")


def quoted(weights, of=OWLS):
    span = best_sentence(of, split_sentences(of.abstract), weights)
    return of.abstract[span.start : span.end]


def test_the_sentence_with_most_of_the_weight_is_quoted():
    assert quoted({"mice": 2.0, "bird": 1.0}) == "Mice hear them late."
    assert quoted({"mice": 1.0, "bird": 2.0}) == "Many birds sing."


def test_a_word_counts_once_a_sentence():
    repeated = paper(0, "Bees", "Bees met bees and bees. Bees and wasps met.")
    assert quoted({"bee": 1.0, "wasp": 0.5}, of=repeated) == "Bees and wasps met."


def test_where_no_sentence_shares_a_word_the_one_nearest_to_the_title_is_quoted():
    assert quoted({"helicopt": 3.0}) == "Owls fly in silence at night."


def test_the_first_sentence_stands_in_where_the_title_shares_nothing_either():
    assert best_sentence(paper(0, "Untold", "One here. Two there."), [Span(0, 9), Span(10, 20)], {}) == Span(0, 9)


def test_without_an_abstract_nothing_is_quoted():
    assert best_sentence(paper(0, "Owls", ""), [], {"owl": 1.0}) == NOTHING
