"""Honest rewordings that guards once took for faults, and faults that they once missed or let pass."""

from __future__ import annotations

import pytest

from rag.types import Verdict
from rag.verify import support

DENIES = "The vaccine did not lower fever in calves, and it did not shorten the cough, but (in lambs) it did."
LIST = "Five loci were found: TNIP1 (odds ratio (OR) = 1.27), PRDM1 (OR = 1.20) and IL10 (OR = 1.19)."
IN_ORDER = "DIFT is able to outperform DINO and OpenCLIP by 19 and 14 points respectively on SPair."


@pytest.mark.parametrize(
    "claim",
    [
        DENIES.replace(", and", " and").replace(", but", " but"),
        DENIES.replace("(", "").replace(")", "").replace(",", ""),
        DENIES.upper().replace(".", ""),
        DENIES.replace(" ", "  "),
    ],
)
def test_the_same_words_in_the_same_order_are_supported(claim):
    assert support(claim, f"We tried a vaccine. {DENIES} More is needed.").verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(("claim", "evidence"), [("It fell by -5 points.", "It fell by 5 points."), ("12.5", "125")])
def test_signs_and_points_are_more_than_punctuation(claim, evidence):
    assert support(claim, evidence).why != "the evidence says it in the same words"


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The calves had less fever and did not cough when it was cold.", "In the cold the calves did not cough."),
        ("RNAi's mechanism is conserved in plants.", "The mechanism of RNAi is conserved in plants."),
        ("RNAi’s mechanism is conserved in plants.", "The mechanism of RNAi is conserved in plants."),
        ("The survey began on 14 March.", "The survey began on 14th March."),
        ("The survey began on March 14.", "The survey began on the 14th of March."),
        ("HerdNet outperforms the baseline by 6%.", "HerdNet outperforms the strong baseline by 6% on all tasks."),
        ("The drug improved sleep, not memory.", "The drug improved sleep rather than memory."),
        ("There were no data on age.", "Data on age were missing."),
        ("The new drug is inferior to the old one.", "The old drug is superior to the new one."),
        ("Deaths were lower with insulin than with placebo.", "Deaths were higher with placebo than with insulin."),
        ("Oolong tea contains fewer catechins than green tea.", "Green tea contains more catechins than oolong tea."),
        (
            "Correction of the labels removed errors.",
            "Correcting the labels removed errors, whereas wrong ones stayed.",
        ),
        ("Infection did not harm the lambs.", "The lambs were not harmed by infection."),
        ("A third of the ewes were lame.", "Of the ewes, 34% were lame."),
        ("The fibres bound in KAP3's absence.", "The fibres bound in the absence of KAP3."),
        (
            "Heart rate did not follow fitness and one above 139 followed fatness in girls (r = 0.64).",
            "However, heart rate did not follow fitness, and one above 139 followed fatness in girls (r = 0.64).",
        ),
        (
            "No harm was seen with nelfinavir (5.9%; 1.2%-16.2%) and saquinavir (5.8%; 0.1%-28.7%).",
            "No harm was seen with, ie, nelfinavir (5.9%; 1.2%-16.2%), saquinavir (5.8%; 0.1%-28.7%), and lamivudine.",
        ),
        ("Th17 cells rose in the lungs.", "T helper (Th) 17 cells rose in the lungs."),
    ],
)
def test_an_honest_rewording_is_not_contradicted(claim, evidence):
    found = support(claim, evidence)
    assert found.verdict not in (Verdict.CONTRADICTED, Verdict.UNSUPPORTED), found.why


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("LLMs reach expert level.", "LLMs are not yet at expert level."),
        ("The effects are not mediated by AMPK.", "The effects may not be mediated by AMPK."),
        ("Shade lowers the yield of beans, they say.", "In pots, shade may lower the yield of beans."),
        ("Llama-2-7B reached 61% on MMLU.", "Llama-3-8B reached 61% on MMLU."),
        ("In our tests Llama-2-7B got 61% on the MMLU test.", "Llama-3-8B reached 61% on MMLU."),
        ("We release v0.1 of the corpus.", "We release v0.2 of the corpus."),
        ("The odds ratio at TNIP1 was 1.20.", LIST),
        ("At IL10 an odds ratio of 1.27 was found.", LIST),
        ("DIFT beats DINO by 14 points.", IN_ORDER),
        ("Ovulation was 50% with metformin.", "Metformin raised ovulation compared with clomiphene (75% vs. 50%)."),
        ("Clover feeds more wasps than heather does in June.", "In June heather feeds more wasps than clover."),
    ],
)
def test_a_fault_in_other_words_costs_the_support(claim, evidence):
    assert support(claim, evidence).verdict is not Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The odds ratio at TNIP1 was 1.27.", LIST),
        ("DIFT beats DINO by 19 points.", IN_ORDER),
        ("Ovulation was 75% with metformin.", "Metformin raised ovulation compared with clomiphene (75% vs. 50%)."),
    ],
)
def test_a_figure_of_its_own_name_is_supported(claim, evidence):
    assert support(claim, evidence).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        (
            "A third study followed 53 growers, of whom 96% kept their orchards.",
            "Of the 53 growers who were followed, 96% kept their orchards and 93% had planted new trees.",
        ),
        (
            "Wind of more than 12 m/s was taken for drizzle in 18% of the hours; a classifier reduced that to 5%.",
            "Wind over 12 m/s produced breaking waves, which were mistaken for drizzle in 18% of hours. "
            "A classifier trained on spectra cut these false alarms to 5%.",
        ),
    ],
    ids=["an ordinal", "a figure of another sentence"],
)
def test_an_honest_paraphrase_is_supported(claim, evidence):
    assert support(claim, evidence).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Repression ended at 150,000 added sites per cell.", "It ended at 1.5 × 10(5) added target sites per cell."),
        (
            "Fruitless searches doubled under the paywall.",
            "Under the paywall, searches that ended without a click rose from 21% to 43%.",
        ),
    ],
    ids=["a power in brackets", "a proportion worked out"],
)
def test_no_figure_of_an_honest_paraphrase_is_held_against_it(claim, evidence):
    assert "it says" not in support(claim, evidence).why


