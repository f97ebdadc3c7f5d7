"""sync: a library that follows what changes elsewhere."""

from __future__ import annotations

import argparse
from typing import Any

from rag.commands.library import add_and_report, open_library
from rag.commands.output import add_common, add_index, complain


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    sync = commands.add_parser("sync", help="make the library hold what a Zotero library holds")
    sync.add_argument("source", choices=("zotero",))
    sync.add_argument(
        "--from",
        dest="place",
        metavar="PLACE",
        help="the address of Zotero's local API, or Zotero's data folder (default: the API while Zotero is open, "
        "else ~/Zotero)",
    )
    sync.add_argument("--group", type=int, metavar="N", help="a group's library, by the number in its address")
    add_index(sync)
    add_common(sync)
    sync.set_defaults(run=run_sync)


def run_sync(options: argparse.Namespace) -> int:
    """Add what is new in Zotero, update what changed, and remove what was deleted there."""
    from rag.sources.zotero_library import read_zotero

    with open_library(options, must_exist=False) as library:
        found = read_zotero(options.place, options.group)  # before the library is locked
        complain(f"{found.source}: read from {found.place}")
        add_and_report(library, lambda: library.sync_records(found.records, found.source), options.json)
    return 0
