"""Array types shared by several stages, with their shapes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.types import Span

Vectors = NDArray[np.float32]  # rows of length 1: (texts, dimension), or one row: (dimension,)
Rows = NDArray[np.intp]  # paper rows of a library's snapshot
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]  # one value a paper row


def mapped(file: Path) -> NDArray[Any]:
    """Map the array of a `.npy` file from anyone. Raises `ValueError` for any other content, or `OSError`.

    Only the header is read, so a header that claims more than the file holds costs nothing; nothing is unpickled.
    """
    try:
        return np.lib.format.open_memmap(file, mode="r")
    except (TypeError, OverflowError, MemoryError, RecursionError) as error:  # of a forged header
        raise ValueError(str(error) or type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of one abstract with a vector each: `vectors` has shape (len(spans), dimension)."""

    spans: tuple[Span, ...]
    vectors: Vectors
