"""The numbers in the README are those of today: its lines stand in what the command beneath them prints."""

import pytest
from places import ROOT

from eval.__main__ import main


@pytest.mark.readme
def test_the_readme_prints_what_the_test_half_scores_today(capsys):
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(part for part in page.split("```text\n") if " questions (test), " in part.split("\n")[0])
    shown = [line for line in block.split("```")[0].splitlines() if line]
    assert main(["run", "--split", "test"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in shown if line not in printed] == [], (
        "run `pincite eval run --split test` and copy its lines"
    )
