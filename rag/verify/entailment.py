"""A checker that runs a natural-language-inference model in ONNX from a local folder. Nothing is downloaded.

The folder is one that `rag.models.model_folder` reads. Its config names the labels, in any order: entailment, neutral
and contradiction; entailment and not_entailment; or MiniCheck's 0 and 1 (unsupported and supported).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ConfigError
from rag.models.model_folder import ModelFolder, labels_of, naming
from rag.models.pairs import PairModel
from rag.types import Support, Verdict
from rag.verify.builtin import pieces_of

_PARTIAL_FROM, _DECIDED_FROM = 0.3, 0.5
# A claim that fills the window still leaves this much of it for the evidence.
_LEAST_ROOM = 64


@dataclass(frozen=True, slots=True)
class _Head:
    """Which column means what; `joined` as MiniCheck joins its two texts. Two labels have no contradiction."""

    labels: int
    entailed: int
    contradicted: int | None = None
    joined: bool = False


class EntailmentChecker:
    """Runs the model on the evidence as a whole, or on runs of whole sentences where it is longer than the model reads.

    The windows are as long as the model reads, so that few maxima are taken and few sentences lose their context.
    """

    def __init__(self, folder: Path | str) -> None:
        """Open the folder; the model itself loads on first use. Raises `ConfigError` for a file that is not there."""
        self._model = PairModel(folder, "an entailment model")
        self._head = _head(self._model.folder)

    @property
    def name(self) -> str:
        """Its name in a receipt; see `PairModel.name`."""
        return f"entailment:{self._model.name}"

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        texts = [text for text in evidence if text.strip()]
        if not sentence.strip() or not texts:
            return Support(0.0, Verdict.UNSUPPORTED, "there is nothing to compare")
        head = self._head
        pairs = [(window, sentence) for window in self._windows(texts, sentence)]
        odds = _odds(self._model.logits(pairs, head.labels, joined=head.joined))
        entailed = float(odds[:, head.entailed].max())
        contradicted = 0.0 if head.contradicted is None else float(odds[:, head.contradicted].max())
        if entailed >= _DECIDED_FROM and entailed >= contradicted:
            return Support(entailed, Verdict.SUPPORTED, "the entailment model says that it follows")
        if contradicted >= _DECIDED_FROM:
            return Support(min(entailed, 0.1), Verdict.CONTRADICTED, "the entailment model says that it is denied")
        if entailed >= _PARTIAL_FROM:
            return Support(entailed, Verdict.PARTIAL, "the entailment model is not sure that it follows")
        return Support(entailed, Verdict.UNSUPPORTED, "the entailment model says that it does not follow")

    def _windows(self, texts: Sequence[str], sentence: str) -> Iterator[str]:
        """Yield the evidence in as few windows of whole sentences as the model can read along with the claim."""
        room = max(_LEAST_ROOM, self._model.room(sentence))
        whole = "\n".join(texts)
        if self._model.count_tokens([whole])[0] <= room:
            yield whole
            return
        pieces = list(dict.fromkeys(piece for text in texts for piece in pieces_of(text)))
        window: list[str] = []
        used = 0
        for piece, tokens in zip(pieces, self._model.count_tokens(pieces), strict=True):
            if window and used + tokens > room:
                yield " ".join(window)
                window, used = [], 0
            window.append(piece)
            used += tokens
        if window:
            yield " ".join(window)


def _head(folder: ModelFolder) -> _Head:
    """Read which column means what. Raises `ConfigError` where the labels don't say."""
    labels = labels_of(folder)
    columns = {label: column for column, label in enumerate(labels)}
    if len(columns) == len(labels):
        if set(columns) == {"entailment", "neutral", "contradiction"}:
            return _Head(3, columns["entailment"], columns["contradiction"])
        if set(columns) == {"entailment", "not_entailment"}:
            return _Head(2, columns["entailment"])
        for supported, other in (("1", "0"), ("supported", "unsupported")):
            if set(columns) == {supported, other}:
                return _Head(2, columns[supported], joined=True)
    raise ConfigError(
        f"{folder.root / 'config.json'} names the labels {', '.join(labels)}, which don't say what follows (id2label): "
        f"{naming(folder)}"
    )


def _odds(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    odds: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return odds
