"""Measures what a gate asks for, now; offline if the check uses the extractive writer or recorded answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from eval.answers.file_format import read_responses
from eval.answers.responses import Response
from eval.estimates import Estimate
from eval.gates.thresholds import Check
from eval.json_lines import read_lines
from eval.judges.judged import Judge, judge_response
from eval.judges.mutations import items_of, mutate
from eval.judges.registry import open_judge
from eval.metrics import scores_of, summarise
from eval.questions import Case, load_cases
from eval.runs.asking import DEMO, asker, open_library
from eval.runs.run import read_run
from eval.runs.summary import estimates
from rag.config import from_environment
from rag.errors import InputError
from rag.models import load

# Mutants of each operator: enough for a lower bound of 0.91 if all pass, within seconds.
MUTANTS = 40


def measure(check: Check, folder: Path, run: Path | None = None, judge: Judge | None = None) -> Mapping[str, Estimate]:
    """Return the estimates that a check is about. File names in it are relative to `folder`, the gate file's.

    Raises `InputError` if what it names can't be read, or if it names nothing and no `run` is given.
    """
    kind, named = check.source or ("run", "")
    if kind == "mutations":
        return _mutations([t.metric for t in check.thresholds], judge or open_judge(named))
    if kind == "run":
        return _run(check, folder / named if named else run)
    cases = load_cases(split=check.split)
    judge = judge or open_judge("builtin")
    if kind == "answers":
        return _recorded(cases, folder / named, judge)
    with open_library(check.library) as library:
        return scored(cases, asker(library, load(named, from_environment(model=named)) or named), judge)


def scored(cases: Sequence[Case], ask: Callable[[Case], Response], judge: Judge) -> Mapping[str, Estimate]:
    """Ask, judge and score these cases."""
    return summarise([scores_of(judge_response(case, ask(case), judge)) for case in cases])


def _recorded(cases: Sequence[Case], path: Path, judge: Judge) -> Mapping[str, Estimate]:
    """Score recorded answers: whichever questions the file answers."""
    responses = read_responses(path)
    answered = [case for case in cases if case.id in responses]
    if not answered:
        raise InputError(f"{path}: answers none of the questions of the check: name another file or split")
    return scored(answered, lambda case: responses[case.id], judge)


def _run(check: Check, path: Path | None) -> Mapping[str, Estimate]:
    if path is None:
        raise InputError(f"the check {check.name!r} names nothing to measure: give a run, pincite eval gate RUN.jsonl")
    rows = [row for row in read_run(path).rows.values() if check.split in ("all", row.case.split)]
    return estimates(rows)


def _mutations(operators: Sequence[str], judge: Judge) -> Mapping[str, Estimate]:
    items = items_of([str(row["abstract"]) for _, row in read_lines(DEMO)])
    return {outcome.operator: outcome.rate for outcome in mutate(judge, items, operators=operators, limit=MUTANTS)}
