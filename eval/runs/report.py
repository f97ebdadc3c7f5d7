"""A run as one HTML page that needs no network and runs no script; everything from outside is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from eval.estimates import Estimate
from eval.judges.judged import Judged
from eval.judges.registry import describe
from eval.metrics import BY_NAME
from eval.metrics.correctness import is_correct
from eval.metrics.declining import area_under_risk, risk_coverage
from eval.runs import baselines, charts, comparison, corrected
from eval.runs.labels import Labels
from eval.runs.report_questions import question
from eval.runs.run import Row, Run
from eval.runs.summary import baseline_estimates, by_kind, cell, estimates
from eval.runs.why import stage, why
from rag.views.counts import counted

STYLE = Path(__file__).parent / "report.css"
# The most informative metrics for each kind of question, one column each.
COLUMNS = (
    "right", "expected", "recall@5", "citation_recall", "citation_precision", "citation_coverage", "contradiction_rate",
    "over_refusal", "refusal_recall", "answered_unanswerable",
)  # fmt: skip
BINS = 10
FINE = "nothing wrong"
# What is wrong with each answer, by the id of its question.
Reasons = Mapping[str, Sequence[str]]


def page(run: Run, other: Run | None = None, labels: Labels | None = None) -> str:
    """Return the whole page: wrong answers first, and beside each what `other` answered, if given.

    `labels` are those that people gave to `run`.
    """
    rows = sorted(run.rows.values(), key=lambda row: _PLACES[is_correct(row.item)])
    reasons = {row.case.id: why(row, labels) for row in rows}
    judge = describe(run.header.get("judge_card"), str(run.header.get("judge")))
    title = f"Evaluation of {run.header.get('model')}"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{counted(len(rows), 'question')}, {sum(r.response.declined for r in rows)} refused, "
        f"{sum(bool(r.response.error) for r in rows)} failed (unscored).</p>",
        f'<p class="judge">Citation numbers are as good as their judge. {escape(judge)}</p>',
        *(_differences(run, other) if other else ()),
        *_metrics(estimates(rows), run.header.get("judge_card")),
        *(f'<p class="judge">{escape(line)}</p>' for line in _corrected(run, labels)),
        *_baselines(rows),
        *_curves(rows),
        *_kinds(run),
        "<h2>Every question, wrong answers first</h2>"
        "<p>Underlined: solid where the cited passages support the sentence, thin where only in part, dashed where "
        "they don't, double where they contradict it, dotted where the judge gave no verdict. "
        "Quotes are highlighted.</p>",
        *_filters(rows, reasons),
        *_questions(rows, other, reasons),
        *_made_by(run),
        "</body></html>",
    ]
    return "\n".join(parts)


def _corrected(run: Run, labels: Labels | None) -> list[str]:
    given = labels or Labels()
    return corrected.lines(corrected.document(run, given.support, given.facts))


# Wrong, not to be judged, right.
_PLACES = {False: 0, None: 1, True: 2}


def _groups(rows: Sequence[Row], reasons: Reasons) -> dict[str, dict[str, str]]:
    """Return the class that each kind and each stage has on the page: names come from outside, classes don't."""
    kinds = dict.fromkeys(row.case.kind for row in rows)
    stages = dict.fromkeys(stage(reasons[row.case.id]) or FINE for row in rows)
    return {
        "kind": {name: f"kind{place}" for place, name in enumerate(kinds)},
        "stage": {name: f"stage{place}" for place, name in enumerate(stages)},
    }


def _filters(rows: Sequence[Row], reasons: Reasons) -> Iterator[str]:
    """Yield a choice of kinds and one of stages. Style sheets do the rest, as the page runs no script."""
    for group, names in _groups(rows, reasons).items():
        yield f'<fieldset class="filter"><legend>{group}</legend>'
        yield f'<label><input type="radio" name="{group}" checked> all</label>'
        for name, label in names.items():
            yield f'<label><input type="radio" name="{group}" id="{label}"> {escape(name)}</label>'
            yield f"<style>body:has(#{label}:checked) details:not(.{label}) {{ display: none }}</style>"
        yield "</fieldset>"


def _questions(rows: Sequence[Row], other: Run | None, reasons: Reasons) -> Iterator[str]:
    groups = _groups(rows, reasons)
    for number, row in enumerate(rows, start=1):
        lost = reasons[row.case.id]
        classes = f"{groups['kind'][row.case.kind]} {groups['stage'][stage(lost) or FINE]}"
        yield question(number, row, other.rows.get(row.case.id) if other else None, classes, lost)


def _differences(run: Run, other: Run) -> Iterator[str]:
    found = comparison.differences(run, other)
    yield "<h2>Beside the other run</h2><table><tr><th>metric</th><th>this run</th><th>the other</th>"
    yield "<th>difference</th><th>corrected by</th><th>better</th></tr>"
    for name, change in found.items():
        if change.difference:
            better = {"first": "this run", "second": "the other", None: ""}[change.better]
            yield (
                f"<tr><td>{escape(name)}</td><td>{change.first:.3f}</td><td>{change.second:.3f}</td>"
                f"<td>{change.difference:+.3f}</td><td>{comparison.basis(name, change)}</td><td>{better}</td></tr>"
            )
    yield "</table>"


