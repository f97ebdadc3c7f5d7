"""A checker that runs a natural-language-inference model in ONNX from a local folder. Nothing is downloaded.

The folder holds what `optimum-cli export onnx` writes: `model.onnx`, `tokenizer.json`, and `config.json` with
`id2label` (three labels: entailment, neutral, contradiction).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ConfigError
from rag.models.pairs import PairModel
from rag.types import Support, Verdict
from rag.verify.builtin import pieces_of

LABELS = ("entailment", "neutral", "contradiction")
_PARTIAL_FROM, _DECIDED_FROM = 0.3, 0.5


class EntailmentChecker:
    """Runs the model on each text as a whole, and on its sentences one by one where it is longer than one."""

    def __init__(self, folder: Path | str) -> None:
        """Open the folder; the model itself loads on first use. Raises `ConfigError` for a file that is not there."""
        self._model = PairModel(folder, "an entailment model")
        self._order = _label_order(self._model.folder / "config.json")

    @property
    def name(self) -> str:
        """What a receipt calls it; see `PairModel.name`."""
        return f"entailment:{self._model.name}"

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        texts = [text for text in evidence if text.strip()]
        if not sentence.strip() or not texts:
            return Support(0.0, Verdict.UNSUPPORTED, "there is nothing to compare")
        premises = list(dict.fromkeys(["\n".join(texts), *(piece for text in texts for piece in pieces_of(text))]))
        odds = np.array([self._probabilities(premise, sentence) for premise in premises])
        entailed, contradicted = float(odds[:, 0].max()), float(odds[:, 2].max())
        if entailed >= _DECIDED_FROM and entailed >= contradicted:
            return Support(entailed, Verdict.SUPPORTED, "the entailment model says that it follows")
        if contradicted >= _DECIDED_FROM:
            return Support(min(entailed, 0.1), Verdict.CONTRADICTED, "the entailment model says that it is denied")
        if entailed >= _PARTIAL_FROM:
            return Support(entailed, Verdict.PARTIAL, "the entailment model is not sure that it follows")
        return Support(entailed, Verdict.UNSUPPORTED, "the entailment model says that it does not follow")

    def _probabilities(self, premise: str, hypothesis: str) -> NDArray[np.float64]:
        """Return the probabilities of entailment, neutral and contradiction."""
        logits = self._model.logits(premise, hypothesis)[self._order]
        powers = np.exp(logits - logits.max())
        odds: NDArray[np.float64] = powers / powers.sum()
        return odds


def _label_order(config: Path) -> list[int]:
    """Return the model's columns in the order of `LABELS`. Raises `ConfigError` where they are not told."""
    try:
        told = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{config} can't be read ({error}): export the model again") from error
    labels = told.get("id2label") if isinstance(told, dict) else None
    named: Mapping[str, str] = labels if isinstance(labels, dict) else {}
    columns = {str(name).casefold(): int(number) for number, name in named.items() if number.isdecimal()}
    if set(columns) != set(LABELS) or set(columns.values()) != {0, 1, 2}:
        raise ConfigError(f"{config} names the labels {sorted(columns)}: id2label must name {', '.join(LABELS)}")
    return [columns[label] for label in LABELS]
