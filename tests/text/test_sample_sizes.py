"""How many were studied, as abstracts state it; every count stands in the sentence that it is pinned to."""

import pytest

from rag.text.sample_sizes import first_n, sample_of
from rag.types import Paper

STUDY = "Sleep of nurses is short. {} Nurses slept longer after the change. Students did not. Hives were not kept."


@pytest.mark.parametrize(
    ("methods", "counts"),
    [
        ("We surveyed 156 students.", "156 students"),
        ("In 212 nurses we measured sleep.", "212 nurses"),
        ("Fifty-five nurses were recruited.", "Fifty-five nurses"),
        ("We recruited 120 randomly selected nurses from 12 wards.", "120 randomly selected nurses"),
        ("We surveyed 84 nurses and 1,100 students.", "84 nurses; 1,100 students"),
        ("We randomised 42 nurses to naps or none (n = 21 each).", "42 nurses; n = 21"),
        ("We studied 2,027 nurses.", "2,027 nurses"),
    ],
)
def test_a_count_of_what_the_abstract_speaks_of_again_is_its_sample(methods, counts):
    paper = Paper("p", "Naps", STUDY.format(methods))
    said, span = sample_of(paper)
    assert (said, paper.abstract[span.start : span.end]) == (counts, methods)


@pytest.mark.parametrize(
    "other",
    [
        "We offered 40 kinds of jam.",  # not spoken of again
        "We measured sleep for 24 months.",
        "We used two groups of nurses.",
        "We tried 10, 20 or 40 hives.",
        "We had nurses read 23 students per minute.",
        "We used Year 10 students.",
        "We measured nurses since 1994 students.",
        "We found sleep in 55% of nurses.",
        "Earlier studies found that 300 nurses slept badly.",
    ],
)
def test_what_is_no_sample_is_left_out(other):
    assert sample_of(Paper("p", "Naps", STUDY.format(other))) is None


def test_an_n_of_those_with_a_result_is_no_sample():
    assert first_n(Paper("p", "Naps", STUDY.format("Results showed that half recovered (n = 46)."))) is None
    said, _ = first_n(Paper("p", "Naps", STUDY.format("Nurses had been sent forms before (n = 46).")))
    assert said == "n = 46"
