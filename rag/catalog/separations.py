"""Splits by the user: pairs of records that are never merged again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rag.catalog.database import Database
from rag.catalog.identity import Features


class Apart:
    """The pairs, identified by what the records say rather than by row: they hold when a file is added again."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._others: dict[str, set[str]] = defaultdict(set)
        for one, other in database.all("SELECT one, other FROM apart"):
            self._others[one].add(other)

    def allows(self, some: Iterable[Features], others: Iterable[Features]) -> bool:
        """Return whether no pair of the two sides was split."""
        if not self._others:
            return True
        barred = {other for item in some for mark in item.marks for other in self._others.get(mark, ())}
        return not barred or barred.isdisjoint(mark for item in others for mark in item.marks)

    def keep(self, some: Iterable[Features], others: Iterable[Features]) -> None:
        """Keep the two sides apart permanently: by names and titles if these differ, else by the abstracts too."""
        theirs = list(others)
        for one in some:
            for other in theirs:
                pair = next(pair for pair in zip(one.marks, other.marks, strict=True) if pair[0] != pair[1])
                self._db.many("INSERT OR IGNORE INTO apart VALUES (?, ?)", [pair, pair[::-1]])
