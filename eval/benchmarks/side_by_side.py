"""SideBySide questions from your own library: what two papers say about the same thing, asked for side by side.

Both sides are questions made from one sentence each, which lead back to that sentence and to no other paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.question.made_questions import FIGURE, FINDING, MadeQuestion
from rag.text.quantities import quantities
from rag.text.question_form import QuestionReading

# Words that the subjects of two questions share; the thing that both count is one of them.
LIKE = 2


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A question that takes both papers to answer: `sides` are the questions that it puts side by side."""

    question: str
    sides: tuple[MadeQuestion, MadeQuestion]


def make_comparisons(made: Sequence[MadeQuestion], count: int) -> list[SideBySide]:
    """Return up to `count` comparisons of two papers, each made question in one of them at most."""
    chosen: list[SideBySide] = []
    taken: set[str] = set()
    for first, second in sorted(_pairs(made), key=lambda pair: -_shared(*pair)):
        if len(chosen) == count:
            break
        if taken.isdisjoint((first.question, second.question)):
            taken |= {first.question, second.question}
            chosen.append(SideBySide(f"How do these two compare? {first.question} {second.question}", (first, second)))
    return chosen


def rivals(one: SideBySide) -> tuple[str, ...]:
    """Return the figures of other papers that neither side gives."""
    stated = " ".join(side.evidence for side in one.sides)
    return tuple(rival for side in one.sides for rival in side.rivals if rival not in stated)


def _pairs(made: Sequence[MadeQuestion]) -> Iterator[tuple[MadeQuestion, MadeQuestion]]:
    """Yield the pairs of two papers that say something of the same kind about a like thing.

    What only asks whether a sentence is so compares with nothing.
    """
    asking = [one for one in made if one.kind == FIGURE or (one.kind == FINDING and one.question.startswith("What"))]
    for first, second in combinations(asking, 2):
        alike = first.kind == second.kind and _shared(first, second) >= LIKE - bool(_counted(first))
        if alike and first.paper != second.paper:
            yield first, second


def _shared(first: MadeQuestion, second: MadeQuestion) -> int:
    """Return how many words of their subjects two questions share; of figures, none unless they count one thing."""
    if _counted(first) != _counted(second):
        return 0
    unit, noun = _counted(first) or ("", "")
    return len(
        QuestionReading(first.question).subject_set & QuestionReading(second.question).subject_set - {noun, unit}
    )


def _counted(made: MadeQuestion) -> tuple[str, str] | None:
    """Return the unit and the noun of the figure that is asked for, None where none is."""
    found = next((q for q in quantities(made.evidence) if made.answer and q.written == made.answer), None)
    return None if found is None else (str(found.unit), found.noun)
