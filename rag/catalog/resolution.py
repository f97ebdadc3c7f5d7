"""Resolution: which paper each added record belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from rag.catalog import id_assignment, row_format
from rag.catalog import merge as merging
from rag.catalog.database import Database
from rag.catalog.dropped_records import Replaced, drop_missing, replaced
from rag.catalog.identity import (
    Features,
    Identity,
    components,
    features,
    link,
    names,
    restated,
    strong_identities,
    title_identity,
)
from rag.catalog.notices import Notices
from rag.catalog.recompute import announced_by, corrected, correction, decided, notices, recompute, records
from rag.catalog.row_sets import RowSet, Seen
from rag.catalog.separations import Apart
from rag.catalog.titles import announced
from rag.types import Conflict, Marked, Merge, Notice, Origin, Record, SharedIdentity


class RecordEffect(Enum):
    """What a record did to the library."""

    ADDED = "added"
    UPDATED = "updated"
    MERGED = "merged"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Stored:
    """The outcome for one record."""

    change: RecordEffect
    paper_id: str
    merge: Merge | None = None


class Intake:
    """One add: `put` every record, `settle` after each batch, `finish` at the end; then read `outcomes`.

    Which papers there are, and what they say, depends only on the set of records. Ids are assigned at the end, so
    within one add they don't depend on the order either. Belongs inside the database's transactions.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._apart = Apart(database)
        self._seen = Seen()  # rows of the records seen
        self._files: set[str] = set()
        self._new = RowSet()  # rows of papers that this add made
        self._unnamed: set[int] = set()  # those of them not yet visible, whose ids aren't assigned
        self._committed = 0
        self._fresh: set[int] = set()  # those of them that were made since the last commit
        self._changed = RowSet()  # rows of older papers that this add changed
        self._touched: set[int] = set()  # rows of papers to recompute
        self._corrected = corrected(database)
        self._doubtful: set[Identity] = set()
        self._several: set[int] = set()  # rows of papers that this add gave one more record
        self._noticed: dict[int, tuple[Notice, ...]] = {}  # by rows of papers with notices: those before this add
        self.removed: list[str] = []  # ids of papers that went with the last record of a mirrored source
        self._kept: list[int] = []
        self._bare = Notices(database)
        self._features = lru_cache(maxsize=4096)(self._read_features)

    # --- record by record ---

    def put(self, record: Record) -> None:
        """Add a record: find its paper, merge papers that it links, or create a new one."""
        digest, content = row_format.pack_record(record)
        self._files.add(record.origin.file)
        if self._said_before(record, digest, content):
            return
        given = features(record)
        found, contested = self._matches(record, given)
        paper = found[0] if found and not contested else self._insert(record)
        if paper in found:
            self._several.add(paper)
        for other in [] if contested else found[1:]:
            if self._apart.allows(self._all_features(paper), self._all_features(other)):
                self._join(paper, other)
        row = self._db.run(
            "INSERT INTO record (paper, digest, file, position, content) VALUES (?, ?, ?, ?, ?)",
            paper, digest, record.origin.file, record.origin.position, content,
        )  # fmt: skip
        self._seen.add(row, said_before=False)
        self._touched.add(paper)
        id_assignment.note(self._db, paper, names(record))
        if contested:
            self._part([*contested, paper])

    def remember(self, record: Record) -> None:
        """Keep what a record without an abstract says about papers, some of which may come later."""
        self._files.add(record.origin.file)
        self._touched |= self._bare.put(record)

    def settle(self) -> list[str]:
        """Recompute changed papers; return the ids of those to embed, whose title or abstract changed."""
        return [self._id(row) for row in self._recompute()]

    def _recompute(self) -> set[int]:
        meant = {other for row in self._touched for other in announced_by(self._db, row)}
        stale = {row for row in sorted(self._touched) if self._compute(row)}
        meant |= {other for row in self._touched for other in announced_by(self._db, row)}
        for row in sorted(meant):  # a notice that came with its paper may have been stored after it
            self._compute(row)
        for row in stale:
            self._note_change(row)
        self._touched = set()
        return stale

    def _compute(self, row: int) -> bool:
        before = notices(self._db, row)
        stale = recompute(self._db, row)
        if before or notices(self._db, row):
            self._noticed.setdefault(row, before)
        return stale

    def _said_before(self, record: Record, digest: bytes, content: bytes) -> bool:
        """Return whether this file already held the record word for word, updating its position."""
        origin = record.origin
        found = self._db.all(
            "SELECT row, position, paper FROM record WHERE file = ? AND digest = ? ORDER BY position != ?",
            origin.file, digest, origin.position,
        )  # fmt: skip
        for row, position, paper in found:
            if row in self._seen:
                continue
            self._seen.add(row, said_before=True)
            if position != origin.position:
                self._db.run("UPDATE record SET position = ?, content = ? WHERE row = ?", origin.position, content, row)
                self._touched.add(paper)
            return True
        return False

    def _part(self, papers: list[int]) -> None:
        """Resolve all records of these papers again: one record can change where the others belong."""
        held = {row: paper for paper in papers for row in self._rows(paper)}
        parts = components(
            {row: self._features(row) for row in held}, lambda one, other: self._apart.allows([one], [other])
        )
        parts.sort(key=lambda rows: (not any(self._features(row).names for row in rows), min(rows)))
        taken: set[int] = set()
        for rows in parts:
            homes = sorted({held[row] for row in rows} - taken, key=lambda paper: (paper in self._unnamed, paper))
            home = homes[0] if homes else self._insert(self._read(min(rows)))
            taken.add(home)
            for row in sorted(rows):
                if held[row] != home:
                    self._db.run("UPDATE record SET paper = ? WHERE row = ?", home, row)
                    self._touch(held[row])
                id_assignment.note(self._db, home, names(self._read(row)))
            self._touch(home)
            if len(rows) > 1:
                self._several.add(home)
        for gone in set(papers) - taken:
            moved = next(row for row, paper in held.items() if paper == gone)
            self._join(int(self._db.one("SELECT paper FROM record WHERE row = ?", moved)[0]), gone)

    def _rows(self, paper: int) -> list[int]:
        return [row for (row,) in self._db.all("SELECT row FROM record WHERE paper = ? ORDER BY row", paper)]

    def _matches(self, record: Record, given: Features) -> tuple[list[int], list[int]]:
        """Return the rows of the papers that this record describes, those with final ids first.

        And where papers of its names are apart, all of those: which of their records it goes with depends on all.
        """
        same = (
            "SELECT r.paper, r.row FROM identity i JOIN record r ON r.paper = i.paper "
            "WHERE i.kind = ? AND i.value = ? ORDER BY r.row"
        )
        found: set[int] = set()
        have: set[int] = set()
        for name in (*strong_identities(record), title_identity(record)):
            bearers = set()
            for paper, row in self._db.all(same, *name):
                bearers.add(paper)
                if paper not in found and self._speaks_of(given, paper, row):
                    found.add(paper)
            have |= bearers
            if name in given.names and bearers - found:
                self._doubtful.add(name)
        ordered = sorted(found, key=lambda paper: (paper in self._unnamed, paper))
        return ordered, sorted(have) if found and self._is_contested(given, have) else []

    def _is_contested(self, given: Features, papers: set[int]) -> bool:
        """Return whether a record and papers have several identities of one kind."""
        marks = ",".join("?" * len(papers))
        found = self._db.all(
            f"SELECT DISTINCT kind, value FROM identity WHERE kind IN ('doi', 'arxiv', 'pmid') AND paper IN ({marks})",
            *papers,
        )
        kinds = [kind for kind, _ in {*given.names, *((kind, value) for kind, value in found)}]
        return len(kinds) > len(set(kinds))

    def _speaks_of(self, given: Features, paper: int, row: int) -> bool:
        """Return whether a record matches the paper in this row, or the user's correction of it."""
        linked = link(given, self._features(row)) is not None or (
            paper in self._corrected and any(link(given, other) is not None for other in self._all_features(paper))
        )
        return linked and self._apart.allows([given], self._all_features(paper))

    def _insert(self, record: Record) -> int:
        row = id_assignment.insert_paper(self._db, record)
        self._new.add(row)
        self._unnamed.add(row)
        self._fresh.add(row)
        return row

    def _join(self, paper: int, other: int) -> None:
        """Merge two papers: `paper` keeps its id; the other's id, if assigned, becomes an alias."""
        if other not in self._unnamed:
            self._db.run("UPDATE identity SET paper = ? WHERE paper = ? AND kind = 'id'", paper, other)
        self._db.run("UPDATE record SET paper = ? WHERE paper = ?", paper, other)
        self._db.run("UPDATE OR IGNORE correction SET paper = ? WHERE paper = ?", paper, other)
        self._db.run(
            "INSERT OR IGNORE INTO identity SELECT kind, value, ? FROM identity WHERE paper = ? AND kind != 'id'",
            paper,
            other,
        )
        self._db.run("DELETE FROM paper WHERE row = ?", other)
        self._new.discard(other)
        self._unnamed.discard(other)
        if other in self._corrected:
            self._corrected.add(paper)
        self._touched.discard(other)
        self._touch(paper)

    def _touch(self, paper: int) -> None:
        """Note that a paper has changed."""
        self._touched.add(paper)
        self._note_change(paper)

    def _note_change(self, paper: int) -> None:
        if paper not in self._new:
            self._changed.add(paper)

    # --- at the end ---

    def finish(self, mirrored: Sequence[str] = ()) -> list[str]:
        """Drop superseded records and assign the new papers' ids; return the ids of papers to embed.

        Of the sources in `mirrored`, every record that this add didn't see is dropped too.
        """
        for file in sorted(self._files):
            for gone in replaced(self._db, file, self._seen):
                self._drop(gone)
            self._touched |= self._bare.drop(file, whole=file in mirrored)
        for file in mirrored:
            self._drop_missing(file)
        stale = self._recompute()
        self.name()
        return [self._id(row) for row in sorted(stale)]

    def _drop_missing(self, source: str) -> None:
        """Drop the records that a mirrored source no longer has; a paper goes with its last record."""
        for paper, left in drop_missing(self._db, source, self._seen).items():
            if not left:
                self._remove(paper)
            else:
                self._touch(paper)
                if not any(row in self._seen for row in left):
                    self._kept.append(paper)

    def _remove(self, paper: int) -> None:
        """Delete a paper without records; a notice that is gone no longer marks any paper."""
        self.removed.append(self._id(paper))
        self._touched |= announced_by(self._db, paper)
        self._db.run("DELETE FROM paper WHERE row = ?", paper)
        self._touched.discard(paper)

    @property
    def kept(self) -> list[str]:
        """The ids of papers that lost a record of a mirrored source and have others."""
        return [self._id(paper) for paper in self._kept]

    def name(self) -> None:
        """Assign final ids. Call before the papers become visible to readers."""
        for row in id_assignment.name(self._db, self._unnamed):
            recompute(self._db, row)
        self._unnamed = set()

    def commit(self) -> None:
        """Note that everything until now is committed."""
        self._committed = len(self._seen)
        self._fresh = set()

    def roll_back(self) -> None:
        """Forget the records put since the last commit, which the database rolled back."""
        self._seen.keep(self._committed)
        for row in self._fresh:
            self._new.discard(row)
        self._unnamed -= self._fresh
        self._fresh = set()
        self._touched = set()

    def _drop(self, gone: Replaced) -> None:
        """Drop a record that another has replaced, if both describe one paper; that paper is updated."""
        before = self._features(gone.row)
        for row in gone.by:
            paper = int(self._db.one("SELECT paper FROM record WHERE row = ?", row)[0])
            if paper != gone.paper and not restated(before, self._features(row)):
                continue
            self._db.run("DELETE FROM record WHERE row = ?", gone.row)
            left = self._db.one("SELECT 1 FROM record WHERE paper = ?", gone.paper)
            if paper != gone.paper and (paper in self._new or not left):
                self._join(*((gone.paper, paper) if paper in self._new else (paper, gone.paper)))
            elif left:
                self._touch(gone.paper)
            return

    def outcomes(self) -> Iterator[Stored]:
        """Yield the outcome of each record, in the order of `put`."""
        reported = RowSet()
        for row, said_before in self._seen:
            paper, paper_id, content = self._db.one(
                "SELECT p.row, p.id, r.content FROM record r JOIN paper p ON p.row = r.paper WHERE r.row = ?", row
            )
            if said_before:
                yield Stored(RecordEffect.UNCHANGED, paper_id)
            elif paper not in reported and (paper in self._new or paper in self._changed):
                reported.add(paper)
                yield Stored(RecordEffect.ADDED if paper in self._new else RecordEffect.UPDATED, paper_id)
            else:
                record = row_format.unpack_record(content)
                by, other = self._by(row, paper)
                yield Stored(RecordEffect.MERGED, paper_id, Merge(paper_id, record.title, by, record.origin, other))

    def conflicts(self) -> Iterator[Conflict]:
        """Yield the records of this add with something stored but unused, because an older record contradicts it."""
        new = RowSet(row for row, said_before in self._seen if not said_before)
        for paper in sorted(self._several):
            found = self._db.all("SELECT row, content FROM record WHERE paper = ? ORDER BY row", paper)
            held = [row_format.unpack_record(content) for _, content in found]
            if not held:
                continue  # joined to another
            used, settled = merging.abstract_of(held), decided(self._db, paper)
            for (row, _), record, differing in zip(found, held, merging.differing(held), strict=True):
                fields = tuple(name for name in differing if name not in settled)
                if row in new and fields:
                    origin = used.origin if record is not used else held[0].origin
                    yield Conflict(self._id(paper), record.title, record.origin, origin, fields)

    def marked(self) -> Iterator[Marked]:
        """Yield each paper that this add gave a notice, with the record that says it.

        A notice with an abstract is marked itself. Where it marks the paper that it is about, that alone is yielded.
        """
        found = list(self._marked())
        speaking = [one.notice.said_by for one, itself in found if not itself]
        yield from (one for one, itself in found if not itself or not _speaks(one, speaking))

    def _marked(self) -> Iterator[tuple[Marked, bool]]:
        """Yield each, and if it is a notice itself by its title."""
        for row, before in sorted(self._noticed.items()):
            for notice in notices(self._db, row):
                if notice not in before and not notice.of:  # a notice doesn't say of itself what it says about others
                    paper_id, title = self._db.one("SELECT id, title FROM paper WHERE row = ?", row)
                    itself = not notice.said_by and announced(title, notice.kind) is not None
                    yield Marked(paper_id, title, notice if notice.said_by else self._own(row, notice)), itself

    def _own(self, row: int, notice: Notice) -> Notice:
        """Return the place of the newest of a paper's own records that says this."""
        places = [record.origin.place for record in records(self._db, row) if notice in record.notices]
        return replace(notice, said_by=places[-1] if places else "")

    def shared(self) -> tuple[SharedIdentity, ...]:
        """Return the identities of this add's records that several papers share."""
        bearers = "SELECT p.id FROM identity i JOIN paper p ON p.row = i.paper WHERE i.kind = ? AND i.value = ?"
        found = [(":".join(name), tuple(i for (i,) in self._db.all(bearers, *name))) for name in sorted(self._doubtful)]
        return tuple(SharedIdentity(name, papers) for name, papers in found if len(papers) > 1)

    def _by(self, row: int, paper: int) -> tuple[str, Origin | None]:
        """Return what matched a record to its paper, and the origin of the record that it joined."""
        mine = self._features(row)
        for other in self._rows(paper):
            if other != row and (by := link(mine, self._features(other))):
                return by, self._read(other).origin
        return "another record", None

    def _all_features(self, paper: int) -> Iterator[Features]:
        """Yield the features of a paper's records, then of the user's correction."""
        for row in self._rows(paper):
            yield self._features(row)
        if paper in self._corrected and (known := correction(self._db, paper)) is not None:
            yield features(known)

    def _read_features(self, row: int) -> Features:
        return features(self._read(row))

    def _read(self, row: int) -> Record:
        return row_format.unpack_record(self._db.one("SELECT content FROM record WHERE row = ?", row)[0])

    def _id(self, row: int) -> str:
        return str(self._db.one("SELECT id FROM paper WHERE row = ?", row)[0])


def _speaks(itself: Marked, speaking: Sequence[str]) -> bool:
    """Return whether a notice is one of the records that mark another paper."""
    place = Notice(itself.notice.kind, said_by=itself.notice.said_by).said_by
    return any(said == place or said.startswith(f"{place},") for said in speaking)
