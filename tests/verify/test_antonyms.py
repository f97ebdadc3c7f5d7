"""A word used where the evidence has its opposite, and many that only look like it."""

import pytest

from rag.text.reading import read
from rag.verify.antonyms import turned_round

CONTRAST = "The glue is sufficient for paper, but insufficient for cork."


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Prices fell in May.", "Prices rose in May."),
        ("The lamp is dimmer than the fire.", "The lamp is brighter than the fire."),
        ("The soil is impermeable to oil.", "The soil is permeable to oil."),
        ("The dye is non-toxic to snails.", "The dye is toxic to snails."),
        ("The glue is sufficient for cork.", CONTRAST),
        ("The glue is insufficient for paper.", CONTRAST),
        ("The drug caused hypertension in cats.", "The drug caused hypotension in cats."),
        ("Frost became more common.", "Frost became less common."),
    ],
)
def test_an_opposite_is_seen(claim, evidence):
    assert turned_round(read(claim), [read(evidence)])


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The glue is sufficient for paper.", CONTRAST),
        ("The glue is insufficient for cork.", CONTRAST),
        ("The glue is not sufficient for cork.", CONTRAST),
        ("The dye is nontoxic.", "The dye is non-toxic."),
        ("The tests were not passed.", "The tests were failed."),
        ("Frost became less common.", "Frost became rarer."),
        ("Most inpatients were treated at once.", "Most patients were treated at once."),
        ("Visits are part of the plan.", "Visits are entirely in the plan."),
        ("Boats are heard earlier by otters than by beavers.", "Otters hear boats earlier than beavers do."),
    ],
)
def test_words_that_are_not_opposites_are_not_found(claim, evidence):
    assert not turned_round(read(claim), [read(evidence)])
