"""A Zotero library on this machine, whole: its items with their collections, as records.

It is kept apart from `rag.sources`: reading files opens no connection. Zotero counts the versions of its items by what
it has sent to its server, so a change that was never synced shows in none of them: all items are read each time, and
the library itself finds those that differ from what it holds.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import FetchError
from rag.sources import zotero, zotero_api, zotero_database
from rag.sources.finish import finish
from rag.sources.jsonrecord import JsonObject, first
from rag.sources.zotero_contents import Contents, ZoteroCollection
from rag.types import Record, Rejection

# Items that aren't papers.
_ATTACHED = ("attachment", "note", "annotation")


@dataclass(frozen=True, slots=True)
class ZoteroLibrary:
    """What a Zotero library holds: `source` is its name among the sources of a library, `place` where it was read."""

    source: str
    place: str
    records: tuple[Record | Rejection, ...]


def read_zotero(place: str | None = None, group: int | None = None) -> ZoteroLibrary:
    """Read the user's library, or that of the group with this number.

    `place` is the address of Zotero's local API, its data folder, or None: the API at its usual address, and where
    Zotero isn't running, the folder `Zotero` in the user's home. Raises `FetchError` where Zotero can't be read now,
    `SourceError` for a file that isn't its database, or a group that it doesn't have.
    """
    where, contents = _contents(place, group)
    source = "Zotero library" if group is None else f"Zotero group {group}"
    return ZoteroLibrary(source, where, tuple(_records(contents, source)))


def _contents(place: str | None, group: int | None) -> tuple[str, Contents]:
    if place is not None and not zotero_api.is_address(place):
        return place, zotero_database.read(Path(place), group)
    address = place or zotero_api.ADDRESS
    try:
        return address, zotero_api.read(address, group)
    except zotero_api.NotRunningError as error:
        folder = Path.home() / "Zotero"
        if place is not None or not (folder / zotero_database.NAME).is_file():
            raise FetchError(f"{error}: start Zotero, or name its data folder with --from FOLDER") from error
        return str(folder), zotero_database.read(folder, group)


def _records(contents: Contents, source: str) -> Iterator[Record | Rejection]:
    paths = _paths(contents.collections)
    for item in contents.items:
        if first(item, "itemType") in _ATTACHED:
            continue
        given = item.get("collections")
        names = [paths[key] for key in given if key in paths] if isinstance(given, list) else []
        entry = zotero.entry(item, None)
        entry = replace(entry, collections=tuple(names), keywords=tuple(sorted(entry.keywords)))
        yield finish(entry, source, zotero.NAME, _position(item))


def _position(item: JsonObject) -> int:
    """Return a number that stays with the item, so that what is changed in Zotero changes the same record here."""
    return max(1, zlib.crc32(first(item, "key").encode()) >> 1)


def _paths(collections: Mapping[str, ZoteroCollection]) -> dict[str, str]:
    """Return the name of each collection after those that it is in: "Soil/Tillage"."""
    return {key: "/".join(_path(key, collections)) for key in collections}


def _path(key: str, collections: Mapping[str, ZoteroCollection]) -> list[str]:
    names: list[str] = []
    met: set[str] = set()
    while key in collections and key not in met:  # a damaged database may have a circle
        met.add(key)
        names.insert(0, collections[key].name)
        key = collections[key].parent
    return names
