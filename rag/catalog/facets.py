"""The search filters' data as arrays, made once per generation instead of read at each search."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.catalog import row_format
from rag.catalog.database import Database
from rag.text.person_names import fold_name
from rag.types import Filters
from rag.vectors import Mask

_NO_YEAR = -(10**9)


class Facets:
    """Years, venues, authors and sources of the papers in one generation of the catalog.

    `rows` are the catalog's rows, ascending; masks are in that order.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self.generation = database.generation
        pairs = np.array(
            [(row, _NO_YEAR if year is None else year) for row, year in database.all("SELECT row, year FROM paper")],
            dtype=np.int64,
        ).reshape(-1, 2)
        pairs = pairs[np.argsort(pairs[:, 0])]
        self.rows: NDArray[np.int64] = pairs[:, 0]
        self._years = pairs[:, 1]

    def matching(self, filters: Filters, wanted: set[int], excluded: set[int]) -> Mask:
        """Return which papers pass; `wanted` and `excluded` are the rows of the papers that the filters name."""
        mask: Mask = np.ones(len(self.rows), dtype=np.bool_)
        if filters.year_from is not None or filters.year_to is not None:
            mask &= self._years >= (filters.year_from if filters.year_from is not None else _NO_YEAR + 1)
        if filters.year_to is not None:
            mask &= self._years <= filters.year_to
        if filters.papers:
            mask &= np.isin(self.rows, list(wanted))
        if excluded:
            mask &= ~np.isin(self.rows, list(excluded))
        for name, text in (("venue", filters.venue), ("author", filters.author), ("source", filters.source)):
            if text is not None:
                asked = fold_name(text)
                mask &= np.fromiter((asked in known for known in self._texts[name]), np.bool_, len(self.rows))
        return mask

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        """What the three text filters search, folded: venue, authors, files and collections of each paper."""
        found: dict[str, list[str]] = {"venue": [], "author": [], "source": []}
        for fields in self._fields():
            found["venue"].append(fold_name(fields.get("venue") or ""))
            found["author"].append(fold_name("\x00".join(fields.get("authors", ()))))
            files = [origin.name for origin in fields.get("origins", ())]
            found["source"].append(fold_name("\x00".join([*files, *fields.get("collections", ())])))
        return found

    def _fields(self) -> Iterator[dict[str, Any]]:
        """Yield the fields of the papers in `rows`; the catalog may have moved on since."""
        position, empty = 0, dict[str, Any]()
        for row, fields in self._db.stream("SELECT row, fields FROM paper ORDER BY row"):
            while position < len(self.rows) and self.rows[position] < row:
                yield empty
                position += 1
            if position < len(self.rows) and self.rows[position] == row:
                yield row_format.unpack_fields(fields, "venue", "authors", "origins", "collections")
                position += 1
        for _ in range(position, len(self.rows)):
            yield empty
