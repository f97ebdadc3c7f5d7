"""Which rows of a table are papers: those that are like the rows above them, not a footer or a line of another format.

A row is known by its cells alone: how many there are, which columns it fills, and whether its abstract is prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.sources.record_boundaries import begins_record_of, begins_with_tag
from rag.sources.tagged_record import ends_sentence

_JSON = re.compile(r'\s*[\[{]\s*(?:\{\s*)?"[^"]{1,60}"\s*:')
_FEWEST_ROWS = 2  # rows that show how a table's rows are laid out
_SEVERAL = 3  # columns that all of them fill
_FEWEST_WORDS = 5


class TableRows:
    """The rows of a table read until now; `title` and `abstract` are the places of these columns."""

    def __init__(self, width: int, title: Sequence[int], abstract: Sequence[int]) -> None:
        self._width = width
        self._abstract = [*abstract]
        self._own = {*title, *abstract}
        self._whole = False  # whether a row had a cell in each column
        self._papers = 0
        self._filled: set[int] = set()  # columns that all papers fill
        self._shortest = 0
        self._ended = True
        self._foreign = ""

    def flaw(self, text: str, row: Sequence[str]) -> str | None:
        """Return why a row isn't read, None where it is; an empty reason is one that was given above."""
        if named := self._other_format(text, row):
            said, self._foreign = named == self._foreign, named
            reason = f"{named} in a table isn't read: put it in a separate file"
            return "" if said else reason
        self._foreign = ""
        filled = {place for place, cell in enumerate(row) if cell.strip()}
        abstract = next((row[place].strip() for place in self._abstract if place in filled), "")
        if max(filled, default=0) >= self._width:
            return f"{len(row)} fields under {self._width} columns: quote the field that holds the delimiter"
        reason = self._unlike(len(row), filled, abstract) if abstract else ""
        if reason:
            return f"{reason}, so it isn't read as a paper: give it the fields of the others if it is one"
        self._note(row, filled, abstract)
        return None

    def _other_format(self, text: str, row: Sequence[str]) -> str:
        if _JSON.match(text):
            return "JSON"
        if named := begins_record_of(text):
            return named
        goes_on = self._foreign not in ("", "JSON") and (len(row) != self._width or begins_with_tag(text))
        return self._foreign if goes_on else ""

    def _unlike(self, cells: int, filled: set[int], abstract: str) -> str:
        """Return how a row differs from those above it.

        It fills none of the columns that they all fill, or its abstract isn't prose as theirs are. Of several such
        columns, that none is filled is enough.
        """
        if cells < self._width and self._whole and not (self._is_prose(abstract) and filled - self._own):
            return f"{cells} fields under {self._width} columns"
        if self._filled & filled:
            return ""
        several = len(self._filled) >= _SEVERAL
        if self._papers < _FEWEST_ROWS:
            unlike = several and not self._is_prose(abstract)
        else:
            unlike = several or not self._is_prose(abstract)
        return "unlike the rows above it" if unlike else ""

    def _is_prose(self, abstract: str) -> bool:
        ended, words = ends_sentence(abstract), len(abstract.split())
        if self._papers < _FEWEST_ROWS:
            return ended and words >= _FEWEST_WORDS
        shorter = len(abstract) < self._shortest and self._ended and not ended
        return not (shorter or (words < _FEWEST_WORDS and len(abstract) * 2 < self._shortest))

    def _note(self, row: Sequence[str], filled: set[int], abstract: str) -> None:
        self._whole = self._whole or len(row) >= self._width
        if abstract:
            others = filled - self._own
            self._filled = self._filled & others if self._papers else others
            self._shortest = min(self._shortest, len(abstract)) if self._papers else len(abstract)
            self._ended = self._ended and ends_sentence(abstract)
            self._papers += 1
