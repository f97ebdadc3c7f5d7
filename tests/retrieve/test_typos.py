from __future__ import annotations

import pytest
from memory_library import BARN, EMBEDDER

from rag.retrieve import search
from rag.retrieve.query import nearest_term

VOCABULARY = {"barley": 3, "barter": 1, "transform": 9, "transformat": 2, "cell": 5, "diffus": 4, "misalign": 2}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("barely", "barley"),  # two letters swapped
        ("barlley", "barley"),  # one too many
        ("barly", "barley"),  # one lost
        ("misalingmn", "misalign"),  # a long word may be wrong twice
    ],
)
def test_a_misspelt_word_is_corrected(wrong, right):
    assert nearest_term(wrong, VOCABULARY) == right


@pytest.mark.parametrize("word", ["cel", "zebra", "hepatocyt", "gpt4", "37"])
def test_short_strange_and_numbered_words_stay_as_they_are(word):
    assert nearest_term(word, VOCABULARY) is None


def test_the_commoner_of_two_equally_near_terms_wins():
    assert nearest_term("barler", {"barley": 3, "barter": 7}) == "barter"


def test_a_misspelt_question_finds_the_paper():
    assert search("moistrue of soill", BARN, EMBEDDER)[0].paper_id == "p0"
