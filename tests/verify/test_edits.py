"""A near copy that lost or exchanged one word, in sentences long enough to hold another of its kind."""

import pytest

from rag.types import Verdict
from rag.verify import default_checker
from rag.verify.edits import miscounted
from rag.verify.reading import read

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
def test_what_leaves_out_a_clause_overstates_nothing(checker, claim):
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
    ],
)
def test_what_a_figure_counts_must_agree(claim, evidence, found):
    assert bool(miscounted(read(claim), read(evidence))) is found
