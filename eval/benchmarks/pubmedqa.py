"""Public question sets in their own layouts: PubMedQA, a question, its abstract, and yes, no or maybe."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.estimates import Estimate, draws, estimate, of, percentiles
from eval.json_lines import dump_line, read_lines
from eval.questions import Case
from rag.errors import InputError, SourceError
from rag.text.sentences import split_sentences
from rag.text.words import words

DECISIONS = ("yes", "no", "maybe")
_UNSURE = re.compile(
    r"\b(?:maybe|perhaps|possibly|unclear|inconclusive|mixed (?:results|evidence)|not (?:yet )?(?:clear|certain|known)|"
    r"uncertain|it depends|conflicting|(?:further|more) (?:research|studies|trials) (?:is|are) (?:needed|required))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class YesNoQuestion:
    """A question of PubMedQA (Jin et al. 2019, EMNLP): `contexts` is the abstract without its conclusion."""

    id: str
    question: str
    contexts: str
    answer: str

    @property
    def case(self) -> Case:
        """The question as the harness asks it."""
        return Case(self.id, "finding", "test", self.question)


def read_pubmedqa(path: str | Path) -> tuple[YesNoQuestion, ...]:
    """Read questions, one JSON object a line. Raises `SourceError` naming file and line, `InputError` for none."""
    questions = []
    for number, row in read_lines(path):
        for name in ("id", "question", "contexts", "answer"):
            if not isinstance(row.get(name), str):
                raise SourceError(path, f"{name} is {row.get(name)!r}: give a text", number)
        if row["answer"] not in DECISIONS:
            raise SourceError(path, f"answer is {row['answer']!r}: give yes, no or maybe", number)
        questions.append(YesNoQuestion(row["id"], row["question"], row["contexts"], row["answer"]))
    if not questions:
        raise InputError(f"{path}: no questions in it: give one JSON object per line")
    return tuple(questions)


def write_library(questions: Sequence[YesNoQuestion], path: Path) -> None:
    """Write the contexts as papers to add: the benchmark's reasoning-required setting, without the conclusions."""
    path.write_text(
        "".join(dump_line({"title": q.question, "abstract": q.contexts, "pmid": q.id}) for q in questions),
        encoding="utf-8",
    )


def decision(text: str) -> str | None:
    """Return the yes, no or maybe that an answer gives, None where it gives none.

    A decision is a first sentence that opens with "yes", "no" or "maybe", or says that it is not clear. Nothing is
    guessed from the rest: a finding without a decision doesn't count.
    """
    spans = split_sentences(text)
    first = text[spans[0].start : spans[0].end] if spans else ""
    opening = words(first)[:1]
    if opening and opening[0] in DECISIONS:
        return opening[0]
    return "maybe" if _UNSURE.search(first) else None


def yes_no_card(pairs: Sequence[tuple[str, str | None]]) -> dict[str, Any]:
    """Return accuracy and macro-F1 over (right answer, decision) with intervals.

    Both over the decided questions; `decided` is their share. `accuracy_of_all` counts the undecided as wrong, as the
    benchmark does (Jin et al. 2019, section 4).
    """
    decided = [(right, said) for right, said in pairs if said is not None]
    return {
        "questions": len(pairs),
        "undecided": len(pairs) - len(decided),
        "decided": asdict(estimate([of(said is not None) for _, said in pairs])),
        "accuracy": asdict(estimate([of(right == said) for right, said in decided])),
        "accuracy_of_all": asdict(estimate([of(right == said) for right, said in pairs])),
        "macro_f1": asdict(_macro_f1(decided, len(pairs) - len(decided))),
    }


def _macro_f1(decided: Sequence[tuple[str, str | None]], undecided: int) -> Estimate:
    """Return the mean F1 of yes, no and maybe over those that are the right answer somewhere."""
    if not decided:
        return Estimate(None, None, None, 0, undecided, 0)
    cell = np.array([3 * DECISIONS.index(right) + DECISIONS.index(str(said)) for right, said in decided])
    one_hot = np.eye(9)[cell]
    occurs = one_hot.sum(axis=0).reshape(3, 3).sum(axis=1) > 0

    def mean_f1(confusion: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        right = np.diagonal(confusion, axis1=1, axis2=2)
        f1 = 2 * right / np.maximum(confusion.sum(axis=1) + confusion.sum(axis=2), 1)
        mean: np.ndarray[Any, Any] = f1[:, occurs].mean(axis=1)
        return mean

    value = float(mean_f1(one_hot.sum(axis=0).reshape(1, 3, 3))[0])
    low, high = percentiles(
        np.concatenate([mean_f1(one_hot[block].sum(axis=1).reshape(-1, 3, 3)) for block in draws(len(decided))])
    )
    return Estimate(value, low, high, len(decided), undecided, 0)


def as_text(card: Mapping[str, Any]) -> str:
    """Return the card as lines of text."""
    lines = [f"{card['questions']} questions, {card['undecided']} without a decision"]
    for name in ("accuracy", "macro_f1", "decided", "accuracy_of_all"):
        found = card[name]
        value = "–" if found["value"] is None else f"{found['value']:.3f}"
        interval = "" if found["low"] is None else f" [{found['low']:.3f}, {found['high']:.3f}]"
        lines.append(f"  {name:<16} {value}{interval}")
    return "\n".join(lines)
