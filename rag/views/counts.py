"""Counts as a sentence has them: "1 paper", "2,310 papers"."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its words; `many` where the plural isn't just one more s: "paper has", "papers have"."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
