"""Contrasts made by program: what is edited, and that an edit alone gives nothing away."""

import json
from collections import Counter
from random import Random

import pytest
from places import SHARED

from training.contrasts import contrasts, contrasts_of_claims
from training.false_edits import CONTRADICTED, SUPPORTED, rival_noun
from training.passages import Passage, Usage
from training.split import written
from training.written import HERE, Abstract, read_own


@pytest.fixture(scope="module")
def made():
    abstracts = [abstract for file in sorted((HERE / "abstracts").glob("own-*.txt")) for abstract in read_own(file)]
    return list(contrasts(abstracts[:250], 2, 7, Usage(abstracts)))


def test_as_many_stay_true_as_turn_false(made):
    true = sum(contrast.verdict == SUPPORTED for contrast in made)
    assert len(made) > 800
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
        "rival_noun", "sides", "turned", "denied", "other_figure", "figures_exchanged", "overstated",
        "_possessive", "_reordered", "_synonym", "_first_half", "_without_commas",
    )  # fmt: skip
    assert all(kinds[kind] > 5 for kind in wanted), kinds


def test_a_denial_and_another_figure_contradict(made):
    assert {c.verdict for c in made if c.kind in ("denied", "other_figure")} == {CONTRADICTED}


def test_the_same_seed_makes_the_same_contrasts(made):
    abstracts = [abstract for file in sorted((HERE / "abstracts").glob("own-*.txt")) for abstract in read_own(file)]
    assert list(contrasts(abstracts[:250], 2, 7, Usage(abstracts))) == made


def test_a_rival_is_of_the_kind_of_the_noun_that_it_replaces():
    cats = Abstract(
        "own:cats", "Cats", ("The cats ate the fish of the lake.", "The dogs ate the bread of the dogs.", "It rained.")
    )
    passage = Passage(cats, (0,), Usage([cats] * 2), Random(1))
    made = Counter(rival_noun(passage, cats.sentences[0]) for _ in range(60))
    assert made["The cats ate the bread of the lake."] > 10
    assert not any("dogs" in claim for claim in made if claim)  # one stands for one, not for many


def test_a_right_claim_is_turned_false_in_its_own_words():
    data = written(SHARED)
    claims = [claim for claim in data.claims if claim.abstract.startswith("own:ml-")][:200]
    pairs = list(contrasts_of_claims(claims, data.abstracts, 7, Usage(list(data.abstracts.values()))))
    assert len(pairs) > 60
    for true, false in pairs:
        assert (true.verdict, true.passages) == (SUPPORTED, false.passages)
        assert false.verdict != SUPPORTED
        assert false.claim not in {claim.text for claim in claims}


def test_nothing_that_only_measures_is_trained_on():
    data = written(SHARED)
    assert data.claims
    assert not {claim.abstract for claim in data.claims} & {"own:astronomy-001", "own:linguistics-001"}
    asked = json.loads((HERE.parent / "eval/data/fields/libraries.json").read_text(encoding="utf-8"))["biology"]
    assert asked["ids"]
    assert not {f"{asked['set']}:{number}" for number in asked["ids"]} & data.abstracts.keys()
