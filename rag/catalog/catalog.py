"""The catalog: one SQLite file, the source of truth. Everything else can be rebuilt from it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.catalog import notices, row_format, schema, split
from rag.catalog.damage import Damage, damages, row_count, set_aside
from rag.catalog.database import PAGE, SET_ASIDE, Database
from rag.catalog.facets import Facets
from rag.catalog.identity import asked
from rag.catalog.links import refuse_links
from rag.catalog.recompute import altered, announced_by, correct, recompute, records, uncorrect
from rag.catalog.resolution import Intake
from rag.errors import LibraryDamagedError, LibraryError
from rag.text.dois import without_version
from rag.text.sentences import split_sentences
from rag.types import Chunk, Filters, Merge, Paper, Record, Section, Span
from rag.vectors import Mask, Vectors
from rag.views.counts import counted

NAME = "catalog.sqlite"
# Papers whose vectors are read at once while an index is built.
_INDEXED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Indexed:
    """What a derived index holds for each paper. `revision` grows whenever that changes; `vectors` are its windows'."""

    row: int
    revision: int
    id: str
    title: str
    abstract: str
    vectors: Vectors


class Catalog:
    """Reads and writes one catalog file. Writing belongs inside `transaction()`, under the library's lock."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        refuse_links(folder)
        self.path = folder / NAME
        self._file, self._db = self._opened(create=create)
        self._written = _written(self.path)
        self.close = self._db.close
        self.transaction = self._db.transaction
        self.get_meta = self._db.get_meta
        self.set_meta = self._db.set_meta
        self.copy_to = self._db.copy_to
        self._facets: Facets | None = None
        self.dimension: int | None = None  # the length of the stored vectors, once known

    def _opened(self, *, create: bool) -> tuple[tuple[int, int] | None, Database]:
        """Return the file's identity and a connection to it; retry if the file was replaced in between."""
        while True:
            before = _file(self.path)
            database = Database(self.path, schema.connect(self.path, create=create))
            if (after := _file(self.path)) == before or before is None:
                return after, database
            database.close()

    @property
    def in_place(self) -> bool:
        """Whether the folder still holds this very file, not one restored, moved or created since.

        While a file is open, no other file gets its inode number. An overwritten file keeps its number, so whoever
        wrote to the file since is looked at.
        """
        if self._file is None or _file(self.path) != self._file:
            return False
        if (written := _written(self.path)) != self._written:
            if not self.found_by_all:
                return False
            self._written = written
        return True

    @property
    def found_by_all(self) -> bool:
        """Whether anyone who opens the file now finds exactly this state.

        Not where the file was overwritten in its place, or its log deleted: SQLite goes on with what it had read.
        """
        own = self._state(self._db)
        try:
            with closing(Database(self.path, schema.connect(self.path, create=False))) as other:
                found = self._state(other)
        except LibraryError:
            return False
        return found == own or own != self._state(self._db)  # the latter: somebody may change it meanwhile

    @staticmethod
    def _state(database: Database) -> tuple[str | None, ...]:
        return tuple(database.get_meta(key) for key in ("lineage", "generation"))

    @property
    def generation(self) -> int:
        """A number that grows with every change of the library."""
        return self._db.generation

    @property
    def lineage(self) -> str:
        """A random name, new for each catalog that is created, restored or migrated."""
        return self._db.get_meta("lineage") or ""

    @property
    def unfinished(self) -> str:
        """The files of an add that is running or was interrupted; empty if there is none."""
        return self._db.get_meta("adding") or ""

    # --- writing ---

    def begin(self, files: str) -> None:
        """Record that an add of these files has stored something; an interrupted add leaves the mark behind."""
        if self.unfinished != files:
            self._db.set_meta("adding", files)

    def end(self) -> None:
        """Clear the mark: the add is complete."""
        if self.unfinished:
            self._db.set_meta("adding", "")

    def intake(self) -> Intake:
        """Begin an add."""
        return Intake(self._db)

    def put_windows(self, paper_ids: Sequence[str], chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Store the windows of these papers with their vectors, replacing all that they had."""
        row_of = {paper_id: self._row(paper_id) for paper_id in paper_ids}
        self._db.many("DELETE FROM window WHERE paper = ?", [(row,) for row in row_of.values()])
        self._db.many("UPDATE paper SET revision = revision + 1 WHERE row = ?", [(row,) for row in row_of.values()])
        little = vectors.astype("<f4")
        self._db.many(
            "INSERT INTO window (paper, start, end, vector) VALUES (?, ?, ?, ?)",
            [(row_of[c.paper_id], c.start, c.end, v.tobytes()) for c, v in zip(chunks, little, strict=True)],
        )

    def remove(self, paper_id: str) -> None:
        """Delete a paper with its records and vectors. Raises `LibraryError` if there is none with that id."""
        row = self._row(paper_id)
        meant = announced_by(self._db, row)
        self._db.run("DELETE FROM paper WHERE row = ?", row)
        for other in meant:  # a removed notice no longer marks any paper
            recompute(self._db, other)

    def remove_notices(self, place: str) -> int:
        """Forget the notices without an abstract of the record at a place, `FILE#3`; return how many records."""
        count, meant = notices.remove(self._db, place)
        for row in meant:
            recompute(self._db, row)
        return count

    def split(self, paper_id: str, origin: str | None = None) -> str:
        """Split a paper in two permanently, see `rag.catalog.split`; return the id of the new one."""
        new = split.split(self._db, self._row(paper_id), origin)
        return str(self._db.one("SELECT id FROM paper WHERE row = ?", new)[0])

    def correct(self, paper_id: str, title: str | None, abstract: str | None, sections: Sequence[Section]) -> bool:
        """Store the user's own title or abstract; return whether the paper's text changed."""
        correct(self._db, self._row(paper_id), title, abstract, sections)
        return recompute(self._db, self._row(paper_id))

    def uncorrect(self, paper_id: str) -> bool:
        """Restore what the files say; return whether the paper's text changed."""
        uncorrect(self._db, self._row(paper_id))
        return recompute(self._db, self._row(paper_id))

    def merges(self) -> list[Merge]:
        """Return every merge: the record, the one it joined, and what matched."""
        return list(split.merges(self._db))

    def related(self, paper_id: str) -> list[str]:
        """Return the ids of papers that are kept apart from this one though they have its title or DOI.

        Other versions of it by their DOIs, and notices about it or those that it is about, are among them.
        """
        row = int(self._db.one("SELECT row FROM paper WHERE id = ?", paper_id)[0])
        found = {*announced_by(self._db, row), *self._announcing(row)}
        names = "SELECT kind, value FROM identity WHERE paper = ? AND kind IN ('doi', 'title', 'abstract')"
        for kind, value in self._db.all(names, row):
            base = without_version(value) if kind == "doi" else value
            bearers = "SELECT paper, value FROM identity WHERE kind = ? AND value >= ? AND value < ?"
            for paper, other in self._db.all(bearers, kind, base, f"{base}\U0010ffff"):
                if other == value or (kind == "doi" and without_version(other) == base):
                    found.add(paper)
        ids = self.ids_by_row()
        return [ids[other] for other in sorted(found - {row})]

    def _announcing(self, row: int) -> set[int]:
        """Return the papers that are notices about this one."""
        marks = self._db.all("SELECT kind || ':' || value FROM identity WHERE paper = ?", row)
        named = (
            "SELECT paper FROM identity WHERE kind IN ('retraction of', 'correction of', 'concern of') AND value = ?"
        )
        return {paper for (mark,) in marks for (paper,) in self._db.all(named, mark)}

    def log(self, action: str, detail: dict[str, Any]) -> None:
        """Write a line into the ledger."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.run("INSERT INTO ledger (at, action, detail) VALUES (?, ?, ?)", at, action, json.dumps(detail))

    # --- reading ---

    def __len__(self) -> int:
        return int(self._db.one("SELECT count(*) FROM paper")[0])

    def find(self, name: str) -> str | None:
        """Return the id of the paper that has this id or alias (see `identity.asked`), or had this id before.

        An id that another of its records would have given the paper is also its name, so an id from a library
        filled in another order finds the paper. Of several with that name, the one with that id, else the oldest.
        """
        kind, value = asked(name)
        row = self._db.one(
            "SELECT p.id FROM identity i JOIN paper p ON p.row = i.paper "
            "WHERE (i.kind IN ('id', 'named') AND i.value = ?) "
            "OR (i.kind IN ('doi', 'arxiv', 'pmid') AND i.kind = ? AND i.value = ?) "
            "ORDER BY i.kind != 'id', p.row LIMIT 1",
            name, kind, value,
        )  # fmt: skip
        return None if row is None else str(row[0])

    def ids(self) -> list[str]:
        """Return the ids of all papers, oldest first."""
        return [row[0] for row in self._db.all("SELECT id FROM paper ORDER BY row")]

    def ids_by_row(self) -> dict[int, str]:
        """Return the id of every row that holds a paper."""
        return dict(self._db.all("SELECT row, id FROM paper"))

    def revisions(self) -> NDArray[np.int64]:
        """Return (row, revision) of all papers, ascending: what a derived index must hold."""
        revisions = self._db.stream("SELECT row, revision FROM paper")
        pairs: NDArray[np.int64] = np.fromiter(revisions, dtype=np.dtype((np.int64, 2)))
        return pairs[np.argsort(pairs[:, 0])]

    def papers(self, ids: Sequence[str] | None = None) -> dict[str, Paper]:
        """Return papers by id, all of them by default; unknown ids are left out."""
        return {row[0]: row_format.unpack_paper(*row) for row in self._select("id, title, abstract, year, fields", ids)}

    def sentences(self, ids: Sequence[str] | None = None) -> dict[str, tuple[Span, ...]]:
        """Return the sentence offsets of papers by id."""
        return {row[0]: row_format.unpack_spans(row[1]) for row in self._select("id, sentences", ids)}

    def holds(self, record: Record) -> bool:
        """Return whether the record's file already held it, word for word."""
        known = "SELECT 1 FROM record WHERE file = ? AND digest = ?"
        return self._db.one(known, record.origin.file, row_format.pack_record(record)[0]) is not None

    def records(self, paper_id: str) -> list[Record]:
        """Return all records of a paper."""
        return records(self._db, self._row(paper_id))

    def indexed(self, wanted: Sequence[int]) -> Iterator[Indexed]:
        """Stream the papers in these rows (ascending) with the vectors of their windows."""
        for begin in range(0, len(wanted), _INDEXED_AT_ONCE):
            page = wanted[begin : begin + _INDEXED_AT_ONCE]
            marks = ",".join("?" * len(page))
            vectors = defaultdict(list)
            sql = f"SELECT paper, vector FROM window WHERE paper IN ({marks}) ORDER BY paper, start"
            for paper, vector in self._db.all(sql, *page):
                vectors[paper].append(self._vector(vector))
            sql = f"SELECT row, revision, id, title, abstract FROM paper WHERE row IN ({marks}) ORDER BY row"
            for row, revision, paper_id, title, abstract in self._db.all(sql, *page):
                stacked = np.stack(found) if (found := vectors[row]) else np.empty((0, 0), dtype=np.float32)
                yield Indexed(row, revision, paper_id, title, abstract, stacked)

    def _vector(self, packed: bytes) -> Vectors:
        """Return a window's vector. Raises `LibraryDamagedError` if its length differs from the others'."""
        if len(packed) % 4 or len(packed) != 4 * (self.dimension or max(1, len(packed) // 4)):
            raise LibraryDamagedError(
                f"{self.path}: a vector has {len(packed):,} bytes instead of {4 * (self.dimension or 1):,}: {SET_ASIDE}"
            )
        self.dimension = len(packed) // 4  # without an embedder, the first vector sets the length of all
        vector: Vectors = np.frombuffer(packed, dtype="<f4")
        return vector

    def window_count(self, wanted: Sequence[int] | None = None) -> int:
        """Return how many windows the papers in these rows have, all papers by default."""
        if wanted is None:
            return int(self._db.one("SELECT count(*) FROM window")[0])
        marks = [wanted[begin : begin + PAGE] for begin in range(0, len(wanted), PAGE)]
        sql = "SELECT count(*) FROM window WHERE paper IN ({})"
        return sum(int(self._db.one(sql.format(",".join("?" * len(page))), *page)[0]) for page in marks)

    def digests(self) -> Iterator[tuple[int, str, str, int]]:
        """Stream (row, id, digest, windows) of all papers; the digest covers everything stored about a paper."""
        windows = dict(self._db.all("SELECT paper, count(*) FROM window GROUP BY paper"))
        columns = "row, id, title, abstract, year, fields, sentences, revision"
        for row, paper_id, *columns_held in self._db.stream(f"SELECT {columns} FROM paper ORDER BY row"):
            digest = hashlib.sha256(json.dumps([row, paper_id, *columns_held]).encode()).hexdigest()[:16]
            yield row, paper_id, digest, windows.get(row, 0)

    def cut_texts(
        self, wanted: Container[int] | None = None
    ) -> Iterator[tuple[str, str, tuple[Span, ...], list[Span], Vectors]]:
        """Stream (id, abstract, sentences, windows, vectors) of the papers in these rows, all papers by default."""
        rows_and_ids = self._db.all("SELECT row, id FROM paper ORDER BY row")
        if wanted is not None:
            rows_and_ids = [(row, paper_id) for row, paper_id in rows_and_ids if row in wanted]
        for begin in range(0, len(rows_and_ids), _INDEXED_AT_ONCE):
            page = rows_and_ids[begin : begin + _INDEXED_AT_ONCE]
            marks = ",".join("?" * len(page))
            wanted = [row for row, _ in page]
            windows = defaultdict(list)
            sql = f"SELECT paper, start, end FROM window WHERE paper IN ({marks}) ORDER BY paper, start"
            for paper, start, end in self._db.all(sql, *wanted):
                windows[paper].append(Span(start, end))
            sentences = self.sentences([paper_id for _, paper_id in page])
            for paper in self.indexed(wanted):
                yield paper.id, paper.abstract, sentences[paper.id], windows[paper.row], paper.vectors

    def integrity(self) -> list[str]:
        """Return what SQLite finds wrong with the file, empty if nothing is."""
        faults = [str(row[0]) for row in self._db.all("PRAGMA integrity_check") if row[0] != "ok"]
        orphans = self._db.all("PRAGMA foreign_key_check")
        return faults + [counted(len(orphans), "row of no paper", "rows of no paper")] * bool(orphans)

    def row_count(self) -> int:
        """Return how many rows `damages` and `set_aside` look at."""
        return row_count(self._db)

    def damages(self, looked: Callable[[], None] = lambda: None) -> Iterator[Damage]:
        """Yield the rows that Pincite can't have written: see `rag.catalog.damage`."""
        return damages(self._db, self.dimension, looked)

    def set_aside(self, looked: Callable[[], None] = lambda: None) -> Path | None:
        """Move damaged rows to a file next to the catalog; return it, None if all rows are sound."""
        return set_aside(self._db, self.path.parent, self.dimension, looked)

    def altered(self, looked: Callable[[], None] = lambda: None) -> list[str]:
        """Return the ids of papers that differ from what their records say: see `recompute.altered`."""
        ids = self.ids_by_row()
        return [ids[row] for row in altered(self._db, looked)]

    def make_again(self, paper_id: str) -> None:
        """Recompute a paper's text and sentence offsets if it has records."""
        row = self._row(paper_id)
        if records(self._db, row):
            recompute(self._db, row)
        abstract = self._db.one("SELECT abstract FROM paper WHERE row = ?", row)[0]
        self._db.run(
            "UPDATE paper SET sentences = ? WHERE row = ?", row_format.pack_spans(split_sentences(abstract)), row
        )

    def counts(self) -> tuple[int, int, int, int | None, int | None]:
        """Return (papers, sentences, retracted papers, first year, last year)."""
        papers, sentences, first, last = self._db.one(
            "SELECT count(*), coalesce(sum(json_array_length(sentences)), 0), min(year) AS year, max(year) AS year "
            "FROM paper"
        )
        # SQLite preselects the few papers with notices; the property then decides.
        noted = self._db.all("SELECT id FROM paper WHERE json_array_length(fields, '$.notices') > 0")
        retracted = sum(paper.retracted for paper in self.papers([paper_id for (paper_id,) in noted]).values())
        return papers, sentences, retracted, first, last

    def history(self, last: int) -> list[tuple[str, str]]:
        """Return the last lines of the ledger as (when, what), newest first."""
        return self._db.all("SELECT at, action FROM ledger ORDER BY row DESC LIMIT ?", last)

    def matching(self, filters: Filters) -> tuple[NDArray[np.int64], Mask] | None:
        """Return the rows of all papers, ascending, and which of them pass; None without filters."""
        if filters == Filters():
            return None
        if self._facets is None or self._facets.generation != self.generation:
            self._facets = Facets(self._db)
        facets = self._facets
        return facets.rows, facets.matching(filters, self._rows(filters.papers), self._rows(filters.exclude))

    def _rows(self, names: Sequence[str]) -> set[int]:
        ids = [paper_id for name in names if (paper_id := self.find(name))]
        return {self._row(paper_id) for paper_id in ids}

    def _row(self, paper_id: str) -> int:
        row = self._db.one("SELECT row FROM paper WHERE id = ?", paper_id)
        if row is None:
            raise LibraryError(f"no paper {paper_id!r} in this library: `pincite papers` lists the ids")
        return int(row[0])

    def _select(self, columns: str, ids: Sequence[str] | None) -> Iterator[Any]:
        if ids is None:
            yield from self._db.stream(f"SELECT {columns} FROM paper ORDER BY row")
            return
        for begin in range(0, len(ids), PAGE):
            page = ids[begin : begin + PAGE]
            marks = ",".join("?" * len(page))
            yield from self._db.all(f"SELECT {columns} FROM paper WHERE id IN ({marks})", *page)


def _file(path: Path) -> tuple[int, int] | None:
    """Return what identifies a file (device and inode), None if it doesn't exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _written(path: Path) -> tuple[int, int] | None:
    """Return the size of a file and when it was last written, None if it doesn't exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
