"""The numbers in the README are those of today: its lines stand in what the command beneath them prints."""

import re

import pytest
from places import ROOT

from eval.__main__ import main

# Processors round differently, and a sentence near a bar may fall on its other side: 0.480 on one was 0.469 on another.
ROUNDING = 0.02
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def agree(shown, printed):
    """Whether two lines say the same, but for rounding: of numbers above 1, by one in twenty."""
    ours, theirs = (list(map(float, _NUMBER.findall(line))) for line in (shown, printed))
    if _NUMBER.sub("#", shown).split() != _NUMBER.sub("#", printed).split():
        return False
    return all(
        abs(one - other) <= (ROUNDING if one <= 1 else one / 20) for one, other in zip(ours, theirs, strict=True)
    )


def test_lines_agree_within_rounding_alone():
    assert agree("  right  0.600  [0.487, 0.700]  80", "  right   0.590  [0.480, 0.690]  80")
    assert not agree("  right  0.600  [0.487, 0.700]  80", "  right  0.570  [0.480, 0.690]  80")
    assert not agree("  right  0.600  80", "  right↓  0.600  80")
    assert not agree("  right  0.600", "  right  0.600  80")


@pytest.mark.readme
def test_the_readme_prints_what_the_test_half_scores_today(capsys):
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(part for part in page.split("```text\n") if " questions (test), " in part.split("\n")[0])
    shown = [line for line in block.split("```")[0].splitlines() if line]
    assert main(["run", "--split", "test"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in shown if not any(agree(line, other) for other in printed)] == [], (
        "run `pincite eval run --split test` and copy its lines"
    )
