"""A library: add papers, find them, take them out. Knows the order of the steps from a file to a hit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from rag import chunks, retrieve, sources
from rag.config import Config, from_environment
from rag.errors import ConfigError, DerivedIndexError, InputError, LibraryError, SourceError
from rag.filters import parse_filters
from rag.ingest import Interrupted, Ledger, batches
from rag.models.embedding import Embedder
from rag.models.remembered import Remembered
from rag.sources.cleaning import clean
from rag.sources.sections import find_sections
from rag.store import catalog as catalogs
from rag.store import derived
from rag.store.backup import backup
from rag.store.catalog import Catalog
from rag.store.doctor import Examination, examine, unsound_papers
from rag.store.intake import Intake
from rag.store.lock import make_folder, writing
from rag.store.sentence_vectors import SentenceVectors
from rag.store.snapshot import Snapshot
from rag.store.statistics import Statistics, statistics
from rag.store.view import View
from rag.types import Evidence, Filters, Hit, IngestReport, Merge, Paper, Record, Rejection

Found = TypeVar("Found")

# Called with the records done and the records there are in all.
Progress = Callable[[int, int], None]
# Papers after which a long add brings the index up to date: about ten minutes of embedding, ten seconds of indexing.
PUBLISH_EVERY = 10_000


class Library:
    """Papers in a folder. Open it with `Library.open`; several processes may read while one writes."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.folder = folder
        self._embedder = embedder
        self._sentence_embedder = Remembered(embedder)
        self._catalog: Catalog | None = None
        self._view: View | None = None
        self._guard = threading.RLock()

    @classmethod
    def open(cls, path: str | Path, *, embedder: Embedder | None = None, config: Config | None = None) -> Library:
        """Open a library; a folder that is empty or not there yet is an empty library until papers are added.

        Raises `LibraryError` for a folder that is something else, or one made by another embedding or a newer Pincite.
        """
        folder = Path(path)
        if folder.exists() and not folder.is_dir():
            raise LibraryError(f"{folder}: is a file, not a library: name the folder that holds the library")
        if folder.is_dir() and not (folder / catalogs.NAME).exists() and any(_visible(folder)):
            raise LibraryError(
                f"{folder}: holds other files and no Pincite library: name an empty folder, or one that is not there"
            )
        library = cls(folder, embedder or load_embedder((config or from_environment()).embedding))
        if (folder / catalogs.NAME).exists():
            library._open_catalog(create=False)
        return library

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every file. A closed library opens its files again when it is used."""
        with self._guard:
            for part in (self._view, self._catalog):
                if part is not None:
                    part.close()
            self._view = self._catalog = None

    @property
    def exists(self) -> bool:
        """Whether there is a library in the folder, be it empty."""
        return (self.folder / catalogs.NAME).exists()

    def __len__(self) -> int:
        catalog = self._existing()
        return 0 if catalog is None else len(catalog)

    # --- changing ---

    def add(self, *paths: str | Path, progress: Progress | None = None) -> IngestReport:
        """Add the papers of these files; say what became of every record.

        What was written stays, whatever happens afterwards; adding again goes on where it stopped. A file that can't
        be read stands in `unreadable`, and the others go on. Raises `SourceError` where no file can be read,
        `LibraryBusyError` where another process is writing, `Interrupted` (with the report so far) on Ctrl-C.
        """
        files = [Path(path) for path in paths]
        total = sum(1 for path in files for _ in _readable(path)) if progress else 0
        return self._add([str(path) for path in files], [sources.read(path) for path in files], total, progress)

    def add_records(self, items: Iterable[Record | Rejection], source: str) -> IngestReport:
        """Add what a source other than a file yields, such as `rag.sources.arxiv_fetch`; `source` names it.

        Raises `LibraryBusyError` and `Interrupted` as `add` does.
        """
        return self._add([source], [items], 0, None)

    def _add(
        self, names: list[str], streams: list[Iterable[Record | Rejection]], total: int, progress: Progress | None
    ) -> IngestReport:
        started = time.monotonic()

        def tell(done: int) -> None:
            if progress is not None:
                progress(done, max(total, done))

        make_folder(self.folder)
        ledger = Ledger()
        with writing(self.folder):
            catalog = self._open_catalog(create=True)
            intake = catalog.intake()
            try:
                self._take_in(
                    catalog,
                    intake,
                    streams,
                    ledger,
                    lambda done: progress(done, max(total, done)) if progress else None,
                )
            except KeyboardInterrupt:
                ledger.roll_back()
                intake.roll_back()
                self._finish(catalog, intake, names, ledger)
                raise Interrupted(ledger.report(time.monotonic() - started)) from None
            self._finish(catalog, intake, names, ledger)
            self._viewing(catalog).refresh()
        if ledger.unreadable and not ledger.records:
            raise ledger.unreadable[0]
        return ledger.report(time.monotonic() - started)

    def remove(self, *ids: str) -> int:
        """Remove papers by id or alias; return how many. Raises `LibraryError` for an unknown one, removing none."""
        catalog = self._existing()
        with writing(self._there()):
            found = {self._known(name) for name in ids}
            assert catalog is not None  # `_there` has raised otherwise
            with catalog.transaction():
                for paper_id in found:
                    catalog.remove(paper_id)
                if found:
                    catalog.log("remove", {"ids": sorted(found)})
            self._viewing(catalog).refresh()
        return len(found)

    def split(self, name: str, origin: str | None = None) -> tuple[str, str]:
        """Undo one merge for good; return the ids of the paper that stays and of the new one.

        `origin` names the records to take out by file, file:position or citation key, where the paper is made of more
        than two. Raises `LibraryError` for an unknown paper, where there is nothing to split, or it is not clear what.
        """
        with self._changing(name) as (catalog, paper_id):
            new = catalog.split(paper_id, origin)
            self._embed(catalog, [paper_id, new])
            catalog.log("split", {"id": paper_id, "new": new, "from": origin})
        return paper_id, new

    def edit(self, name: str, *, title: str | None = None, abstract: str | None = None, undo: bool = False) -> Paper:
        """Correct a paper's title or abstract, for good: files added later don't change it back, `undo` does.

        Raises `LibraryError` for an unknown paper or an empty text.
        """
        texts = [None if text is None else clean(text) for text in (title, abstract)]
        if "" in texts:
            raise LibraryError(f"{name}: the new title or abstract is empty: give the text, or leave the option out")
        if texts == [None, None] and not undo:
            raise LibraryError(f"{name}: there is nothing to change: give a title, an abstract or undo")
        with self._changing(name) as (catalog, paper_id):
            stale = undo and catalog.uncorrect(paper_id)
            if texts != [None, None]:
                sections = find_sections(texts[1]) if texts[1] else ()
                stale = catalog.correct(paper_id, texts[0], texts[1], sections) or stale
            if stale:
                self._embed(catalog, [paper_id])
            catalog.log("edit", {"id": paper_id, "title": texts[0], "abstract": texts[1], "undo": undo})
        return self.get(paper_id)

    # --- reading ---

    def merges(self) -> list[Merge]:
        """Return every record that was taken for the paper of another one, by what, and where both stood."""
        catalog = self._existing()
        return [] if catalog is None else catalog.merges()

    def papers(self) -> list[Paper]:
        """Return all papers, oldest first."""
        catalog = self._existing()
        return [] if catalog is None else list(catalog.papers().values())

    def get(self, name: str) -> Paper:
        """Return the paper of this id or alias. Raises `LibraryError` where there is none."""
        paper_id = self._known(name)
        catalog = self._existing()
        assert catalog is not None  # `_known` has raised otherwise
        return catalog.papers([paper_id])[paper_id]

    def search(self, question: str, k: int = 10, **filters: Any) -> list[Hit]:
        """Return up to `k` papers, best first, each with its best sentence. Filters: see `rag.filters`."""
        return self.find(question, k, parse_filters(filters))

    def find(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Search with filters that are parsed already."""
        return self._ask(lambda view: retrieve.search(question, view, self._sentence_embedder, k, filters), [])

    def gather(self, question: str, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
        """Return the numbered sentences of these papers."""
        return self._ask(lambda view: retrieve.gather(question, hits, view, self._sentence_embedder), ())

    def matching(self, filters: Filters) -> int:
        """Return how many papers pass the filters."""
        catalog = self._existing()
        if catalog is None:
            return 0
        found = catalog.matching(filters)
        return len(catalog) if found is None else int(found[1].sum())

    @property
    def embedder(self) -> Embedder:
        """What turns questions and sentences into vectors here; it remembers those seen last."""
        return self._sentence_embedder

    @property
    def fingerprint(self) -> str:
        """Tell this state of the library from any other: generation, embedding and windows."""
        catalog = self._existing()
        generation = 0 if catalog is None else catalog.generation
        return f"{generation}:{self._embedder.fingerprint}:{chunks.FINGERPRINT}"

    def snapshot(self) -> Snapshot | None:
        """Return the newest view to search in, None for an empty library. Mends derived files that are not whole."""
        catalog = self._existing()
        return None if catalog is None else self._viewing(catalog).snapshot()

    # --- care ---

    def examine(self) -> Examination:
        """Check the catalog in itself and the index against it; changes nothing."""
        self._there()
        return examine(self.folder, self._open_catalog(create=False), self._embedder.fingerprint)

    def repair(self) -> Examination:
        """Cut and embed anew what can't be right, build the whole index anew, and examine again."""
        with writing(self._there()):
            catalog = self._open_catalog(create=False)
            for paper_id in unsound_papers(catalog):
                with catalog.transaction():
                    catalog.cut_again(paper_id)
                    self._embed(catalog, [paper_id])
            derived.rebuild(self.folder, catalog)
        return self.examine()

    def backup(self, file: str | Path) -> int:
        """Write the library into one file while others read and write it; return its bytes. See `rag.store.backup`."""
        self._there()
        return backup(self._open_catalog(create=False), Path(file))

    def statistics(self) -> Statistics:
        """Count what the library holds, and the bytes that it takes."""
        self._there()
        return statistics(self.folder, self._open_catalog(create=False), self._embedder.fingerprint)

    # --- steps ---

    @contextmanager
    def _changing(self, name: str) -> Iterator[tuple[Catalog, str]]:
        """Hold the lock and a transaction around a change of one paper; bring the derived files up to it."""
        with writing(self._there()):
            paper_id = self._known(name)
            catalog = self._open_catalog(create=False)
            with catalog.transaction():
                yield catalog, paper_id
            self._viewing(catalog).refresh()

    def _ask(self, question: Callable[[Snapshot], Found], nothing: Found) -> Found:
        """Ask the newest snapshot; where its index fails, ask again after it was opened or built anew."""
        snapshot = self.snapshot()
        if snapshot is None or self._view is None:
            return nothing
        for _ in range(2):
            try:
                return question(snapshot)
            except DerivedIndexError as error:
                snapshot = self._view.renew(snapshot, error)
        return question(snapshot)

    def _viewing(self, catalog: Catalog) -> View:
        with self._guard:
            if self._view is None:
                self._view = View(self.folder, catalog, SentenceVectors(self.folder, self._sentence_embedder))
            return self._view

    def _take_in(
        self,
        catalog: Catalog,
        intake: Intake,
        streams: Sequence[Iterable[Record | Rejection]],
        ledger: Ledger,
        tell: Callable[[int], None],
    ) -> None:
        """Store the records of these sources batch by batch; what a batch brought stays once it is through."""
        unpublished = 0
        for batch in batches(ledger.keep(items) for items in streams):
            with catalog.transaction():
                for record in batch:
                    intake.put(record)
                stale = intake.settle()
                ledger.embedded += self._embed(catalog, stale)
            ledger.commit()
            intake.commit()
            tell(ledger.records)
            unpublished += len(stale)
            if unpublished >= PUBLISH_EVERY:
                with catalog.transaction():
                    intake.name()
                self._viewing(catalog).refresh()
                unpublished = 0

    def _finish(self, catalog: Catalog, intake: Intake, names: list[str], ledger: Ledger) -> None:
        """Follow what the files no longer say, name the new papers, and write the add down."""
        with catalog.transaction():
            ledger.embedded += self._embed(catalog, intake.finish())
            ledger.note(intake.outcomes(), intake.shared())
            if ledger.changed:
                catalog.log("add", ledger.summary(names))

    def _embed(self, catalog: Catalog, stale: Sequence[str]) -> int:
        """Cut these papers into windows and store their vectors; return how many windows there were."""
        ids = list(dict.fromkeys(stale))
        papers, sentences = catalog.papers(ids), catalog.sentences(ids)
        count = self._embedder.count_tokens
        windows = [w for p in papers.values() for w in chunks.chunk(p.id, p.title, p.abstract, sentences[p.id], count)]
        if ids:
            catalog.put_windows(ids, windows, self._embedder.embed([w.text for w in windows]))
        return len(windows)

    def _open_catalog(self, *, create: bool) -> Catalog:
        with self._guard:
            if self._catalog is None:
                self._catalog = Catalog(self.folder, create=create)
            self._check_fingerprint(self._catalog, create=create)
            return self._catalog

    def _check_fingerprint(self, catalog: Catalog, *, create: bool) -> None:
        """Refuse vectors of another embedding or other windows: their cosines would mean nothing."""
        mine = {"embedding": self._embedder.fingerprint, "chunking": chunks.FINGERPRINT}
        for name, value in mine.items():
            stored = catalog.get_meta(name)
            if stored is None and create:
                with catalog.transaction():
                    catalog.set_meta(name, value)
            elif stored is not None and stored != value:
                raise LibraryError(
                    f"{self.folder}: was made with {name} {stored}, this is {value}: open it with that one "
                    "(PINCITE_EMBEDDING), or add the files to a new folder"
                )

    def _existing(self) -> Catalog | None:
        if self._catalog is None and (self.folder / catalogs.NAME).exists():
            return self._open_catalog(create=False)
        return self._catalog

    def _there(self) -> Path:
        if self._existing() is None:
            raise LibraryError(f"{self.folder}: no library there yet: add papers first with `pincite add FILE…`")
        return self.folder

    def _known(self, name: str) -> str:
        catalog = self._existing()
        paper_id = catalog.find(name) if catalog is not None else None
        if paper_id is None:
            raise LibraryError(f"{self.folder}: no paper {name!r}: `pincite papers` lists the ids")
        return paper_id


def load_embedder(name: str) -> Embedder:
    """Return the embedder of this name. Raises `ConfigError` for one that is not known."""
    if name != "minilm":
        raise ConfigError(f"unknown embedding {name!r} (PINCITE_EMBEDDING): choose minilm")
    from rag.models.minilm import MiniLM  # numpy and the model's files: only where something is embedded

    return MiniLM()


def _visible(folder: Path) -> Iterator[Path]:
    """Yield what a folder holds, but for the system's own hidden files and what an interrupted first add left."""
    return (p for p in folder.iterdir() if not p.name.startswith(".") and p.name != "writer.json")


def _readable(path: Path) -> Iterable[Record | Rejection]:
    """Read a file for counting: the real reading tells what is wrong with it."""
    try:
        yield from sources.read(path)
    except (SourceError, InputError):
        return
