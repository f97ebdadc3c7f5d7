"""Two runs compared on the questions that both answered, and whether chance explains the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from eval import power
from eval.estimates import LEVEL, NOT_APPLICABLE, Score, columns, draws, percentiles
from eval.judges.corrected_difference import CorrectedDifference, chance
from eval.metrics import BY_NAME
from eval.runs import paired
from eval.runs.corrected import unseen
from eval.runs.run import Run
from rag.errors import InputError
from rag.views.counts import counted


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in two runs, and `second - first` with its 95% interval, over the `questions` that both runs scored.

    `only_first` and `only_second` count the questions that one run alone scored: they are in no sum. `p` is the
    chance of such a difference between equal systems, `adjusted` the same corrected for the number of metrics
    compared (Holm 1979); None where one question alone was scored. `better` is None unless `adjusted` is below 0.05.
    `corrected_by` is `card` or `labels` where all this is without the judge's errors, which those show; `as_judged` is
    the difference with them.
    """

    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    questions: int
    only_first: int
    only_second: int
    p: float | None
    adjusted: float | None = None
    better: str | None = None
    corrected_by: str | None = None
    as_judged: float | None = None


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A question whose score differs between the runs."""

    question: str
    metric: str
    first: float
    second: float


def difference(first: Sequence[Score], second: Sequence[Score]) -> Difference | None:
    """Compare the scores of the same questions, in the same order; None where no question is scored in both.

    A question that one run failed on shows nothing about the other: it is counted, and left out. Paired bootstrap:
    each of 10,000 resamples draws questions, and both runs are scored on the same draw (Koehn 2004; clusters are
    questions: Miller 2024, "Adding error bars to evals").
    """
    both = [(a, b) for a, b in zip(first, second, strict=True) if a.whole and b.whole]
    if not both:
        return None
    (parts_a, wholes_a), (parts_b, wholes_b) = (columns(side) for side in zip(*both, strict=True))
    a, b = float(parts_a.sum() / wholes_a.sum()), float(parts_b.sum() / wholes_b.sum())
    only_first = sum(1 for a, b in zip(first, second, strict=True) if a.whole and not b.whole)
    only_second = sum(1 for a, b in zip(first, second, strict=True) if b.whole and not a.whole)
    low = high = p = None
    if len(both) > 1:
        resampled = np.concatenate([
            parts_b[d].sum(axis=1) / wholes_b[d].sum(axis=1) - parts_a[d].sum(axis=1) / wholes_a[d].sum(axis=1)
            for d in draws(len(both))
        ])  # fmt: skip
        low, high = percentiles(resampled)
        p = chance(resampled)
    return Difference(a, b, b - a, low, high, len(both), only_first, only_second, p)


def corrected(found: Mapping[str, Difference]) -> dict[str, Difference]:
    """Correct for the number of metrics (Holm 1979) and name the better run where a difference is left."""
    known = sorted((d.p, name) for name, d in found.items() if d.p is not None)
    adjusted: dict[str, float] = {}
    highest = 0.0
    for place, (p, name) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - place)))
        adjusted[name] = highest
    return {
        name: replace(d, adjusted=adjusted.get(name), better=_better(name, d, adjusted.get(name)))
        for name, d in found.items()
    }


def _better(name: str, found: Difference, adjusted: float | None) -> str | None:
    if adjusted is None or adjusted >= 1 - LEVEL:
        return None
    return "second" if (found.difference > 0) == BY_NAME[name].higher_is_better else "first"


def shared_questions(first: Run, second: Run) -> list[str]:
    """Return the ids in both runs, in the order of the first. Raises `InputError` where there are none."""
    shared = [name for name in first.rows if name in second.rows]
    if not shared:
        raise InputError("the two runs share no question: compare runs on the same question set")
    asked = [n for n in shared if first.rows[n].case.question != second.rows[n].case.question]
    if asked:
        raise InputError(f"the question {asked[0]!r} reads differently in the two runs: compare runs on the same set")
    return shared


NO_FACTS: tuple[paired.Facts, paired.Facts] = ({}, {})


def compared(
    name: str, first: Run, second: Run, shared: Sequence[str], facts: tuple[paired.Facts, paired.Facts] = NO_FACTS
) -> Difference | None:
    """Compare two runs in one metric, without the errors of their judge where its card or people's labels show them."""
    sides = [[run.rows[q].scores.get(name, NOT_APPLICABLE) for q in shared] for run in (first, second)]
    found = difference(*sides)
    both = [q for q, a, b in zip(shared, *sides, strict=True) if a.whole and b.whole]
    if found is None or len(both) < 2:
        return found
    ways = {
        "card": paired.by_card(name, first, second, both),
        "labels": paired.by_facts(name, first, second, both, facts),
    }
    return next((_corrected(found, way, by) for by, way in ways.items() if way), found)


def _corrected(found: Difference, way: CorrectedDifference, by: str) -> Difference:
    return replace(
        found, first=way.first, second=way.second, difference=way.difference, low=way.low, high=way.high, p=way.p,
        corrected_by=by, as_judged=found.difference,
    )  # fmt: skip


def differences(first: Run, second: Run, facts: tuple[paired.Facts, paired.Facts] = NO_FACTS) -> dict[str, Difference]:
    """Compare every metric on the questions that both runs scored it on, corrected for the number of metrics.

    What the judge of one of them can't measure is left out. `facts` are what people found in answers of each run.
    """
    shared = shared_questions(first, second)
    measured = [name for name in BY_NAME if not unmeasured(name, first, second)]
    found = {name: compared(name, first, second, shared, facts) for name in measured}
    return corrected({name: each for name, each in found.items() if each})


