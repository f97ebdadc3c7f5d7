"""A model in ONNX that reads two texts together, from a local folder: what `optimum-cli export onnx` writes.

Nothing is downloaded, and nothing is loaded before the first pair.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ConfigError
from rag.models.onnx import open_session

MOST_TOKENS = 512


class PairModel:
    """Gives the logits of two texts read together, the longer one cut where they pass `MOST_TOKENS`."""

    def __init__(self, folder: Path | str, kind: str) -> None:
        """Look into the folder; `kind` is what to call such a model in errors. Raises `ConfigError`."""
        self.folder = Path(folder)
        for name in ("tokenizer.json", "model.onnx"):
            if not (self.folder / name).is_file():
                raise ConfigError(
                    f"{self.folder / name} is missing: {kind} is a folder with tokenizer.json and model.onnx, "
                    "as `optimum-cli export onnx` writes it"
                )

    @cached_property
    def name(self) -> str:
        """The folder's name, and a hash over its files, which tells the model from any other."""
        with (self.folder / "model.onnx").open("rb") as model:
            digest = hashlib.file_digest(model, "sha256")
        digest.update((self.folder / "tokenizer.json").read_bytes())
        return f"{self.folder.resolve().name}:{digest.hexdigest()[:12]}"

    def logits(self, first: str, second: str) -> NDArray[np.float64]:
        """Return what the model says of a pair, shape (labels,)."""
        encoded = self._tokenizer.encode(first, second)
        feed = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        wanted = [node.name for node in self._session.get_inputs()]
        given = {name: np.array([feed[name]], dtype=np.int64) for name in wanted}
        found: NDArray[np.float64] = np.asarray(self._session.run(None, given)[0][0], dtype=np.float64).reshape(-1)
        return found

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer  # loaded with the model, not with `import rag`

        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.enable_truncation(MOST_TOKENS, strategy="longest_first")
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        return open_session(self.folder / "model.onnx")
