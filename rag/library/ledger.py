"""The account of an add: every record read ends in exactly one list of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.catalog.notices import remembered
from rag.catalog.resolution import RecordEffect, Stored
from rag.errors import SourceError
from rag.sources.finish import NO_ABSTRACT
from rag.text.cut_texts import where_cut
from rag.types import Conflict, IngestReport, Marked, Merge, Record, Rejection, SharedIdentity
from rag.views.counts import counted

# About two seconds of embedding, which is the most that a kill can cost.
RECORDS_PER_COMMIT = 64


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during an add. `report` lists what was stored; it stays stored."""

    def __init__(self, report: IngestReport) -> None:
        self.report = report
        done = report.records - len(report.rejected) - len(report.without_abstract) - len(report.notices)
        new = f", {len(report.added):,} of them new" if report.added else ""
        super().__init__(f"{counted(done, 'record is', 'records are')} stored{new}; add again to continue")


@dataclass
class Ledger:
    """Counts during an add."""

    records: int = 0
    embedded: int = 0
    papers: dict[RecordEffect, list[str]] = field(default_factory=lambda: {change: [] for change in RecordEffect})
    shared: tuple[SharedIdentity, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    marked: tuple[Marked, ...] = ()
    merges: list[Merge] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    notices: list[Rejection] = field(default_factory=list)
    without_abstract: list[Rejection] = field(default_factory=list)
    cut: list[Rejection] = field(default_factory=list)
    unreadable: list[SourceError] = field(default_factory=list)
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    _committed: tuple[int, ...] = ()

    def commit(self) -> None:
        """Note that everything so far is committed."""
        self._committed = (self.records, self.embedded, *(len(found) for found in self._lists()))

    def roll_back(self) -> None:
        """Discard what was noted since the last commit: the library rolled it back too."""
        self.records, self.embedded, *lengths = self._committed or (0,) * (2 + len(self._lists()))
        for found, length in zip(self._lists(), lengths, strict=True):
            del found[length:]

    def _lists(self) -> list[list[Any]]:
        named = [self.notices, self.rejected, self.without_abstract, self.cut]
        return [*self.papers.values(), self.merges, *named, self.unreadable]

    def keep(self, items: Iterable[Record | Rejection]) -> Iterator[Record]:
        """Yield the records of one source, noting those that can't be used."""
        try:
            for item in items:
                self.records += 1
                if isinstance(item, Rejection):
                    (self.without_abstract if item.reason.startswith(NO_ABSTRACT) else self.rejected).append(item)
                elif item.abstract:
                    self._note_cut(item)
                    yield item
                else:
                    yield from self._bare(item)
        except SourceError as error:
            self.unreadable.append(error)

    def _note_cut(self, record: Record) -> None:
        """Note a record whose abstract is a snippet: the paper is kept, and its text isn't mistaken for the whole."""
        if where := where_cut(record.abstract):
            said = f"the abstract {where} with dots, so it isn't whole: add an export that has all of it"
            self.cut.append(Rejection(record.origin.file, said, record.origin.line, record.title or None))

    def _bare(self, record: Record) -> Iterator[Record]:
        """Yield a record without an abstract if it says something of papers that it names."""
        said = remembered(record)
        kinds = ", ".join(dict.fromkeys(one.kind for one in said))
        reason = f"a {kinds} without an abstract, kept for the paper that it names" if said else NO_ABSTRACT
        noted = Rejection(record.origin.file, reason, record.origin.line, record.title or None)
        (self.notices if said else self.without_abstract).append(noted)
        if said:
            yield record

    def note(
        self,
        outcomes: Iterable[Stored],
        shared: tuple[SharedIdentity, ...],
        conflicts: Iterable[Conflict],
        marked: Iterable[Marked],
    ) -> None:
        """Record the outcome of each record."""
        for stored in outcomes:
            if stored.merge is not None:
                self.merges.append(stored.merge)
            else:
                self.papers[stored.change].append(stored.paper_id)
        self.shared = shared
        self.conflicts = tuple(conflicts)
        self.marked = tuple(marked)

    @property
    def changed(self) -> bool:
        """Whether the library changed."""
        new = self.papers[RecordEffect.ADDED] or self.papers[RecordEffect.UPDATED] or self.merges
        return bool(new or self.removed or self.kept or self.marked)

    def summary(self, files: list[str]) -> dict[str, Any]:
        """Return this add's entry for the library's ledger."""
        return {
            "files": files,
            "records": self.records,
            "added": len(self.papers[RecordEffect.ADDED]),
            "updated": len(self.papers[RecordEffect.UPDATED]),
            "merged": len(self.merges),
            "removed": len(self.removed),
            "rejected": len(self.rejected),
        }

    def report(self, seconds: float, *, interrupted: bool = False) -> IngestReport:
        """Return the report."""
        return IngestReport(
            added=tuple(self.papers[RecordEffect.ADDED]),
            updated=tuple(self.papers[RecordEffect.UPDATED]),
            unchanged=tuple(self.papers[RecordEffect.UNCHANGED]),
            merged=tuple(self.merges),
            notices=tuple(self.notices),
            rejected=tuple(self.rejected),
            without_abstract=tuple(self.without_abstract),
            cut=tuple(self.cut),
            shared=self.shared,
            conflicts=self.conflicts,
            marked=self.marked,
            removed=self.removed,
            kept=self.kept,
            unreadable=tuple(Rejection(e.file, e.reason, e.line) for e in self.unreadable),
            records=self.records,
            embedded=self.embedded,
            seconds=round(seconds, 3),
            interrupted=interrupted,
        )


def batches(files: Iterable[Iterable[Record]]) -> Iterator[list[Record]]:
    """Group records into batches that are committed together."""
    batch: list[Record] = []
    for records in files:
        for record in records:
            batch.append(record)
            if len(batch) == RECORDS_PER_COMMIT:
                yield batch
                batch = []
    if batch:
        yield batch
