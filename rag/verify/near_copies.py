"""Papers that repeat a cited sentence word for word except for its figures.

One of the two is wrong, planted or from another edition; nothing in the texts says which. So the reader is shown both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rag.text.quantities import Quantity, quantities
from rag.text.quantity_match import agree, apart
from rag.text.sentences import split_sentences
from rag.text.words import term_set, words
from rag.types import Citation, Issue, Paper, Sentence

# Share of the words of the shorter abstract that the other one has too.
SHARED = 0.7
# A sentence with fewer words, not counting figures, is in many papers: "We included 12 trials."
FEWEST_WORDS = 4
_FIGURE = "\0"


def disagreements(sentences: Sequence[Sentence], papers: Iterable[Paper]) -> Iterator[Issue]:
    """Yield an issue for each cited quote that another of these papers repeats with another figure."""
    known = list(papers)
    reported = set[tuple[str, str]]()
    for sentence in sentences:
        shown = {pin.paper.id for pin in sentence.agreement.contradicting}
        for pin in sentence.citations:
            for paper, copy in _copies(pin, (p for p in known if p.id not in shown)):
                pair = (pin.paper.id, paper.id)
                if pair not in reported and pair[::-1] not in reported:
                    reported.add(pair)
                    yield Issue("disagreeing_copy", _message(pin, paper, copy), sentence.text)


def _copies(pin: Citation, papers: Iterable[Paper]) -> Iterator[tuple[Paper, str]]:
    """Yield the papers that repeat a cited sentence with other figures, each with that copy."""
    figures = apart(quantities(pin.quote))
    frame = _frame(pin.quote, figures)
    if pin.record or not figures or sum(part != _FIGURE for part in frame) < FEWEST_WORDS:
        return
    held = term_set(pin.paper.abstract)
    for paper in papers:
        if paper.id == pin.paper.id or not _alike(held, term_set(paper.abstract)):
            continue
        if copy := _other_figures(figures, frame, paper.abstract):
            yield paper, copy


def _alike(first: frozenset[str], second: frozenset[str]) -> bool:
    return len(first & second) >= SHARED * min(len(first), len(second))


def _other_figures(figures: Sequence[Quantity], frame: Sequence[str], abstract: str) -> str | None:
    """Return a sentence of an abstract with this frame and other figures, None where one has the same figures.

    Figures from another year describe another occasion, not a disagreement.
    """
    copies = []
    for span in split_sentences(abstract):
        text = abstract[span.start : span.end]
        theirs = apart(quantities(text))
        if _frame(text, theirs) == frame:
            pairs = [(one, other) for one, other in zip(figures, theirs, strict=True) if not agree(one, other)]
            if not pairs or any(one.is_year and other.is_year for one, other in pairs):
                return None
            copies.append(text)
    return copies[0] if copies else None


def _frame(text: str, figures: Iterable[Quantity]) -> list[str]:
    """Return the words of a sentence in order, with a mark in place of each figure."""
    frame: list[str] = []
    start = 0
    for figure in figures:
        frame += [*words(text[start : figure.start]), _FIGURE]
        start = figure.end
    return frame + words(text[start:])


def _message(pin: Citation, paper: Paper, copy: str) -> str:
    return (
        f"Two papers disagree in one sentence: “{pin.paper.title}” ({pin.paper.id}) says “{pin.quote}”, "
        f"“{paper.title}” ({paper.id}) says “{copy}”."
    )
