"""What can go wrong, as one tree. Every message names the value, the cause and the fix.

PinciteError
├── InputError            input that can't be used (exit code 2)
│   ├── SourceError       a file that can't be read as papers; has its file and line
│   ├── LibraryError      a folder that isn't a library, or one of another embedding, newer or damaged
│   │   ├── LibraryBusyError     another process is writing
│   │   ├── PaperNotFoundError   the library has no paper of this name
│   │   └── LibraryDamagedError  the catalog's file is damaged
│   └── ConfigError       an unknown provider, key, option or a missing secret
├── FetchError            arXiv or a model hub can't be reached or fails, or a model isn't the pinned one
├── EmbeddingError        the embedding model is missing, altered or failed
├── RerankerError         a reranker failed, or returned unusable scores
├── DerivedIndexError     the derived index can't be built or read
├── ServerError           an index on a Chroma server can't be used
│   ├── ServerUnreachableError  no connection, or none that can be trusted
│   ├── ServerTimeoutError      no complete answer within the time allowed
│   ├── ServerRefusedError      401 or 403: a token is missing or wrong
│   ├── ServerReplyError        the server isn't a Chroma server, or fails
│   └── IndexBehindError        a change is stored in the library, but not yet on its server
└── ModelError            a language model failed during a call
    ├── ModelUnreachableError   no connection
    ├── ModelTimeoutError       no (further) output within the time allowed
    ├── ModelRateLimitedError   429, or the quota is used up
    ├── ModelConfigurationError wrong key, model not found: the server refused the request itself
    ├── ModelContextError       the prompt is longer than the model's context
    └── ModelReplyError         a reply that is broken, empty, cut or not what was asked for
"""

from __future__ import annotations

from pathlib import Path

from rag.types import IngestReport
from rag.views.printable import printable

# The module that is imported → the extra of `pip install "pincite[EXTRA]"`.
EXTRAS = {
    "gradio": "chat", "fastapi": "chat", "jinja2": "chat",
    "starlette": "serve", "uvicorn": "serve", "pydantic": "serve",
    "mcp": "mcp", "mcp_types": "mcp",
    "llama_index": "llama-index",
    "langchain_core": "langchain",
    "haystack": "haystack",
    "arxiv": "arxiv", "requests": "arxiv",
    "ir_measures": "eval",
    "docx": "docx",
}  # fmt: skip


class PinciteError(Exception):
    """Root of every error that Pincite raises on purpose; its message is one line, safe to print in a terminal."""

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


def exit_code(error: PinciteError) -> int:
    """Return a command's exit code for this error: 2 for bad input, 1 for a failure."""
    return 2 if isinstance(error, InputError) else 1


class InputError(PinciteError):
    """Input that can't be used; the message says what, why and what to do."""


class SourceError(InputError):
    """A file that can't be read as papers.

    `file` is the path as the user gave it, `line` the 1-based line where it went wrong (None: the whole file).
    `report` is the add's report where it could read none of several files: it lists them all.
    """

    def __init__(self, file: str | Path, reason: str, line: int | None = None) -> None:
        self.report: IngestReport | None = None
        self.file = str(file)
        self.line = line
        self.reason = reason
        place = f"{self.file}:{line}" if line is not None else self.file
        super().__init__(f"{place}: {reason}")


class LibraryError(InputError):
    """A library that can't be opened."""


class LibraryBusyError(LibraryError):
    """Another process is writing to the library."""


class PaperNotFoundError(LibraryError):
    """The library has no paper of this name."""


class LibraryDamagedError(LibraryError):
    """The catalog's file is damaged. The index can be rebuilt from the catalog, but not the other way round."""


class ConfigError(InputError):
    """A setting with an unknown value, or a missing secret."""


class FetchError(PinciteError):
    """A service or model hub can't be reached, asks to slow down or fails, or a model isn't the pinned one."""


class EmbeddingError(PinciteError):
    """The embedding model is missing, altered or failed."""


class RerankerError(PinciteError):
    """A reranker failed, or returned no finite score for each passage."""


class DerivedIndexError(PinciteError):
    """The derived index can't be built or read, even after a rebuild."""


class ServerError(PinciteError):
    """An index on a Chroma server can't be used."""


class ServerUnreachableError(ServerError):
    """No connection to the Chroma server, or none that can be trusted (TLS)."""


class ServerTimeoutError(ServerError):
    """The Chroma server gave no complete answer within the time allowed."""


class ServerRefusedError(ServerError):
    """The Chroma server, or a proxy in front of it, expects a different token."""


class ServerReplyError(ServerError):
    """The server isn't a Chroma server, or fails."""


class IndexBehindError(ServerError):
    """A change is stored in the library but didn't reach the index on its server.

    `report` is the add's report, None after any other change.
    """

    def __init__(self, message: str, report: IngestReport | None = None) -> None:
        self.report = report
        super().__init__(message)


class ModelError(PinciteError):
    """A language model failed during a call."""


class ModelUnreachableError(ModelError):
    """No connection to the model's server."""


class ModelTimeoutError(ModelError):
    """No output, or no further output, within the time allowed."""


class ModelRateLimitedError(ModelError):
    """The server asks to slow down, or the quota is used up."""


class ModelConfigurationError(ModelError):
    """The server refused the request itself: a wrong key, or a model that it doesn't have."""


class ModelContextError(ModelError):
    """The prompt is longer than the model's context."""


class ModelReplyError(ModelError):
    """A reply that is broken, empty, cut or not what was asked for."""


def missing(error: ModuleNotFoundError) -> Exception:
    """Return the error that names the command which installs the package; any other error as it is."""
    package = (error.name or "").partition(".")[0]
    if package not in EXTRAS:
        return error
    return ConfigError(f'{package} isn\'t installed, and this needs it: run `pip install "pincite[{EXTRAS[package]}]"`')
