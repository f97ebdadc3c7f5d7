"""A Zotero library of invented papers, served as the local API does, and written as Zotero's database has it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from on_loopback import on_loopback

ABSTRACTS = (
    "We watered forty barley plots in a dry spring and weighed the grain. Moist plots gave a third more grain.",
    "Hail dents roofs of tin. A thicker sheet of tin halved the number of dents that hail left on sixty roofs.",
    "Barn cats were followed with collars through one winter. They slept eleven hours a day, most of them by daylight.",
)


def item(key: str, title: str, abstract: str, **fields: Any) -> dict[str, Any]:
    """Return an item as Zotero's API gives it."""
    data = {
        "key": key, "version": 0, "itemType": "journalArticle", "title": title, "abstractNote": abstract,
        "creators": [{"creatorType": "author", "firstName": "Ada", "lastName": "Fell"},
                     {"creatorType": "author", "name": "Barley Group"}],
        "publicationTitle": "Soil and Field", "date": "April 2020", "DOI": "", "extra": "", "tags": [],
        "collections": [], "dateAdded": "2024-01-01T00:00:00Z", "dateModified": "2024-01-01T00:00:00Z",
    }  # fmt: skip
    return data | fields


class Zotero:
    """What a Zotero library holds; `serve` and `write` show it."""

    def __init__(self) -> None:
        self.items = [
            item("BARLEY22", "Water and barley in a dry spring", ABSTRACTS[0], DOI="10.1234/barley",
                 tags=[{"tag": "water"}, {"tag": "cereals", "type": 1}], collections=["TILLAGE2"]),
            item("TINROOF2", "Tin roofs in hail", ABSTRACTS[1], collections=["SOILSOIL", "ROOFROOF"]),
            item("CATCATCA", "Rest in barn cats over a winter", ABSTRACTS[2], DOI="10.1234/cats"),
        ]  # fmt: skip
        self.attached = [{"key": "ATTACHED", "itemType": "attachment", "title": "a.pdf", "tags": [], "collections": []}]
        self.collections: dict[str, tuple[str, str]] = {
            "SOILSOIL": ("Soil", ""), "TILLAGE2": ("Tillage", "SOILSOIL"), "ROOFROOF": ("Roofs", ""),
        }  # fmt: skip
        self.status = 200
        self.lost = 0  # objects that the list counts and doesn't give
        self.asked: list[str] = []

    def listed(self, path: str) -> list[dict[str, Any]] | None:
        if not path.startswith(("/api/users/0/", "/api/groups/7/")):
            return None
        if path.endswith("/collections"):
            return [
                {"key": key, "data": {"key": key, "name": name, "parentCollection": parent or False}}
                for key, (name, parent) in self.collections.items()
            ]
        return [{"key": one["key"], "version": 0, "data": one} for one in (*self.items, *self.attached)]

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve the local API on loopback; yield its address."""
        zotero = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                given = {name: values[0] for name, values in parse_qs(address.query).items()}
                zotero.asked.append(address.path)
                found = zotero.listed(address.path)
                status = zotero.status if found is not None else 404
                start, limit = int(given["start"]), min(2, int(given["limit"]))  # small pages, so that there are some
                body = json.dumps((found or [])[start : start + limit]).encode() if status == 200 else b"Not found"
                self.send_response(status)
                self.send_header("Total-Results", str(len(found or []) + zotero.lost))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        with on_loopback(Handler) as address:
            yield f"{address}/api/"

    def write(self, folder: Path) -> Path:
        """Write Zotero's database into a folder, as Zotero leaves it when it is closed."""
        folder.mkdir(exist_ok=True)
        (folder / "zotero.sqlite").unlink(missing_ok=True)
        database = sqlite3.connect(folder / "zotero.sqlite")
        database.executescript(TABLES)
        collections = {key: number for number, key in enumerate(self.collections, 1)}
        for key, (name, parent) in self.collections.items():
            row = (collections[key], name, collections.get(parent), 1, key)
            database.execute("INSERT INTO collections VALUES (?, ?, ?, ?, ?)", row)
        for number, one in enumerate([*self.items, *self.attached], 1):
            self._write_item(database, number, one, collections)
        database.commit()
        database.close()
        return folder

    def _write_item(self, database: sqlite3.Connection, number: int, one: dict[str, Any], keys: dict[str, int]) -> None:
        kind = {"journalArticle": 1, "attachment": 2}[one["itemType"]]
        database.execute("INSERT INTO items VALUES (?, ?, ?, 1, ?)", (number, kind, one.get("dateAdded"), one["key"]))
        for name, value in one.items():
            if name in FIELDS and value:
                value = f"2020-04-00 {value}" if re.fullmatch(r"[A-Z]\w+ 2020", value) else value
                row = database.execute(
                    "INSERT OR IGNORE INTO itemDataValues (value) VALUES (?) RETURNING valueID", (value,)
                )
                found = (
                    row.fetchone()
                    or database.execute("SELECT valueID FROM itemDataValues WHERE value = ?", (value,)).fetchone()
                )
                database.execute("INSERT INTO itemData VALUES (?, ?, ?)", (number, FIELDS.index(name) + 1, found[0]))
        for order, person in enumerate(one.get("creators", ())):
            names = (person.get("firstName", ""), person.get("lastName", person.get("name")), int("name" in person))
            creator = database.execute("INSERT INTO creators (firstName, lastName, fieldMode) VALUES (?, ?, ?)", names)
            database.execute("INSERT INTO itemCreators VALUES (?, ?, 1, ?)", (number, creator.lastrowid, order))
        for tag in one["tags"]:
            row = database.execute("INSERT INTO tags (name) VALUES (?)", (tag["tag"],))
            database.execute("INSERT INTO itemTags VALUES (?, ?)", (number, row.lastrowid))
        for key in one["collections"]:
            database.execute("INSERT INTO collectionItems VALUES (?, ?)", (keys[key], number))


