"""Contrasts made by program: what is edited, and that an edit alone gives nothing away."""

from collections import Counter

import pytest
from places import SHARED

from training.contrasts import CONTRADICTED, SUPPORTED, contrasts
from training.split import written
from training.written import HERE, read_own


@pytest.fixture(scope="module")
def made():
    abstracts = [abstract for file in sorted((HERE / "abstracts").glob("own-*.txt")) for abstract in read_own(file)]
    return list(contrasts(abstracts, 2, 7))


def test_as_many_stay_true_as_turn_false(made):
    true = sum(contrast.verdict == SUPPORTED for contrast in made)
    assert len(made) > 2_000
    assert true * 2 == len(made)


def test_a_false_claim_is_not_a_sentence_of_its_evidence(made):
    for contrast in made:
        if contrast.verdict != SUPPORTED:
            assert contrast.claim not in contrast.passages, contrast


def test_true_claims_are_edited_about_as_often_as_false_ones(made):
    untouched = Counter(c.claim in " ".join(c.passages) for c in made if c.verdict == SUPPORTED)
    assert untouched[True] < 0.2 * untouched[False]


def test_many_kinds_of_edit_are_made(made):
    kinds = Counter(kind for contrast in made for kind in contrast.kind.split())
    wanted = (
        "_rival_noun", "_sides", "_turned", "_denied", "_other_figure", "_figures_exchanged", "_overstated",
        "_possessive", "_reordered", "_synonym", "_first_half", "_without_commas",
    )  # fmt: skip
    assert all(kinds[kind] > 10 for kind in wanted), kinds


def test_a_denial_and_another_figure_contradict(made):
    assert {c.verdict for c in made if c.kind in ("_denied", "_other_figure")} == {CONTRADICTED}


def test_the_same_seed_makes_the_same_contrasts(made):
    abstracts = [abstract for file in sorted((HERE / "abstracts").glob("own-*.txt")) for abstract in read_own(file)]
    assert list(contrasts(abstracts, 2, 7)) == made


def test_nothing_that_only_measures_is_trained_on():
    data = written(SHARED)
    assert data.claims
    assert not {claim.abstract for claim in data.claims} & {"own:astronomy-001", "own:linguistics-001"}
