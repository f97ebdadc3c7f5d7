"""Array types shared by several stages, with their shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.types import Span

Vectors = NDArray[np.float32]  # rows of length 1: (texts, dimension), or one row: (dimension,)
Rows = NDArray[np.intp]  # paper rows of a library's snapshot
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]  # one value a paper row


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of one abstract with a vector each: `vectors` has shape (len(spans), dimension)."""

    spans: tuple[Span, ...]
    vectors: Vectors
