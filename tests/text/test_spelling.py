"""British and American spellings are found from each other, and words that only look alike are left apart."""

import pytest

from rag.text.spelling import spellings


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("leukaemia", "leukemia"),
        ("haematology", "hematology"),
        ("oedema", "edema"),
        ("diarrhoeal", "diarrheal"),
        ("tumours", "tumors"),
        ("behavioural", "behavioral"),
        ("randomised", "randomized"),
        ("hospitalisation", "hospitalization"),
        ("analysed", "analyzed"),
        ("labelled", "labeled"),
        ("centre", "center"),
        ("fibres", "fibers"),
        ("sulphate", "sulfate"),
        ("anaesthetised", "anesthetized"),
    ],
)
def test_each_spelling_is_found_from_the_other(british, american):
    assert american in spellings(british)
    assert british in spellings(american)


@pytest.mark.parametrize(
    ("word", "other"),
    [("poems", "pems"), ("filled", "filed"), ("canoe", "cane"), ("hour", "hor"), ("gp5ae", "gp5e")],
)
def test_words_that_only_look_alike_stay_apart(word, other):
    assert other not in spellings(word)
