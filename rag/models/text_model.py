"""Runs an encoder from a model folder: from texts to the model's outputs, in batches of similar length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ConfigError
from rag.models.model_folder import ModelFolder
from rag.models.onnx import open_session

# Tokens of a batch, padding included: about what a processor works on without waiting for its memory.
BATCH_TOKENS = 2_048
_KINDS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text, or two read together, as the model takes it: `types` is 1 for the tokens of the second."""

    ids: Sequence[int]
    types: Sequence[int]


class TextModel:
    """A tokenizer and a network, both loaded when first used. Errors of either are `ConfigError`."""

    def __init__(self, folder: ModelFolder) -> None:
        self.folder = folder

    @cached_property
    def tokenizer(self) -> Any:
        """The tokenizer, which cuts nothing and reads special tokens in a text as plain text."""
        from tokenizers import Tokenizer  # loaded with the model, not with `import rag`

        try:
            tokenizer = Tokenizer.from_file(str(self.folder.tokenizer))
        except Exception as error:  # what tokenizers raises
            raise ConfigError(f"{self.folder.tokenizer} can't be read ({error}): copy it again") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True  # or "</s>" in an abstract would end it
        return tokenizer

    def run(self, texts: Sequence[Tokens], output: str | None = None) -> list[NDArray[np.float32]]:
        """Return the model's output for each text, without padding where it has a value for each token.

        `output` names which one, where the model has several; the first is the default.
        """
        found: list[NDArray[np.float32]] = [np.empty(0, dtype=np.float32)] * len(texts)
        for rows in self._batches([len(text.ids) for text in texts]):
            batch = [texts[row] for row in rows]
            for row, text, values in zip(rows, batch, self._run(batch, output), strict=False):
                found[row] = values[: len(text.ids)] if values.ndim > 1 else values.reshape(-1)
        return found

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Group texts of similar length. Without a mask a model would read padding, so then all have one length."""
        most = self._fixed(0) or max(1, len(lengths))
        alike = "attention_mask" not in self._inputs and self._fixed(1) is None
        batch: list[int] = []
        for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
            full = len(batch) == most or (batch and (len(batch) + 1) * lengths[batch[0]] > BATCH_TOKENS)
            if batch and (full or (alike and lengths[row] != lengths[batch[0]])):
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch

    def _run(self, batch: Sequence[Tokens], output: str | None) -> NDArray[np.float32]:
        names = None if output is None else [output]
        feed = self._feed(batch)
        try:
            found = self._session.run(names, feed)[0]
        except Exception as error:  # the errors of onnxruntime share no other base
            raise ConfigError(f"{self.folder.weights} can't be run ({_first_line(error)}): export it again") from error
        return np.asarray(found, dtype=np.float32)

    def _feed(self, batch: Sequence[Tokens]) -> dict[str, Any]:
        rows = self._fixed(0) or len(batch)
        length = self._fixed(1) or max(len(text.ids) for text in batch)
        ids = np.full((rows, length), self._padding, dtype=np.int64)
        mask, types = np.zeros_like(ids), np.zeros_like(ids)
        for row, text in enumerate(batch):
            ids[row, : len(text.ids)] = text.ids
            mask[row, : len(text.ids)] = 1
            types[row, : len(text.ids)] = text.types
        positions = np.broadcast_to(np.arange(length) + self.folder.first_position, ids.shape)
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types, "position_ids": positions}
        return {name: known[name].astype(_KINDS[node.type]) for name, node in self._inputs.items()}

    @cached_property
    def _inputs(self) -> dict[str, Any]:
        inputs = {node.name: node for node in self._session.get_inputs()}
        known = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
        strange = [name for name, node in inputs.items() if name not in known or node.type not in _KINDS]
        if strange or "input_ids" not in inputs:
            raise ConfigError(
                f"{self.folder.weights} takes {', '.join(strange) or 'no input_ids'}, but Pincite gives "
                f"{', '.join(known)}: it isn't a text encoder, choose another or export it again"
            )
        return inputs

    def _fixed(self, axis: int) -> int | None:
        """Return the size of this axis where the export fixed it: 0 the texts of a batch, 1 their tokens."""
        shape = self._inputs["input_ids"].shape
        return shape[axis] if len(shape) == 2 and isinstance(shape[axis], int) else None

    @cached_property
    def _padding(self) -> int:
        number = self.folder.config.get("pad_token_id")
        return number if isinstance(number, int) else self.tokenizer.token_to_id("[PAD]") or 0

    @cached_property
    def _session(self) -> Any:
        try:
            return open_session(self.folder.weights)
        except Exception as error:  # the errors of onnxruntime share no other base
            raise ConfigError(
                f"{self.folder.weights} can't be loaded ({_first_line(error)}): download or export it again"
            ) from error


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
