"""What a question was understood as."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import Filters, Sentence


@dataclass(frozen=True, slots=True)
class Understood:
    """`searched` is the question made to stand alone, `filters` limit its search, `notes` explain both to the reader.

    `records` is the whole answer where records give it. `known` is text that needs no repeating, `own` what a follow-up
    newly asks about. `settled`: nothing is left for a model to clarify. `nothing`: why it can't mean any paper.
    """

    searched: str
    filters: Filters
    notes: tuple[str, ...] = ()
    records: tuple[Sentence, ...] = ()
    known: str = ""
    own: str = ""
    settled: bool = False
    nothing: str = ""
    a_question: bool = True
