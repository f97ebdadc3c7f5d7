"""The one boundary to code that isn't Pincite's own: whatever an object passed in raises becomes a typed error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import PinciteError

_LONGEST = 200  # characters of what was raised


@contextmanager
def boundary(who: str, kind: type[PinciteError], fix: str) -> Iterator[None]:
    """Raise `kind` instead of any exception but Pincite's own, naming `who` failed and what to do."""
    try:
        yield
    except PinciteError:
        raise
    except Exception as error:  # a stranger's code may raise anything
        said = " ".join(str(error).split())[:_LONGEST]
        raise kind(f"{who} failed with {type(error).__name__}{f' ({said})' if said else ''}: {fix}") from error


def name_of(handed: object) -> str:
    """Return the name that an object states, else its class's."""
    name = getattr(handed, "name", None)
    return name if isinstance(name, str) and name.strip() else type(handed).__qualname__
