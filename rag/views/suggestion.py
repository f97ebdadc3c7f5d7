"""What a message suggests in place of a name that doesn't exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# How alike two names must be, from 0 to 1: as difflib has it by default, and where a wrong guess would mislead.
ALIKE, SURELY = 0.6, 0.8


def meant(name: str, known: Iterable[str], alike: float = ALIKE) -> str:
    """Return the known name that was probably meant, empty where none is near."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, alike)), "")


def suggestion(name: str, known: Iterable[str], alike: float = ALIKE) -> str:
    """Return the end of a message: the known name that was probably meant, else the list of all."""
    names = list(known)
    near = meant(name, names, alike)
    return f"did you mean {near!r}?" if near else f"choose one of {', '.join(names)}"
