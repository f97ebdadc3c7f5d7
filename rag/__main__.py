"""The command line: `pincite …` or `python -m pincite …`.

Exit codes: 0 done, 1 a check failed, 2 bad input or usage.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Sequence

from rag.commands import (
    answers,
    asking,
    check,
    completion,
    exchange,
    library,
    maintenance,
    models,
    programs,
    sync,
    watch_folder,
    watched_questions,
)
from rag.commands.output import Lines, Parser, complain, describe, say
from rag.errors import PinciteError, exit_code, missing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    _show_warnings()
    try:
        return _run(command_first(sys.argv[1:] if arguments is None else arguments))
    except PinciteError as error:
        complain(str(error))
        return exit_code(error)
    except BrokenPipeError:
        # `pincite papers | head`: the reader has gone. Close quietly, as other tools do.
        sys.stderr.close()
        return 0
    except OSError as error:  # a fault of a named file or of the machine, which a traceback wouldn't explain
        problem = f"{error.filename}: {error.strerror}" if error.filename else error
        complain(f"{problem}: check the path, your permissions and the space left")
        return 2
    except KeyboardInterrupt as stop:
        print(file=sys.stderr)  # below the ^C
        complain(f"stopped{f': {stop}' if str(stop) else ''}")
        return 130


def _run(arguments: Sequence[str]) -> int:
    if not arguments:
        say(FIRST)
        return 0
    try:
        if (code := programs.run_program(arguments)) is not None:
            return code
        options = build_parser().parse_args(arguments)
        return int(options.run(options))
    except ModuleNotFoundError as error:
        raise missing(error) from None


FIRST = """Pincite answers questions over your library of paper abstracts, each sentence with its citation.

    pincite add FILE…     first: add papers (BibTeX, RIS, PubMed, CSV, JSON, …); `-` is standard input
    pincite ask "…"       then: ask; `pincite search "…"` only finds papers
    pincite chat          or ask in the browser
    pincite --help        everything else

The library is ./library, or the one that --library or PINCITE_LIBRARY names."""


def command_first(arguments: Sequence[str]) -> list[str]:
    """Move options that every command takes from before the command to after it; `watch add` is one command."""
    before, rest = _common(list(arguments))
    if rest[:1] == ["watch"]:
        between, after = _common(rest[1:])
        if after and after[0] in watched_questions.ACTIONS:
            return [f"watch {after[0]}", *before, *between, *after[1:]]
    return [*rest[:1], *before, *rest[1:]]


def _common(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split off the options at the beginning that every command takes."""
    rest, before = arguments, list[str]()
    while rest and (rest[0] == "--json" or re.fullmatch(r"--library(=.*)?", rest[0], re.DOTALL)):
        taken = 2 if rest[0] == "--library" else 1
        before += rest[:taken]
        rest = rest[taken:]
    return before, rest


class ShowVersion(argparse.Action):
    """Print the version and exit; looked up only when asked for, since that takes longer than the whole parser."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print and exit."""
        from rag.config import version

        say(f"pincite {version()}")
        parser.exit()


def _show_warnings() -> None:
    """Show Pincite's own warnings, one line each; other libraries keep their chatter to themselves."""
    logger = logging.getLogger("pincite")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines())
        logger.addHandler(handler)
        logger.propagate = False


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, a function from its options to an exit code."""
    parser = Parser(prog="pincite", description="Question answering over paper abstracts, pinned to sentences.")
    parser.add_argument("--version", action=ShowVersion, nargs=0, help="print the version of Pincite")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in (
        library, exchange, sync, watch_folder, watched_questions, asking, answers, check, maintenance, models, programs,
        completion,
    ):  # fmt: skip
        module.add_commands(commands)
    describe(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
