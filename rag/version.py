"""Which Pincite this is."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """Return the version that is installed, `source` where none is: run from a checkout."""
    try:
        return metadata.version("pincite")
    except metadata.PackageNotFoundError:
        return "source"
