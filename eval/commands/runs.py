"""compare, report and why: what finished runs say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from eval.runs import comparison, report
from eval.runs.labels import labels_beside
from eval.runs.run import read_run
from eval.runs.why import why
from rag.commands.output import print_json, say
from rag.errors import InputError


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    comparing = commands.add_parser("compare", help="compare two runs, question by question")
    comparing.add_argument("first", metavar="A.jsonl", type=Path, help="a run, as `eval run --out` writes it")
    comparing.add_argument("second", metavar="B.jsonl", type=Path, help="a run of the same questions")
    comparing.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    comparing.set_defaults(run=run_compare)

    explaining = commands.add_parser("why", help="state which stage lost what an answer of a run lacks")
    explaining.add_argument("runs", metavar="RUN.jsonl", type=Path, help="a run, as `eval run --out` writes it")
    explaining.add_argument("question", metavar="ID", nargs="?", help="default: every question with a fault")
    explaining.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    explaining.set_defaults(run=run_why)

    reporting = commands.add_parser("report", help="write a run as one HTML page that needs no network")
    reporting.add_argument("runs", metavar="RUN.jsonl", type=Path, help="a run, as `eval run --out` writes it")
    reporting.add_argument("other", metavar="OTHER.jsonl", type=Path, nargs="?", help="a second run, shown beside it")
    reporting.add_argument("--out", type=Path, metavar="FILE", help="default: next to the run, ending in .html")
    reporting.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    reporting.set_defaults(run=run_report)


def run_why(options: argparse.Namespace) -> int:
    """Print what is wrong with one answer of a run, or with each."""
    run = read_run(options.runs)
    rows, labels = run.rows, labels_beside(options.runs, run)
    if options.question is not None and options.question not in rows:
        raise InputError(f"{options.runs}: no question {options.question!r} in it: name one of its ids")
    asked = [options.question] if options.question is not None else list(rows)
    found = {name: why(rows[name], labels) for name in asked}
    if options.json:
        print_json(found)
        return 0
    for name, lines in found.items():
        if lines or options.question is not None:
            say(f"{name}: {rows[name].case.question}")
            say("\n".join(f"  {line}" for line in lines or ["nothing is wrong with it"]))
    return 0


def run_compare(options: argparse.Namespace) -> int:
    """Print two runs side by side."""
    first, second = read_run(options.first), read_run(options.second)
    facts = labels_beside(options.first, first).facts, labels_beside(options.second, second).facts
    if options.json:
        print_json(comparison.document(first, second, facts))
    else:
        say(comparison.markdown(first, second, (options.first.stem, options.second.stem), facts))
    return 0


def run_report(options: argparse.Namespace) -> int:
    """Write the page and say where it is."""
    out = options.out or options.runs.with_suffix(".html")
    run = read_run(options.runs)
    page = report.page(run, read_run(options.other) if options.other else None, labels_beside(options.runs, run))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    if options.json:
        print_json({"report": str(out), "bytes": len(page.encode())})
    else:
        say(str(out))
    return 0
