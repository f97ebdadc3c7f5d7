"""Runs of closing punctuation, cut short: splitting a text of full stops takes quadratic time."""

from __future__ import annotations

import re

LONGEST = 100
_TOO_LONG = re.compile(rf"([.!?…]{{{LONGEST}}})[.!?…]+")


def without_long_runs(text: str) -> str:
    """Return a text of the same length, with blanks in place of whatever exceeds the longest run."""
    return _TOO_LONG.sub(lambda match: match[1] + " " * (len(match[0]) - LONGEST), text)
