"""Arrays of the derived files, which may be torn or forged: nothing in them is trusted before it is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.vectors import mapped


def load_array(file: Path, kind: str, *shape: int | None) -> NDArray[Any]:
    """Map an array of this type and shape; None means any length. Raises `ValueError` for another."""
    found = mapped(file)
    right = len(found.shape) == len(shape) and all(w in (None, n) for w, n in zip(shape, found.shape, strict=True))
    if found.dtype != np.dtype(kind) or not right:
        raise ValueError(f"{file.name}: holds {found.dtype} of shape {found.shape}")
    return np.asarray(found)


def runs(starts: NDArray[np.int64], end: int) -> bool:
    """Return whether these are the starts of consecutive runs from 0 to the end."""
    return bool(len(starts) and starts[0] == 0 and starts[-1] == end and (np.diff(starts) >= 0).all())
