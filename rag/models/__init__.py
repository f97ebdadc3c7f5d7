"""Models, one file each: what embeds and what writes."""

from rag.models.registry import available, load

__all__ = ["available", "load"]
