"""Measures what a gate asks for, now; offline if the check uses the extractive writer or recorded answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eval.answers.file_format import read_responses
from eval.answers.responses import Response
from eval.estimates import NOT_APPLICABLE, UNSCORED, Estimate, Score, estimate, of
from eval.gates.thresholds import Check, Threshold
from eval.json_lines import read_lines
from eval.judges.judged import Judge, judge_response
from eval.judges.labelled_pairs import read_pairs
from eval.judges.mutations import items_of
from eval.judges.registry import open_judge
from eval.judges.structural_mutations import mutate
from eval.metrics import BY_NAME, scores_of, summarise
from eval.questions import QUESTIONS, Case, load_cases
from eval.runs.asking import DEMO, asker, open_library
from eval.runs.comparison import difference
from eval.runs.run import Run, read_run
from rag.config import from_environment
from rag.errors import InputError
from rag.models import load
from rag.text.sentences import split_sentences
from rag.types import Verdict
from rag.views.counts import counted

# Mutants of each operator: enough for a lower bound of 0.97 if all pass, and for a rate of one half to move little with
# the sentences that happen to be drawn.
MUTANTS = 150
# Questions named in a reason.
SHOWN = 10
BUILTIN = "builtin"

Scores = Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Measurement:
    """The estimates that a check is about, and the scores of each question behind them, by its id.

    `asked` has the questions in words, `judge` the name of the judge.
    """

    estimates: Mapping[str, Estimate]
    questions: Mapping[str, Scores]
    asked: Mapping[str, str] = field(default_factory=dict)
    judge: str = BUILTIN


def measure(check: Check, folder: Path, run: Path | None = None, judge: Judge | None = None) -> Measurement:
    """Measure what a check is about. File names in it are relative to `folder`, the gate file's.

    Raises `InputError` if what it names can't be read, or if it names nothing and no `run` is given.
    """
    kind, named = check.source or ("run", "")
    if kind == "mutations":
        return Measurement(_mutations([t.metric for t in check.thresholds], judge or open_judge(named)), {})
    if kind == "run":
        return _run(check, folder / named if named else run)
    if kind == "pairs":
        return Measurement(_pairs(folder / named, judge or open_judge(BUILTIN)), {})
    if kind == "sentences":
        return Measurement({"whole_sentences": _sentences(folder / named)}, {})
    cases = load_cases(folder / check.questions if check.questions else QUESTIONS, check.split)
    asked = {case.id: case.question for case in cases}
    judge = judge or open_judge(BUILTIN)
    if kind == "answers":
        return _of(_recorded(cases, folder / named, judge), asked)
    with open_library(str(folder / check.library) if check.library else None) as library:
        ask = asker(library, load(named, from_environment(model=named)) or named)
        return _of(scores(cases, ask, judge), asked)


def _of(questions: Mapping[str, Scores], asked: Mapping[str, str], judge: str = BUILTIN) -> Measurement:
    return Measurement(summarise(list(questions.values())), questions, asked, judge)


def scores(cases: Sequence[Case], ask: Callable[[Case], Response], judge: Judge) -> dict[str, Scores]:
    """Ask, judge and score these cases."""
    return {case.id: scores_of(judge_response(case, ask(case), judge)) for case in cases}


def falls(check: Check, found: Measurement, folder: Path) -> list[str]:
    """Return the reasons why a check is worse than the run that it is compared with, each with what changed.

    Only questions that both scored are compared; one that the run scored and this check didn't is a reason as well.
    """
    limits = [t for t in check.thresholds if t.worse_at_most is not None]
    if not limits or not check.against:
        return []
    stored = read_run(folder / check.against)
    _need_the_same(check, found, stored)
    before = {name: row.scores for name, row in stored.rows.items()}
    if not set(before) & set(found.questions):
        raise InputError(f"{folder / check.against}: shares no question with the check {check.name!r}")
    missing = sorted(set(before) - set(found.questions))
    reasons = [f"{counted(len(missing), 'question')} of {check.against} not asked: {_few(missing)}"] if missing else []
    return reasons + [reason for limit in limits for reason in _fall(limit, before, found.questions)]


def _need_the_same(check: Check, found: Measurement, stored: Run) -> None:
    """Raise `InputError` where a stored run asked something else under the same ids, or had another judge."""
    then = {name: row.case.question for name, row in stored.rows.items()}
    changed = [name for name, question in then.items() if found.asked.get(name, question) != question]
    if changed:
        raise InputError(f"{check.against}: the question {changed[0]!r} read differently then: make that run again")
    judge = str(stored.header.get("judge"))
    judged = [t.metric for t in check.thresholds if t.worse_at_most is not None and BY_NAME[t.metric].judged]
    if judged and judge != found.judge:
        raise InputError(
            f"{check.against}: judged by {judge}, this check by {found.judge}, so {judged[0]} can't be compared: "
            f"make that run again with --judge {found.judge}"
        )


def _fall(limit: Threshold, before: Mapping[str, Scores], now: Mapping[str, Scores]) -> list[str]:
    name = limit.metric
    shared = [question for question in before if question in now]
    first, second = ([side[q].get(name, NOT_APPLICABLE) for q in shared] for side in (before, now))
    change = difference(first, second)
    if change is None:
        measured = any(score.whole for score in second)  # else its estimate says so already
        return [f"{name}: no question has it both here and in the run that it is compared with"] if measured else []
    sign = 1 if BY_NAME[name].higher_is_better else -1
    worse = -sign * change.difference
    if limit.worse_at_most is None or worse <= limit.worse_at_most + 1e-9:
        return []
    changed = [q for q, a, b in zip(shared, first, second, strict=True) if _is_worse(a, b, sign)]
    interval = "" if change.low is None else f" [{change.low:+.4f}, {change.high:+.4f}]"
    return [
        f"{name}: {change.first:.4f} became {change.second:.4f} ({change.difference:+.4f}{interval}), "
        f"worse by more than {limit.worse_at_most:g}: {_few(changed)}"
    ]


def _is_worse(before: Score, now: Score, sign: int) -> bool:
    return before.value is not None and now.value is not None and sign * (now.value - before.value) < -1e-9


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def _recorded(cases: Sequence[Case], path: Path, judge: Judge) -> Mapping[str, Scores]:
    """Score recorded answers: the questions that the file answers, whichever these are."""
    responses = read_responses(path)
    answered = [case for case in cases if case.id in responses]
    if not answered:
        raise InputError(f"{path}: answers none of the questions of the check: name another file or split")
    return scores(answered, lambda case: responses[case.id], judge)


def _run(check: Check, path: Path | None) -> Measurement:
    if path is None:
        raise InputError(f"the check {check.name!r} names nothing to measure: give a run, pincite eval gate RUN.jsonl")
    found = read_run(path)
    rows = {name: row for name, row in found.rows.items() if check.split in ("all", row.case.split)}
    asked = {name: row.case.question for name, row in rows.items()}
    return _of({name: row.scores for name, row in rows.items()}, asked, str(found.header.get("judge")))


def _pairs(path: Path, judge: Judge) -> Mapping[str, Estimate]:
    """Return the shares of supported claims that the judge keeps, and of the others that it refuses.

    Over all pairs, and over those of each origin (`claims_kept:ORIGIN`). A claim without a verdict is unscored.
    """
    found: dict[str, list[Score]] = {}
    for pair in read_pairs(path):
        verdict = judge.check(pair.claim, [pair.source_text]).verdict
        stands = pair.label == "supported"
        name = "claims_kept" if stands else "claims_refused"
        score = UNSCORED if verdict is Verdict.UNKNOWN else of((verdict is Verdict.SUPPORTED) == stands)
        for each in (name, f"{name}:{pair.origin}"):
            found.setdefault(each, []).append(score)
    return {name: estimate(scores) for name, scores in found.items()}


def _sentences(path: Path) -> Estimate:
    """Return the share of texts that are cut where their sentences end, and nowhere else."""
    cut = []
    for _, row in read_lines(path):
        text = " ".join(row["sentences"])
        cut.append(of([text[span.start : span.end] for span in split_sentences(text)] == row["sentences"]))
    return estimate(cut)


def _mutations(operators: Sequence[str], judge: Judge) -> Mapping[str, Estimate]:
    items = items_of([str(row["abstract"]) for _, row in read_lines(DEMO)])
    return {outcome.operator: outcome.rate for outcome in mutate(judge, items, operators=operators, limit=MUTANTS)}
