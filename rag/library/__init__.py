"""A library of papers: opened, added to, searched and cared for."""

from rag.library.library import Library

__all__ = ["Library"]
