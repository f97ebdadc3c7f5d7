"""A library in a folder: its catalog, its derived files, and what is read from them.

The index may also be on a Chroma server. The catalog stays the truth: the server's collection is updated whenever the
derived files are, and an unreachable server never blocks a change.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from rag import retrieve
from rag.catalog.catalog import Catalog
from rag.catalog.check_result import CheckResult
from rag.catalog.folder import make_folder, refuse_headless, refuse_other
from rag.catalog.links import refuse_links
from rag.catalog.lock import writing
from rag.config import Config
from rag.errors import DerivedIndexError, IndexBehindError, LibraryError, ServerError
from rag.index import builds, server_sync
from rag.index.current import View
from rag.index.sentence_vectors import SentenceVectors
from rag.index.server_client import Server, parse_address
from rag.index.server_collection import NO_INDEX, Collection
from rag.index.snapshot import Snapshot
from rag.library.catalog_swap import holds_catalog, settle, tidy
from rag.library.doctor import Examination, examine
from rag.library.named_indexes import name_index, named_index
from rag.models.embedding_cache import Remembered
from rag.progress import Progress, Steps, unwatched
from rag.retrieve.evidence import SENTENCES
from rag.text import windows
from rag.types import Evidence, Filters, Hit, Paper

log = logging.getLogger("pincite")

Found = TypeVar("Found")

NOT_LOOKED_AT = (
    "not checked: the catalog names an index on a server that you have not confirmed for this folder; name "
    "it with --index URL if it is yours"
)


class OnDisk:
    """The backend of a library in a folder: what it reads and writes. Several threads may call it."""

    def __init__(self, folder: Path, embedder: Remembered, config: Config, *, publishes: bool = True) -> None:
        """Open the folder; one that is empty or doesn't exist yet is an empty library.

        `publishes` False leaves every index as it is, for an add that only shows what it would do.
        Raises `LibraryError` for a folder that isn't a library, or was made with another embedding or a newer Pincite.
        """
        self.folder = folder
        self._embedder = embedder
        self._config = config
        self._catalog: Catalog | None = None
        self._view: View | None = None
        self._guard = threading.RLock()
        self._publishes = publishes
        self._changed: Catalog | None = None  # while this object holds the lock
        self.indexing: Progress = unwatched
        refuse_other(folder)
        refuse_links(folder)
        settle(folder)
        if not self.exists:
            refuse_headless(folder)
        if config.index not in (None, NO_INDEX):
            parse_address(config.index or "")
        if self.exists:
            self.catalog()

    def __str__(self) -> str:
        return str(self.folder)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    @property
    def exists(self) -> bool:
        """Whether there is a library in the folder, even an empty one."""
        return holds_catalog(self.folder)

    def close(self) -> None:
        """Close every file. They are reopened when needed."""
        with self._guard:
            for part in (self._view, self._catalog):
                if part is not None:
                    part.close()
            self._view = self._catalog = None

    # --- the catalog ---

    @contextmanager
    def changing(self, *, create: bool = False) -> Iterator[Catalog]:
        """Hold the library's lock and return the catalog; every change of a library goes through here.

        Raises `LibraryError` if the folder holds another catalog by the end: nobody would find the change.
        """
        if create:
            make_folder(self.folder)
        with writing(self.folder):
            tidy(self.folder)
            catalog = self.catalog(create=create)
            if not catalog.found_by_all:
                self._let_go("overwritten")
                catalog = self.catalog()
            self._changed = catalog
            try:
                yield catalog
                self.catalog()
                if not catalog.found_by_all:
                    raise self._gone()
            finally:
                self._changed = None

    def catalog(self, *, create: bool = False) -> Catalog:
        """Return the folder's current catalog; if there is none and `create` allows it, make one."""
        with self._guard:
            self._forget_replaced()
            if self._catalog is None:
                self._catalog = self._opened(create=create)
                self._catalog.dimension = self._embedder.dimension
            self._check_fingerprint(self._catalog, create=create)
            return self._catalog

    def _opened(self, *, create: bool) -> Catalog:
        """Open the catalog, a second time if it was being replaced the first time."""
        try:
            return Catalog(self.folder, create=create)
        except LibraryError:
            if create or not self.exists:
                raise
        settle(self.folder)
        return Catalog(self.folder)

    def existing(self) -> Catalog | None:
        """Return the catalog, None if there is none yet."""
        with self._guard:
            self._forget_replaced()
            return self.catalog() if self._catalog is not None or self.exists else None

    def _forget_replaced(self) -> None:
        """Release a catalog that is no longer in the folder."""
        held = self._catalog
        if held is not None and held.in_place:
            return
        if held is not None and held is self._changed:
            raise self._gone()
        settle(self.folder)
        if held is None:
            return
        if not self.exists:
            refuse_headless(self.folder)
        self._let_go("replaced" if self.exists else "moved or deleted")

    def _gone(self) -> LibraryError:
        return LibraryError(
            f"{self.folder}: was replaced or moved while this command was changing it, and the change went with "
            "the old library: run the command again for the one that is there now"
        )

    def _let_go(self, why: str) -> None:
        """Forget the catalog that is open; whoever still reads from it may end that."""
        log.warning("%s: the library that was open here was %s", self.folder, why)
        if self._view is not None:
            self._view.let_go()
        self._view = self._catalog = None

    def _check_fingerprint(self, catalog: Catalog, *, create: bool) -> None:
        """Refuse vectors from another embedding or other windows: their cosines would mean nothing."""
        mine = {"embedding": self._embedder.fingerprint, "chunking": windows.FINGERPRINT}
        for name, value in mine.items():
            stored = catalog.get_meta(name)
            if stored is None and create:
                with catalog.transaction():
                    catalog.set_meta(name, value)
            elif stored is not None and stored != value:
                raise LibraryError(
                    f"{self.folder}: was made with {name} {stored:.80}, this is {value}: open it with that one "
                    "(PINCITE_EMBEDDING), or add the files to a new folder"
                )

    # --- reading ---

    def __len__(self) -> int:
        catalog = self.existing()
        return 0 if catalog is None else len(catalog)

    @property
    def fingerprint(self) -> str:
        """A text that no other state of the library has: generation, embedding and windows."""
        catalog = self.existing()
        generation = 0 if catalog is None else catalog.generation
        return f"{generation}:{self._embedder.fingerprint}:{windows.FINGERPRINT}"

    @property
    def calibration(self) -> str | None:
        """The calibration that the library keeps, as text, None where there is none."""
        catalog = self.existing()
        return None if catalog is None else catalog.get_meta("calibration") or None

    def keep_calibration(self, text: str) -> None:
        """Keep a calibration; an empty one removes it."""
        with self.changing() as catalog:
            catalog.set_meta("calibration", text)

    def papers(self) -> list[Paper]:
        """Return all papers, oldest first."""
        catalog = self.existing()
        return [] if catalog is None else list(catalog.papers().values())

    def find_paper(self, name: str) -> Paper | None:
        """Return the paper of this id or alias."""
        catalog = self.existing()
        paper_id = catalog.find(name) if catalog is not None else None
        return None if catalog is None or paper_id is None else catalog.papers([paper_id])[paper_id]

    def matching(self, filters: Filters) -> int:
        """Return how many papers pass the filters."""
        catalog = self.existing()
        if catalog is None:
            return 0
        found = catalog.matching(filters)
        return len(catalog) if found is None else int(found[1].sum())

    def search(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Return up to `k` papers, best first. Raises `InputError` as `retrieve.search` does."""
        return self._ask(lambda view: retrieve.search(question, view, self._embedder, k, filters), [])

    def gather(self, question: str, hits: Sequence[Hit], limit: int = SENTENCES) -> tuple[Evidence, ...]:
        """Return the numbered sentences of these papers, at most `limit`; see `rag.retrieve.gather`."""
        return self._ask(lambda view: retrieve.gather(question, hits, view, self._embedder, limit), ())

    def snapshot(self) -> Snapshot | None:
        """Return the newest snapshot to search, None for an empty library. Rebuilds incomplete derived files."""
        while (catalog := self.existing()) is not None:
            try:
                snapshot = self._viewing(catalog).snapshot()
            except (LibraryError, DerivedIndexError):
                if catalog.in_place:
                    raise
            else:
                if catalog.in_place:
                    return snapshot
        return None

    def _ask(self, question: Callable[[Snapshot], Found], nothing: Found) -> Found:
        """Query the newest snapshot; if its index fails, reopen or rebuild it and query again."""
        snapshot = self.snapshot()
        for _ in range(2):
            if snapshot is None:
                return nothing
            try:
                return question(snapshot)
            except DerivedIndexError as error:
                view = self._view
                snapshot = self.snapshot() if view is None else view.renew(snapshot, error)
        return nothing if snapshot is None else question(snapshot)

    def _viewing(self, catalog: Catalog) -> View:
        with self._guard:
            if self._view is None:
                vectors = SentenceVectors(self.folder, self._embedder)
                self._view = View(self.folder, catalog, vectors, self._indexed)
            return self._view

    def _indexed(self, done: int, total: int) -> None:
        """Pass on how many papers are indexed, to whoever is listening by then."""
        self.indexing(done, total)

    # --- publishing: the caller holds the library's lock ---

    def publish(self) -> None:
        """Update the derived files from the catalog, then the index on a server if the library has one.

        Raises `IndexBehindError` if the server can't be updated: the next publishing sends what is missing.
        """
        if not self._publishes:
            return
        catalog = self.catalog()
        self._remember_index(catalog)
        self._viewing(catalog).refresh()
        self._serve(catalog)

    def rebuild(self) -> None:
        """Rebuild the derived files, and check every record on the server; its faults are only logged."""
        catalog = self.catalog()
        self._remember_index(catalog)
        builds.rebuild(self.folder, catalog, self._indexed)
        try:
            self._serve(catalog, thorough=True)
        except IndexBehindError as error:
            log.warning("%s", error)

    def examine(self, steps: Steps) -> Examination:
        """Check the catalog, and the index or indexes against it; change nothing."""
        catalog = self.catalog()
        found = examine(self.folder, catalog, self._embedder.fingerprint, steps)
        if self._unnamed_index(catalog):
            return replace(found, findings=(*found.findings, CheckResult("server", True, NOT_LOOKED_AT)))
        with self._serving(catalog) as collection:
            if collection is None:
                return found
            return replace(found, findings=(*found.findings, *server_sync.check_server(catalog, collection)))

    def _serve(self, catalog: Catalog, *, thorough: bool = False) -> None:
        try:
            with self._serving(catalog) as collection:
                if collection is not None:
                    server_sync.bring_up_to_date(catalog, collection, thorough=thorough, progress=self._indexed)
        except (ServerError, LibraryError) as error:
            raise IndexBehindError(
                f"{error}. The change itself is stored in {self.folder}: the next add, or `pincite doctor --repair`, "
                "updates the index without embedding anything"
            ) from error

    @contextmanager
    def _serving(self, catalog: Catalog) -> Iterator[Collection | None]:
        """Yield the collection that holds this library's index, None if it has none on a server."""
        index = self.index
        if index is None:
            if self._unnamed_index(catalog):
                log.warning(
                    "%s: its catalog names an index on a server that you have not confirmed for this folder: nothing "
                    "was sent there; name it with --index URL if it is yours, or drop it with --index none (`pincite "
                    "doctor --repair` takes both)",
                    self.folder,
                )
            yield None
            return
        with closing(Collection(Server(parse_address(index), self._config))) as collection:
            yield collection

    @property
    def index(self) -> str | None:
        """The address of the index on a server, None if there is none or this user hasn't named it."""
        if self._config.index is not None:
            return None if self._config.index == NO_INDEX else self._config.index
        catalog = self.existing()
        stored = None if catalog is None else catalog.get_meta("index")
        return stored if stored not in (None, NO_INDEX) and stored == named_index(self.folder) else None

    def _unnamed_index(self, catalog: Catalog) -> bool:
        """Return whether the catalog names an index on a server that this user hasn't named."""
        stored = catalog.get_meta("index")
        return self._config.index is None and stored not in (None, NO_INDEX) and stored != named_index(self.folder)

    def _remember_index(self, catalog: Catalog) -> None:
        """Store the address of the index on a server, so that every later change reaches it."""
        index = self._config.index
        if index is None:
            return
        name_index(self.folder, None if index == NO_INDEX else index)
        if index != catalog.get_meta("index"):
            with catalog.transaction():
                catalog.set_meta("index", index)
