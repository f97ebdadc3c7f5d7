"""What is read of a Zotero library, from its local API or from its database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.sources.jsonrecord import JsonObject


@dataclass(frozen=True, slots=True)
class ZoteroCollection:
    """A collection, and the key of the one that it is in (empty: none)."""

    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The items in the form of Zotero's JSON, each with the keys of its collections; and the collections by key."""

    items: Sequence[JsonObject]
    collections: Mapping[str, ZoteroCollection]
