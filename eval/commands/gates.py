"""The command gate: thresholds met, or exit code 1 with the reasons."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from eval.gates.checks import falls, measure
from eval.gates.thresholds import GATE, Check, read_gate, shortfalls
from rag.commands.output import print_json, say
from rag.views.counts import counted


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    gate = commands.add_parser("gate", help="check thresholds: exit code 1 if any is missed")
    gate.add_argument("runs", nargs="?", type=Path, metavar="RUN.jsonl", help="for checks that name nothing to measure")
    gate.add_argument(
        "--thresholds", type=Path, default=GATE, metavar="FILE", help="default: the repository's own gate"
    )
    gate.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    gate.set_defaults(run=run_gate)


def run_gate(options: argparse.Namespace) -> int:
    """Measure every check and report missed thresholds."""
    checks = read_gate(options.thresholds)
    reasons = {check.name: _reasons(check, options.thresholds.parent, options.runs) for check in checks}
    passed = not any(reasons.values())
    if options.json:
        print_json({"passed": passed, "checks": reasons})
        return 0 if passed else 1
    for check in checks:
        failed = reasons[check.name]
        say(f"{'failed' if failed else 'passed'}: {check.name} ({counted(len(check.thresholds), 'threshold')})")
        for reason in failed:
            say(f"  {reason}")
    return 0 if passed else 1


def _reasons(check: Check, folder: Path, run: Path | None) -> list[str]:
    found = measure(check, folder, run)
    return shortfalls(check.thresholds, found.estimates) + falls(check, found, folder)
