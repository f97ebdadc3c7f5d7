"""A run in numbers: as one JSON document, and as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from eval import power
from eval.estimates import Estimate
from eval.judges.registry import describe
from eval.metrics import BY_NAME, summarise
from eval.metrics.declining import area_under_risk, risk_coverage
from eval.power import FEW, MANY, detectable
from eval.questions import kinds_of
from eval.runs import baselines, corrected, word_counting
from eval.runs.run import Row, Run
from rag.views.counts import counted


def estimates(rows: Sequence[Row]) -> dict[str, Estimate]:
    """Return the estimate of every metric over these rows."""
    return _with_facts(summarise([row.scores for row in rows]), rows)


def _with_facts(found: dict[str, Estimate], rows: Sequence[Row]) -> dict[str, Estimate]:
    """Leave `right` out where no question that has an answer can be right: refusing everything would be best."""
    answerable = [row.case for row in rows if row.case.answerable]
    if not answerable or any(case.facts for case in answerable):
        return found
    return found | {"right": Estimate(None, None, None, 0, len(rows), 0)}


def by_kind(run: Run) -> dict[str, dict[str, Estimate]]:
    """Return the estimates over the questions of each kind that the run holds."""
    rows = list(run.rows.values())
    return {k: estimates([r for r in rows if r.case.kind == k]) for k in kinds_of(row.case for row in rows)}


def document(run: Run) -> dict[str, Any]:
    """Return all results of a run, ready for `json.dumps`."""
    rows = list(run.rows.values())
    points = risk_coverage(row.item for row in rows)
    return {
        "header": run.header,
        "judge": describe(run.header.get("judge_card"), str(run.header.get("judge"))),
        "questions": len(rows),
        "detectable": {"few_change": detectable(len(rows), FEW), "many_change": detectable(len(rows), MANY)},
        "failed": [name for name, row in run.rows.items() if row.response.error],
        "refusals": sum(row.response.declined for row in rows),
        "corrected": corrected.document(run),
        "unseen": {name: why for name in BY_NAME if (why := corrected.unseen(name, run.header.get("judge_card")))},
        "metrics": {name: asdict(found) for name, found in estimates(rows).items()},
        "baselines": {
            name: {metric: asdict(e) for metric, e in found.items()} for name, found in baseline_estimates(rows).items()
        },
        "kinds": {
            kind: {name: asdict(e) for name, e in found.items() if e.value is not None}
            for kind, found in by_kind(run).items()
        },
        "risk_coverage": {"aurc": area_under_risk(points), "points": [asdict(point) for point in points]},
    }


def table(run: Run) -> str:
    """Return the metrics with their intervals as lines of text, one a metric, under the judge's card."""
    rows = list(run.rows.values())
    failed = sum(1 for row in rows if row.response.error)
    lines = [
        f"{counted(len(rows), 'question')} ({run.header['questions']['split']}), model {run.header.get('model')}, "
        f"library {_library(run.header)}",
        describe(run.header.get("judge_card"), str(run.header.get("judge"))),
        f"{sum(row.response.declined for row in rows)} refusals, {failed} failed (unscored)",
        power.sentence(len(rows)),
    ]
    found_here, notes = estimates(rows), corrected.document(run)
    lines += _headline(found_here, run.header, notes) + _baselines(found_here, baseline_estimates(rows))
    group = ""
    for name, found in found_here.items():
        if BY_NAME[name].group != group:
            group = BY_NAME[name].group
            lines += ["", f"{group:<30} {'value':>8}  {'95% interval':<18}  questions"]
        lines.append(_blurred(name, found, run.header) or line_of(name, found, corrected.note(name, notes)))
    by_words = run.header.get("word_counting")
    below = [word_counting.line(by_words)] if by_words else []
    return "\n".join([*lines, "", *below, *corrected.lines(notes)]).rstrip()


