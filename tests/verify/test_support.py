"""`support`: what a caller can rely on for any sentence and any evidence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.types import Verdict
from rag.verify import support

ABSTRACT = (
    "Pollination by wild bees is said to be in decline. We counted visits to 40 apple orchards over three years. "
    "Orchards with flower strips had 31% more visits than orchards without. Yield may rise as a consequence."
)


def test_a_verbatim_sentence_is_supported_outright():
    result = support("Orchards with flower strips had 31% more visits than orchards without.", ABSTRACT)
    assert (result.verdict, result.score) == (Verdict.SUPPORTED, 1.0)


@pytest.mark.parametrize(
    ("sentence", "verdict", "named"),
    [
        ("Orchards with flower strips had 13% more visits than orchards without.", Verdict.CONTRADICTED, "13%"),
        ("Orchards with flower strips had 31% fewer visits than orchards without.", Verdict.CONTRADICTED, "fewer"),
        (
            "Orchards with flower strips did not have more visits.",
            Verdict.CONTRADICTED,
            "denies what the evidence says (“",
        ),
        ("Yield rises as a consequence.", Verdict.PARTIAL, "may"),
        ("Wind turbines endanger migrating bats.", Verdict.UNSUPPORTED, "else"),
    ],
)
def test_the_verdict_says_what_decided(sentence, verdict, named):
    result = support(sentence, ABSTRACT)
    assert result.verdict is verdict
    assert named in result.why


def test_a_denial_is_named_in_words_and_not_in_stems():
    result = support(
        "A later bell improves academic achievement.", "A later bell does not improve academic achievement."
    )
    assert result.verdict is Verdict.CONTRADICTED
    assert "“improve academic achievement”" in result.why


def test_a_clause_cut_out_of_its_negation_is_not_verbatim():
    evidence = "There is no evidence that flower strips raise the yield of apple orchards."
    assert support("Flower strips raise the yield of apple orchards.", evidence).verdict is not Verdict.SUPPORTED


def test_a_name_in_small_letters_is_found_in_capitals():
    evidence = "Cohort C-9 was small. Herd immunity to SARS-CoV-2 reduced COVID-19 admissions in the region."
    sentence = "Herd immunity to sars-cov-2 reduced covid-19 admissions in that region."
    assert support(sentence, evidence).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("sentence", ["", "   ", "…", "[7]", "12%", "的蜜蜂数量下降", "x" * 5000, "\x00\ud83d" * 3])
@pytest.mark.parametrize("evidence", ["", "\n\n", ABSTRACT, "蜜蜂的数量下降了。", "word " * 20_000])
def test_any_input_gets_a_verdict(sentence, evidence):
    result = support(sentence, evidence)
    assert 0.0 <= result.score <= 1.0
    assert result.why


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.text(max_size=120))
def test_arbitrary_text_never_raises_and_a_text_supports_itself(sentence, evidence):
    assert 0.0 <= support(sentence, evidence).score <= 1.0
    if any(c.isalnum() for c in evidence):
        assert support(evidence, evidence).verdict in (Verdict.SUPPORTED, Verdict.UNSUPPORTED)
