"""The evaluation at the shell: `pincite eval COMMAND`, in a checkout also `python -m eval COMMAND`.

Exit codes: 0 done, 1 a gate failed, 2 bad input or usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from eval.commands import answers, gates, judges, labels, own_library, runs, search
from rag.commands.parser import Parser, arranged, describe
from rag.errors import PinciteError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = build_parser()
    options = parser.parse_args(arranged(parser, sys.argv[1:] if arguments is None else arguments))
    try:
        return int(options.run(options))
    except PinciteError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # `pincite eval … | head`: nobody reads on.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("\neval: stopped; to continue a run kept with --out, run the same command with --resume", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, a function from its options to an exit code."""
    parser = Parser(
        prog="pincite eval", description="Measure answers, their citations, and the judge of those citations."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in (answers, own_library, search, judges, runs, labels, gates):
        module.add_commands(commands)
    describe(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
