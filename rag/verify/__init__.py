"""Whether evidence supports a sentence, and what to do where it doesn't.

`support` judges one sentence; `check` keeps, re-cites, marks or drops a sentence of a draft.
"""

from __future__ import annotations

from functools import cache

from rag.models.embedding import Embedder
from rag.models.embedding_cache import Remembered
from rag.models.minilm import MiniLM
from rag.types import Support
from rag.verify.attribution import check
from rag.verify.bounded import BoundedChecker
from rag.verify.builtin import BuiltinChecker
from rag.verify.checker import Checker
from rag.verify.entailment import EntailmentChecker
from rag.verify.llm_judge import ModelChecker
from rag.verify.registry import leaving, load_checker

__all__ = [
    "BoundedChecker",
    "BuiltinChecker",
    "Checker",
    "EntailmentChecker",
    "ModelChecker",
    "check",
    "default_checker",
    "default_embedder",
    "leaving",
    "load_checker",
    "support",
]


@cache
def default_embedder() -> Embedder:
    """Return the default embedding, which loads when first used."""
    return Remembered(MiniLM())


@cache
def default_checker() -> BuiltinChecker:
    """Return the built-in checker over the default embedding."""
    return BuiltinChecker(default_embedder())


def support(sentence: str, evidence: str) -> Support:
    """Judge whether `evidence`, one text of any length, supports `sentence`.

    Raises `EmbeddingError` where the default embedding is missing or altered.
    """
    return default_checker().check(sentence, [evidence])
