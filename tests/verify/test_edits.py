"""A near copy that lost or replaced one word, in sentences long enough to contain another of its kind."""

import pytest

from rag.text.reading import read
from rag.types import Verdict
from rag.verify import default_checker
from rag.verify.bindings import misplaced
from rag.verify.edits import miscounted

BASE = "Mulching {} the yield of beans on sandy plots, and it can save water wherever rain is scarce in spring."


@pytest.fixture(scope="module")
def checker():
    return default_checker()


@pytest.mark.parametrize(
    ("evidence", "claim"),
    [
        ("may improve", "improves"),  # another hedge, "can", stays
        ("might double", "doubles"),
        ("is associated with", "leads to"),
        ("correlates with better", "improves"),
        ("sometimes helps", "always helps"),
    ],
)
def test_a_lost_hedge_or_an_exchanged_cause_is_seen(checker, evidence, claim):
    assert checker.check(BASE.format(claim), [BASE.format(evidence)]).verdict is not Verdict.SUPPORTED
    assert checker.check(BASE.format(evidence), [BASE.format(evidence)]).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    "claim",
    [
        "Mulching improves the yield of beans on sandy plots.",  # trimmed: what it leaves out is a clause of its own
        "On sandy plots, mulching improves the yield of beans, and it can save water where rain is scarce.",
    ],
)
def test_leaving_out_a_clause_is_not_an_overstatement(checker, claim):
    assert checker.check(claim, [BASE.format("improves")]).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("claim", "evidence", "found"),
    [
        ("We reviewed 12 patients on salt intake.", "We reviewed 12 studies on salt intake.", True),
        ("It spreads 0.5B layers evenly.", "It spreads 0.5B parameters over 24 layers evenly.", True),
        ("It holds 64k bytes in all.", "It holds 64k tokens in all.", True),
        ("Each field lost 3 tonnes of peat a year.", "Each field lost 3 tonnes of clay a year.", True),
        ("We reviewed 12 papers on salt intake.", "We reviewed 12 studies on salt intake.", False),
        ("We asked 12 people about salt intake.", "We asked 12 patients about salt intake.", False),
        ("Since 1998 walks shorten every winter here.", "Since 1998 trips shorten every winter here.", False),
        ("Wasps learn to count to five.", "Wasps learn to count up to four.", True),
        ("Wasps learn to count to four.", "Wasps learn to count up to four.", False),
    ],
)
def test_what_a_figure_counts_must_agree(claim, evidence, found):
    assert bool(miscounted(read(claim), read(evidence))) is found


@pytest.mark.parametrize(
    ("claim", "evidence", "found"),
    [
        ("Younger wasps sting more than older wasps.", "Older wasps sting more than younger wasps.", True),
        ("Larger farms grew more than smaller ones.", "Smaller farms grew more than larger ones.", True),
        ("Larger farms grew less than smaller ones.", "Smaller farms grew more than larger ones.", False),
        ("Older wasps were slower than younger ones.", "Younger wasps were faster than older ones.", False),
        ("Shallow wells were cleaner than deeper ones.", "Shallow wells were cleaner than the deeper ones.", False),
    ],
)
def test_sides_distinguished_by_opposite_comparatives_must_not_change_places(claim, evidence, found):
    assert bool(misplaced(read(claim), read(evidence))) is found


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("LoRA", "RL"),  # a two-letter acronym is in the initials of any long text by chance
        ("AlloyGen", "AI"),
        ("ZFE", "QRT"),  # which the evidence has elsewhere
    ],
)
def test_a_name_in_the_place_of_another_is_rejected(checker, name, instead):
    sentence = "Tuning with {} halves the memory that is needed."
    rest = " Rough estimates of run time lie in a report. Additional items on QRT are in tables."
    assert checker.check(sentence.format(name), [sentence.format(name) + rest]).verdict is Verdict.SUPPORTED
    assert checker.check(sentence.format(instead), [sentence.format(name) + rest]).verdict is not Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("sentence", "form", "other"),
    [
        ("Reviews of {} grow longer each year.", "large language models", "LLMs"),
        ("Reviews of {} grow longer each year.", "LLMs", "large language models"),
        ("The {} trial on plots of wheat was stopped.", "second", "2nd"),
        ("The trial on plots in the {} was stopped early.", "United Kingdom", "UK"),
        ("Wardens counted seals in {} each spring.", "the Orchard Survey (OS2)", "OS2"),
        ("It borders {} to the south, Chad to the west and Niger to the east.", "Mali to the north, Togo", "Togo"),
        ("{} trials in Kenya reported less rust on wheat.", "Several", "A number of"),
    ],
)
def test_another_form_of_a_name_or_figure_does_not_replace_it(checker, sentence, form, other):
    assert checker.check(sentence.format(other), [sentence.format(form)]).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("sentence", "word", "instead"),
    [
        ("Errors remain that would {}be expected even in non-experts.", "not ", ""),
        ("Pupils learn {}just the rules, but how they arose.", "not ", ""),
        ("We asked whether fog would {} the risk of falls in those with low vision.", "decrease", "increase"),
        ("It holds in clusters above {} units at ranges of 7 to 8 steps.", "9", "8"),
        ("Samples above {} ng/L were pooled apart from those of 3 to 5 ng/L.", "14", "15"),
        ("The plan of Fell [{}] reuses old wells.", "2016", "2017"),
    ],
)
def test_one_word_exchanged_in_a_near_copy_is_seen_whatever_else_it_holds(checker, sentence, word, instead):
    assert checker.check(sentence.format(word), [sentence.format(word)]).verdict is Verdict.SUPPORTED
    assert checker.check(sentence.format(instead), [sentence.format(word)]).verdict is not Verdict.SUPPORTED
