"""The evidence of an answer as a table: a paper a row, what it says, its part in the answer, each cell with its place.

A cell names a sample where the abstract states how many were studied (`rag.text.sample_sizes`) or labels a part
"Participants", a setting where it labels one "Setting"; elsewhere the cell is empty.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.text.sample_sizes import first_n, sample_of
from rag.types import MAY_ANSWER, Answer, Citation, Considered, Paper, Role, Sentence, Span
from rag.views import citation_signs
from rag.views.counts import counted

SUPPORTS, DISAGREES, BOTH, QUOTED, OPEN = "supports", "disagrees", "both sides", "quoted", "may answer too"
# Labels of structured abstracts (https://www.nlm.nih.gov/bsd/policy/structured_abstracts.html), in any combination.
_SAMPLE = frozenset({"participants", "participant", "patients", "subjects", "population", "sample"})
_SETTING = frozenset({"setting", "settings"})
COLUMNS = (
    "number", "paper_id", "title", "authors", "year", "venue", "doi", "stance", "cited", "why_not", "role", "says",
    "says_start", "says_end", "sample", "sample_start", "sample_end", "setting", "setting_start", "setting_end",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of a cell, and the passage of the abstract that states them: `abstract[start:end]`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A paper: `number` is None where the answer doesn't show it; `why` says why it isn't cited."""

    number: int | None
    paper: Paper
    says: Cell
    role: Role
    stance: str
    cited: bool
    why: str
    sample: Cell | None
    setting: Cell | None


def shown_answer(answer: Answer) -> Answer:
    """Return the answer whose sentences a reader sees: its own, else those of its fallback."""
    return answer.fallback if answer.fallback is not None and not answer.sentences else answer


def evidence_table(answer: Answer) -> tuple[EvidenceRow, ...]:
    """Return the papers that were found for an answer: those with a number first, then those that answer best."""
    answer = shown_answer(answer)
    considered = {item.paper.id: item for item in answer.considered}
    cited = _telling((pin for sentence in answer.sentences for pin in sentence.citations), considered)
    against = _telling((pin for sentence in answer.sentences for pin in sentence.agreement.contradicting), considered)
    sides = stances(answer.sentences)
    numbered = sorted((against | cited).values(), key=lambda pin: pin.number)
    rows = [
        _row(pin.paper, pin.number, pin, sides, considered.get(pin.paper.id), cited=pin.paper.id in cited)
        for pin in numbered
    ]
    shown = {row.paper.id for row in rows}
    return (
        *rows,
        *(_row(c.paper, None, c, sides, c, cited=False) for c in answer.considered if c.paper.id not in shown),
    )


def agreement_line(answer: Answer) -> str:
    """Return how the papers that were found relate to an answer.

    Empty where it has no sentences from abstracts, or quotes the only paper: there is nothing to compare.
    """
    answer = shown_answer(answer)
    if not answer.sentences or answer.written_by == "records":
        return ""
    sides = [row.stance for row in evidence_table(answer)]
    if sides == [QUOTED]:
        return ""
    words = {
        SUPPORTS: ("supports it", "support it"),
        DISAGREES: ("disagrees", "disagree"),
        BOTH: ("has both sides", "have both sides"),
        QUOTED: ("is quoted", "are quoted"),
        OPEN: (OPEN, OPEN),
        "": ("doesn’t say", "don’t say"),
    }
    parts = [counted(sides.count(stance), *forms) for stance, forms in words.items() if stance in sides]
    found = f"Of {counted(len(sides), 'paper')} found, " if answer.considered else ""
    return f"{found}{', '.join(parts)}."


def stances(sentences: Sequence[Sentence]) -> dict[str, str]:
    """Return paper id → which side it is on, over all sentences; a paper without an entry takes none.

    A side taken in a dispute counts before any support elsewhere. A paper that does no more than speak for itself, in
    its own words, supports nothing: it is quoted.
    """
    disputed = _disputed(sentences)
    found: dict[str, str] = {}
    for sentence in sentences:
        alone = _only_quotes(sentence)
        for paper in sentence.agreement.supporting:
            if not alone or paper not in found:
                found[paper] = QUOTED if alone else SUPPORTS
    return found | disputed


