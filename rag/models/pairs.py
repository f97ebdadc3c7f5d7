"""A model in ONNX that reads two texts together, from a local folder (`rag.models.model_folder`).

Nothing is downloaded, and nothing is loaded before the first pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import ConfigError
from rag.models.model_folder import open_folder
from rag.models.text_model import TextModel, Tokens

Pair = tuple[str, str]


class PairModel:
    """Gives the logits of two texts read together, the longer one cut where they exceed `max_tokens`."""

    def __init__(self, folder: Path | str, kind: str) -> None:
        """Examine the folder; `kind` is what errors call such a model. Raises `ConfigError`."""
        self.folder = open_folder(folder, kind)
        self._model = TextModel(self.folder)
        self._kind = kind

    @cached_property
    def name(self) -> str:
        """The folder's name, and a hash over its files, which identifies the model."""
        return self.folder.name

    @property
    def max_tokens(self) -> int:
        """The longest pair, special tokens included."""
        return self.folder.max_tokens

    def logits(self, pairs: Sequence[Pair], labels: int | None = None, *, joined: bool = False) -> NDArray[np.float64]:
        """Return the model's output for each pair, shape (pairs, labels).

        `joined` puts both into one text with one separator between them, as MiniCheck was trained. Raises
        `ConfigError` for a model that can't be run, or that gives another number of labels.
        """
        texts = [self._joined(*pair) if joined else self._paired(*pair) for pair in pairs]
        found = self._model.run(texts)
        for values in found:
            if values.ndim != 1 or len(values) != (labels or len(values)):
                wanted = (
                    f"its config names {labels}"
                    if labels and values.ndim == 1
                    else f"{self._kind} gives one number per label"
                )
                raise ConfigError(
                    f"{self.folder.weights} gives values of shape {values.shape} for a pair, {wanted}: "
                    "export the model again, for text classification"
                )
        if not found:
            return np.empty((0, labels or 0))
        logits: NDArray[np.float64] = np.stack(found).astype(np.float64)
        return logits

    def room(self, text: str) -> int:
        """Return how many tokens another text may have next to this one."""
        specials: int = self._model.tokenizer.num_special_tokens_to_add(True)
        return max(1, self.max_tokens - specials - self.count_tokens([text])[0])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, without special ones."""
        return [len(e.ids) for e in self._model.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def _paired(self, first: str, second: str) -> Tokens:
        """Put the template around both, the longer one cut until they fit."""
        tokenizer = self._model.tokenizer
        one, two = (tokenizer.encode(text, add_special_tokens=False) for text in (first, second))
        lengths = _cut(len(one.ids), len(two.ids), self.max_tokens - tokenizer.num_special_tokens_to_add(True))
        for encoded, length in zip((one, two), lengths, strict=True):
            encoded.truncate(length)
        together = tokenizer.post_process(one, two)
        return Tokens(together.ids, together.type_ids)

    def _joined(self, first: str, second: str) -> Tokens:
        tokenizer = self._model.tokenizer
        one, two = (tokenizer.encode(text, add_special_tokens=False).ids for text in (first, second))
        begin, *_, end = tokenizer.encode("").ids
        lengths = _cut(len(one), len(two), self.max_tokens - 3)
        ids = [begin, *one[: lengths[0]], end, *two[: lengths[1]], end]
        return Tokens(ids, [0] * len(ids))


def _cut(first: int, second: int, most: int) -> tuple[int, int]:
    """Return the lengths of two texts that together have `most` tokens, the longer one cut first."""
    over = max(0, first + second - most)
    shorter = min(first, second)
    from_longer = min(over, abs(first - second))
    rest = over - from_longer
    longer_cut, shorter_cut = max(first, second) - from_longer - (rest + 1) // 2, shorter - rest // 2
    return (longer_cut, shorter_cut) if first >= second else (shorter_cut, longer_cut)
