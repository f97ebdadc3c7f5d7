"""Two runs compared on the questions that both answered, and whether chance explains the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.estimates import NOT_APPLICABLE, Score, columns, draws, percentiles
from eval.metrics import BY_NAME
from eval.runs.run import Run
from rag.errors import InputError


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in two runs, and `second - first` with its 95% interval.

    `questions` have the metric in at least one of the runs. `better` is None if the interval holds 0 or is unknown.
    """

    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    questions: int
    better: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose score differs between the runs."""

    question: str
    metric: str
    first: float
    second: float


def difference(name: str, first: Sequence[Score], second: Sequence[Score]) -> Difference | None:
    """Compare the scores of the same questions, in the same order; None where a run has none of this metric.

    Paired bootstrap: each of 10,000 resamples draws questions, and both runs are scored on the same draw (Koehn 2004;
    clusters are questions: Miller 2024, "Adding error bars to evals").
    """
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a.whole or b.whole]
    if not any(a.whole for a, _ in pairs) or not any(b.whole for _, b in pairs):
        return None
    (parts_a, wholes_a), (parts_b, wholes_b) = (columns(side) for side in zip(*pairs, strict=True))
    a, b = float(parts_a.sum() / wholes_a.sum()), float(parts_b.sum() / wholes_b.sum())
    low = high = None
    if len(pairs) > 1:
        with np.errstate(invalid="ignore", divide="ignore"):
            low, high = percentiles(
                np.concatenate([
                    parts_b[d].sum(axis=1) / wholes_b[d].sum(axis=1) - parts_a[d].sum(axis=1) / wholes_a[d].sum(axis=1)
                    for d in draws(len(pairs))
                ])
            )  # fmt: skip
    return Difference(a, b, b - a, low, high, len(pairs), _better(name, low, high))


def _better(name: str, low: float | None, high: float | None) -> str | None:
    if low is None or high is None or low <= 0 <= high:
        return None
    return "second" if (low > 0) == BY_NAME[name].higher_is_better else "first"


def shared_questions(first: Run, second: Run) -> list[str]:
    """Return the ids in both runs, in the order of the first. Raises `InputError` where there are none."""
    shared = [name for name in first.rows if name in second.rows]
    if not shared:
        raise InputError("the two runs share no question: compare runs on the same question set")
    asked = [n for n in shared if first.rows[n].case.question != second.rows[n].case.question]
    if asked:
        raise InputError(f"the question {asked[0]!r} reads differently in the two runs: compare runs on the same set")
    return shared


def differences(first: Run, second: Run) -> dict[str, Difference]:
    """Compare every metric that both runs have, on the questions that both hold."""
    shared = shared_questions(first, second)
    found = {}
    for name in BY_NAME:
        sides = [[run.rows[q].scores.get(name, NOT_APPLICABLE) for q in shared] for run in (first, second)]
        change = difference(name, *sides)
        if change is not None:
            found[name] = change
    return found


CHANGES = ("expected", "citation_recall", "citation_precision", "recall@5", "refusal_recall", "over_refusal")


def changes(first: Run, second: Run) -> tuple[Change, ...]:
    """Return the questions whose score in one of the main metrics differs, the largest first."""
    found = []
    for question in shared_questions(first, second):
        for name in CHANGES:
            a, b = (run.rows[question].scores.get(name, NOT_APPLICABLE).value for run in (first, second))
            if a is not None and b is not None and abs(a - b) > 1e-9:
                found.append(Change(question, name, a, b))
    return tuple(sorted(found, key=lambda change: -abs(change.second - change.first)))


def document(first: Run, second: Run) -> dict[str, Any]:
    """Return the comparison ready for `json.dumps`."""
    return {
        "first": first.header,
        "second": second.header,
        "questions": len(shared_questions(first, second)),
        "left_out": sorted(set(first.rows) ^ set(second.rows)),
        "metrics": {name: asdict(found) for name, found in differences(first, second).items()},
        "changes": [asdict(change) for change in changes(first, second)],
    }


def markdown(first: Run, second: Run, names: tuple[str, str]) -> str:
    """Return the comparison as a Markdown table, and below it the questions that changed."""
    summary = document(first, second)
    lines = [
        f"{summary['questions']} questions in both runs, {len(summary['left_out'])} in only one (left out). "
        "Difference: second - first, 95% paired bootstrap by question.",
        "",
        f"| metric | {_cell(names[0])} | {_cell(names[1])} | difference | interval | questions | better |",
        "|---|---:|---:|---:|---|---:|---|",
    ]
    for name, d in differences(first, second).items():
        interval = "unknown" if d.low is None else f"[{d.low:+.3f}, {d.high:+.3f}]"
        better = {"first": names[0], "second": names[1]}.get(d.better or "", "no difference shown")
        row = [name, f"{d.first:.3f}", f"{d.second:.3f}", f"{d.difference:+.3f}", interval, str(d.questions), better]
        lines.append("| " + " | ".join(map(_cell, row)) + " |")
    if _judges(first) != _judges(second):
        lines += ["", f"The judges differ ({_judges(first)}, {_judges(second)}): citation numbers can't be compared."]
    changed = changes(first, second)
    lines += ["", f"{len(changed)} changes:", "", "| question | metric | first | second |", "|---|---|---:|---:|"]
    lines += [f"| {_cell(c.question)} | {c.metric} | {c.first:.2f} | {c.second:.2f} |" for c in changed]
    return "\n".join(lines)


def _judges(run: Run) -> str:
    return str(run.header.get("judge"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