def unmeasured(name: str, first: Run, second: Run) -> str | None:
    """Return why the judge of one of the runs can't measure a metric; None where both can."""
    return next((why for run in (first, second) if (why := unseen(name, run.header.get("judge_card")))), None)


def unanswered(run: Run, other: Run) -> list[str]:
    """Return the questions that the other run answered and this one did not: failed, or never asked."""
    answered = [name for name, row in other.rows.items() if not row.response.error]
    return [name for name in answered if name not in run.rows or run.rows[name].response.error]


AS_JUDGED = (
    "As judged: the judge's errors affect both runs, so a difference usually looks smaller than it is. To correct "
    "it, label answers of both runs: pincite eval label RUN.jsonl --facts."
)
CHANGES = (
    "right", "expected", "citation_recall", "citation_precision", "recall@5", "refusal_recall", "over_refusal",
)  # fmt: skip


def changes(first: Run, second: Run) -> tuple[ScoreChange, ...]:
    """Return the questions whose score in one of the main metrics differs, the largest first."""
    found = []
    for question in shared_questions(first, second):
        for name in CHANGES:
            a, b = (run.rows[question].scores.get(name, NOT_APPLICABLE).value for run in (first, second))
            if a is not None and b is not None and abs(a - b) > 1e-9:
                found.append(ScoreChange(question, name, a, b))
    return tuple(sorted(found, key=lambda change: -abs(change.second - change.first)))


def document(first: Run, second: Run, facts: tuple[paired.Facts, paired.Facts] = NO_FACTS) -> dict[str, Any]:
    """Return the comparison ready for `json.dumps`."""
    return {
        "first": first.header,
        "second": second.header,
        "questions": len(shared_questions(first, second)),
        "unanswered": {"first": unanswered(first, second), "second": unanswered(second, first)},
        "metrics": {name: asdict(found) for name, found in differences(first, second, facts).items()},
        "unmeasured": {name: why for name in BY_NAME if (why := unmeasured(name, first, second))},
        "changes": [asdict(change) for change in changes(first, second)],
    }


def markdown(
    first: Run, second: Run, names: tuple[str, str], facts: tuple[paired.Facts, paired.Facts] = NO_FACTS
) -> str:
    """Return the comparison as a Markdown table, and below it the questions that changed."""
    shared = len(shared_questions(first, second))
    lines = [
        f"{shared} questions in both runs. Difference: second - first, 95% paired bootstrap by question, over the "
        "questions that both runs scored; p corrected for the number of metrics (Holm). "
        f"{power.sentence(shared)}.",
        *_missing(first, second, names),
        "",
        f"| metric | {_cell(names[0])} | {_cell(names[1])} | difference | interval | p | questions | corrected by "
        "| better |",
        "|---|---:|---:|---:|---|---:|---|---|---|",
    ]
    lines += [_line(name, found, names) for name, found in differences(first, second, facts).items()]
    lines += ["", AS_JUDGED]
    hidden = [f"{name}: not compared, {why}." for name in BY_NAME if (why := unmeasured(name, first, second))]
    lines += ["", *hidden] if hidden else []
    if _judges(first) != _judges(second):
        lines += [
            "",
            f"The judges differ ({_judges(first)}, {_judges(second)}): of the numbers of citations and facts only "
            "corrected ones can be compared.",
        ]
    changed = changes(first, second)
    lines += [
        "",
        f"{counted(len(changed), 'change')}:",
        "",
        "| question | metric | first | second |",
        "|---|---|---:|---:|",
    ]
    lines += [f"| {_cell(c.question)} | {c.metric} | {c.first:.2f} | {c.second:.2f} |" for c in changed]
    return "\n".join(lines)


def _missing(first: Run, second: Run, names: tuple[str, str]) -> list[str]:
    sides = [(names[0], unanswered(first, second)), (names[1], unanswered(second, first))]
    return [
        f"{name} has no answer to {counted(len(missing), 'question')} that the other run answered: "
        f"{', '.join(missing)}."
        for name, missing in sides
        if missing
    ]


def _line(name: str, found: Difference, names: tuple[str, str]) -> str:
    interval = "unknown" if found.low is None else f"[{found.low:+.3f}, {found.high:+.3f}]"
    better = {"first": names[0], "second": names[1]}.get(found.better or "", "no difference shown")
    alone = [f"{found.only_first} only in {names[0]}"] * bool(found.only_first)
    alone += [f"{found.only_second} only in {names[1]}"] * bool(found.only_second)
    counted = f"{found.questions}" + (f" ({', '.join(alone)})" if alone else "")
    p = "unknown" if found.adjusted is None else f"{found.adjusted:.3f}"
    row = [
        name, f"{found.first:.3f}", f"{found.second:.3f}", f"{found.difference:+.3f}", interval, p, counted,
        basis(name, found), better,
    ]  # fmt: skip
    return "| " + " | ".join(map(_cell, row)) + " |"


def basis(name: str, found: Difference) -> str:
    """State which labels correct a difference for the judge's errors, or that none do."""
    if not BY_NAME[name].judged:
        return "no judge in it"
    return {"card": "the judge's card", "labels": "your labels"}.get(found.corrected_by or "", "nothing: as judged")


def _judges(run: Run) -> str:
    return str(run.header.get("judge"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
