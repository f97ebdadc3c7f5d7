"""doctor, calibrate, backup, restore, stats: looking after a library."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rag.commands.library import open_library
from rag.commands.output import add_common, add_index, add_overwrite, check_outputs, print_document, say
from rag.commands.progress_bar import BYTES, bar_when_needed, progress_bar
from rag.config import from_environment
from rag.errors import InputError, LibraryDamagedError
from rag.progress import unwatched
from rag.views.counts import counted


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    doctor = commands.add_parser(
        "doctor", help="check the library; the report names no papers, so it can go into a bug report"
    )
    doctor.add_argument("--repair", action="store_true", help="repair what can be repaired, then check again")
    add_index(doctor)
    add_common(doctor)
    doctor.set_defaults(run=run_doctor)

    calibrate = commands.add_parser(
        "calibrate", help="fit when to decline to this library, by questions made from its own abstracts"
    )
    calibrate.add_argument("--questions", type=int, metavar="N", help="how many to make (default: 60)")
    calibrate.add_argument("--undo", action="store_true", help="go back to the shipped setting")
    add_common(calibrate)
    calibrate.set_defaults(run=run_calibrate)

    backup = commands.add_parser("backup", help="back up the library to one file; others can keep reading")
    backup.add_argument("file", metavar="FILE", type=Path, help="where to write it, such as library.pincite")
    add_overwrite(backup)
    add_common(backup)
    backup.set_defaults(run=run_backup)

    restore = commands.add_parser("restore", help="replace the library with a backup")
    restore.add_argument("file", metavar="FILE", help="what `pincite backup` wrote")
    add_index(restore)
    add_common(restore)
    restore.set_defaults(run=run_restore)

    stats = commands.add_parser("stats", help="show how much the library holds")
    add_common(stats)
    stats.set_defaults(run=run_stats)


def run_doctor(options: argparse.Namespace) -> int:
    """Check the library; exit code 1 if something is wrong."""
    from rag.library.doctor import damaged

    try:
        with open_library(options) as library, progress_bar("checking", "rows and papers") as progress:
            look = library.repair if options.repair else library.examine
            examination = look(progress=progress)
    except LibraryDamagedError:
        examination = damaged()
    if options.json:
        print_document("examination", examination)
    else:
        for finding in examination.findings:
            say(f"{'ok     ' if finding.ok else 'WRONG  '}{finding.check}: {finding.detail}")
        say("; ".join(f"{name} {value}" for name, value in examination.about.items()))
        if not (examination.healthy or options.repair):
            say("If a check names no fix, run `pincite doctor --repair`.")
    return 0 if examination.healthy else 1


def run_calibrate(options: argparse.Namespace) -> int:
    """Fit when to decline, and say what it changes."""
    from rag.question.calibration import QUESTIONS

    with open_library(options) as library:
        if options.undo:
            library.uncalibrate()
            found = None
        else:
            count = QUESTIONS if options.questions is None else options.questions
            with progress_bar("calibrating", "questions") as progress:
                found = library.calibrate(count, progress=progress)
    if options.json:
        print_document("calibration", {"calibration": found})
    elif found is None:
        say("The shipped setting decides again what is declined.")
    else:
        made = f"{counted(found.questions, 'question')} made from {counted(found.papers, 'paper')}"
        say(f"{made}, each asked with its paper and without it.")
        say(f"declined without it: {found.declined} (before: {found.declined_before})")
        say(f"declined wrongly, with it: {found.wrongly} (before: {found.wrongly_before})")
        say(f"The library keeps this ({found.name}). `pincite calibrate --undo` goes back.")
    return 0


def run_backup(options: argparse.Namespace) -> int:
    """Write a backup."""
    check_outputs(options, options.file)
    with open_library(options) as library:
        with progress_bar("backing up", BYTES) as progress:
            size = library.backup(options.file, progress=progress)
        papers = len(library)
    if options.json:
        print_document("backup", {"file": str(options.file), "bytes": size, "papers": papers})
    else:
        where = f"{options.file} ({size / 1e6:,.1f} MB)"
        say(f"{counted(papers, 'paper')} in {where}. Restore the library with `pincite restore`.")
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Restore a backup; an existing library is kept under another name."""
    from rag.index.server_client import is_address
    from rag.library.backup import restore

    config = from_environment(library=options.library)
    if is_address(config.library):
        raise InputError(f"{config.library}: a backup can only be restored into a folder: name one with --library DIR")
    indexing = bar_when_needed("indexing", "papers")
    with progress_bar("restoring", BYTES) as progress:
        kept = restore(Path(options.file), Path(config.library), options.index, progress or unwatched, indexing)
    with open_library(options) as library:
        papers = len(library)
    if options.json:
        print_document("restored", {"papers": papers, "kept": None if kept is None else kept.name})
    else:
        say(f"{counted(papers, 'paper')} restored{f'; the previous library is kept as {kept.name}' if kept else ''}.")
    return 0


def run_stats(options: argparse.Namespace) -> int:
    """Show counts and sizes."""
    with open_library(options) as library:
        found = library.statistics()
    if options.json:
        print_document("statistics", found)
        return 0
    years = f"{found.first_year} to {found.last_year}" if found.first_year else "unknown"
    say(f"{counted(found.papers, 'paper')} ({found.retracted:,} retracted), years {years}")
    say(
        f"{counted(found.sentences, 'sentence')}, {counted(found.windows, 'window')} in "
        f"{counted(found.segments, 'segment')}, {found.embedding}"
    )
    if found.server:
        say(f"the index is also at {found.server}")
    say(", ".join(f"{name} {size / 1e6:,.1f} MB" for name, size in found.bytes.items()))
    for at, action in found.changes:
        say(f"  {at}  {action}")
    return 0
