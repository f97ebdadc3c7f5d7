"""From a question to the relevant papers, and to their sentences."""

from rag.retrieve.evidence import gather
from rag.retrieve.ranking import search
from rag.retrieve.searchable import Searchable, Sentences

__all__ = ["Searchable", "Sentences", "gather", "search"]