def table_csv(answer: Answer) -> str:
    """Return the table as CSV: `…_start` and `…_end` are where the paper's abstract states a cell, in code points."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in evidence_table(answer):
        paper = row.paper
        writer.writerow(
            [
                row.number or "", paper.id, _text(paper.title), _text("; ".join(paper.authors)), paper.year or "",
                _text(paper.venue or ""), paper.doi or "", row.stance, "yes" if row.cited else "no", _text(row.why),
                "" if row.role is Role.UNKNOWN else row.role.value,
                *_cells(row.says), *_cells(row.sample), *_cells(row.setting),
            ]
        )  # fmt: skip
    return written.getvalue()


def _row(
    paper: Paper, number: int | None, said: Citation | Considered, sides: dict[str, str],
    considered: Considered | None, *, cited: bool,
) -> EvidenceRow:  # fmt: skip
    why = considered.why if considered is not None and not cited else ""
    stance = sides.get(paper.id, "") or (OPEN if why == MAY_ANSWER else "")
    text = said.words if isinstance(said, Citation) else said.quote
    says = Cell(text, said.start, said.end)
    return EvidenceRow(number, paper, says, said.role, stance, cited, why, _sample(paper), _labelled(paper, _SETTING))


def _telling(pins: Iterable[Citation], considered: dict[str, Considered]) -> dict[str, Citation]:
    """Return paper id → of its pins the one to the sentence that answers best, else the first."""
    found: dict[str, Citation] = {}
    for pin in pins:
        best = considered.get(pin.paper.id)
        if pin.paper.id not in found or (best is not None and (pin.start, pin.end) == (best.start, best.end)):
            found[pin.paper.id] = pin
    return found


def _disputed(sentences: Sequence[Sentence]) -> dict[str, str]:
    """Return the sides of papers in a dispute: the one that the answer gives first supports it.

    An answer that gives both sides a sentence each has the same two sides in the second, the other way round.
    """
    sides: dict[str, set[str]] = {SUPPORTS: set(), DISAGREES: set()}
    for sentence in sentences:
        if not sentence.agreement.contradicting:
            continue
        supporting = set(sentence.agreement.supporting)
        against = {pin.paper.id for pin in sentence.agreement.contradicting}
        straight = len(supporting & sides[SUPPORTS]) + len(against & sides[DISAGREES])
        crossed = len(supporting & sides[DISAGREES]) + len(against & sides[SUPPORTS])
        if crossed > straight:
            supporting, against = against, supporting
        sides[SUPPORTS] |= supporting
        sides[DISAGREES] |= against
    torn = sides[SUPPORTS] & sides[DISAGREES]
    cited = (citation.paper.id for sentence in sentences for citation in sentence.citations)
    first = next((paper for paper in cited if paper in sides[SUPPORTS] ^ sides[DISAGREES]), None)
    if first in sides[DISAGREES]:
        sides = {SUPPORTS: sides[DISAGREES], DISAGREES: sides[SUPPORTS]}
    return {paper: BOTH if paper in torn else side for side, papers in sides.items() for paper in papers}


def _only_quotes(sentence: Sentence) -> bool:
    """Return whether a sentence is a paper's own, word for word, and no other paper says the same."""
    cited = {pin.paper.id for pin in sentence.citations}
    quoted = any(citation_signs.sign_of(pin, sentence.text) is citation_signs.QUOTED for pin in sentence.citations)
    return quoted and set(sentence.agreement.supporting) <= cited and len(cited) == 1


def _sample(paper: Paper) -> Cell | None:
    return _sized(sample_of(paper)) or _labelled(paper, _SAMPLE) or _sized(first_n(paper))


def _sized(stated: tuple[str, Span] | None) -> Cell | None:
    return Cell(stated[0], stated[1].start, stated[1].end) if stated else None


def _labelled(paper: Paper, labels: frozenset[str]) -> Cell | None:
    """Return the part of a structured abstract with one of these words in its label."""
    for section in paper.sections:
        if labels & set(re.findall(r"\w+", section.label.casefold())):
            text = paper.abstract[section.start : section.end]
            return Cell(text, section.start, section.end) if text.strip() else None
    return None


def _cells(cell: Cell | None) -> list[object]:
    return ["", "", ""] if cell is None else [_text(cell.text), cell.start, cell.end]


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
