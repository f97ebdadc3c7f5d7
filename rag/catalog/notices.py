"""Notices of retraction, correction and concern: which papers they mark, and those notices that aren't papers.

A notice with an abstract is a paper of its own, and the names of the papers that it is about are among its identities.
One without is remembered here, so that it marks the papers that it names whenever they are added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.catalog.database import Database
from rag.catalog.identity import DISTINCTIVE_WORDS, Identity, identity, strong_identities, title_hash
from rag.catalog.titles import announced, title_key
from rag.text.dois import find_dois
from rag.types import Notice, Origin, Paper, Record

# Kinds of identity under which a notice stores the names of the papers it is about, such as `doi:10.1000/x`.
KINDS = ("retraction of", "correction of", "concern of")
# Document types of a notice itself, where those of a paper with a notice are called "Retracted Publication".
_TYPES = {
    "retraction", "retraction of publication", "retraction notice", "correction", "correction, addition", "erratum",
    "corrigendum", "published erratum", "expression of concern", "editorial expression of concern",
}  # fmt: skip
_PMID = re.compile(r"\bPMID:?\s*(\d{4,9})\b", re.IGNORECASE)
# A name that only matches a record to papers that have no identifier: its title, where it has one itself.
_UNNAMED = "unnamed"
_KEY = "value = ? AND kind = ? AND title = ? AND file = ?"


def announces(record: Record | Paper) -> tuple[str, set[Identity]] | None:
    """Return (kind, names of the papers meant) for a record that is itself a notice about others, else None.

    A notice is about the papers that its source names, the one whose title it repeats, and those whose DOI or PMID its
    text names.
    """
    notice = announced(record.title, _typed(record))
    named = [(n.kind, _name(name)) for n in record.notices for name in n.of]
    if notice is None and not named:
        return None
    meant = {name for _, name in named}
    titles = (notice.title, notice.shorter) if notice else ()
    meant |= {("title", title_hash(text)) for text in titles if len(title_key(text).split()) >= DISTINCTIVE_WORDS}
    if notice and notice.surely:
        text = " ".join([record.title, record.abstract, *(n.text for n in record.notices), *record.notes])
        meant |= {identity("doi", found) for found in find_dois(text)}
        meant |= {("pmid", found) for found in _PMID.findall(text)}
    return notice.kind if notice else named[0][0], meant - set(strong_identities(record))


def _typed(record: Record | Paper) -> str:
    """Return the kind of notice that the record's document type makes it, empty if it doesn't."""
    return next((notice.kind for notice in record.notices if notice.text.lower() in _TYPES), "")


def _name(text: str) -> Identity:
    kind, _, value = text.partition(":")
    return identity(kind, value)


@dataclass(frozen=True, slots=True)
class BareNotice:
    """What a record without an abstract says: the kind, in which words, and the names of the papers it says it of."""

    kind: str
    text: str
    names: frozenset[Identity]


def remembered(record: Record) -> tuple[BareNotice, ...]:
    """Return what a record without an abstract says about papers; nothing where it reports nothing, or names no paper.

    That is a notice, or a record of a paper that says about itself that it was retracted, corrected or doubted.
    """
    if not record.notices:
        return ()
    if notice := announces(record) or _under_its_title(record):
        kind, names = notice
        return (BareNotice(kind, record.title, frozenset(names)),) if names else ()
    own = frozenset(_own_names(record))
    return tuple(BareNotice(n.kind, n.text or record.title, own) for n in record.notices) if own else ()


def _under_its_title(record: Record) -> tuple[str, set[Identity]] | None:
    """Return (kind, name) for a notice that its document type alone shows: its title is that of the paper."""
    kind = _typed(record)
    long = len(title_key(record.title).split()) >= DISTINCTIVE_WORDS
    return (kind, {("title", title_hash(record.title))} if long else set()) if kind else None


def _own_names(record: Record) -> set[Identity]:
    """Return the names of the paper that a record describes: its title alone decides nothing against an identifier."""
    strong = strong_identities(record)
    if len(title_key(record.title).split()) < DISTINCTIVE_WORDS:
        return set(strong)
    return {*strong, (_UNNAMED if strong else "title", title_hash(record.title))}


class Notices:
    """The notices without an abstract that an add reads: each is stored, and those that their file replaced dropped."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._heard: set[tuple[str, ...]] = set()
        self._places: set[tuple[str, int]] = set()

    def put(self, record: Record) -> set[int]:
        """Store what a record says; return the rows of the papers that this may change."""
        file, position = record.origin.file, record.origin.position
        said = {
            (f"{kind}:{value}", f"{one.kind} of", one.text, file)
            for one in remembered(record)
            for kind, value in one.names
        }
        new = {row for row in said - self._heard if self._position(row) != position}
        self._db.many(
            "INSERT INTO notice (value, kind, title, file, position) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET position = excluded.position",
            [(*row, position) for row in sorted(new)],
        )
        self._heard |= said
        self._places.add((file, position))
        return _meant(self._db, {value for value, *_ in new})

    def _position(self, row: tuple[str, ...]) -> int | None:
        """Return the position at which this notice is stored."""
        found = self._db.one(f"SELECT position FROM notice WHERE {_KEY}", *row)
        return None if found is None else int(found[0])

    def drop(self, file: str, *, whole: bool) -> set[int]:
        """Drop the notices of a file that another replaced at their place, or all that it no longer has (`whole`).

        Return the rows of the papers that they concerned.
        """
        return _delete(
            self._db,
            [
                row
                for row, position in _held(self._db, file)
                if row not in self._heard and (whole or (file, position) in self._places)
            ],
        )


