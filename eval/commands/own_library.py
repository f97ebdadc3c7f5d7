"""The command make: a question set from your own library."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from eval import power
from eval.benchmarks.own_library import make_set, row_of
from eval.commands.answers import positive
from eval.json_lines import dump_line
from eval.judges.registry import open_judge
from eval.runs.asking import open_library
from rag.commands.output import print_json, say
from rag.config import from_environment
from rag.errors import InputError
from rag.models import load


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    make = commands.add_parser("make", help="make a question set from the abstracts of your own library")
    make.add_argument("--library", required=True, metavar="DIR", help="the library folder")
    make.add_argument("--count", type=positive, default=60, metavar="N", help="how many questions (default: 60)")
    make.add_argument(
        "--model", metavar="NAME", help="let openai:… or ollama:… reword them; default: no language model"
    )
    make.add_argument("--seed", type=int, default=0, metavar="N", help="another number draws other questions")
    make.add_argument("--out", type=Path, default=Path("questions.jsonl"), metavar="FILE", help="a new file")
    make.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    make.set_defaults(run=run_make)


def run_make(options: argparse.Namespace) -> int:
    """Write the questions; state how many of each kind there are, and what they can show."""
    if options.out.exists():
        raise InputError(f"{options.out} exists: name another file with --out, your edits of it are not replaced")
    model = load(options.model, from_environment(model=options.model)) if options.model else None
    with open_library(options.library) as library:
        made = make_set(library, options.count, seed=options.seed, model=model, judge=open_judge("builtin"))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(dump_line(row_of(case)) for case in made.cases), encoding="utf-8")
    kinds = dict(Counter(case.kind for case in made.cases))
    if options.json:
        report = {"questions": str(options.out), "count": len(made.cases), "kinds": kinds}
        print_json(report | {"reworded": made.reworded, "shared_words": made.shared})
        return 0
    say(f"{len(made.cases)} of {options.count} questions in {options.out}: "
        + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))  # fmt: skip
    if len(made.cases) < options.count:
        say("the abstracts give no more: of each, at most one figure, one definition and one finding are asked")
    say(f"{made.reworded} reworded by a model; {made.shared:.0%} of their words are in the abstract that answers")
    say(power.sentence(len(made.cases)))
    return 0
