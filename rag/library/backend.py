"""What a library needs from the place it reads from: a folder or a Chroma server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rag.retrieve.evidence import SENTENCES
from rag.types import Evidence, Filters, Hit, Paper


class LibraryBackend(Protocol):
    """Where a library's papers are read from. Several threads may call it at once."""

    @property
    def folder(self) -> Path | None:
        """The folder, None if there is none on this machine."""
        ...

    @property
    def name(self) -> str:
        """The name of the folder, or of the collection on a server."""
        ...

    @property
    def exists(self) -> bool:
        """Whether there is a library, even an empty one."""
        ...

    @property
    def fingerprint(self) -> str:
        """A text that no other state of any library has."""
        ...

    @property
    def calibration(self) -> str | None:
        """What was fitted to the library for declining, as text, None where nothing was."""
        ...

    def __len__(self) -> int: ...

    def close(self) -> None:
        """Close every file and connection; they are reopened when needed."""
        ...

    def papers(self) -> list[Paper]:
        """Return all papers, oldest first."""
        ...

    def find_paper(self, name: str) -> Paper | None:
        """Return the paper of this id or alias."""
        ...

    def matching(self, filters: Filters) -> int:
        """Return how many papers pass the filters."""
        ...

    def search(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Return up to `k` papers, best first. Raises `InputError` as `retrieve.search` does."""
        ...

    def gather(self, question: str, hits: Sequence[Hit], limit: int = SENTENCES) -> tuple[Evidence, ...]:
        """Return the numbered sentences of these papers, at most `limit`; see `rag.retrieve.gather`."""
        ...
