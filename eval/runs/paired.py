"""The difference between two runs without the errors of their judge: by its card, or by people's labels of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.judges.corrected_difference import (
    CorrectedDifference,
    Judgement,
    Paired,
    corrected_difference,
    prediction_powered_difference,
)
from eval.judges.correction import Accuracy, accuracy_of
from eval.judges.nuggets import NuggetsFound
from eval.runs.corrected import OF_FACTS, verdicts_on
from eval.runs.labels import as_labelled, cited
from eval.runs.run import Row, Run

# What people found in answers, by the id of the question.
Facts = Mapping[str, NuggetsFound]


def by_card(name: str, first: Run, second: Run, questions: Sequence[str]) -> CorrectedDifference | None:
    """Correct a difference over these questions, each run's side by the card of its judge.

    None where a judge has no card, no verdict is behind the metric, or it is no mean of single verdicts.
    """
    one, two = (_accuracy(run) for run in (first, second))
    if one is None or two is None:
        return None
    sides = [(first.rows[question], second.rows[question]) for question in questions]
    pairs = [pair for a, b in sides if (pair := _paired(name, a, b))]
    return corrected_difference(pairs, (one, two)) if len(pairs) > 1 else None


def _accuracy(run: Run) -> Accuracy | None:
    return accuracy_of(run.header.get("judge_card"))


def _paired(name: str, first: Row, second: Row) -> Paired | None:
    one, two = verdicts_on(name, first), verdicts_on(name, second)
    if one is None or two is None:
        return None
    return Paired(one, two, first.response.claims == second.response.claims and _read(first) == _read(second))


def _read(row: Row) -> list[list[str]]:
    return [cited(row, claim.marks) for claim in row.response.claims]


def by_facts(
    name: str, first: Run, second: Run, questions: Sequence[str], facts: tuple[Facts, Facts]
) -> CorrectedDifference | None:
    """Correct a difference over these questions by what people found in answers of both runs.

    None where the metric isn't one of facts, or a side has no two labels.
    """
    if name not in OF_FACTS or not all(facts):
        return None
    sides = zip((first, second), facts, strict=True)
    one, two = ([_judgement(name, run.rows[q], labels.get(q)) for q in questions] for run, labels in sides)
    return prediction_powered_difference(one, two)


def _judgement(name: str, row: Row, found: NuggetsFound | None) -> Judgement:
    label = as_labelled(row, found).get(name) if found else None
    return Judgement(row.scores[name].value or 0.0, label, certain=row.nuggets is None)
