"""Pincite: question answering over paper abstracts, every sentence pinned to the sentence that supports it.

The names are resolved when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.config import Config, from_environment
    from rag.errors import (
        ConfigError,
        DerivedIndexError,
        EmbeddingError,
        FetchError,
        IndexBehindError,
        InputError,
        LibraryBusyError,
        LibraryDamagedError,
        LibraryError,
        ModelConfigurationError,
        ModelContextError,
        ModelError,
        ModelRateLimitedError,
        ModelReplyError,
        ModelTimeoutError,
        ModelUnreachableError,
        PaperNotFoundError,
        PinciteError,
        RerankerError,
        ServerError,
        ServerRefusedError,
        ServerReplyError,
        ServerTimeoutError,
        ServerUnreachableError,
        SourceError,
    )
    from rag.library import Library
    from rag.library.ledger import Interrupted
    from rag.models.chat import ChatModel, FingerprintedModel, Message, Reply
    from rag.models.embedding import Embedder, TokenEmbedder, TokenVectors
    from rag.models.minilm import MiniLM
    from rag.pipeline import answer, stream_answer
    from rag.pipeline.asynchronous import aanswer, asearch, astream_answer
    from rag.retrieve.rerank import Reranker
    from rag.serialization import to_json
    from rag.sources.arxiv_fetch import fetch_arxiv
    from rag.types import (
        Agreement,
        Answer,
        Citation,
        Conflict,
        Draft,
        Evidence,
        Filters,
        Hit,
        IngestReport,
        Issue,
        Marked,
        Merge,
        Notice,
        Origin,
        Paper,
        Reason,
        Receipt,
        Record,
        Rejection,
        Role,
        Section,
        Sentence,
        SharedIdentity,
        Span,
        Status,
        Step,
        Support,
        Verdict,
    )
    from rag.verify import BuiltinChecker, Checker, EntailmentChecker, ModelChecker, support
    from rag.write.writer import Task, Writer

    __version__: str

# Since 1.31, onnxruntime sends telemetry from Linux too, seconds after it is loaded. It reads this when loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Agreement",
    "Answer",
    "BuiltinChecker",
    "ChatModel",
    "Checker",
    "Citation",
    "Config",
    "ConfigError",
    "Conflict",
    "DerivedIndexError",
    "Draft",
    "Embedder",
    "EmbeddingError",
    "EntailmentChecker",
    "Evidence",
    "FetchError",
    "Filters",
    "FingerprintedModel",
    "Hit",
    "IndexBehindError",
    "IngestReport",
    "InputError",
    "Interrupted",
    "Issue",
    "Library",
    "LibraryBusyError",
    "LibraryDamagedError",
    "LibraryError",
    "Marked",
    "Merge",
    "Message",
    "MiniLM",
    "ModelChecker",
    "ModelConfigurationError",
    "ModelContextError",
    "ModelError",
    "ModelRateLimitedError",
    "ModelReplyError",
    "ModelTimeoutError",
    "ModelUnreachableError",
    "Notice",
    "Origin",
    "Paper",
    "PaperNotFoundError",
    "PinciteError",
    "Reason",
    "Receipt",
    "Record",
    "Rejection",
    "Reply",
    "Reranker",
    "RerankerError",
    "Role",
    "Section",
    "Sentence",
    "ServerError",
    "ServerRefusedError",
    "ServerReplyError",
    "ServerTimeoutError",
    "ServerUnreachableError",
    "SharedIdentity",
    "SourceError",
    "Span",
    "Status",
    "Step",
    "Support",
    "Task",
    "TokenEmbedder",
    "TokenVectors",
    "Verdict",
    "Writer",
    "__version__",
    "aanswer",
    "answer",
    "asearch",
    "astream_answer",
    "fetch_arxiv",
    "from_environment",
    "stream_answer",
    "support",
    "to_json",
]

# The modules of exports that are neither errors nor types.
_HOMES = {
    "__version__": ".config",
    "BuiltinChecker": ".verify",
    "ChatModel": ".models.chat",
    "Checker": ".verify",
    "Config": ".config",
    "Embedder": ".models.embedding",
    "EntailmentChecker": ".verify",
    "FingerprintedModel": ".models.chat",
    "Interrupted": ".library.ledger",
    "Library": ".library",
    "Message": ".models.chat",
    "MiniLM": ".models.minilm",
    "ModelChecker": ".verify",
    "Reply": ".models.chat",
    "Reranker": ".retrieve.rerank",
    "Task": ".write.writer",
    "Writer": ".write.writer",
    "TokenEmbedder": ".models.embedding",
    "TokenVectors": ".models.embedding",
    "aanswer": ".pipeline.asynchronous",
    "answer": ".pipeline",
    "asearch": ".pipeline.asynchronous",
    "astream_answer": ".pipeline.asynchronous",
    "fetch_arxiv": ".sources.arxiv_fetch",
    "from_environment": ".config",
    "stream_answer": ".pipeline",
    "support": ".verify",
    "to_json": ".serialization",
}

if not TYPE_CHECKING:  # a type checker would accept any name

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            home = import_module(_HOMES.get(name) or (".errors" if name.endswith("Error") else ".types"), __name__)
        except ModuleNotFoundError as error:
            raise import_module(".errors", __name__).missing(error) from error
        return home.version() if name == "__version__" else getattr(home, name)


def __dir__() -> list[str]:
    return sorted(__all__)
