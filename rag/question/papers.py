"""What interpreting a question needs from a library: to find papers, count them and get one by name."""

from __future__ import annotations

from typing import Protocol

from rag.models.embedding import Embedder
from rag.types import Filters, Hit, Paper


class Papers(Protocol):
    """The papers that a question is about, as `rag.Library` offers them."""

    @property
    def embedder(self) -> Embedder:
        """What turns a question into a vector."""

    def find(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Return up to `k` papers, best first."""

    def matching(self, filters: Filters) -> int:
        """Return how many papers pass the filters."""

    def get(self, name: str) -> Paper:
        """Return the paper of this id, DOI, arXiv id or PMID. Raises `LibraryError` where there is none."""
