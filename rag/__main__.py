"""The command line: `pincite …` or `python -m pincite …`.

Exit codes: 0 done, 1 a check failed, 2 bad input or usage.
"""

from __future__ import annotations

import argparse
import logging
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
from rag.commands.output import Lines, complain, say
from rag.commands.parser import Parser, arranged, describe
from rag.errors import PinciteError, exit_code, missing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    _show_warnings()
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
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
    if arguments[0] == "help":
        arguments = [*arguments[1:], "--help"]
    try:
        if (code := programs.run_program(arguments)) is not None:
            return code
        parser = build_parser()
        arguments = arranged(parser, arguments)
        if (code := programs.run_program(arguments)) is not None:  # its options came before its name
            return code
        options = parser.parse_args(arguments)
        return int(options.run(options))
    except ModuleNotFoundError as error:
        raise missing(error) from None


FIRST = """Pincite answers questions over your library of paper abstracts, each sentence with its citation.

    pincite add FILE…     first: add papers (BibTeX, RIS, PubMed, CSV, JSON, …); `-` is standard input
    pincite ask "…"       then: ask; `pincite search "…"` only finds papers
    pincite chat          or ask in the browser
    pincite --help        everything else

The library is ./library, or the one that --library or PINCITE_LIBRARY names."""


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
    parser.add_argument("-V", "--version", action=ShowVersion, nargs=0, help="print the version of Pincite")
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
