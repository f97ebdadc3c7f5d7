"""What the guards hold against a free paraphrase, and what they don't."""

from __future__ import annotations

import pytest

from rag.text.reading import read
from rag.verify.bindings import misplaced
from rag.verify.guards import faults

HINTS = "Clerks err at rates between 2% and 17% given four hints, and up to 58% with nine hints."


def kinds(claim: str, *evidence: str) -> set[str]:
    """Return the kinds of faults found where only the first sentence of the evidence is like the claim."""
    return {fault.kind for fault in faults(read(claim), [read(evidence[0])], "\n".join(evidence))}


def test_a_figure_of_another_cited_sentence_is_no_clash():
    claim = "The review of rafts counts 56 trials, no more than 23 of them randomised."
    rafts = "All 56 trials of rafts lasted 12 h."
    assert "number" in kinds(claim, rafts)
    assert not kinds(claim, rafts, "However, only 23 were randomised.") & {"number", "missing_number"}


def test_a_figure_exchanged_in_a_copy_is_a_clash_though_another_sentence_has_it():
    copy = "All 23 trials of rafts lasted 12 h."
    assert "number" in kinds(copy, "All 56 trials of rafts lasted 12 h.", "However, only 23 were randomised.")


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Inhibitors of HDAC quietened the cells.", "With HDACi, the cells were calm."),
        ("Monkeys got LY2405319 every day.", "On each day, LY was given to the monkeys."),
        ("People were set against text-davinci-003.", "Persons met a model, text-davinci-003 of GPT-3."),
    ],
)
def test_a_name_with_something_added_is_not_another_name(claim, evidence):
    assert "name" not in kinds(claim, evidence)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Inhibitors of MAPK quietened the cells.", "With HDACi, the cells were calm."),
        ("Many cats had class III of the ailment.", "Of the ailment, class II was seen in the cats."),
    ],
)
def test_another_name_is_a_fault(claim, evidence):
    assert "name" in kinds(claim, evidence)


def test_a_part_that_begins_with_its_figure_goes_on_about_the_same():
    assert not misplaced(read("Given more hints, clerks err more, up to 58% with nine of them."), read(HINTS))


def test_a_figure_of_another_part_is_a_fault():
    evidence = "Sugar was linked to a 1.4-fold risk of gout, whereas coffee drinkers had a reduced risk."
    assert misplaced(read("Coffee drinkers had a 1.4-fold risk of gout."), read(evidence))