def test_a_figure_of_a_list_is_given_to_no_other_name():
    assert support("DIFT beats DINO by 14 points.", IN_ORDER).verdict is Verdict.CONTRADICTED
    assert support("DIFT beats OpenCLIP by 14 points.", IN_ORDER).verdict is not Verdict.CONTRADICTED


def test_an_acronym_of_two_letters_is_the_name_that_it_stands_for():
    written = "The trial on plots in the United Kingdom was stopped early."
    assert support("The trial on plots in the UK was stopped early.", written).verdict is Verdict.SUPPORTED
    assert support("The trial on plots in the US was stopped early.", written).verdict is not Verdict.SUPPORTED


ENGLISH = "Metformin lowered mortality in patients with type 2 diabetes."


@pytest.mark.parametrize(
    "claim",
    [
        "Metformin senkte die Sterblichkeit bei Patienten mit Diabetes.",
        "La metformina redujo la mortalidad en pacientes con diabetes.",
        "La metformine a réduit la mortalité chez les patients diabétiques.",
        "Metformina obniżyła śmiertelność chorych na cukrzycę typu drugiego.",
        "Метформин снизил смертность больных диабетом.",
        "二甲双胍降低了糖尿病患者的死亡率。",
    ],
)
def test_a_language_that_the_checker_cannot_read_is_unknown(claim):
    assert support(claim, ENGLISH).verdict is Verdict.UNKNOWN
    assert support(ENGLISH, claim).verdict is Verdict.UNKNOWN
    assert support(claim, claim).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("claim", ["Patients die.", "Mortality per 1000 doubled."])
def test_english_sentences_of_few_small_words_are_read(claim):
    assert support(claim, ENGLISH).verdict is not Verdict.UNKNOWN


def test_a_near_copy_that_only_the_reader_doubts_is_marked_and_not_refused():
    evidence = (
        "A toxic persona feature steers the effect most strongly, and its activity predicts whether a given model will "
        "turn out misaligned."
    )
    claim = "The activity of a toxic persona feature predicts whether a given model will turn out misaligned."
    assert support(claim, evidence).verdict in (Verdict.SUPPORTED, Verdict.PARTIAL)
