"""A library of papers: open it, add to it, search it, look after it."""

from rag.library.library import Library

__all__ = ["Library"]
