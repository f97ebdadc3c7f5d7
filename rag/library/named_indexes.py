"""Which index on a server this user named for which library, kept outside the libraries.

A catalog stores the address of its index on a server. But a folder or a backup may come from someone else: its papers,
and the token of the user's own server, would go wherever the giver wrote. So an address counts only if this user named
it, for the folder where the library is now.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from rag.config import data_folder
from rag.errors import LibraryError
from rag.serialization import parse_json


def named_index(folder: Path) -> str | None:
    """Return the address that this user named for a folder's library, None if there is none."""
    try:
        plain = parse_json(_note(folder).read_text(encoding="utf-8"))
        kept, address = plain["folder"], plain["address"]
    except (
        OSError,
        RuntimeError,
        ValueError,
        TypeError,
        KeyError,
    ):  # no note, no home directory, or not a note of ours
        return None
    return address if isinstance(address, str) and kept == str(folder.resolve()) else None


def name_index(folder: Path, address: str | None) -> None:
    """Note the address for a folder's library; None deletes the note.

    Raises `LibraryError` if it can't be written.
    """
    if address is None:
        with suppress(OSError, RuntimeError):  # a note that stays counts only if the catalog names the same address
            _note(folder).unlink(missing_ok=True)
        return
    try:
        note = _note(folder)
        note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = note.with_name(f"{note.name}.{os.getpid()}.part")
        new.write_text(json.dumps({"folder": str(folder.resolve()), "address": address}), encoding="utf-8")
        new.replace(note)
    except (OSError, RuntimeError) as error:
        raise LibraryError(
            f"{folder}: the address of its index can't be noted in your own data folder ({error}): name a folder that "
            "you may write to with XDG_DATA_HOME, or leave --index out"
        ) from error


def _note(folder: Path) -> Path:
    digest = sha256(os.fsencode(folder.resolve())).hexdigest()
    return data_folder() / "indexes" / f"{digest[:32]}.json"
