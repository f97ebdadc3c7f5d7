"""The reader: a small cross-encoder, trained for this project, that reads two texts together (docs/reader.md).

It judges whether passages support a claim, contradict it or leave it open, and how well each sentence of an abstract
answers a question. `training/` makes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rag.models import minilm
from rag.models.onnx import CORES, open_session
from rag.models.reader_input import Encoded, encode

WEIGHTS = Path(__file__).parent / "weights" / "reader.onnx"
CLAIM_TOKENS, ABSTRACT_TOKENS = 256, 384

Pair = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely it is that passages support a claim, leave it open, or contradict it; together 1."""

    supported: float
    unsettled: float
    contradicted: float


class Reader:
    """Runs the network; loads on first use. One pair a run: in int8, pairs in one batch change each other."""

    def __init__(self, weights: Path = WEIGHTS, threads: int | None = None) -> None:
        self._weights = weights
        self._threads = threads or CORES

    @cached_property
    def name(self) -> str:
        """Its name in a receipt, with a hash of the weights."""
        return f"reader:{hashlib.sha256(self._weights.read_bytes()).hexdigest()[:12]}"

    def judge(self, pairs: Sequence[Pair]) -> list[Odds]:
        """Return for each claim what its passages say of it. What doesn't fit is left out, the least similar first."""
        found = self._run([encode(self._tokenizer, claim, passages, CLAIM_TOKENS) for claim, passages in pairs])
        return [Odds(*map(float, verdicts[0])) for verdicts, _ in found]

    def answers(self, question: str, abstracts: Sequence[tuple[str, Sequence[str]]]) -> list[list[float]]:
        """Return for each abstract, given as its title and sentences, how well each sentence answers, in [0, 1].

        A sentence of an abstract that is longer than the reader takes scores 0 where it shares the fewest words.
        """
        pairs = [
            encode(self._tokenizer, question, (title, *sentences), ABSTRACT_TOKENS) for title, sentences in abstracts
        ]
        return [
            [0.0 if text is None else float(score) for text, score in zip(pair.texts[2:], scores[0, 1:], strict=True)]
            for pair, (_, scores) in zip(pairs, self._run(pairs), strict=True)
        ]

    def _run(self, pairs: Sequence[Encoded]) -> list[tuple[Any, Any]]:
        run = self._network
        if len(pairs) < 2 or self._threads < 2:
            return [run(pair) for pair in pairs]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(run, pairs))

    @cached_property
    def _tokenizer(self) -> Any:
        return minilm.tokenizer()

    @cached_property
    def _network(self) -> Callable[[Encoded], tuple[Any, Any]]:
        session = open_session(self._weights, threads=1)

        def run(pair: Encoded) -> tuple[Any, Any]:
            ids = np.array([pair.ids], dtype=np.int64)
            types = np.array([pair.types], dtype=np.int64)
            given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
            verdicts, answers = session.run(None, given | {"shares": pair.shares[None]})
            return verdicts, answers

        return run


@cache
def default_reader() -> Reader:
    """Return the reader that comes with Pincite."""
    return Reader()