def _metrics(found: Mapping[str, Estimate], card: Mapping[str, Any] | None) -> Iterator[str]:
    group = ""
    for name, estimate in found.items():
        metric = BY_NAME[name]
        if metric.group != group:
            if group:
                yield "</table>"
            group = metric.group
            yield f"<h2>{escape(group.capitalize())}</h2><table>"
        why = corrected.unseen(name, card)
        yield _unmeasured_row(name, why) if why else _metric_row(name, estimate)
    yield "</table>"


def _metric_row(name: str, found: Estimate) -> str:
    metric = BY_NAME[name]
    left_out = [f"{found.not_applicable} not applicable"] * bool(found.not_applicable)
    left_out += [f"{found.unscored} unscored"] * bool(found.unscored)
    asked = counted(found.questions, "question") + (f" <small>({', '.join(left_out)})</small>" if left_out else "")
    drawn = charts.bar(found, good=metric.higher_is_better) if metric.is_share else ""
    arrow = "" if metric.higher_is_better else " ↓"
    return (
        f'<tr><td title="{escape(metric.definition)}">{escape(name)}{arrow}</td><td class="number">{_value(found)}</td>'
        f"<td>{drawn}</td><td>{_interval(found)}</td><td>{asked}</td></tr>"
    )


def _unmeasured_row(name: str, why: str) -> str:
    metric = BY_NAME[name]
    return (
        f'<tr><td title="{escape(metric.definition)}">{escape(name)}</td><td class="number">–</td>'
        f'<td colspan="3">not measured: {escape(why)}</td></tr>'
    )


def _value(found: Estimate) -> str:
    return "–" if found.value is None else f"{found.value:.3f}"


def _interval(found: Estimate) -> str:
    return "" if found.low is None or found.high is None else f"<small>{found.low:.3f} to {found.high:.3f}</small>"


def _baselines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield what answers without any understanding score on the same questions, beside this run."""
    others = baseline_estimates(rows)
    if not others:
        return
    yield '<h2>Beside baselines</h2><div class="scroll"><table><tr><th></th>'
    yield "".join(f'<th class="number">{escape(name)}</th>' for name in baselines.COLUMNS) + "</tr>"
    for name, found in {"this run": estimates(rows), **others}.items():
        cells = "".join(f'<td class="number">{cell(column, found[column])}</td>' for column in baselines.COLUMNS)
        yield f"<tr><td>{escape(name)}</td>{cells}</tr>"
    yield "</table></div>"


def _curves(rows: Sequence[Row]) -> Iterator[str]:
    items = [row.item for row in rows]
    points = risk_coverage(items)
    area = area_under_risk(points)
    yield '<h2>Risk and confidence</h2><div class="pair"><div>'
    yield "<h3>Share of wrong answers, answering the most confident first</h3>"
    steps = [(point.coverage, point.risk) for point in points]
    yield charts.curve(steps, across="coverage (share of all questions)", up="risk", label="risk-coverage curve")
    yield f"<p><small>mean risk {'–' if area is None else f'{area:.3f}'} (area under the curve)</small></p></div><div>"
    yield "<h3>Calibration: is a confidence of 0.8 right 8 times of 10?</h3>"
    yield charts.calibration(reliability(items), label="calibration of the confidence") + "</div></div>"


def reliability(items: Sequence[Judged]) -> list[tuple[float, float, int]]:
    """Return (mean confidence, share right, answers) for each tenth of the confidence that holds an answer."""
    judged = [
        (item.response.confidence, is_correct(item))
        for item in items
        if item.response.answered and item.response.confidence is not None
    ]
    bins = []
    for place in range(BINS):
        inside = [(c, right) for c, right in judged if right is not None and min(BINS - 1, int(c * BINS)) == place]
        if inside:
            mean = sum(c for c, _ in inside) / len(inside)
            bins.append((mean, sum(bool(right) for _, right in inside) / len(inside), len(inside)))
    return bins


def _kinds(run: Run) -> Iterator[str]:
    yield '<h2>Kinds of questions</h2><div class="scroll"><table><tr><th>kind</th><th class="number">questions</th>'
    shown = [name for name in COLUMNS if name in corrected.measured(run.header.get("judge_card"))]
    yield "".join(f'<th class="number">{escape(name)}</th>' for name in shown) + "</tr>"
    for kind, found in by_kind(run).items():
        count = sum(row.case.kind == kind for row in run.rows.values())
        cells = "".join(
            f'<td class="number" title="{e.low} to {e.high}, {counted(e.questions, "question")}">{_value(e)}</td>'
            for e in (found[name] for name in shown)
        )
        yield f'<tr><td>{escape(kind)}</td><td class="number">{count}</td>{cells}</tr>'
    yield "</table></div>"


def _made_by(run: Run) -> Iterator[str]:
    yield "<h2>What made this run</h2><pre>"
    yield escape(json.dumps({k: v for k, v in run.header.items() if k != "judge_card"}, indent=1, ensure_ascii=False))
    yield "</pre>"
