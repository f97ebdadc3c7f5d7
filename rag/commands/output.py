"""What commands print: one JSON document, or lines for people."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.types import to_json


def add_common(parser: argparse.ArgumentParser, *, library: bool = True) -> None:
    """Add the options that commands share."""
    if library:
        parser.add_argument(
            "--library",
            metavar="DIR",
            help="the library's folder, or the URL of its index on a server (default: PINCITE_LIBRARY, else ./library)",
        )
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def add_index(parser: argparse.ArgumentParser) -> None:
    """Add the option that puts the index on a server."""
    parser.add_argument(
        "--index",
        metavar="URL",
        help="put the index on a Chroma server besides, http://host:8000/COLLECTION; it is remembered, `none` ends it",
    )


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that narrow a search."""
    group = parser.add_argument_group("filters")
    group.add_argument("--year", metavar="YEARS", help="2024, 2023..2025, 2023.. or ..2025")
    group.add_argument("--venue", metavar="TEXT", help="part of the venue's name")
    group.add_argument("--author", metavar="TEXT", help="part of an author's name")
    group.add_argument("--source", metavar="TEXT", help="part of the name of the file that the paper came from")


def filters(options: argparse.Namespace) -> dict[str, Any]:
    """Return the filters given on the command line."""
    return {name: getattr(options, name) for name in ("year", "venue", "author", "source")}


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    say(json.dumps(to_json(value), ensure_ascii=False, indent=2))


def say(text: str = "") -> None:
    """Print a line for the user; what a terminal can't show is replaced, never fatal."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def write_file(path: Path, text: str) -> None:
    """Write a file for the user. Raises `InputError` where it can't be written."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(
            f"{path}: can't be written ({error.strerror}): name a file in a folder that is there"
        ) from error


def wrapped(text: str, indent: str = "") -> str:
    """Fold a text to 100 columns."""
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=indent)
