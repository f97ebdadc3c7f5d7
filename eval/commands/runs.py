"""compare and report: what finished runs say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from eval.runs import comparison, report
from eval.runs.run import read_run
from rag.commands.output import print_json, say


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    comparing = commands.add_parser("compare", help="compare two runs, question by question")
    comparing.add_argument("first", metavar="A.jsonl")
    comparing.add_argument("second", metavar="B.jsonl")
    comparing.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    comparing.set_defaults(run=run_compare)

    reporting = commands.add_parser("report", help="write a run as one HTML page that needs no network")
    reporting.add_argument("runs", metavar="RUN.jsonl", type=Path)
    reporting.add_argument("--out", type=Path, metavar="FILE", help="default: next to the run, ending in .html")
    reporting.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    reporting.set_defaults(run=run_report)


def run_compare(options: argparse.Namespace) -> int:
    """Print two runs side by side."""
    first, second = read_run(options.first), read_run(options.second)
    if options.json:
        print_json(comparison.document(first, second))
    else:
        say(comparison.markdown(first, second, (Path(options.first).stem, Path(options.second).stem)))
    return 0


def run_report(options: argparse.Namespace) -> int:
    """Write the page and say where it is."""
    out = options.out or options.runs.with_suffix(".html")
    page = report.page(read_run(options.runs))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    if options.json:
        print_json({"report": str(out), "bytes": len(page.encode())})
    else:
        say(str(out))
    return 0