def remove(database: Database, place: str) -> tuple[int, set[int]]:
    """Forget the notices of the record at this place, `FILE#3` with or without folders.

    Return how many records said them, and the rows of the papers that they concerned.
    """
    places = {
        (row, Origin(row[-1], position).place)
        for (file,) in database.all("SELECT DISTINCT file FROM notice")
        for row, position in _held(database, file)
    }
    gone = {(row, named) for row, named in places if place in (named, named.rpartition("/")[2])}
    return len({named for _, named in gone}), _delete(database, [row for row, _ in gone])


def said_of(database: Database, row: int) -> list[Notice]:
    """Return what other records, which are notices, say about the paper in this row."""
    names = [
        name
        for (name,) in database.all(
            f"SELECT kind || ':' || value FROM identity WHERE paper = ? AND kind NOT IN {KINDS}", row
        )
    ]
    if not any(name.startswith(("doi:", "arxiv:", "pmid:")) for name in names):
        names += [f"{_UNNAMED}:{name.removeprefix('title:')}" for name in names if name.startswith("title:")]
    marks = ",".join("?" * len(names))
    papers = database.all(
        f"SELECT n.kind, p.title, n.value, min(r.row), r.file, r.position FROM identity n "
        f"JOIN paper p ON p.row = n.paper JOIN record r ON r.paper = p.row "
        f"WHERE n.kind IN {KINDS} AND n.value IN ({marks}) AND n.paper != ? "
        "GROUP BY n.kind, p.row, n.value",
        *names, row,
    )  # fmt: skip
    bare = database.all(f"SELECT kind, title, value, 0, file, position FROM notice WHERE value IN ({marks})", *names)
    # The notice's source and what matched: an identifier is better evidence than the title, so it wins.
    by_title: dict[tuple[str, str, str], bool] = {}
    for kind, title, name, _, file, position in (*papers, *bare):
        key = (kind.removesuffix(" of"), title, Origin(file, position).place)
        by_title[key] = by_title.get(key, True) and name.startswith(("title:", f"{_UNNAMED}:"))
    return [
        Notice(kind, title, f"{place}, matched by its title alone" if alone else place)
        for (kind, title, place), alone in by_title.items()
    ]


def _held(database: Database, file: str) -> list[tuple[tuple[str, ...], int]]:
    """Return the key and the position of each stored notice of a file."""
    rows = database.all("SELECT value, kind, title, file, position FROM notice WHERE file = ? ORDER BY position", file)
    return [((value, kind, title, of), position) for value, kind, title, of, position in rows]


def _delete(database: Database, gone: list[tuple[str, ...]]) -> set[int]:
    database.many(f"DELETE FROM notice WHERE {_KEY}", gone)
    return _meant(database, {value for value, *_ in gone})


def _meant(database: Database, names: set[str]) -> set[int]:
    """Return the rows of the papers that have one of these names, such as `doi:10.1000/x`."""
    pairs = [name.partition(":")[::2] for name in names]
    same = "SELECT paper FROM identity WHERE kind = ? AND value = ?"
    return {
        paper for kind, value in pairs for (paper,) in database.all(same, "title" if kind == _UNNAMED else kind, value)
    }
