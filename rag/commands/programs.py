"""chat, serve, mcp and eval: programs with options of their own, loaded only when they are called."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

# Each has a function `main` from its arguments to an exit code, and `build_parser`. The chat and the evaluation import
# the rest of the code, so they are named here, not imported.
PROGRAMS = {
    "chat": ("pincite.app", "ask in the browser"),
    "serve": ("pincite.serve.program", "serve the library to other programs over HTTP, OpenAI's protocol included"),
    "mcp": ("pincite.integrations.mcp", "serve the library to an agent, over standard input and output"),
    "eval": ("pincite.eval.__main__", "evaluate answers, their citations, and the judge of those citations"),
}


def add_commands(commands: Any) -> None:
    """Add the programs to the list of commands; `run_program` parses what follows their names."""
    for name, (_, about) in PROGRAMS.items():
        commands.add_parser(name, help=about, add_help=False).load = partial(_parser, name)


def _parser(name: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = import_module(PROGRAMS[name][0]).build_parser()
    return parser


def run_program(arguments: Sequence[str]) -> int | None:
    """Run the program that the first argument names and return its exit code, None if it names none."""
    if not arguments or arguments[0] not in PROGRAMS:
        return None
    module, _ = PROGRAMS[arguments[0]]
    return int(import_module(module).main(arguments[1:]))
