"""retrieval: how well the search finds what is judged relevant."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rag.commands.output import print_json, say
from rag.commands.progress_bar import progress_bar


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    retrieval = commands.add_parser("retrieval", help="measure the search on a folder in BEIR layout")
    retrieval.add_argument("folder", metavar="FOLDER", help="holds corpus.jsonl, queries.jsonl and qrels/NAME.tsv")
    retrieval.add_argument("--split", default="dev", metavar="NAME", help="the judgements to use (default: dev)")
    retrieval.add_argument(
        "--library", type=Path, metavar="DIR", help="keep the index here: the next run embeds nothing"
    )
    retrieval.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    retrieval.set_defaults(run=run_retrieval)


def run_retrieval(options: argparse.Namespace) -> int:
    """Print each measure next to those of BM25 alone, dense alone and their usual fusion."""
    from eval.benchmarks import retrieval  # the rank metrics are slow to import, and no other command needs them

    with progress_bar("searching") as show:
        result = retrieval.run(options.folder, options.split, library=options.library, progress=show)
    if options.json:
        print_json(result.as_json())
    else:
        say(result.as_text())
    return 0
