"""Quantities are read however they are written, and compared as a reader would."""

from __future__ import annotations

import pytest

from rag.text.quantities import quantities
from rag.text.quantity_match import same


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("from 31% to 56%", [(31, "%"), (56, "%")]),
        ("from 31 to 56 percent", [(31, "%"), (56, "%")]),
        ("twenty-one per cent of 1,204 nurses", [(21, "%"), (1204, "")]),
        ("7B parameters, 2.5 × 10^3 steps, 3e-4", [(7e9, ""), (2500, ""), (3e-4, "")]),
        ("1.5 × 10(5) sites, 2 x 10(-3), 2 x 10 (5%)", [(1.5e5, ""), (2e-3, ""), (2, ""), (10, ""), (5, "%")]),
        ("one in five", [(1, ""), (5, ""), (0.2, "share")]),
        ("half the memory, two thirds, a quarter", [(0.5, "share"), (2 / 3, "share"), (0.25, "share")]),
        ("five times faster, fivefold, twice, 1.4-fold", [(5, "fold"), (5, "fold"), (2, "fold"), (1.4, "fold")]),
        ("the third layer", [(3, "ordinal")]),
        ("a third study, a third-party test", [(3, "ordinal"), (3, "ordinal")]),
        ("a third of them, a third fewer, by a third", [(1 / 3, "share"), (1 / 3, "share"), (1 / 3, "share")]),
        ("14 hours or 350 ms", [(14 * 3600, "time"), (0.35, "time")]),
        ("$120 per month", [(120, "dollar/month")]),
        ("15 percentage points", [(15, "points")]),
        ("2018–19", [(2018, ""), (2019, "")]),
        ("11·9 million", [(11.9e6, "")]),
        ("55- and 65-year-old adults", [(55 * 31557600, "time"), (65 * 31557600, "time")]),
        ("19 square kilometres, 3 km2, 5 hectares", [(19e6, "area"), (3e6, "area"), (5e4, "area")]),
        ("2 cubic metres, 4 metric tons", [(2000, "volume"), (4000, "mass")]),
        ("GPT-4, COVID-19, BM25, Llama-2-7B and 3D", []),
        ("one of the models", []),
    ],
)
def test_values_and_units(text, values):
    assert [(pytest.approx(q.value), q.unit) for q in quantities(text)] == values


@pytest.mark.parametrize(
    ("claim", "evidence", "agree"),
    [
        ("21%", "21 percent", True),
        ("21%", "12%", False),
        ("94%", "94 of 100 volunteers", True),
        ("50%", "half", True),
        ("0.35 s", "350 ms", True),
        ("64", "64.3", True),
        ("64.8", "64.3", False),
        ("60", "64.3", False),
        ("about 21%", "21.3%", True),
        ("more than 20%", "21%", True),
        ("more than 22%", "21%", False),
        ("4.1 percent", "4.1 points", False),
        ("9.5 times", "9.5%", False),
        ("14 days", "14 hours", False),
        ("$120", "€120", False),
        ("7 million parameters", "7B parameters", False),
        ("19 hectares", "19 square kilometres", False),
        ("19 hectares", "0.19 square kilometres", True),
        ("she is 24", "at 24 years of age", True),
        ("43,000", "43,044", True),
        ("40", "41", False),
        ("2000", "2001", False),  # years are not rounded
        ("about 81 models", "about 80 models", False),
        ("more than 99.8%", "more than 99.9%", False),
    ],
)
def test_two_quantities_agree_as_a_reader_would_say(claim, evidence, agree):
    first = quantities(claim)[-1]
    assert any(same(first, other) for other in quantities(evidence)) is agree
