"""What commands print: one JSON document, or lines for people."""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from rag.errors import InputError
from rag.serialization import to_json
from rag.views.documents import document
from rag.views.printable import printable


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
        help="also keep the index on a Chroma server, http://host:8000/COLLECTION; remembered until `none` is given",
    )


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that narrow a search."""
    group = parser.add_argument_group("filters")
    group.add_argument("--year", metavar="YEARS", help="2024, 2023..2025, 2023.. or ..2025")
    group.add_argument("--venue", metavar="TEXT", help="part of the venue's name")
    group.add_argument("--author", metavar="TEXT", help="part of an author's name")
    group.add_argument("--source", metavar="TEXT", help="part of the name of the file the paper came from")


def filters(options: argparse.Namespace) -> dict[str, Any]:
    """Return the filters given on the command line."""
    return {name: getattr(options, name) for name in ("year", "venue", "author", "source")}


def print_document(kind: str, value: Any) -> None:
    """Print a value as a JSON document of a kind that `rag/views/schema.json` describes, on standard output."""
    print_json(document(kind, to_json(value)))


def print_json(ready: Any) -> None:
    """Print what has the shape of a document already, on standard output."""
    say(json.dumps(to_json(ready), ensure_ascii=False, indent=2))


def say(text: str = "") -> None:
    """Print lines for the user; characters a terminal can't show, or would obey, are escaped."""
    _write(text + "\n")


def flow(text: str) -> None:
    """Print text as it comes, without ending the line."""
    _write(text)
    sys.stdout.flush()


def given_text(argument: str) -> str:
    """Return an argument, or what standard input holds where it is `-`."""
    return sys.stdin.read() if argument == "-" else argument


def complain(text: str) -> None:
    """Print one line about trouble on standard error."""
    print(f"pincite: {printable(text)}", file=sys.stderr, flush=True)


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(_shown(text).encode(encoding, "replace").decode(encoding))


def _shown(text: str) -> str:
    return re.sub(r"[^\n\t]+", lambda part: printable(part.group()), text)


class Lines(logging.Formatter):
    """Pincite's own warnings, one line each."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return printable(f"pincite: {record.getMessage()}")


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Add the option that lets a command replace the files that it writes."""
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")


def check_outputs(options: argparse.Namespace, *files: Path | None) -> None:
    """Refuse files that can't be written, or that exist and may not be replaced, before any work is done.

    Raises `InputError`. Devices and pipes, such as /dev/stdout, may always be written to.
    """
    named = [file for file in files if file is not None]
    for number, file in enumerate(named):
        if file in named[:number]:
            raise InputError(f"{file}: is named twice: give each output its own file")
        with _writable(file):
            if file.is_file() and not options.overwrite:
                raise InputError(f"{file}: already exists: name another file, or replace it with --overwrite")
            if file.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            file.resolve().parent.stat()


@contextmanager
def whole_file(file: Path) -> Iterator[TextIO]:
    """Yield a text file that takes its name, replacing an older one, only once it is complete.

    Raises `InputError` if it can't be written; the older file is then left as it was.
    """
    with _writable(file):
        if file.exists() and not file.is_file():
            with file.open("w", encoding="utf-8", newline="") as opened:
                yield opened
            return
        with whole_copy(file) as part, part.open("x", encoding="utf-8", newline="") as opened:
            yield opened


@contextmanager
def whole_copy(file: Path) -> Iterator[Path]:
    """Yield a path to write to, for what isn't text; the file takes its name, as `whole_file` does, once complete."""
    with _writable(file):
        place = file.resolve()  # follow a link to its target
        part = place.with_name(f"{place.name}.{os.getpid()}.part")
        try:
            yield part
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def _writable(file: Path) -> Iterator[None]:
    if "\0" in str(file):
        raise InputError(f"{file}: can't be written (a file name can't hold a NUL): choose another")
    try:
        yield
    except OSError as error:
        why = f"can't be written ({error.strerror})"
        raise InputError(f"{file}: {why}: choose a folder that you may write to, with space left") from error


def write_file(file: Path, text: str) -> None:
    """Write a file for the user. Raises `InputError` if it can't be written."""
    with whole_file(file) as opened:
        opened.write(text)


def wrapped(text: str, indent: str = "") -> str:
    """Fold a text to 100 columns."""
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=indent)
