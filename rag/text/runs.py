"""Runs of closing punctuation, cut short: splitting a text of full stops takes time that grows with its square."""

from __future__ import annotations

import re

LONGEST = 100
_TOO_LONG = re.compile(rf"([.!?…]{{{LONGEST}}})[.!?…]+")


def without_long_runs(text: str) -> str:
    """Return a text of the same length in which blanks take the place of what goes beyond the longest run."""
    return _TOO_LONG.sub(lambda match: match[1] + " " * (len(match[0]) - LONGEST), text)
