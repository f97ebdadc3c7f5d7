"""watch: add what appears in a folder."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.commands.library import add_and_report, open_library
from rag.commands.output import add_common, add_index, complain, say
from rag.commands.progress_bar import progress_bar
from rag.errors import IndexBehindError, InputError, LibraryBusyError, SourceError
from rag.types import IngestReport

if TYPE_CHECKING:
    from rag.library import Library

EVERY_SECONDS = 5.0
# What browsers append to a download that isn't complete; it may pause for longer than two looks are apart.
_PARTIAL = (".crdownload", ".part", ".partial", ".download", ".tmp")

# The size and time of change of each file by its path: while they differ from look to look, it is being written.
Looked = Mapping[Path, tuple[int, int]]


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    watch = commands.add_parser("watch", help="add the papers of files that appear or change in a folder")
    watch.add_argument("folder", metavar="FOLDER", type=Path, help="the folder to watch")
    watch.add_argument(
        "--every",
        type=float,
        default=EVERY_SECONDS,
        metavar="SECONDS",
        help=f"how often to look (default: {EVERY_SECONDS:g})",
    )
    watch.add_argument("--once", action="store_true", help="add what is there now, then exit")
    add_index(watch)
    add_common(watch)
    watch.set_defaults(run=run_watch)


def run_watch(options: argparse.Namespace) -> int:
    """Look into the folder again and again until Ctrl-C; add each file once it stays the same between two looks."""
    if options.every < 0.1:
        raise InputError(f"--every must be at least 0.1 seconds (got {options.every:g})")
    before: Looked = {}
    added: dict[Path, tuple[int, int]] = {}
    now = look(options.folder)
    if not options.once:
        complain(f"watching {options.folder}; Ctrl-C ends it")
    with open_library(options, must_exist=False) as library:
        while True:
            before, now = now, _look_later(options)
            for path in settled(before, now, added):
                if _add(library, path, options.json):
                    added[path] = now[path]
            if options.once:
                return 0


def _look_later(options: argparse.Namespace) -> Looked:
    time.sleep(options.every)
    return look(options.folder)


def look(folder: Path) -> Looked:
    """Return what the files of a folder look like now, without hidden and incomplete ones, and those in its folders."""
    if not folder.is_dir():
        raise InputError(f"{folder}: isn't a folder: name one that exists")
    found = {}
    for path in sorted(folder.iterdir()):
        try:
            if path.is_file() and not path.name.startswith(".") and path.suffix.lower() not in _PARTIAL:
                stat = path.stat()
                found[path] = (stat.st_size, stat.st_mtime_ns)
        except OSError:  # it went between the two calls
            continue
    return found


def settled(before: Looked, now: Looked, added: Looked) -> list[Path]:
    """Return the files that are the same in two looks, aren't empty, and differ from what was added of them."""
    return [path for path, shown in now.items() if shown[0] and before.get(path) == shown and added.get(path) != shown]


def _add(library: Library, path: Path, as_json: bool) -> bool:
    """Add a file and report it; return whether that is done, False where it must be tried again."""
    if not as_json:
        say(f"{path}:")

    def adding() -> IngestReport:
        with progress_bar("adding") as progress:
            return library.add(path, progress=progress)

    try:
        add_and_report(library, adding, as_json)
    except LibraryBusyError as error:
        complain(f"{error}; {path} is tried again")
        return False
    except (SourceError, IndexBehindError) as error:  # another file may do better; a changed one is tried again
        complain(str(error))
    return True