def _blurred(name: str, found: Estimate, header: Mapping[str, Any]) -> str | None:
    """Return the line of a metric that its judge can't measure: the reason in place of a value. None for any other."""
    why = corrected.unseen(name, header.get("judge_card"))
    if why is None or found.value is None:
        return None
    arrow = "" if BY_NAME[name].higher_is_better else "↓"
    return f"  {name + arrow:<28} {'–':>8}  not measured: {why}"


def baseline_estimates(rows: Sequence[Row]) -> dict[str, dict[str, Estimate]]:
    """Return what each baseline scores over these rows."""
    return {
        name: _with_facts(
            summarise([row.baselines[name] for row in rows if name in row.baselines], baselines.COLUMNS), rows
        )
        for name in baselines.BASELINES
        if any(name in row.baselines for row in rows)
    }


def _headline(found: Mapping[str, Estimate], header: Mapping[str, Any], notes: Mapping[str, Any]) -> list[str]:
    right = found["right"]
    if why := corrected.unseen("right", header.get("judge_card")):
        return [f"right: not measured, {why}"]
    if right.value is None:
        return [
            "right: not measured, no question that has an answer has nuggets or expected strings: add some "
            '(docs/evaluation.md, "Your own questions")'
        ]
    interval = "" if right.low is None else f" [{right.low:.3f}, {right.high:.3f}]"
    note = corrected.note("right", notes)
    beside = [f", {note}"] if note else []
    if right.unscored:
        # Else failing, or answering in a language that the judge can't read, would pay on every hard question.
        all_wrong = right.value * right.questions / (right.questions + right.unscored)
        beside.append(f"; {right.unscored} more failed or can't be judged: {all_wrong:.3f} if wrong")
    if right.not_applicable:
        rest = counted(right.not_applicable, "more has", "more have")
        beside.append(f"; {rest} neither nuggets nor expected strings")
    return [f"right: {right.value:.3f}{interval} of {counted(right.questions, 'question')}{''.join(beside)}"]


def _baselines(here: Mapping[str, Estimate], others: Mapping[str, Mapping[str, Estimate]]) -> list[str]:
    if not others:
        return []
    lines = ["", f"{'beside baselines':<24}" + "".join(f"{name:>17}" for name in baselines.COLUMNS)]
    for name, found in {"this run": here, **others}.items():
        cells = "".join(f"{cell(column, found[column]):>17}" for column in baselines.COLUMNS)
        lines.append(f"  {name:<22}{cells}")
    return lines


def cell(name: str, found: Estimate) -> str:
    """Return the value of a metric for a table of several systems."""
    return "–" if found.value is None else f"{found.value:{'.3f' if BY_NAME[name].is_share else '.0f'}}"


def line_of(name: str, found: Estimate, note: str = "") -> str:
    """Return one line: the metric, its value and interval, the number of questions, what was left out, and a note."""
    if found.value is None:
        left_out = f"{found.not_applicable} not applicable" + (f", {found.unscored} unscored" if found.unscored else "")
        return f"  {name:<28} {'–':>8}  {left_out}"
    unit = ".3f" if BY_NAME[name].is_share else ".1f"
    interval = "no interval" if found.low is None else f"[{found.low:{unit}}, {found.high:{unit}}]"
    rest = [f"{found.not_applicable} not applicable"] * bool(found.not_applicable)
    rest += [f"{found.unscored} unscored"] * bool(found.unscored)
    arrow = "" if BY_NAME[name].higher_is_better else "↓"
    line = f"  {name + arrow:<28} {found.value:>8{unit}}  {interval:<18}  {found.questions}"
    return "  ".join([line + (f" ({', '.join(rest)})" if rest else ""), *[note] * bool(note)])


def _library(header: Mapping[str, Any]) -> str:
    library = header.get("library")
    return f"{library['name']} ({counted(library['papers'], 'paper')})" if isinstance(library, Mapping) else "unknown"
