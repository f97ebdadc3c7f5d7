"""Mutants of structure: what each operator does, from the company that words keep, and on sentences in other words."""

import pytest

from eval.judges.mutations import Item, items_of
from eval.judges.structural_mutations import DISHONEST, HONEST, ON_REWORDED, OPERATORS, mutate
from rag.types import Support, Verdict

# What makes "lowers" a verb, "tide" and "harvest" nouns, "large" an adjective.
COMPANY = (
    "Dams can lower tides. Tides were lowered. The tide of the sea is large. It is the tide of spring.",
    "The harvest of wheat was early. We saw the harvest in June.",
)


class Everything:
    """Supports everything, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def check(self, sentence, evidence):
        self.asked.append(sentence)
        return Support(1.0, Verdict.SUPPORTED)


def mutants_of(operator, sentence):
    """What an operator makes of a sentence that stands among others."""
    judge = Everything()
    item = Item(sentence, f"{COMPANY[0]} {sentence}", COMPANY[1], None)
    mutate(judge, [item, Item("Yes.", COMPANY[1], "", None)], operators=[operator])
    return [text for text in judge.asked if text != sentence]


@pytest.mark.parametrize(
    ("operator", "sentence", "altered"),
    [
        ("ordinal", "Only the first tide counts.", "Only the second tide counts."),
        ("ordinal", "It was the tenth storm.", "It was the first storm."),
        ("ordinal_figure", "The second tide counts.", "The 2nd tide counts."),
        ("no_more", "Spring tides are larger than others.", "Spring tides are no larger than others."),
        ("no_more", "It rose by more than 9 cm.", "It rose by no more than 9 cm."),
        ("exchanged_roles", "The dam lowers the sea in spring.", "The sea lowers the dam in spring."),
        ("exchanged_roles", "Tides were lowered by dams in spring.", "Dams were lowered by tides in spring."),
        ("converse", "The dam lowers the sea in spring.", "The sea is lowered by the dam in spring."),
        ("converse", "Tides were lowered by dams in spring.", "Dams lowered tides in spring."),
        ("rival_noun", "Dams hold a tide back.", "Dams hold a harvest back."),
    ],
)
def test_operators(operator, sentence, altered):
    assert mutants_of(operator, sentence) == [altered]


@pytest.mark.parametrize(
    ("operator", "sentence"),
    [
        ("ordinal", "First we looked at the sea."),  # no place in a row
        ("no_more", "It rose by no more than 9 cm."),
        ("no_more", "Cases of cancer rather than colds rose."),
        ("exchanged_roles", "It lowers the sea in spring."),
        ("exchanged_roles", "The dam lowers the sea and floods the land."),  # "the sea and floods" is no phrase
        ("exchanged_roles", "The dam lowers the tides in spring."),  # one and many: the verb would give it away
        ("converse", "The dam floods the sea in spring."),  # "floods" was nowhere seen as a verb
    ],
)
def test_what_operators_leave_alone(operator, sentence):
    assert mutants_of(operator, sentence) == []


def test_a_false_claim_is_tried_on_sentences_in_other_words():
    """The base is what honest operators make of a sentence; the mutant differs from it, not from the abstract alone."""
    sentence = "It shows that tides, on average, rise by 12%."
    judge = Everything()
    (found,) = mutate(judge, [Item(sentence, sentence, "", None)], operators=["number:reworded"])
    assert judge.asked == [
        "It demonstrates that tides on average rise by 12%.",
        "It demonstrates that tides on average rise by 13%.",
    ]
    assert (found.operator, found.honest, found.tried, found.passed) == ("number:reworded", False, 1, 0)


def test_the_operators_are_those_of_letters_and_those_of_structure():
    found = mutate(Everything(), items_of([*COMPANY, "The first tide can rise by 9% by more than the second did."]))
    assert {outcome.operator for outcome in found} == set(OPERATORS) == {*DISHONEST, *ON_REWORDED, *HONEST}
    assert {outcome.operator for outcome in found if outcome.honest} == set(HONEST)


class Unsure(Everything):
    """Has a verdict on what it is shown first, and on nothing else."""

    def check(self, sentence, evidence):
        return Support(1.0, Verdict.SUPPORTED if sentence in evidence[0] else Verdict.UNKNOWN)


def test_no_verdict_is_unscored():
    item = Item("The first tide rose.", "The first tide rose.", "", None)
    (found,) = mutate(Unsure(), [item], operators=["ordinal"])
    assert (found.tried, found.unscored, found.rate.value) == (0, 1, None)
