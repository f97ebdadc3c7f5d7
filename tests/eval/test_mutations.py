"""Mutation tests of judges: what each operator does, and that a judge without care is found out."""

import pytest

from eval.judges.card import OverlapJudge
from eval.judges.mutations import DISHONEST, HONEST, Item, items_of, mutate
from rag.types import Support, Verdict

SENTENCE = "The TideNet model is small, leads to no harm and raises accuracy by 12.4% on 3 million records."
ITEM = Item(SENTENCE, f"Some background first. {SENTENCE}", "WindFlow is another thing.", "WindFlow")


@pytest.mark.parametrize(
    ("operator", "sentence", "altered"),
    [
        ("negation", "Tides are high.", "Tides are not high."),
        ("negation", "Tides are not high.", "Tides are high."),
        ("direction", "It increases the score.", "It decreases the score."),
        ("direction", "Higher tides come.", "Lower tides come."),
        ("number", "It gains 12.4%.", "It gains 12.5%."),
        ("number", "It gains 9 points.", "It gains 8 points."),
        ("number", "It (1) costs 7 points.", "It (1) costs 8 points."),
        ("unit", "It gains 12.4%.", "It gains 12.4-fold."),
        ("unit", "It reads 3 million rows.", "It reads 3 billion rows."),
        ("entity", "On MMLU it wins.", "On WindFlow it wins."),
        ("version", "Here Llama-2-7B wins.", "Here Llama-3-7B wins."),
        ("version", "Only TLR9 binds.", "Only TLR10 binds."),
        ("exchanged_figures", "It rose to 5.1% in men and 7% in women.", "It rose to 7% in men and 5.1% in women."),
        ("exchanged_sides", "TideNet outperforms WindFlow on MMLU.", "WindFlow outperforms TideNet on MMLU."),
        ("exchanged_sides", "Big tides are rarer than small ones.", "Small ones are rarer than big tides."),
        ("punctuation", "Tides (in bays) rise, and 1,200 fall.", "Tides in bays rise and 1,200 fall."),
        ("possessive", "The height of TideNet is known.", "TideNet's height is known."),
        ("paraphrase", "It shows that tides rise.", "It demonstrates that tides rise."),
    ],
)
def test_operators_on_the_sentence(operator, sentence, altered):
    item = Item(sentence, sentence, ITEM.other, ITEM.other_name)
    mutant = {**DISHONEST, **HONEST}[operator](item)
    assert mutant is not None
    assert (mutant.sentence, mutant.evidence) == (altered, sentence)


@pytest.mark.parametrize(
    ("operator", "sentence", "weaker"),
    [
        ("not_yet", "Models are at expert level.", "Models are not yet at expert level."),
        ("may_not", "Tides do not rise.", "Tides may not rise."),
    ],
)
def test_operators_that_deny_or_doubt_in_the_evidence(operator, sentence, weaker):
    mutant = DISHONEST[operator](Item(sentence, f"First. {sentence}", "", None))
    assert mutant is not None
    assert (mutant.sentence, mutant.evidence) == (sentence, f"First. {weaker}")


@pytest.mark.parametrize("operator", ["hedge", "cause"])
def test_operators_that_weaken_the_evidence(operator):
    mutant = DISHONEST[operator](ITEM)
    assert mutant is not None
    assert mutant.sentence == SENTENCE
    assert SENTENCE not in mutant.evidence
    assert "background" in mutant.evidence


def test_operators_leave_alone_what_they_have_nothing_to_alter_in():
    plain = Item("Tides rose.", "Tides rose.", "Winds.", None)
    silent = {name for name, operator in {**DISHONEST, **HONEST}.items() if operator(plain) is None}
    assert silent == {*DISHONEST, *HONEST} - {
        "direction", "citation_swap", "emptied_abstract", "injected_instruction", "irrelevant_abstract",
    }  # fmt: skip


def test_every_sentence_of_an_abstract_is_an_item():
    items = items_of(["One rises. Two falls.", "Three stands."])
    assert [item.sentence for item in items] == ["One rises.", "Two falls.", "Three stands."]
    assert items[0].other == "Three stands."


class Credulous:
    def check(self, sentence, evidence):
        return Support(1.0, Verdict.SUPPORTED)


class Shrugging:
    """Supports what is in the evidence, and has no verdict on anything else."""

    def check(self, sentence, evidence):
        return Support(1.0, Verdict.SUPPORTED if sentence in " ".join(evidence) else Verdict.UNKNOWN)


def outcomes(judge):
    return {outcome.operator: outcome for outcome in mutate(judge, [ITEM])}


def test_a_credulous_judge_kills_nothing():
    found = outcomes(Credulous())
    assert {found[name].passed for name in DISHONEST} == {0}
    assert all(found[name].passed == found[name].tried for name in HONEST)
    assert found["number"].failures[0].sentence == SENTENCE.replace("12.4", "12.5")


def test_no_verdict_is_neither_a_kill_nor_a_miss():
    found = outcomes(Shrugging())
    assert (found["number"].tried, found["number"].unscored, found["number"].rate.value) == (0, 1, None)


def test_word_overlap_is_blind_to_what_the_operators_alter():
    found = outcomes(OverlapJudge())
    assert found["negation"].passed == found["direction"].passed == 0
    assert found["citation_swap"].passed == found["emptied_abstract"].passed == found["order"].passed == 1


def test_kill_rates_have_wilson_intervals():
    rate = mutate(Credulous(), [ITEM] * 10)[0].rate
    assert (rate.value, rate.low, round(rate.high, 3)) == (0.0, 0.0, 0.278)  # 0 of 10
