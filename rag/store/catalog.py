"""The catalog: one SQLite file that is the truth about a library. Everything else can be made again from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import LibraryError
from rag.models.embedding import Vectors
from rag.store import rows, schema
from rag.store.database import PAGE, Database
from rag.store.intake import Intake, records
from rag.types import Chunk, Filters, Paper, Record, Span
from rag.words import fold

NAME = "catalog.sqlite"


class Catalog:
    """Reads and writes one catalog file. Writing belongs inside `transaction()`, under the library's lock."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.path = folder / NAME
        self._db = Database(schema.connect(self.path, create=create))
        self.close = self._db.close
        self.transaction = self._db.transaction
        self.get_meta = self._db.get_meta
        self.set_meta = self._db.set_meta

    @property
    def generation(self) -> int:
        """A number that grows with every change of the library."""
        return self._db.generation

    # --- writing ---

    def intake(self) -> Intake:
        """Begin an add."""
        return Intake(self._db)

    def put_windows(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Store the windows of some papers with their vectors, in place of all that these papers had."""
        row_of = {paper_id: self._row(paper_id) for paper_id in {c.paper_id for c in chunks}}
        self._db.many("DELETE FROM window WHERE paper = ?", [(row,) for row in row_of.values()])
        little = vectors.astype("<f4")
        self._db.many(
            "INSERT INTO window VALUES (?, ?, ?, ?, ?)",
            [(c.id, row_of[c.paper_id], c.start, c.end, v.tobytes()) for c, v in zip(chunks, little, strict=True)],
        )

    def remove(self, paper_id: str) -> None:
        """Delete a paper with its records and vectors. Raises `LibraryError` where there is none of that id."""
        self._db.run("DELETE FROM paper WHERE row = ?", self._row(paper_id))

    def log(self, action: str, detail: dict[str, Any]) -> None:
        """Write a line into the ledger."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.run("INSERT INTO ledger (at, action, detail) VALUES (?, ?, ?)", at, action, json.dumps(detail))

    # --- reading ---

    def __len__(self) -> int:
        return int(self._db.one("SELECT count(*) FROM paper")[0])

    def find(self, name: str) -> str | None:
        """Return the id of the paper that goes by this id or alias (`doi:…`, `arxiv:…`, `pmid:…`, a former id)."""
        kind, _, value = name.partition(":")
        row = self._db.one(
            "SELECT p.id FROM identity i JOIN paper p ON p.row = i.paper "
            "WHERE (i.kind = 'id' AND i.value = ?) "
            "OR (i.kind IN ('doi', 'arxiv', 'pmid') AND i.kind = ? AND i.value = ?)",
            name, kind, value.lower(),
        )  # fmt: skip
        return None if row is None else str(row[0])

    def ids(self) -> list[str]:
        """Return the ids of all papers, oldest first."""
        return [row[0] for row in self._db.all("SELECT id FROM paper ORDER BY row")]

    def years(self) -> list[int | None]:
        """Return the years of all papers, in the order of `ids`."""
        return [row[0] for row in self._db.all("SELECT year FROM paper ORDER BY row")]

    def papers(self, ids: Sequence[str] | None = None) -> dict[str, Paper]:
        """Return papers by id, all of them by default; ids that the library does not hold are left out."""
        return {row[0]: rows.unpack_paper(*row) for row in self._select("id, title, abstract, year, fields", ids)}

    def sentences(self, ids: Sequence[str] | None = None) -> dict[str, tuple[Span, ...]]:
        """Return the sentence offsets of papers by id."""
        return {row[0]: rows.unpack_spans(row[1]) for row in self._select("id, sentences", ids)}

    def records(self, paper_id: str) -> list[Record]:
        """Return everything that the sources said of a paper."""
        return records(self._db, self._row(paper_id))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Stream title and abstract of all papers, in the order of `ids`."""
        yield from self._db.stream("SELECT title, abstract FROM paper ORDER BY row")

    def window_count(self) -> int:
        """Return how many windows there are."""
        return int(self._db.one("SELECT count(*) FROM window")[0])

    def windows(self) -> Iterator[tuple[str, str, Vectors]]:
        """Stream (window id, paper id, vector) of all windows, papers in the order of `ids`."""
        sql = "SELECT w.id, p.id, w.vector FROM paper p JOIN window w ON w.paper = p.row ORDER BY p.row, w.start"
        for window_id, paper_id, vector in self._db.stream(sql):
            yield window_id, paper_id, np.frombuffer(vector, dtype="<f4")

    def matching(self, filters: Filters) -> set[str] | None:
        """Return the ids of the papers that pass the filters, None where nothing is filtered."""
        if filters == Filters():
            return None
        excluded = {self.find(name) for name in filters.exclude}
        wanted = {self.find(name) for name in filters.papers}
        low = -(10**9) if filters.year_from is None else filters.year_from
        high = 10**9 if filters.year_to is None else filters.year_to
        any_year = filters.year_from is None and filters.year_to is None
        found = self._db.all("SELECT id, fields FROM paper WHERE ? OR year BETWEEN ? AND ?", any_year, low, high)
        return {
            paper_id
            for paper_id, fields in found
            if paper_id not in excluded
            and (not filters.papers or paper_id in wanted)
            and _mentions(json.loads(fields), filters)
        }

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


def _mentions(fields: dict[str, Any], filters: Filters) -> bool:
    """Tell whether venue, authors and source files hold what the filters ask for, case and accents folded."""
    asked = (
        (filters.venue, [fields.get("venue", "")]),
        (filters.author, fields.get("authors", [])),
        (filters.source, [origin["file"] for origin in fields.get("origins", [])]),
    )
    return all(wanted is None or any(fold(wanted) in fold(text) for text in texts) for wanted, texts in asked)
