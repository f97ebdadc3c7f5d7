"""When to decline, adjusted to a library: questions made from its abstracts are asked with their paper and without it.

One number is fitted, a shift of the log odds that the evidence answers. The made questions keep the words of their
sentences, so weights fitted to them would trust shared words too much; a shift takes from them only how far this
library's papers resemble one another. docs/lab/verification.md has what it changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import exp, log
from typing import Protocol

from rag.errors import InputError
from rag.models.embedding import Embedder
from rag.models.reader import default_reader
from rag.question import answerability_weights, answering_weights
from rag.question.answerability import Found, log_odds_of_answer
from rag.question.answering import AnswerReader, nearness, read, weighed
from rag.question.made_questions import MadeQuestion, make_questions
from rag.serialization import parse_json
from rag.text.question_form import QuestionReading
from rag.types import Evidence, Filters, Hit, Paper
from rag.views.counts import counted

FORMAT = 1
PAPERS = 10  # papers read for a question, as for an answer without a model
QUESTIONS, FEWEST, MOST = 60, 10, 500
# A library that grew or shrank by more than this share is another one.
CHANGED = 0.25
# The shift is pulled towards 0 as if this many questions had been borderline.
_HELD = 4.0
_LARGEST = 3.0
_CUT = log(answerability_weights.ANSWERED_FROM / (1 - answerability_weights.ANSWERED_FROM))


class Asked(Protocol):
    """The library that is calibrated, as `rag.Library` is one."""

    @property
    def embedder(self) -> Embedder:
        """What turns a question into a vector."""

    def papers(self) -> list[Paper]:
        """Return all papers."""

    def find(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Return up to `k` papers, best first."""

    def gather(self, question: str, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
        """Return the sentences of these papers."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted, to what, and what it does to the questions that it was fitted to.

    `shift` is added to the log odds that the evidence answers. `declined` counts the questions asked without their
    paper that are declined with it, `wrongly` those asked with their paper; `declined_before` and `wrongly_before` are
    the same with the shipped weights alone. `papers` is the size of the library, `basis` what the scores come from.
    """

    shift: float
    questions: int
    papers: int
    declined: int
    wrongly: int
    declined_before: int
    wrongly_before: int
    made_at: str
    basis: str

    @property
    def name(self) -> str:
        """What a receipt calls it."""
        return f"shift {self.shift:+.3f} from {self.questions} questions, {self.made_at}"

    def to_text(self) -> str:
        """Return it as the library keeps it."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)


def from_text(text: str, papers: int, basis: str) -> Calibration | None:
    """Return the calibration that a library of this many papers keeps.

    None where it is of another format or damaged, rests on other scores, or the library has changed much since.
    """
    try:
        plain = parse_json(text)
        known = plain.pop("format") == FORMAT
        found = Calibration(**plain)
        fits = found.basis == basis and abs(papers - found.papers) <= CHANGED * found.papers
        return found if known and fits and abs(found.shift) <= _LARGEST else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def basis_of(embedding: str) -> str:
    """Return a name for all that a score rests on: the embedding, the reader and the weights."""
    weights = [vars(module) for module in (answerability_weights, answering_weights)]
    numbers = [sorted((k, str(v)) for k, v in one.items() if k.isupper()) for one in weights]
    return hashlib.sha256(json.dumps([embedding, default_reader().name, numbers]).encode()).hexdigest()[:16]


def calibrate(
    library: Asked,
    embedding: str,
    made_at: str,
    *,
    questions: int = QUESTIONS,
    reader: AnswerReader | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Calibration:
    """Make questions, ask each with its paper and without it, and fit the shift.

    Raises `InputError` where the abstracts yield too few questions.
    """
    papers = library.papers()
    made = make_questions(papers, lambda question, k: library.find(question, k, Filters()), questions)
    if len(made) < FEWEST:
        raise InputError(
            f"only {counted(len(made), 'question')} can be made from {counted(len(papers), 'paper')}, and {FEWEST} are "
            "needed: add more papers; until then the shipped setting serves"
        )
    with_paper: list[float] = []
    without: list[float] = []
    for number, one in enumerate(made, 1):
        for there, found in _scores(one, library, reader or default_reader()):
            (with_paper if there else without).append(found)
        progress(number, len(made))
    shift = round(fitted_shift(with_paper, without), 4)

    def below(scores: Sequence[float], moved: float) -> int:
        return sum(score + moved < _CUT for score in scores)

    return Calibration(
        shift, len(made), len(papers), below(without, shift), below(with_paper, shift), below(without, 0.0),
        below(with_paper, 0.0), made_at, basis_of(embedding),
    )  # fmt: skip


def _scores(made: MadeQuestion, library: Asked, reader: AnswerReader) -> Iterator[tuple[bool, float]]:
    """Yield the log odds with the question's paper, which has to be found, and without it."""
    hits = library.find(made.question, PAPERS + 1, Filters())
    evidence = library.gather(made.question, hits)
    odds = read(made.question, evidence, reader)
    asked = QuestionReading(made.question)
    rest = [hit for hit in hits if hit.paper_id != made.paper]
    for there, some in ((True, hits[:PAPERS]), (False, rest[:PAPERS])):
        names = {hit.paper_id for hit in some}
        items = [item for item in evidence if item.paper.id in names]
        if items and (not there or made.paper in names):
            yield there, log_odds_of_answer(Found(asked, some, weighed(asked, items, nearness(some), odds)))


def fitted_shift(with_paper: Sequence[float], without: Sequence[float]) -> float:
    """Return the shift that makes these log odds most likely, by Newton's method: Platt's scaling, slope kept."""
    shift = 0.0
    for _ in range(50):
        yes = [1 / (1 + exp(-_held(score + shift))) for score in with_paper]
        no = [1 / (1 + exp(-_held(score + shift))) for score in without]
        slope = sum(1 - p for p in yes) - sum(no) - _HELD / 4 * shift
        curve = sum(p * (1 - p) for p in (*yes, *no)) + _HELD / 4
        shift = max(-_LARGEST, min(_LARGEST, shift + slope / curve))
    return shift


def _held(odds: float) -> float:
    return max(-30.0, min(30.0, odds))
