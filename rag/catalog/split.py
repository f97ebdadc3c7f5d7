"""Merges listed and undone: the merged records, what matched, and how the user splits them."""

from __future__ import annotations

from collections.abc import Iterator

from rag.catalog import id_assignment, row_format
from rag.catalog.database import Database
from rag.catalog.identity import Features, features, link, possible_ids
from rag.catalog.merge import conflicting
from rag.catalog.recompute import decided, recompute
from rag.catalog.separations import Apart
from rag.errors import LibraryError
from rag.types import Merge, Origin, Record

Said = tuple[int, Record, Features]


def merges(database: Database) -> Iterator[Merge]:
    """Yield every merge: a record, the record that it joined, and what matched."""
    many = database.all("SELECT paper FROM record GROUP BY paper HAVING count(*) > 1 ORDER BY paper")
    for (row,) in many:
        paper_id, title = database.one("SELECT id, title FROM paper WHERE row = ?", row)
        statements = _statements(database, row)
        others = [] if "abstract" in decided(database, row) else conflicting([record for _, record, _ in statements])
        unused = [record.origin for record in others]
        for record, by, other in _tree([(r, f) for _, r, f in statements]):
            pair = tuple(origin for origin in (record.origin, other) if origin in unused)
            yield Merge(paper_id, record.title or title, by, record.origin, other, pair)


def split(database: Database, row: int, origin: str | None) -> int:
    """Split a paper's records in two permanently; return the row of the new paper.

    `origin` names the records to split off, by file, `FILE#3` (its third record) or citation key. Without it the paper
    must consist of two different statements: the later one is split off. Raises `LibraryError` if that isn't clear.
    """
    items = _statements(database, row)
    taken = {record_row for record_row, *_ in _chosen(items, origin)}
    leaving = [item for item in items if item[0] in taken]
    staying = [item for item in items if item[0] not in taken]
    if not staying:
        raise LibraryError(f"{origin!r} matches all records of this paper: leave at least one")
    Apart(database).keep([f for *_, f in leaving], [f for *_, f in staying])
    new = _part(database, row, [record for _, record, _ in leaving], sorted(taken))
    recompute(database, row)
    recompute(database, new)
    return new


def _part(database: Database, row: int, leaving: list[Record], record_rows: list[int]) -> int:
    """Make a paper of these records, under the id that it had before the merge, if any."""
    former = {i for (i,) in database.all("SELECT value FROM identity WHERE kind = 'id' AND paper = ?", row)}
    former -= {database.one("SELECT id FROM paper WHERE row = ?", row)[0]}
    own = {i for record in leaving for i, _ in zip(possible_ids(record), range(4), strict=False)}
    for paper_id in former & own:
        database.run("DELETE FROM identity WHERE kind = 'id' AND value = ?", paper_id)
    fullest = max(leaving, key=lambda r: (bool(r.doi), len(r.abstract), r.title, r.abstract, repr(r)))
    new = id_assignment.insert_paper(database, fullest)
    database.many("UPDATE record SET paper = ? WHERE row = ?", [(new, record_row) for record_row in record_rows])
    return new


def _chosen(items: list[Said], origin: str | None) -> list[Said]:
    """Return the records to split off, with all that say the same."""
    statements = list(dict.fromkeys(f.marks for *_, f in items))
    places = ", ".join(r.origin.place for _, r, _ in items)
    if len(statements) < 2:
        raise LibraryError(f"all records of this paper say the same ({places}): there is no merge to undo")
    if origin is None and len(statements) > 2:
        raise LibraryError(f"this paper consists of several records: choose the one to split off with --from: {places}")
    wanted = (
        {statements[1]}
        if origin is None
        else {f.marks for _, r, f in items if origin in (r.origin.file, r.origin.place, r.origin.key)}
    )
    if not wanted:
        raise LibraryError(f"no record of this paper is from {origin!r}: choose one of {places}")
    return [item for item in items if item[-1].marks in wanted]


def _tree(items: list[tuple[Record, Features]]) -> Iterator[tuple[Record, str, Origin | None]]:
    """Yield each record except the first with one that it is linked to, in order of reach from the first."""
    ordered = sorted(items, key=lambda item: (item[0].origin.file, item[0].origin.position))
    reached, waiting = ordered[:1], ordered[1:]
    for record, known in reached:  # grows during the loop
        for item in list(waiting):
            if by := link(known, item[1]):
                waiting.remove(item)
                reached.append(item)
                yield item[0], by, record.origin
    for record, _ in waiting:
        yield record, "a record that is gone, or a correction", None


def _statements(database: Database, row: int) -> list[Said]:
    found = database.all("SELECT row, content FROM record WHERE paper = ? ORDER BY row", row)
    return [(r, record, features(record)) for r, record in ((r, row_format.unpack_record(c)) for r, c in found)]
