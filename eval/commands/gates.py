"""The command gate: thresholds met, or exit code 1 with the reasons and the answers behind them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from eval.gates.checks import Measurement, falls, measure
from eval.gates.thresholds import GATE, Check, read_gate, shortfalls
from eval.runs.run import write_run
from rag.commands.output import print_json, say
from rag.errors import InputError
from rag.views.counts import counted


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    gate = commands.add_parser("gate", help="check thresholds: exit code 1 if one is missed")
    gate.add_argument("runs", nargs="?", type=Path, metavar="RUN.jsonl", help="for checks that name nothing to measure")
    gate.add_argument(
        "--thresholds", type=Path, default=GATE, metavar="FILE", help="default: the repository's own gate"
    )
    gate.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="keep the answers here, a run for each check (default: those of failed checks, in a new temporary folder)",
    )
    gate.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    gate.set_defaults(run=run_gate)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A check with what was measured and the reasons why it failed, none where it passed."""

    check: Check
    found: Measurement
    reasons: list[str]


def run_gate(options: argparse.Namespace) -> int:
    """Measure every check, keep the answers, and report missed thresholds."""
    checks = read_gate(options.thresholds)
    _need_a_folder(options.out)
    outcomes = [_outcome(check, options.thresholds.parent, options.runs) for check in checks]
    kept = dict(_kept(outcomes, options.out))
    passed = not any(outcome.reasons for outcome in outcomes)
    if options.json:
        reasons = {outcome.check.name: outcome.reasons for outcome in outcomes}
        print_json({"passed": passed, "checks": reasons, "runs": {name: str(path) for name, path in kept.items()}})
    else:
        for outcome in outcomes:
            say("\n".join(_lines(outcome, kept)))
    return 0 if passed else 1


def _need_a_folder(out: Path | None) -> None:
    if out is not None and out.exists() and not out.is_dir():
        raise InputError(f"{out}: a file, not a folder: name a folder for the runs")


def _outcome(check: Check, folder: Path, run: Path | None) -> _Outcome:
    found = measure(check, folder, run)
    reasons = shortfalls(check.thresholds, found.estimates, found.unseen) + falls(check, found, folder)
    return _Outcome(check, found, reasons)


def _kept(outcomes: list[_Outcome], out: Path | None) -> Iterator[tuple[str, Path]]:
    """Write the answers behind the checks, and yield each check's name with its run.

    A check of a stored run has its answers in that file already.
    """
    runs = {
        f"{place}-{_slug(outcome.check.name)}.jsonl": (outcome.check.name, outcome.found.run)
        for place, outcome in enumerate(outcomes, start=1)
        if outcome.found.run and outcome.check.asks and (out or outcome.reasons)
    }
    folder = out or (Path(mkdtemp(prefix="pincite-gate-")) if runs else Path())
    for file, (name, run) in runs.items():
        write_run(run, folder / file)
        yield name, folder / file


def _slug(name: str) -> str:
    """Return a check's name as a short file name, for any file system."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40].strip("-")


def _lines(outcome: _Outcome, kept: Mapping[str, Path]) -> list[str]:
    check, failed = outcome.check, bool(outcome.reasons)
    lines = [f"{'failed' if failed else 'passed'}: {check.name} ({counted(len(check.thresholds), 'threshold')})"]
    lines += [f"  {reason}" for reason in outcome.reasons]
    if check.name in kept:
        what = f"see why with: pincite eval why {kept[check.name]}" if failed else f"answers: {kept[check.name]}"
        lines.append(f"  {what}")
    return lines
