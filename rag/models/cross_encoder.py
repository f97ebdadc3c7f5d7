"""A cross-encoder: reads the question and a passage together and scores them (Nogueira and Cho 2019).

Better than comparing two separate vectors, and a thousand times more costly: only for the top papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.errors import ConfigError
from rag.models.pairs import PairModel
from rag.vectors import Scores


class CrossEncoder:
    """Runs a model with one logit a pair (relevance), or two (not relevant, relevant)."""

    def __init__(self, folder: Path | str) -> None:
        """Open the folder; the model itself loads on first use. Raises `ConfigError` for a file that is not there."""
        self._model = PairModel(folder, "a cross-encoder")

    @property
    def name(self) -> str:
        """Its name in a receipt; see `PairModel.name`."""
        return self._model.name

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """Return how well each passage answers the question, in [0, 1]; see `rag.retrieve.rerank.Reranker`."""
        logits = self._model.logits([(question, passage) for passage in passages])
        labels = logits.shape[1]
        if labels > 2:
            raise ConfigError(
                f"{self._model.folder.root}: gives {labels} scores for a pair, but a cross-encoder gives one or two: "
                "export one that was trained to rank passages"
            )
        relevance = logits[:, -1] - logits[:, 0] if labels == 2 else logits.reshape(-1)
        scores: Scores = (1 / (1 + np.exp(-np.clip(relevance, -60, 60)))).astype(np.float32)
        return scores
