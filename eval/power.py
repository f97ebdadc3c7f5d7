"""The smallest difference that a number of questions can show."""

from __future__ import annotations

import math

from eval.estimates import Z
from rag.views.counts import counted

POWER_Z = 0.8416212335729143  # the 80% point of the normal distribution
# Between two versions of one system, few questions change; between two systems, many.
FEW, MANY = 0.10, 0.30


def detectable(questions: int, discordant: float) -> float:
    """Return the smallest difference of two shares, measured on the same questions, that a test finds 4 times in 5.

    McNemar's test at 5% with 80% power, where `discordant` of the questions change (Connor 1987, Biometrics 43:207).
    At most 1: fewer questions can't show any difference.
    """
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        spread = max(discordant, middle)  # at least as many questions change as the difference says
        needed = (Z * math.sqrt(spread) + POWER_Z * math.sqrt(spread - middle**2)) ** 2 / middle**2
        low, high = (low, middle) if needed <= questions else (middle, high)
    return high


def sentence(questions: int) -> str:
    """State how small a difference this many questions can show, to print beside their numbers."""
    few, many = detectable(questions, FEW), detectable(questions, MANY)
    size = f"{few:.2f} to {many:.2f} (if {FEW:.0%} to {MANY:.0%} of them change)"
    size = f"{many:.2f}" if f"{few:.2f}" == f"{many:.2f}" else size
    shows = f"{counted(questions, 'question')} {'shows' if questions == 1 else 'show'}"
    return f"{shows} a difference of {size} between two runs 4 times in 5; a smaller one often goes unseen"
