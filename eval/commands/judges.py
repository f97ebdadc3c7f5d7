"""judge and mutations: how far a judge can be trusted."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.json_lines import read_lines
from eval.judges.card import OverlapJudge, card, rule
from eval.judges.labelled_pairs import LABELS, read_pairs
from eval.judges.mutations import MutationOutcome, items_of
from eval.judges.registry import describe, judge_sha256, open_judge
from eval.judges.structural_mutations import OPERATORS, mutate
from eval.runs.asking import DEMO
from eval.runs.progress import progress
from eval.runs.run import sha256_of
from rag import Library
from rag.commands.output import print_json, say
from rag.errors import InputError
from rag.views.counts import counted

JUDGES = "builtin (default), overlap, openai:MODEL, ollama:MODEL or entailment:FOLDER"
MEASURES = ("balanced_accuracy", "macro_f1", "kappa", "auroc", "ece")


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    judge = commands.add_parser("judge", help="measure a judge on labelled pairs: its card")
    judge.add_argument("pairs", metavar="PAIRS.jsonl", help="one JSON object per line: docs/evaluation.md")
    judge.add_argument("--judge", default="builtin", metavar="NAME", help=JUDGES)
    judge.add_argument("--out", type=Path, metavar="FILE", help="write the card to this file as well")
    judge.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    judge.set_defaults(run=run_judge)

    mutations = commands.add_parser("mutations", help="alter supported sentences and see what a judge accepts")
    mutations.add_argument("--judge", default="builtin", metavar="NAME", help=JUDGES)
    mutations.add_argument("--library", metavar="FOLDER", help="whose sentences to alter (default: the demo library)")
    mutations.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    mutations.set_defaults(run=run_mutations)


def run_judge(options: argparse.Namespace) -> int:
    """Measure a judge against the word-overlap floor."""
    pairs = read_pairs(options.pairs)
    measured = {
        "judge": options.judge,
        "file": Path(options.pairs).name,
        "sha256": sha256_of(Path(options.pairs)),
        "judge_sha256": judge_sha256(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **card(rule(pairs, open_judge(options.judge), progress(len(pairs), "judging"))),
        "overlap": {k: v for k, v in card(rule(pairs, OverlapJudge())).items() if k != "origins"},
    }
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    if options.json:
        print_json(measured)
    else:
        _say_card(measured, options.judge)
    return 0


def _say_card(measured: Mapping[str, Any], name: str) -> None:
    say(describe(measured, name))
    unknown = counted(measured["unknown"], "verdict")
    say(f"{counted(measured['pairs'], 'pair')}, {unknown} unknown (counted as not_supported)")
    say(f"\n{'':<34}{name:<26}{'overlap'}")
    for measure in MEASURES:
        say(f"  {measure:<32}{_cell(measured[measure]):<26}{_cell(measured['overlap'][measure])}")
    for label in LABELS:
        mine, floor = measured["recall"][label], measured["overlap"]["recall"][label]
        say(f"  {'recall of ' + label:<32}{_cell(mine):<26}{_cell(floor)}")
    if "origins" in measured:
        say(f"\n{'balanced accuracy by origin':<34}{name:<26}pairs")
        for origin, of_origin in measured["origins"].items():
            say(f"  {origin:<32}{_cell(of_origin['balanced_accuracy']):<26}{of_origin['pairs']}")


def _cell(found: Mapping[str, float | None]) -> str:
    if found["value"] is None:
        return "–"
    interval = "" if found["low"] is None else f" [{found['low']:.3f}, {found['high']:.3f}]"
    return f"{found['value']:.3f}{interval}"


def run_mutations(options: argparse.Namespace) -> int:
    """Try the mutants of a library's sentences on a judge."""
    outcomes = mutate(
        open_judge(options.judge),
        items_of(_abstracts(options.library)),
        progress(len(OPERATORS), "mutating"),
    )
    if options.json:
        print_json({o.operator: _plain(o) for o in outcomes})
    else:
        _say_outcomes(outcomes)
    return 0


def _abstracts(folder: str | None) -> list[str]:
    """Return the abstracts of a library, of the demo library where none is named."""
    if folder is None:
        return [str(row["abstract"]) for _, row in read_lines(DEMO)]
    with Library.open(folder) as library:
        abstracts = [paper.abstract for paper in library.papers() if paper.abstract]
    if not abstracts:
        raise InputError(f"{folder} has no abstracts to alter: name a library with papers")
    return abstracts


def _plain(outcome: MutationOutcome) -> dict[str, Any]:
    rate = {name: value for name, value in asdict(outcome.rate).items() if name in ("value", "low", "high")}
    counts = {"honest": outcome.honest, "tried": outcome.tried, "passed": outcome.passed, "unscored": outcome.unscored}
    failures = [{"sentence": item.sentence, "evidence": item.evidence} for item in outcome.failures]
    return {**counts, **rate, "failures": failures}


def _say_outcomes(outcomes: Sequence[MutationOutcome]) -> None:
    for honest, heading in ((False, "must lose the support (kill rate)"), (True, "must keep the support")):
        say(f"{heading:<40}{'rate':<26}mutants")
        for outcome in outcomes:
            if outcome.honest is honest:
                unscored = f" ({outcome.unscored} unscored)" if outcome.unscored else ""
                say(f"  {outcome.operator:<38}{_cell(asdict(outcome.rate)):<26}{outcome.tried}{unscored}")
