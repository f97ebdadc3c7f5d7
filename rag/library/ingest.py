"""One add, from its records to the index, batch by batch: each batch is committed as it completes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from rag.catalog.catalog import Catalog
from rag.catalog.resolution import Intake
from rag.errors import IndexBehindError
from rag.library.ledger import Interrupted, Ledger, batches
from rag.library.local import OnDisk
from rag.models.embedding import Embedder
from rag.text import windows as chunks
from rag.types import IngestReport, Record, Rejection

log = logging.getLogger("pincite")

# Papers after which a long add updates the index: about ten minutes of embedding, ten seconds of indexing.
PUBLISH_EVERY = 10_000


@dataclass
class Add:
    """A running add; `names` are its files or other sources, `progress` is called with the number of records done.

    `mirrored`: the sources are whole, so what the library has of them and they no longer hold is dropped at the end.
    """

    disk: OnDisk
    embedder: Embedder
    names: Sequence[str]
    progress: Callable[[int], None]
    mirrored: bool = False
    ledger: Ledger = field(default_factory=Ledger)

    def run(self, streams: Sequence[Iterable[Record | Rejection]]) -> IngestReport:
        """Add what the sources yield, under the library's lock. Raises what `Library.add` raises."""
        started = time.monotonic()
        with self.disk.changing(create=True) as catalog:
            if not len(catalog):
                with catalog.transaction():
                    catalog.begin(self._what)
            intake = catalog.intake()
            try:
                interrupted = self._take_in(catalog, intake, streams)
                self._finish(catalog, intake, self.names if self.mirrored and not interrupted else ())
                if not interrupted:
                    self.disk.publish()
            except KeyboardInterrupt:  # after the last batch, or a second Ctrl-C
                self.ledger.roll_back()
                interrupted = True
            except IndexBehindError as error:
                error.report = self.ledger.report(time.monotonic() - started)
                raise
        report = self.ledger.report(time.monotonic() - started, interrupted=interrupted)
        if interrupted:
            raise Interrupted(report)
        if self.ledger.unreadable and not self.ledger.records:
            first, *others = self.ledger.unreadable
            first.report = report if others else None
            raise first
        return report

    @property
    def _what(self) -> str:
        """The first name, and how many more there are."""
        more = len(self.names) - 3
        return ", ".join(self.names[:3]) + (f" and {more:,} more" if more > 0 else "")

    def _take_in(self, catalog: Catalog, intake: Intake, streams: Sequence[Iterable[Record | Rejection]]) -> bool:
        """Store the records batch by batch; return whether Ctrl-C ended that early."""
        unpublished = 0
        try:
            for batch in batches(self.ledger.keep(items) for items in streams):
                unpublished += self._store(batch, catalog, intake)
                if unpublished >= PUBLISH_EVERY:
                    with catalog.transaction():
                        intake.name()
                    self._publish_meanwhile()
                    unpublished = 0
        except KeyboardInterrupt:
            self.ledger.roll_back()
            intake.roll_back()
            return True
        return False

    def _store(self, batch: Sequence[Record], catalog: Catalog, intake: Intake) -> int:
        """Commit a batch; return how many papers changed their text."""
        with catalog.transaction():
            for record in batch:
                (intake.put if record.abstract else intake.remember)(record)
            stale = intake.settle()
            self.ledger.embedded += embed_papers(catalog, self.embedder, stale)
            if stale:
                catalog.begin(self._what)
        self.disk.catalog()  # raises if the batch went into a library that has been replaced
        self.ledger.commit()
        intake.commit()
        self.progress(self.ledger.records)
        return len(stale)

    def _publish_meanwhile(self) -> None:
        """Let readers see what a long add has stored so far; an unreachable server gets it at the end."""
        try:
            self.disk.publish()
        except IndexBehindError as error:
            log.warning("%s", error)

    def _finish(self, catalog: Catalog, intake: Intake, mirrored: Sequence[str]) -> None:
        """Drop superseded records, assign the new papers' ids, and log the add."""
        with catalog.transaction():
            self.ledger.embedded += embed_papers(catalog, self.embedder, intake.finish(mirrored))
            self.ledger.removed, self.ledger.kept = tuple(intake.removed), tuple(intake.kept)
            self.ledger.note(intake.outcomes(), intake.shared(), intake.conflicts(), intake.marked())
            if self.ledger.changed:
                catalog.log("add", self.ledger.summary(list(self.names)))
            catalog.end()
        self.ledger.commit()


def embed_papers(catalog: Catalog, embedder: Embedder, stale: Sequence[str]) -> int:
    """Cut these papers into windows and store their vectors; return how many windows there were."""
    ids = list(dict.fromkeys(stale))
    papers, sentences = catalog.papers(ids), catalog.sentences(ids)
    count = embedder.count_tokens
    windows = [w for p in papers.values() for w in chunks.chunk(p.id, p.title, p.abstract, sentences[p.id], count)]
    if ids:
        catalog.put_windows(ids, windows, embedder.embed([w.text for w in windows]))
    return len(windows)
