"""Zotero's SQLite file, read-only and while Zotero is closed: an open Zotero locks it.

The tables are those of Zotero 5 and later: https://github.com/zotero/zotero/tree/main/resource/schema. Items come out
as its API gives them, so that reading a library first one way and then the other changes nothing.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rag.errors import FetchError, SourceError
from rag.sources.jsonrecord import JsonObject
from rag.sources.zotero_contents import Contents, ZoteroCollection

NAME = "zotero.sqlite"
_LONGEST = 64 << 20  # bytes of one value
# A date is stored as "2020-04-00 April 2020": for sorting, then as it was typed.
_MULTIPART = re.compile(r"\d{4}-\d\d-\d\d (?=\S)")
_BINNED = "i.itemID NOT IN (SELECT itemID FROM deletedItems)"


def read(place: Path, group: int | None = None) -> Contents:
    """Read all items and collections of the user's library, or of a group.

    Raises `SourceError` for a file that isn't Zotero's or an unknown group, `FetchError` while Zotero has it open.
    """
    file = place / NAME if place.is_dir() else place
    if not file.is_file():
        raise SourceError(file, "there is no such file: name the folder that Zotero's settings show under Advanced")
    with (
        _explained(file),
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as opened,
    ):
        opened.execute("PRAGMA trusted_schema = OFF")
        opened.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        library = _library(opened, group)
        if library is None:
            raise SourceError(file, f"Zotero has no group {group}: give the number in its address on zotero.org")
        return Contents(_items(opened, library), _collections(opened, library))


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", None) or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            fix = "close it, or switch on “Allow other applications …” in its settings (Advanced)"
            raise FetchError(f"{file}: Zotero is open and locks its database: {fix}") from error
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise FetchError(
                f"{file}: Zotero was not closed properly ({error}): start it and close it again"
            ) from error
        raise SourceError(file, f"isn't a database of Zotero 5 or later ({error})") from error


def _library(opened: sqlite3.Connection, group: int | None) -> int | None:
    if group is None:
        found = opened.execute("SELECT libraryID FROM libraries WHERE type = 'user'").fetchone()
    else:
        found = opened.execute("SELECT libraryID FROM groups WHERE groupID = ?", (group,)).fetchone()
    return None if found is None else int(found[0])


def _items(opened: sqlite3.Connection, library: int) -> list[JsonObject]:
    """Return the items that aren't in the bin; attachments and notes are left out by their type."""
    items: dict[int, dict[str, Any]] = {}
    listed = f"""SELECT i.itemID, i.key, t.typeName FROM items i JOIN itemTypes t USING (itemTypeID)
        WHERE i.libraryID = ? AND t.typeName NOT IN ('attachment', 'note', 'annotation') AND {_BINNED}
        ORDER BY i.dateAdded, i.itemID"""
    for number, key, kind in opened.execute(listed, (library,)):
        items[number] = {"key": str(key), "itemType": str(kind), "creators": [], "tags": [], "collections": []}
    values = """SELECT itemID, fieldName, value FROM itemData JOIN fields USING (fieldID)
        JOIN itemDataValues USING (valueID)"""
    for number, name, value in opened.execute(values):
        if number in items:
            items[number][str(name)] = _typed(str(value)) if name == "date" else str(value)
    for name, rows in _lists(opened).items():
        for number, values_of in rows.items():
            if number in items:
                items[number][name] = values_of
    return [*items.values()]


def _typed(date: str) -> str:
    return date[11:] if _MULTIPART.match(date) else date


def _lists(opened: sqlite3.Connection) -> dict[str, dict[int, list[Any]]]:
    """Return what an item has several of, by the API's name for it and the item's number."""
    found: dict[str, dict[int, list[Any]]] = {name: defaultdict(list) for name in ("creators", "tags", "collections")}
    creators = """SELECT itemID, creatorType, firstName, lastName, fieldMode FROM itemCreators
        JOIN creators USING (creatorID) JOIN creatorTypes USING (creatorTypeID) ORDER BY itemID, orderIndex"""
    for number, role, given, family, mode in opened.execute(creators):
        name = {"name": family or ""} if mode == 1 else {"firstName": given or "", "lastName": family or ""}
        found["creators"][number].append({"creatorType": role, **name})
    for number, name in opened.execute(
        "SELECT itemID, name FROM itemTags JOIN tags USING (tagID) ORDER BY itemID, name"
    ):
        found["tags"][number].append({"tag": str(name)})
    held = "SELECT itemID, c.key FROM collectionItems JOIN collections c USING (collectionID) ORDER BY itemID, c.key"
    for number, key in opened.execute(held):
        found["collections"][number].append(str(key))
    return found


def _collections(opened: sqlite3.Connection, library: int) -> dict[str, ZoteroCollection]:
    """Return the collections that aren't in the bin, which only newer versions of Zotero have for them."""
    binned: set[int] = set()
    if opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'deletedCollections'").fetchone():
        binned = {number for (number,) in opened.execute("SELECT collectionID FROM deletedCollections")}
    rows = opened.execute(
        "SELECT c.collectionID, c.key, c.collectionName, p.key FROM collections c "
        "LEFT JOIN collections p ON p.collectionID = c.parentCollectionID WHERE c.libraryID = ?",
        (library,),
    ).fetchall()
    return {
        str(key): ZoteroCollection(str(name), str(parent or ""))
        for number, key, name, parent in rows
        if number not in binned
    }
