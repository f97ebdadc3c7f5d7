"""A library: add papers, find them, take them out. Knows the order of the steps from a file to a hit."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from rag import arguments, sources
from rag.arguments import Years, parse_filters
from rag.catalog import catalog as catalogs
from rag.catalog.catalog import Catalog
from rag.config import Config, from_environment
from rag.errors import InputError, LibraryError, SourceError
from rag.index.server_client import Server, is_address, parse_address
from rag.index.server_collection import Collection
from rag.index.snapshot import Snapshot
from rag.library.backend import LibraryBackend
from rag.library.backup import backup
from rag.library.doctor import Examination, unsound_papers
from rag.library.ingest import Add, embed_papers
from rag.library.local import OnDisk
from rag.library.remote import OnServer
from rag.library.statistics import Statistics, statistics
from rag.models import registry
from rag.models.boundary import name_of
from rag.models.cross_encoder import CrossEncoder
from rag.models.embedding import Embedder
from rag.models.embedding_cache import Remembered
from rag.models.precomputed import Noting
from rag.models.vouched import Vouched
from rag.retrieve.rerank import LOOKED_AT, Reranker, rerank
from rag.sources.cleaning import clean
from rag.sources.sections import find_sections
from rag.text.person_names import first_author, first_authors, papers_of
from rag.types import Evidence, Filters, Hit, IngestReport, Merge, Paper, Record, Rejection

log = logging.getLogger("pincite")

# Called with the records done and the records there are in all.
Progress = Callable[[int, int], None]


class Library:
    """Papers in a folder, or read from a Chroma server. Several processes may read a folder while one writes."""

    def __init__(
        self, home: LibraryBackend, embedder: Embedder, remembered: Remembered, reranker: Reranker | None = None
    ) -> None:
        self._home = home
        self._embedder = embedder
        self._remembered = remembered
        self._reranker = reranker

    @classmethod
    def open(
        cls, path: str | Path, *, embedder: Embedder | None = None, reranker: Reranker | None = None,
        config: Config | None = None,
    ) -> Library:  # fmt: skip
        """Open a library: a folder, or `http://host:8000/COLLECTION` where one was put on a Chroma server.

        A folder that is empty or not there yet is an empty library until papers are added. A server's is read only.
        `embedder` and `reranker` are objects of your own, in the place of those that the settings name.
        Raises `LibraryError` for a place that is something else, or one made by another embedding or a newer Pincite,
        `ConfigError` for a cross-encoder that is not there, and `ServerError` for a server that can't be used.
        """
        config = from_environment() if config is None else arguments.config(config)
        folder = arguments.path("path", path)
        if embedder is None:
            embedder = registry.load_embedder(config.embedding)
        else:
            embedder = Vouched(arguments.embedder(embedder))
        remembered = Remembered(embedder)
        if reranker is not None:
            arguments.handed("reranker", reranker, ("name", "score"))
        elif config.reranker:
            reranker = CrossEncoder(config.reranker)
        if is_address(path):
            collection = Collection(Server(parse_address(str(path)), config))
            return cls(OnServer(collection, remembered), embedder, remembered, reranker)
        return cls(OnDisk(folder, remembered, config), embedder, remembered, reranker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every file and connection. A closed library opens them again when it is used."""
        self._home.close()

    @property
    def folder(self) -> Path | None:
        """The library's folder, None where it is read from a server."""
        return self._home.folder

    @property
    def name(self) -> str:
        """The name of its folder, or of its collection on a server."""
        return self._home.name

    def __str__(self) -> str:
        return str(self._home)

    @property
    def exists(self) -> bool:
        """Whether there is a library in the folder, be it empty."""
        return self._home.exists

    def __len__(self) -> int:
        return len(self._home)

    # --- changing ---

    def add(self, *paths: str | Path, progress: Progress | None = None) -> IngestReport:
        """Add the papers of these files; say what became of every record.

        What was written stays, whatever happens afterwards; adding again goes on where it stopped. A file that can't
        be read stands in `unreadable`, and the others go on. Raises `SourceError` where no file can be read,
        `LibraryBusyError` where another process is writing, `Interrupted` (with the report so far) on Ctrl-C.
        """
        self._disk()  # before files are read for nothing
        files = [arguments.path("path", path) for path in paths]
        total = sum(1 for path in files for _ in _readable(path)) if progress else 0
        return self._add([str(path) for path in files], [sources.read(path) for path in files], total, progress)

    def is_stored(self, record: Record) -> bool:
        """Tell whether the record's file said it before, word for word: adding it again changes nothing."""
        catalog = self._disk().existing()
        return catalog is not None and catalog.holds(record)

    def texts(self, *paths: str | Path, take: Callable[[str], None], progress: Progress | None = None) -> IngestReport:
        """Hand every text that adding these files would embed to `take`, once each; return the report of that add.

        Changes nothing: the files are added to a copy of the catalog, in a temporary folder that is deleted again.
        """
        with tempfile.TemporaryDirectory(prefix="pincite-") as scratch:
            place = Path(scratch) / "trial"
            if (catalog := self._disk().existing()) is not None:
                place.mkdir()
                catalog.copy_to(place / catalogs.NAME)
            noting = Noting(self._embedder, take)
            remembered = Remembered(noting)
            with Library(OnDisk(place, remembered, Config(), publishes=False), noting, remembered) as trial:
                return trial.add(*paths, progress=progress)

    def add_records(self, items: Iterable[Record | Rejection], source: str) -> IngestReport:
        """Add what a source other than a file yields, such as `rag.sources.arxiv_fetch`; `source` names it.

        Raises `LibraryBusyError` and `Interrupted` as `add` does.
        """
        return self._add([source], [items], 0, None)

    def _add(
        self, names: list[str], streams: list[Iterable[Record | Rejection]], total: int, progress: Progress | None
    ) -> IngestReport:
        def tell(done: int) -> None:
            if progress is not None:
                progress(done, max(total, done))

        return Add(self._disk(), self._embedder, names, tell).run(streams)

    def remove(self, *ids: str) -> int:
        """Remove papers by id or alias; return how many. Raises `LibraryError` for an unknown one, removing none."""
        disk = self._there()
        with disk.changing() as catalog:
            found = {self.get(name).id for name in ids}
            with catalog.transaction():
                for paper_id in found:
                    catalog.remove(paper_id)
                if found:
                    catalog.log("remove", {"ids": sorted(found)})
            disk.publish()
        return len(found)

    def split(self, name: str, origin: str | None = None) -> tuple[str, str]:
        """Undo one merge for good; return the ids of the paper that stays and of the new one.

        `origin` names the records to take out by file, `FILE#3` (its third record) or citation key, where the paper is
        made of more than two. Raises `LibraryError` for an unknown paper, where there is nothing to split, or it is not
        clear what.
        """
        taken = None if origin is None else arguments.text("origin", origin)
        with self._changing(name) as (catalog, paper_id):
            new = catalog.split(paper_id, taken)
            embed_papers(catalog, self._embedder, [paper_id, new])
            catalog.log("split", {"id": paper_id, "new": new, "from": origin})
        return paper_id, new

    def edit(
        self, name: str, *, title: str | None = None, abstract: str | None = None, abstract_from: str | None = None,
        undo: bool = False,
    ) -> Paper:  # fmt: skip
        """Correct a paper's title or abstract, for good: files added later don't change it back, `undo` does.

        `abstract_from` names the record whose abstract is to be used, by file, `FILE#3` (its third record) or citation
        key. Raises `LibraryError` for an unknown paper or record, or an empty text.
        """
        if abstract_from is not None:
            if abstract is not None:
                raise LibraryError(f"{name}: two abstracts are given: give the text or the record, not both")
            abstract = self._abstract_from(name, arguments.text("abstract_from", abstract_from))
        given = (("title", title), ("abstract", abstract))
        texts = [None if value is None else clean(arguments.text(what, value)) for what, value in given]
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
                embed_papers(catalog, self._embedder, [paper_id])
            catalog.log("edit", {"id": paper_id, "title": texts[0], "abstract": texts[1], "undo": undo})
        return self.get(paper_id)

    def _abstract_from(self, name: str, origin: str) -> str:
        """Return the abstract of the one record of a paper that goes by this file, place or citation key."""
        said = self._there().catalog().records(self.get(name).id)
        found = {r.abstract for r in said if origin in (r.origin.file, r.origin.place, r.origin.key)}
        if len(found) != 1:
            why = "gives several abstracts for it" if found else "gives no record of it"
            raise LibraryError(f"{name}: {origin!r} {why}: name one of {', '.join(r.origin.place for r in said)}")
        return found.pop()

    # --- reading ---

    def merges(self) -> list[Merge]:
        """Return every record that was taken for the paper of another one, by what, and where both stood."""
        catalog = self._disk().existing()
        return [] if catalog is None else catalog.merges()

    def related(self, name: str) -> list[Paper]:
        """Return the papers kept apart from this one that share its title or DOI: versions, replies, notices about it.

        None are known of a library that is read from a server. Raises `LibraryError` where no paper has this name.
        """
        paper = self.get(name)
        catalog = self._home.existing() if isinstance(self._home, OnDisk) else None
        return [] if catalog is None else [*catalog.papers(catalog.related(paper.id)).values()]

    def papers(self) -> list[Paper]:
        """Return all papers, oldest first."""
        return self._home.papers()

    def get(self, name: str) -> Paper:
        """Return the paper of this id, DOI, arXiv id or PMID. Raises `LibraryError` where there is none."""
        paper = self._home.find_paper(arguments.text("id", name))
        if paper is None:
            raise LibraryError(f"{self}: no paper {name!r}: `pincite papers` lists the ids")
        return paper

    def search(
        self,
        question: str,
        k: int = 10,
        *,
        year: Years | None = None,
        venue: str | None = None,
        author: str | None = None,
        source: str | None = None,
        papers: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        year_from: int | None = None,
        year_to: int | None = None,
    ) -> list[Hit]:
        """Find the papers nearest to a question or to words, each with its best sentence.

        Papers whose first author the question names ("Fell et al.") come first.

        Args:
            question: what to look for.
            k: how many papers at most.
            year: only papers of this year or these years: 2024, "2023..2025", "2023.." or (2023, 2025).
            venue: only papers whose venue has this text in its name.
            author: only papers with an author whose name has this text in it.
            source: only papers from files whose name has this text in it.
            papers: only the papers of these ids.
            exclude: none of the papers of these ids.
            year_from: only papers of this year or later.
            year_to: only papers of this year or earlier.

        Returns:
            The papers, best first.

        Raises:
            InputError: a question that is no text, a `k` below 1, or a filter that can't be read.

        """
        given = {"year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude}
        filters = parse_filters(given | {"year_from": year_from, "year_to": year_to})
        return self.find(arguments.text("question", question), arguments.count("k", k), filters)

    def find(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Search with filters that are parsed already."""
        named = first_authors(question)
        if k < 1 or (self._reranker is None and not named):
            return self._home.search(question, k, filters)
        hits = self._home.search(question, max(k, LOOKED_AT), filters)
        own = [hit for name in sorted(named) for hit in self._of_author(name, question, filters)]
        hits = list({hit.paper_id: hit for hit in (*own, *hits)}.values())
        if self._reranker is not None:
            hits = rerank(question, hits, self._reranker)
        return sorted(hits, key=lambda hit: first_author(hit.paper) not in named)[:k]

    def _of_author(self, name: str, question: str, filters: Filters) -> list[Hit]:
        """Return the papers nearest to the question of which this is the first author."""
        if filters.author:
            return []
        found = self._home.search(question, LOOKED_AT, replace(filters, author=name))
        return papers_of(frozenset({name}), found)

    def gather(self, question: str, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
        """Return the numbered sentences of these papers."""
        return self._home.gather(question, hits)

    def matching(self, filters: Filters) -> int:
        """Return how many papers pass the filters."""
        return self._home.matching(filters)

    @property
    def embedder(self) -> Embedder:
        """What turns questions and sentences into vectors here; it remembers those seen last."""
        return self._remembered

    @property
    def fingerprint(self) -> str:
        """Tell this state of the library from any other: generation, embedding and windows."""
        return self._home.fingerprint

    @property
    def reranker(self) -> str | None:
        """The name of the cross-encoder that looks again at the papers that lead, None where there is none."""
        return None if self._reranker is None else name_of(self._reranker)

    def snapshot(self) -> Snapshot | None:
        """Return the newest view to search in, None for an empty library. Mends derived files that are not whole."""
        return self._disk().snapshot()

    # --- care ---

    def examine(self) -> Examination:
        """Check the catalog in itself, and the index against it, also one on a server; changes nothing."""
        return self._there().examine()

    def repair(self) -> Examination:
        """Make, cut and embed anew what can't be right, build the whole index anew, and examine again."""
        disk = self._there()
        with disk.changing() as catalog:
            if kept := catalog.set_aside():
                log.warning("%s: damaged rows were taken out of the catalog and are kept in %s", self, kept.name)
            for paper_id in unsound_papers(catalog):
                with catalog.transaction():
                    catalog.make_again(paper_id)
                    embed_papers(catalog, self._embedder, [paper_id])
            disk.rebuild()
        return disk.examine()

    def backup(self, file: str | Path) -> int:
        """Write the library into one file while others read and write it; return its size in bytes."""
        return backup(self._there().catalog(), arguments.path("file", file))

    def statistics(self) -> Statistics:
        """Count what the library holds, and the bytes that it takes."""
        disk = self._there()
        return statistics(disk.folder, disk.catalog(), self._embedder.fingerprint, disk.index)

    # --- steps ---

    def _disk(self) -> OnDisk:
        """Return where to write. Raises `LibraryError` for a library that is read from a server."""
        if not isinstance(self._home, OnDisk):
            raise LibraryError(
                f"{self}: can only be searched and asked here: for anything else name the folder of the library that "
                "was put there, with --library DIR on its own machine"
            )
        return self._home

    def _there(self) -> OnDisk:
        """Return where to write. Raises `LibraryError` where there is no library yet."""
        disk = self._disk()
        if disk.existing() is None:
            raise LibraryError(f"{self}: no library there yet: add papers first with `pincite add FILE…`")
        return disk

    @contextmanager
    def _changing(self, name: str) -> Iterator[tuple[Catalog, str]]:
        """Hold the lock and a transaction around a change of one paper; bring every index up to it."""
        disk = self._there()
        with disk.changing() as catalog:
            paper_id = self.get(name).id
            with catalog.transaction():
                yield catalog, paper_id
            disk.publish()


def _readable(path: Path) -> Iterable[Record | Rejection]:
    """Read a file for counting: the real reading tells what is wrong with it."""
    try:
        yield from sources.read(path)
    except (SourceError, InputError):
        return
