"""Taking records in: which paper each belongs to, and what that makes of the paper."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rag.sentences import split_sentences
from rag.store import identity, rows
from rag.store.database import Database
from rag.types import Merge, Record


class Change(Enum):
    """What a record did to the library."""

    ADDED = "added"
    UPDATED = "updated"
    MERGED = "merged"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Stored:
    """The outcome for one record. `stale` tells that the paper's title or abstract changed: embed it (again)."""

    change: Change
    paper_id: str
    merge: Merge | None = None
    stale: bool = False


class Intake:
    """One add. Knows which records it has met, so that a file can say a thing twice and change its mind.

    Belongs inside the database's transactions.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._seen: set[int] = set()

    def put(self, record: Record) -> Stored:
        """Take a record in: find its paper or make one, and compute that paper anew from all its records."""
        digest, content = rows.pack_record(record)
        if paper_id := self._said_before(record, digest):
            return Stored(Change.UNCHANGED, paper_id)
        matches = self._matches(record)
        if not matches:
            return self._insert(record, digest, content)
        paper, *younger = matches
        for other in younger:
            self._join(paper, other)
        replaced = self._drop_older(record, paper)
        self._insert_record(paper, record, digest, content)
        stale = recompute(self._db, paper)
        paper_id = _id(self._db, paper)
        if stale or replaced or younger:
            return Stored(Change.UPDATED, paper_id, stale=stale)
        merge = Merge(paper_id, record.title, self._by(record, paper), record.origin)
        return Stored(Change.MERGED, paper_id, merge)

    def _said_before(self, record: Record, digest: bytes) -> str | None:
        """Return the paper of the record that this file holds word for word, noting where it stands now."""
        origin = record.origin
        found = self._db.all(
            "SELECT r.row, r.position, r.paper, p.id FROM record r JOIN paper p ON p.row = r.paper "
            "WHERE r.file = ? AND r.digest = ? ORDER BY r.position != ?",
            origin.file, digest, origin.position,
        )  # fmt: skip
        for row, position, paper, paper_id in found:
            if row in self._seen:
                continue
            self._seen.add(row)
            if position != origin.position:
                _, content = rows.pack_record(record)
                self._db.run("UPDATE record SET position = ?, content = ? WHERE row = ?", origin.position, content, row)
                recompute(self._db, paper)
            return str(paper_id)
        return None

    def _matches(self, record: Record) -> list[int]:
        """Return the rows of the papers that this record speaks of, oldest first."""
        same = "SELECT DISTINCT paper FROM identity WHERE kind = ? AND value = ?"
        strong = identity.strong_identities(record)
        found = {int(row) for kind, value in strong for (row,) in self._db.all(same, kind, value)}
        for (row,) in self._db.all(same, *identity.title_identity(record)):
            if row not in found and any(identity.same_paper(record, other) for other in records(self._db, row)):
                found.add(int(row))
        return sorted(found)

    def _insert(self, record: Record, digest: bytes, content: bytes) -> Stored:
        paper_id = self._free_id(record)
        row = self._db.run(
            "INSERT INTO paper (id, title, abstract, fields, sentences) VALUES (?, '', '', '{}', '[]')", paper_id
        )
        self._db.run("INSERT INTO identity VALUES ('id', ?, ?)", paper_id, row)
        self._insert_record(row, record, digest, content)
        recompute(self._db, row)
        return Stored(Change.ADDED, paper_id, stale=True)

    def _free_id(self, record: Record) -> str:
        """Return an id that no paper bears, nor bore before a merge."""
        taken: list[str] = []
        while self._db.one(
            "SELECT 1 FROM identity WHERE kind = 'id' AND value = ?", candidate := identity.new_id(record, taken)
        ):
            taken.append(candidate)
        return candidate

    def _insert_record(self, paper: int, record: Record, digest: bytes, content: bytes) -> None:
        row = self._db.run(
            "INSERT INTO record (paper, digest, file, position, content) VALUES (?, ?, ?, ?, ?)",
            paper, digest, record.origin.file, record.origin.position, content,
        )  # fmt: skip
        self._seen.add(row)

    def _drop_older(self, record: Record, paper: int) -> bool:
        """Drop what the same place of the same file said of the paper before: the file has changed its mind."""
        mine = self._db.all("SELECT row, content FROM record WHERE paper = ? AND file = ?", paper, record.origin.file)
        older = [
            (row,)
            for row, content in mine
            if row not in self._seen and _same_place(rows.unpack_record(content), record)
        ]
        self._db.many("DELETE FROM record WHERE row = ?", older)
        return bool(older)

    def _join(self, paper: int, other: int) -> None:
        """Make two papers one: the older keeps its id, the younger's id becomes an alias."""
        self._db.run("UPDATE identity SET paper = ? WHERE paper = ? AND kind = 'id'", paper, other)
        self._db.run("UPDATE record SET paper = ? WHERE paper = ?", paper, other)
        self._db.run("DELETE FROM paper WHERE row = ?", other)

    def _by(self, record: Record, paper: int) -> str:
        """Tell by which identity a record was taken for this paper."""
        others = [identity.strong_identities(o) for o in records(self._db, paper)]
        for name in identity.strong_identities(record):
            if sum(name in names for names in others) > 1:
                return ":".join(name)
        return "title"


def recompute(database: Database, row: int) -> bool:
    """Compute a paper anew from its records; tell whether its title or abstract changed."""
    paper_id, title, abstract = database.one("SELECT id, title, abstract FROM paper WHERE row = ?", row)
    said = records(database, row)
    paper = identity.merge(paper_id, said)
    names = {name for r in said for name in (*identity.strong_identities(r), identity.title_identity(r))}
    database.run("DELETE FROM identity WHERE paper = ? AND kind != 'id'", row)
    database.many("INSERT INTO identity VALUES (?, ?, ?)", [(*name, row) for name in sorted(names)])
    database.run(
        "UPDATE paper SET title = ?, abstract = ?, year = ?, fields = ? WHERE row = ?",
        paper.title, paper.abstract, paper.year, rows.pack_paper(paper), row,
    )  # fmt: skip
    if paper.abstract != abstract:
        spans = rows.pack_spans(split_sentences(paper.abstract))
        database.run("UPDATE paper SET sentences = ? WHERE row = ?", spans, row)
    return (paper.title, paper.abstract) != (title, abstract)


def records(database: Database, row: int) -> list[Record]:
    """Return everything that the sources said of the paper in this row."""
    return [rows.unpack_record(c) for (c,) in database.all("SELECT content FROM record WHERE paper = ?", row)]


def _id(database: Database, row: int) -> str:
    return str(database.one("SELECT id FROM paper WHERE row = ?", row)[0])


def _same_place(older: Record, newer: Record) -> bool:
    """Tell whether two records stood at one place: under one citation key, or else at one position."""
    if older.origin.key or newer.origin.key:
        return older.origin.key == newer.origin.key
    return older.origin.position == newer.origin.position
