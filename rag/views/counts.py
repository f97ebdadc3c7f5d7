"""Counts and fields as a sentence writes them: "1 paper", "2,310 papers", "title, journal and year"."""

from __future__ import annotations

from collections.abc import Sequence

_FIELDS = {"authors": "list of authors", "venue": "journal", "kind": "type", "doi": "DOI", "pmid": "PMID",
           "arxiv_id": "arXiv id"}  # fmt: skip


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its words; `many` where the plural isn't just one more s: "paper has", "papers have"."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def fields_line(names: Sequence[str]) -> str:
    """Return the names of a paper's fields in one line: "title, journal and year"."""
    *others, last = [_FIELDS.get(name, name) for name in names]
    return f"{', '.join(others)} and {last}" if others else last
