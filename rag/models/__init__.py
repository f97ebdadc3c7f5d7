"""Models, one file each: what embeds and what writes."""

from rag.models.registry import NOTHING_LEAVES, available, leaving_of, load

__all__ = ["NOTHING_LEAVES", "available", "leaving_of", "load"]
