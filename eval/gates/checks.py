"""Measures what a gate asks for, now; offline if the check uses the extractive writer or recorded answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from eval.answers.file_format import read_responses
from eval.answers.responses import Response
from eval.estimates import NOT_APPLICABLE, UNSCORED, Estimate, Score, estimate, of
from eval.gates.thresholds import Check, Threshold
from eval.json_lines import read_lines
from eval.judges.judged import Judge, judge_response
from eval.judges.labelled_pairs import read_pairs
from eval.judges.mutations import items_of
from eval.judges.registry import card_of, open_judge
from eval.judges.structural_mutations import mutate
from eval.metrics import BY_NAME
from eval.questions import QUESTIONS, Case, load_cases
from eval.runs.asking import DEMO, absent_from, asker, open_library
from eval.runs.comparison import Difference, basis, compared
from eval.runs.corrected import by_card, unseen
from eval.runs.run import Row, Run, answers_to, header_of, read_run, row_of
from eval.runs.summary import estimates
from rag.config import from_environment
from rag.errors import InputError
from rag.models import load
from rag.text.sentences import split_sentences
from rag.types import Verdict
from rag.views.counts import counted

# Sentences judged, or questions asked, at a time.
JOBS = max(1, min(4, os.cpu_count() or 1))
# Questions named in a reason.
SHOWN = 10
BUILTIN, EXTRACTIVE = "builtin", "extractive"


@dataclass(frozen=True, slots=True)
class Measurement:
    """The estimates that a check is about, and the run behind them if it is about answers.

    Their intervals have the error of the judge in them where its card allows that; `unseen` are the metrics that it
    can't measure, each with the reason.
    """

    estimates: Mapping[str, Estimate]
    run: Run | None = None
    unseen: Mapping[str, str] = field(default_factory=dict)


def measure(check: Check, folder: Path, run: Path | None = None, judge: Judge | None = None) -> Measurement:
    """Measure what a check is about. File names in it are relative to `folder`, the gate file's.

    Raises `InputError` if what it names can't be read, or if it names nothing and no `run` is given.
    """
    kind, named = check.source or ("run", "")
    if kind == "mutations":
        return Measurement(_mutations(check, judge or open_judge(named)))
    if kind == "run":
        return _of(_stored(check, folder / named if named else run))
    if kind == "pairs":
        return Measurement(_pairs(folder / named, judge or open_judge(BUILTIN)))
    if kind == "sentences":
        return Measurement({"whole_sentences": _sentences(folder / named)})
    return _of(_asked(check, folder, judge))


def _asked(check: Check, folder: Path, judge: Judge | None) -> Run:
    """Ask a model, or read recorded answers, and judge what was answered."""
    kind, named = check.source or ("", "")
    questions = folder / check.questions if check.questions else QUESTIONS
    cases = load_cases(questions, check.split)
    card = None if judge else card_of(BUILTIN)  # another judge given has none
    judge = judge or open_judge(BUILTIN)
    absent: list[str] = []
    if kind == "answers":
        rows = _recorded(cases, folder / named, judge)
    else:
        with open_library(str(folder / check.library) if check.library else None) as library:
            absent = absent_from(library, cases)
            ask = asker(library, load(named, from_environment(model=named)) or named)
            # A model on a server is asked one question at a time: this machine's cores don't say what it can bear.
            rows = answered(cases, ask, judge, JOBS if named == EXTRACTIVE else 1)
    header = header_of(questions, check.split, cases, model=named, judge=BUILTIN, judge_card=card, absent=absent)
    return Run(header, rows)


def _of(run: Run) -> Measurement:
    """Estimate the metrics of a run, each with the error of its judge in the interval where its card allows that."""
    card = run.header.get("judge_card")
    found = estimates(list(run.rows.values()))
    carded = {name: each for name, each in by_card(run.rows.values(), card).items() if name in found}
    wider = {name: replace(found[name], low=each.low, high=each.high) for name, each in carded.items()}
    return Measurement(found | wider, run, {name: why for name in found if (why := unseen(name, card))})


def answered(cases: Sequence[Case], ask: Callable[[Case], Response], judge: Judge, jobs: int = 1) -> dict[str, Row]:
    """Ask these cases, `jobs` at a time, judge and score them."""
    found = {case.id: row_of(judge_response(case, given, judge)) for case, given in answers_to(cases, ask, jobs)}
    return {case.id: found[case.id] for case in cases}


def falls(check: Check, found: Measurement, folder: Path) -> list[str]:
    """Return the reasons why a check is worse than the run that it is compared with, each with what changed.

    Only questions that both scored are compared; one that the run scored and this check didn't is a reason as well.
    """
    limits = [t for t in check.thresholds if t.worse_at_most is not None]
    if not limits or not check.against or found.run is None:
        return []
    stored = read_run(folder / check.against)
    _need_the_same(check, found.run, stored)
    before, now = set(stored.rows), set(found.run.rows)
    if not before & now:
        raise InputError(f"{folder / check.against}: shares no question with the check {check.name!r}")
    missing = sorted(before - now)
    reasons = [f"{counted(len(missing), 'question')} of {check.against} not asked: {_few(missing)}"] if missing else []
    measured = [limit for limit in limits if limit.metric not in found.unseen]
    return reasons + [reason for limit in measured for reason in _fall(limit, stored, found.run)]


def _need_the_same(check: Check, found: Run, stored: Run) -> None:
    """Raise `InputError` where a stored run asked something else under the same ids, or had another judge."""
    asked = {name: row.case.question for name, row in found.rows.items()}
    then = {name: row.case.question for name, row in stored.rows.items()}
    changed = [name for name, question in then.items() if asked.get(name, question) != question]
    if changed:
        raise InputError(f"{check.against}: the question {changed[0]!r} read differently then: make that run again")
    judge, now = str(stored.header.get("judge")), str(found.header.get("judge"))
    judged = [t.metric for t in check.thresholds if t.worse_at_most is not None and BY_NAME[t.metric].judged]
    if judged and judge != now:
        raise InputError(
            f"{check.against}: judged by {judge}, this check by {now}, so {judged[0]} can't be compared: "
            f"make that run again with --judge {now}"
        )


def _fall(limit: Threshold, before: Run, now: Run) -> list[str]:
    name = limit.metric
    shared = [question for question in before.rows if question in now.rows]
    first, second = ([run.rows[q].scores.get(name, NOT_APPLICABLE) for q in shared] for run in (before, now))
    change = compared(name, before, now, shared)
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
        f"{name}: {change.first:.4f} became {change.second:.4f} ({change.difference:+.4f}{interval}"
        f"{_basis(name, change)}), worse by more than {limit.worse_at_most:g}: {_few(changed)}"
    ]


def _basis(name: str, change: Difference) -> str:
    """State how the judge's errors are dealt with, where a metric has a judge."""
    if not BY_NAME[name].judged:
        return ""
    return f", corrected by {basis(name, change)}" if change.corrected_by else ", as judged"


def _is_worse(before: Score, now: Score, sign: int) -> bool:
    return before.value is not None and now.value is not None and sign * (now.value - before.value) < -1e-9


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def _recorded(cases: Sequence[Case], path: Path, judge: Judge) -> dict[str, Row]:
    """Score recorded answers: the questions that the file answers, whichever these are."""
    responses = read_responses(path)
    asked = [case for case in cases if case.id in responses]
    if not asked:
        raise InputError(f"{path}: answers none of the questions of the check: name another file or split")
    return answered(asked, lambda case: responses[case.id], judge)


def _stored(check: Check, path: Path | None) -> Run:
    if path is None:
        raise InputError(f"the check {check.name!r} names nothing to measure: give a run, pincite eval gate RUN.jsonl")
    found = read_run(path)
    return replace(found, rows={n: row for n, row in found.rows.items() if check.split in ("all", row.case.split)})


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


def _mutations(check: Check, judge: Judge) -> Mapping[str, Estimate]:
    operators = [threshold.metric for threshold in check.thresholds]
    items = items_of([str(row["abstract"]) for _, row in read_lines(DEMO)])
    found = mutate(judge, items, operators=operators, limit=check.mutants, jobs=JOBS)
    return {outcome.operator: outcome.rate for outcome in found}
