"""Pincite: question answering over paper abstracts, every sentence pinned to the sentence that carries it.

The names are resolved when first used, so that `import rag` costs nothing.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.errors import PinciteError
    from rag.library import Library
    from rag.pipeline import answer, stream_answer
    from rag.types import Answer, Citation, Evidence, Hit, IngestReport, Paper, Sentence, Support, Verdict

# Since 1.31 onnxruntime sends telemetry from Linux too, some seconds after it was loaded; it reads this when loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Answer",
    "Citation",
    "Evidence",
    "Hit",
    "IngestReport",
    "Library",
    "Paper",
    "PinciteError",
    "Sentence",
    "Support",
    "Verdict",
    "answer",
    "stream_answer",
]

_HOMES = {
    "Library": "rag.library.library",
    "PinciteError": "rag.errors",
    "answer": "rag.pipeline",
    "stream_answer": "rag.pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "rag.types")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
