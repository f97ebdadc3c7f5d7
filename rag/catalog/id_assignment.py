"""Ids: a paper gets its id once, at the end of the add that it came with.

The id is the best of DOI, arXiv id, PMID and title hash that no other paper has. If several new papers want the same id
(two papers with one title), their contents decide, not the order in which they came.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator

from rag.catalog import row_format
from rag.catalog.database import Database
from rag.catalog.identity import Identity, possible_ids
from rag.types import Paper, Record


def insert_paper(database: Database, source: Record | Paper) -> int:
    """Make a row for a new paper under the best id that is free now."""
    paper_id = next(i for i in possible_ids(source) if _bearer(database, i) is None)
    row = database.run(
        "INSERT INTO paper (id, title, abstract, fields, sentences) VALUES (?, '', '', '{}', '[]')", paper_id
    )
    database.run("INSERT INTO identity VALUES ('id', ?, ?)", paper_id, row)
    return row


def note(database: Database, paper: int, names: Iterable[Identity]) -> None:
    """Make a paper findable by these names until it is recomputed."""
    database.many("INSERT OR IGNORE INTO identity VALUES (?, ?, ?)", [(*name, paper) for name in names])


def name(database: Database, new: set[int]) -> list[int]:
    """Assign these papers' final ids, whatever they have now; return the rows whose id changed."""
    wanted: dict[int, tuple[Iterator[str], bytes]] = {}
    had: dict[int, str] = {}
    for row in new:
        had[row], *rest = database.one("SELECT id, title, abstract, year, fields FROM paper WHERE row = ?", row)
        paper = row_format.unpack_paper("", *rest)
        content = repr((paper.title, paper.abstract, paper.authors, paper.origins))
        wanted[row] = possible_ids(paper), hashlib.sha256(content.encode()).digest()
    given: dict[str, int] = {}
    while wanted:
        asking: dict[str, list[int]] = defaultdict(list)
        for row, (ids, _) in wanted.items():
            asking[_next_free(database, ids, given, new)].append(row)
        for paper_id, contenders in asking.items():
            winner = min(contenders, key=lambda row: wanted[row][1])
            given[paper_id] = winner
            del wanted[winner]
    return _rename(database, {row: i for i, row in given.items() if had[row] != i})


def _next_free(database: Database, ids: Iterator[str], given: Container[str], new: Container[int]) -> str:
    """Return the next id that isn't assigned yet and that no other paper has."""
    for paper_id in ids:
        bearer = _bearer(database, paper_id)
        if paper_id not in given and (bearer is None or bearer in new):
            return paper_id
    raise AssertionError("possible ids never end")


def _rename(database: Database, ids: dict[int, str]) -> list[int]:
    """Change ids in two steps, since papers may swap theirs."""
    for row in ids:
        database.run("UPDATE paper SET id = ? WHERE row = ?", f"renaming:{row}", row)
        database.run("DELETE FROM identity WHERE kind = 'id' AND paper = ?", row)
    for row, paper_id in ids.items():
        database.run("UPDATE paper SET id = ?, revision = revision + 1 WHERE row = ?", paper_id, row)
        database.run("INSERT INTO identity VALUES ('id', ?, ?)", paper_id, row)
    return sorted(ids)


def is_free(database: Database, paper_id: str, row: int) -> bool:
    """Return whether no paper but the one in this row has this id, or had it before a merge."""
    return _bearer(database, paper_id) in (None, row)


def _bearer(database: Database, paper_id: str) -> int | None:
    """Return the row of the paper that has this id, or had it before a merge."""
    found = database.one("SELECT paper FROM identity WHERE kind = 'id' AND value = ?", paper_id)
    return None if found is None else int(found[0])