FIELDS = ("title", "abstractNote", "publicationTitle", "date", "DOI", "extra")
TABLES = f"""
CREATE TABLE libraries (libraryID INTEGER PRIMARY KEY, type TEXT);
INSERT INTO libraries VALUES (1, 'user'), (3, 'group');
CREATE TABLE groups (groupID INTEGER PRIMARY KEY, libraryID INT, name TEXT);
INSERT INTO groups VALUES (7, 3, 'Field group');
CREATE TABLE itemTypes (itemTypeID INTEGER PRIMARY KEY, typeName TEXT);
INSERT INTO itemTypes VALUES (1, 'journalArticle'), (2, 'attachment');
CREATE TABLE items (itemID INTEGER PRIMARY KEY, itemTypeID INT, dateAdded TEXT, libraryID INT, key TEXT);
CREATE TABLE fields (fieldID INTEGER PRIMARY KEY, fieldName TEXT);
INSERT INTO fields VALUES {", ".join(f"({n}, '{name}')" for n, name in enumerate(FIELDS, 1))};
CREATE TABLE itemDataValues (valueID INTEGER PRIMARY KEY, value UNIQUE);
CREATE TABLE itemData (itemID INT, fieldID INT, valueID INT);
CREATE TABLE creators (creatorID INTEGER PRIMARY KEY, firstName TEXT, lastName TEXT, fieldMode INT);
CREATE TABLE creatorTypes (creatorTypeID INTEGER PRIMARY KEY, creatorType TEXT);
INSERT INTO creatorTypes VALUES (1, 'author');
CREATE TABLE itemCreators (itemID INT, creatorID INT, creatorTypeID INT, orderIndex INT);
CREATE TABLE tags (tagID INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE itemTags (itemID INT, tagID INT);
CREATE TABLE collections (
    collectionID INTEGER PRIMARY KEY, collectionName TEXT, parentCollectionID INT, libraryID INT, key TEXT
);
CREATE TABLE collectionItems (collectionID INT, itemID INT);
CREATE TABLE deletedItems (itemID INTEGER PRIMARY KEY);
CREATE TABLE deletedCollections (collectionID INTEGER PRIMARY KEY);
"""
