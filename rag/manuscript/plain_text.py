"""Plain text with a list of references at its end."""

from __future__ import annotations

from rag.manuscript import author_year
from rag.manuscript.passages import Manuscript, Paragraph, paragraphs_of, passages_of
from rag.manuscript.round_numbers import with_round_numbers

# Characters of a heading that is on the line above a list of references.
_HEADING = 40


def read(file: str, text: str) -> Manuscript:
    """Read a manuscript in plain text: blank lines separate paragraphs, references may be one a line."""
    pieces = [
        (start + at, part)
        for start, piece in paragraphs_of(text, lambda _: False, lambda _: False)
        for at, part in _listed(piece)
    ]
    references, entries = author_year.entries_of([piece for _, piece in pieces])
    paragraphs = tuple(
        Paragraph(number, start, piece, author_year.marks_of(piece, references))
        for number, (start, piece) in enumerate(pieces, 1)
        if number - 1 not in entries
    )
    paragraphs = with_round_numbers(paragraphs, references)
    return Manuscript(file, paragraphs, passages_of(paragraphs, str, text), references)


def _listed(piece: str) -> list[tuple[int, str]]:
    """Split a list of references, one a line, into its entries; any other paragraph stays whole."""
    first, _, rest = piece.partition("\n")
    headed = len(first) < _HEADING and bool(author_year.BEGINS.match(rest))
    if not headed and not author_year.BEGINS.match(piece):
        return [(0, piece)]
    return paragraphs_of(piece, lambda line: bool(author_year.BEGINS.match(line)), lambda _: False)
