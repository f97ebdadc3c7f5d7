"""The newest build, kept open. Anything torn, missing or older than the catalog is noticed here and rebuilt."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from pathlib import Path

from rag.catalog.catalog import Catalog
from rag.catalog.links import refuse_links
from rag.catalog.lock import writing
from rag.errors import DerivedIndexError, LibraryBusyError, LibraryError
from rag.index import builds
from rag.index.builds import Build
from rag.index.segment import Segment
from rag.index.sentence_vectors import SentenceVectors
from rag.index.snapshot import Snapshot
from rag.progress import Progress, unwatched

log = logging.getLogger("pincite")


class View:
    """Keeps the newest snapshot of a library open. Several threads may call it."""

    def __init__(
        self, folder: Path, catalog: Catalog, sentence_vectors: SentenceVectors, progress: Progress = unwatched
    ) -> None:
        """Open nothing yet; `progress` is called with the papers indexed whenever an index is built."""
        self._folder = folder
        self._catalog = catalog
        self._sentence_vectors = sentence_vectors
        self._progress = progress
        self._snapshot: Snapshot | None = None
        self._failed: Build | None = None
        self._segments: dict[str, Segment] = {}
        self._guard = threading.RLock()

    def close(self) -> None:
        """Close every file."""
        with self._guard:
            self._snapshot = None
            self._keep(())
            self._sentence_vectors.close()

    def let_go(self) -> None:
        """Drop the index of a library that was replaced; running reads may finish."""
        with self._guard:
            self._snapshot = None
            self._keep(())

    def refresh(self) -> None:
        """Update the derived files from the catalog; the caller holds the library's lock."""
        build = builds.current(self._folder, self._catalog)
        if build is None or not build.of(self._catalog):
            builds.publish(self._folder, self._catalog, (), self._progress)

    def snapshot(self) -> Snapshot | None:
        """Return the newest snapshot to search, None for an empty library."""
        with self._guard:
            if not len(self._catalog):
                return None
            build = builds.current(self._folder, self._catalog)
            if build is None:
                build = self._mend(None, "missing or damaged" if builds.exists(self._folder) else "not there")
            elif not build.of(self._catalog):
                build = self._mend(build, "older than the catalog")
            if self._snapshot is None or self._snapshot.build != build:
                self._snapshot = self._open(build)
            return self._snapshot

    def renew(self, failed: Snapshot, why: DerivedIndexError) -> Snapshot:
        """Return a new snapshot to replace one whose index can't be read.

        Another process may have published meanwhile and deleted what was open here; otherwise the index is damaged,
        and its segments are rebuilt.
        """
        with self._guard:
            if self._snapshot is not None and self._snapshot is not failed:
                return self._snapshot
            self._snapshot = None
            self._keep(())
            build = builds.current(self._folder, self._catalog)
            if build is None or build == self._failed:
                build = self._mend(None, f"not readable ({why})", [part.name for part in failed.build.parts])
            self._failed = failed.build  # reopened as it is; if that fails again, it is rebuilt
            self._snapshot = self._open(build)
            return self._snapshot

    def _open(self, build: Build) -> Snapshot:
        refuse_links(self._folder)  # Chroma writes to what it opens
        while True:
            try:
                snapshot = self._shown(build)
                break
            except (DerivedIndexError, OSError) as error:
                newest = builds.current(self._folder, self._catalog)
                if newest is not None and newest != build:  # replaced and swept while we opened it
                    build = newest
                    continue
                damaged = [part.name for part in build.parts if part.name not in self._segments]
                build = self._mend(None, f"damaged ({error})", damaged)
                snapshot = self._shown(build)
                break
        self._keep([part.name for part in build.parts])
        return snapshot

    def _shown(self, build: Build) -> Snapshot:
        """Open a build for searching. Raises `DerivedIndexError` where its segments don't fit each other."""
        segments = self._opened(build)
        try:
            return Snapshot(build, segments, self._catalog, self._sentence_vectors)
        except DerivedIndexError:
            self._keep(())  # each alone is intact: rebuild all
            raise

    def _opened(self, build: Build) -> list[Segment]:
        """Open the segments of a build; those that are open already stay so."""
        for part in build.parts:
            if part.name not in self._segments:
                opened = Segment(build.folder / part.name)
                if self._catalog.dimension and len(opened.vectors) and opened.dimension != self._catalog.dimension:
                    raise DerivedIndexError(f"{opened.folder}: holds vectors of {opened.dimension} numbers")
                self._segments[part.name] = opened
        return [self._segments[part.name] for part in build.parts]

    def _keep(self, names: Collection[str]) -> None:
        for name in self._segments.keys() - set(names):
            self._segments.pop(name).close()

    def _mend(self, build: Build | None, why: str, distrust: Collection[str] = ()) -> Build:
        """Build what is needed from the catalog, or keep using an older intact build if that can't be done now."""
        try:
            with writing(self._folder, "repairing the index of"):
                if not self._catalog.in_place:
                    raise DerivedIndexError(f"{self._folder}: was replaced a moment ago: ask again")
                newest = builds.current(
                    self._folder, self._catalog
                )  # another process may have repaired it while we waited
                good = newest is not None and not {part.name for part in newest.parts} & set(distrust)
                if good and newest is not None and newest.of(self._catalog):
                    return newest
                self._log_reason(why)
                return builds.publish(self._folder, self._catalog, distrust, self._progress)
        except (LibraryError, DerivedIndexError) as error:
            if build is None:
                raise
            if not isinstance(error, LibraryBusyError):
                log.warning("%s: the index is %s and can't be rebuilt: %s", self._folder, why, error)
            return build

    def _log_reason(self, why: str) -> None:
        """Log why the index is rebuilt; the caller holds the lock, so no add is running."""
        if files := self._catalog.unfinished:
            message = "%s: the add of %s didn't finish: run it again to continue; %d papers are stored"
            log.warning(message, self._folder, files, len(self._catalog))
        else:
            log.warning("%s: the index is %s: rebuilding it from the catalog", self._folder, why)
