"""What can go wrong, as one tree. Every message names the value, the cause and the mend.

PinciteError
├── InputError            something handed in can't be used (exit code 2)
│   ├── SourceError       a file that can't be read as papers; carries file and line
│   ├── LibraryError      a folder that is no library, of another embedding, newer or damaged
│   │   ├── LibraryBusyError     another process is writing
│   │   └── LibraryDamagedError  the catalog's file is damaged
│   └── ConfigError       an unknown provider, key, option or a missing secret
├── FetchError            arXiv or a model hub can't be reached, or does not answer as it should
├── EmbeddingError        the embedding model is missing, altered or failed
├── RerankerError         a reranker failed, or gave no scores that can be used
├── DerivedIndexError     the derived index can't be built or read
├── ServerError           an index on a Chroma server can't be used
│   ├── ServerUnreachableError  no connection, or none that can be trusted
│   ├── ServerTimeoutError      no whole answer within the time allowed
│   ├── ServerRefusedError      401 or 403: a token is missing or wrong
│   ├── ServerReplyError        what answers is no Chroma server, or one that fails
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

from rag.printable import printable
from rag.types import IngestReport


class PinciteError(Exception):
    """Root of every error that Pincite raises on purpose; its message is one line that a terminal can be shown."""

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


def exit_code(error: PinciteError) -> int:
    """Return the exit code of a command that this error ended: 2 for what was handed in, 1 for what failed."""
    return 2 if isinstance(error, InputError) else 1


class InputError(PinciteError):
    """Something handed in can't be used; the message says what, why and what to do."""


class SourceError(InputError):
    """A file that can't be read as papers.

    `file` is the path as the user gave it, `line` the 1-based line where it went wrong (None: the file as a whole).
    """

    def __init__(self, file: str | Path, reason: str, line: int | None = None) -> None:
        self.file = str(file)
        self.line = line
        self.reason = reason
        place = f"{self.file}:{line}" if line is not None else self.file
        super().__init__(f"{place}: {reason}")


class LibraryError(InputError):
    """A library that can't be opened as it is."""


class LibraryBusyError(LibraryError):
    """Another process is writing to the library."""


class LibraryDamagedError(LibraryError):
    """The file of the library's catalog is damaged: the index is made anew from it, but it can't be made from that."""


class ConfigError(InputError):
    """A setting that names nothing, or a secret that is missing."""


class FetchError(PinciteError):
    """ArXiv or a model hub can't be reached, asks to slow down, or does not answer as it should."""


class EmbeddingError(PinciteError):
    """The embedding model is missing, altered or failed."""


class RerankerError(PinciteError):
    """A reranker failed, or returned no finite score for each passage."""


class DerivedIndexError(PinciteError):
    """The derived index can't be built or read, even after it was built anew."""


class ServerError(PinciteError):
    """An index on a Chroma server can't be used."""


class ServerUnreachableError(ServerError):
    """No connection to the Chroma server, or none that can be trusted."""


class ServerTimeoutError(ServerError):
    """No whole answer of the Chroma server within the time allowed."""


class ServerRefusedError(ServerError):
    """The Chroma server, or the proxy before it, asks for another token."""


class ServerReplyError(ServerError):
    """What answers is no Chroma server, or one that fails."""


class IndexBehindError(ServerError):
    """A change is stored in the library, but could not be brought to the index on its server.

    `report` is that of the add, None after another change.
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
    """The server refused the request itself: a wrong key, or a model that it does not have."""


class ModelContextError(ModelError):
    """The prompt is longer than the model's context."""


class ModelReplyError(ModelError):
    """A reply that is broken, empty, cut or not what was asked for."""
