"""A library: add papers, find them, remove them. This file knows the order of the steps from a file to a hit."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from rag import arguments, sources
from rag.arguments import Years, parse_filters
from rag.catalog import catalog as catalogs
from rag.catalog.catalog import Catalog
from rag.config import Config, from_environment
from rag.errors import InputError, LibraryError, PaperNotFoundError
from rag.index.server_client import Server, is_address, parse_address
from rag.index.server_collection import Collection
from rag.index.snapshot import Snapshot
from rag.library.backend import LibraryBackend
from rag.library.backup import backup
from rag.library.doctor import Examination, steps_of, unsound_papers
from rag.library.ingest import Add, embed_papers
from rag.library.languages import READ, Languages, installed
from rag.library.local import OnDisk
from rag.library.record_counts import counted_files, counted_items
from rag.library.records import Records, records_of
from rag.library.remote import OnServer
from rag.library.statistics import Statistics, statistics
from rag.models import registry
from rag.models.boundary import name_of
from rag.models.checked_embedder import CheckedEmbedder
from rag.models.cross_encoder import CrossEncoder
from rag.models.embedding import Embedder
from rag.models.embedding_cache import Remembered
from rag.models.precomputed import Noting
from rag.progress import Progress, Steps, unwatched
from rag.question.calibration import FEWEST, MOST, QUESTIONS, Calibration, basis_of, calibrate, from_text
from rag.retrieve.evidence import SENTENCES
from rag.retrieve.rerank import RERANKED, Reranker, rerank
from rag.sources.cleaning import clean
from rag.sources.sections import find_sections
from rag.text.language import in_another_language
from rag.text.person_names import first_author, first_authors, papers_of
from rag.types import Evidence, Filters, Hit, IngestReport, Merge, Paper, Record

log = logging.getLogger("pincite")


class Library:
    """Papers in a folder, or read from a Chroma server. Several processes may read a folder while one writes."""

    @arguments.names_known
    def __init__(
        self, path: str | Path, *, embedder: Embedder | None = None, reranker: Reranker | None = None,
        config: Config | None = None, languages: Embedder | None = None,
    ) -> None:  # fmt: skip
        """Open a library: a folder, or `http://host:8000/COLLECTION` where one was put on a Chroma server.

        A folder that is empty or doesn't exist yet is an empty library. A library on a server is read-only.
        `embedder` and `reranker` are objects of your own, in place of those that the settings name; `languages` is an
        embedder for questions in other languages, by default the one of the extra `languages` where that is installed.
        Raises `LibraryError` for a folder that isn't a library, or was made with another embedding or a newer Pincite,
        `ConfigError` for a cross-encoder that can't be found, and `ServerError` for a server that can't be used.
        """
        config = from_environment() if config is None else arguments.config(config)
        folder = arguments.path("path", path)
        if embedder is None:
            embedder = registry.load_embedder(config.embedding)
        else:
            embedder = CheckedEmbedder(arguments.embedder(embedder))
        if reranker is not None:
            arguments.handed("reranker", reranker, ("name", "score"))
        elif config.reranker:
            reranker = CrossEncoder(config.reranker)
        self._embedder = embedder
        self._remembered = Remembered(embedder)
        self._reranker = reranker
        self._multilingual = installed() if languages is None else CheckedEmbedder(arguments.embedder(languages))
        self._languages: Languages | None = None
        self._home: LibraryBackend
        if is_address(path):
            self._home = OnServer(Collection(Server(parse_address(str(path)), config)), self._remembered)
        else:
            self._home = OnDisk(folder, self._remembered, config)
            self._languages = Languages(folder, self._multilingual) if self._multilingual else None

    @classmethod
    @arguments.names_known
    def open(
        cls, path: str | Path, *, embedder: Embedder | None = None, reranker: Reranker | None = None,
        config: Config | None = None, languages: Embedder | None = None,
    ) -> Self:  # fmt: skip
        """Open a library, as `Library(path)` does."""
        return cls(path, embedder=embedder, reranker=reranker, config=config, languages=languages)

    def open_another(self, path: str | Path, config: Config) -> Library:
        """Open another library with the models of this one."""
        return Library(
            path, embedder=self._embedder, reranker=self._reranker, config=config, languages=self._multilingual
        )

    def __repr__(self) -> str:
        return f"Library({str(self)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every file and connection. A closed library reopens them when it is used."""
        self._home.close()
        if self._languages is not None:
            self._languages.close()

    @property
    def folder(self) -> Path | None:
        """The library's folder, None for a library on a server."""
        return self._home.folder

    @property
    def name(self) -> str:
        """The name of the folder, or of the collection on a server."""
        return self._home.name

    def __str__(self) -> str:
        return str(self._home)

    @property
    def exists(self) -> bool:
        """Whether there is a library in the folder, even an empty one."""
        return self._home.exists

    def __len__(self) -> int:
        return len(self._home)

    def __iter__(self) -> Iterator[Paper]:
        return iter(self.papers())

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and bool(self.get(name))
        except PaperNotFoundError:
            return False

    def __getitem__(self, name: str) -> Paper:
        return self.get(name)

    # --- changing ---

    @arguments.names_known
    def add(self, *paths: str | Path, progress: Progress | None = None) -> IngestReport:
        """Add the papers of these files; report what happened to every record.

        What was committed stays, whatever happens afterwards; adding again continues where it stopped. A file that
        can't be read is listed in `unreadable`, and the others are added. Raises `SourceError` if no file can be read,
        `LibraryBusyError` if another process is writing, `Interrupted` (with the report so far) on Ctrl-C.
        """
        self._disk()  # fail before reading any file
        files = [arguments.path("path", path) for path in paths]
        return Add(self._disk(), self._embedder, [str(path) for path in files], counted_files(files, progress)).run(
            [sources.read(path) for path in files]
        )

    def is_stored(self, record: Record) -> bool:
        """Return whether the record is stored word for word, from the same file: adding it again changes nothing."""
        catalog = self._disk().existing()
        return catalog is not None and catalog.holds(record)

    def texts(self, *paths: str | Path, take: Callable[[str], None], progress: Progress | None = None) -> IngestReport:
        """Pass every text that adding these files would embed to `take`, once each; return the report of that add.

        Changes nothing: the files are added to a copy of the catalog in a temporary folder, which is then deleted.
        """
        with tempfile.TemporaryDirectory(prefix="pincite-") as scratch:
            place = Path(scratch) / "trial"
            if (catalog := self._disk().existing()) is not None:
                place.mkdir()
                catalog.copy_to(place / catalogs.NAME)
            noting = Noting(self._embedder, take)
            files = [arguments.path("path", path) for path in paths]
            names, streams = [str(path) for path in files], [sources.read(path) for path in files]
            with closing(OnDisk(place, Remembered(noting), Config(), publishes=False)) as trial:
                return Add(trial, noting, names, counted_files(files, progress)).run(streams)

    @arguments.names_known
    def add_records(self, items: Records, source: str = "records", *, progress: Progress | None = None) -> IngestReport:
        """Add records that don't come from a file: dictionaries, a DataFrame, or what `fetch_arxiv` yields.

        Args:
            items: dictionaries or the rows of a DataFrame, with the fields that a JSON file has (`title`, `abstract`,
                `authors`, `year`, `doi`, … and the dialects of `docs/sources.md`), or a `Record` each.
            source: their name in the report, and in each paper's `origins`.
            progress: called with the records done and the total, as far as it is known.

        Raises:
            InputError: what isn't records.
            LibraryBusyError: another process is writing.
            Interrupted: stopped by Ctrl-C, with the report of what is stored.

        """
        name = arguments.text("source", source)
        return Add(self._disk(), self._embedder, [name], counted_items(items, progress)).run([records_of(items, name)])

    @arguments.names_known
    def sync_records(self, items: Records, source: str, *, progress: Progress | None = None) -> IngestReport:
        """Make the library hold exactly these records of a source: add, update, and drop those that it no longer has.

        A paper goes with its last record; one that other sources have too stays. What is unchanged isn't touched.

        Args:
            items: all records of the source, as for `add_records`.
            source: its name, the same at each call; `Record`s have it as their `origin.file`.
            progress: called with the records done and the total.

        Raises:
            InputError: these aren't records, or none of them is a paper.
            LibraryBusyError: another process is writing.
            Interrupted: stopped by Ctrl-C, with the report of what is stored; nothing was dropped.

        """
        name = arguments.text("source", source)
        found = list(records_of(items, name))
        if not any(isinstance(item, Record) and item.abstract for item in found):
            raise InputError(f"{name}: holds no paper with an abstract, so nothing was changed: check what it shows")
        return Add(self._disk(), self._embedder, [name], counted_items(found, progress), mirrored=True).run([found])

    def remove(self, *ids: str) -> int:
        """Remove papers by id or alias; return how many. If one is unknown, raise `LibraryError` and remove none.

        A notice without an abstract, which isn't a paper, is named by its place, such as `notices.ris#3`.
        """
        disk = self._there()
        names = [arguments.text("id", name) for name in ids]
        with disk.changing() as catalog:
            with catalog.transaction():
                notices = {name: count for name in names if (count := catalog.remove_notices(name))}
                found = {self.get(name).id for name in names if name not in notices}
                for paper_id in found:
                    catalog.remove(paper_id)
                if names:
                    catalog.log("remove", {"ids": sorted({*found, *notices})})
            disk.publish()
        return len(found) + sum(notices.values())

    def split(self, name: str, origin: str | None = None) -> tuple[str, str]:
        """Undo one merge permanently; return the ids of the paper that stays and of the new one.

        If the paper has more than two records, `origin` names those to split off, by file, `FILE#3` (its third record)
        or citation key. Raises `LibraryError` for an unknown paper, if there is nothing to split, or if it isn't clear
        what to split off.
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
        """Correct a paper's title or abstract permanently: files added later don't change it back; `undo` does.

        `abstract_from` names the record whose abstract is to be used, by file, `FILE#3` (its third record) or citation
        key. Raises `LibraryError` for an unknown paper or record, or an empty text.
        """
        if abstract_from is not None:
            if abstract is not None:
                raise LibraryError(f"{name}: you gave two abstracts: give the text or the record, not both")
            abstract = self._abstract_from(name, arguments.text("abstract_from", abstract_from))
        given = (("title", title), ("abstract", abstract))
        texts = [None if value is None else clean(arguments.text(what, value)) for what, value in given]
        if "" in texts:
            raise LibraryError(f"{name}: the new title or abstract is empty: give the text, or leave the option out")
        if texts == [None, None] and not undo:
            raise LibraryError(f"{name}: nothing to change: give a title, an abstract or undo")
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
        """Return the abstract of the paper's one record with this file, place or citation key."""
        said = self._there().catalog().records(self.get(name).id)
        found = {r.abstract for r in said if origin in (r.origin.file, r.origin.place, r.origin.key)}
        if len(found) != 1:
            why = "has several abstracts for it" if found else "has no record of it"
            raise LibraryError(f"{name}: {origin!r} {why}: name one of {', '.join(r.origin.place for r in said)}")
        return found.pop()

    # --- reading ---

    def merges(self) -> list[Merge]:
        """Return every merge: the record, what matched, and the origin of both."""
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
        """Return the paper of this id, DOI, arXiv id or PMID. Raises `PaperNotFoundError` if there is none."""
        paper = self._home.find_paper(arguments.text("id", name))
        if paper is None:
            raise PaperNotFoundError(f"{self}: no paper {name!r}: `pincite papers` lists the ids")
        return paper

    @arguments.names_known
    def search(
        self,
        question: str,
        k: int | None = None,
        *,
        limit: int | None = None,
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
            k: how many papers at most, 10 unless given.
            limit: the same as `k`.
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
            InputError: a question that isn't text, a `k` below 1, or an invalid filter.

        """
        given = {"year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude}
        filters = parse_filters(given | {"year_from": year_from, "year_to": year_to})
        return self.find(arguments.text("question", question), arguments.one_count(k=k, limit=limit), filters)

    def find(self, question: str, k: int, filters: Filters) -> list[Hit]:
        """Search with filters that are parsed already."""
        named = first_authors(question)
        languages = self._languages_for(question)
        if k < 1 or (self._reranker is None and not named and languages is None):
            return self._home.search(question, k, filters)
        hits = self._home.search(question, max(k, RERANKED if languages is None else READ), filters)
        if languages is not None:
            hits = languages.ordered(question, hits)[: max(k, RERANKED)]
        own = [hit for name in sorted(named) for hit in self._of_author(name, question, filters)]
        hits = list({hit.paper_id: hit for hit in (*own, *hits)}.values())
        if self._reranker is not None:
            hits = rerank(question, hits, self._reranker)
        return sorted(hits, key=lambda hit: first_author(hit.paper) not in named)[:k]

    def _of_author(self, name: str, question: str, filters: Filters) -> list[Hit]:
        """Return the papers nearest to the question that have this first author."""
        if filters.author:
            return []
        found = self._home.search(question, RERANKED, replace(filters, author=name))
        return papers_of(frozenset({name}), found)

    def gather(self, question: str, hits: Sequence[Hit], limit: int = SENTENCES) -> tuple[Evidence, ...]:
        """Return the numbered sentences of these papers, at most `limit`; see `rag.retrieve.gather`."""
        evidence = self._home.gather(question, hits, limit)
        languages = self._languages_for(question)
        return evidence if languages is None else languages.weighed(question, evidence)

    def languages_for(self, question: str) -> str | None:
        """Return the name of the model that reads papers again for a question in another language, else None."""
        languages = self._languages_for(question)
        return None if languages is None else languages.name

    def _languages_for(self, question: str) -> Languages | None:
        return self._languages if in_another_language(question) else None

    def matching(self, filters: Filters) -> int:
        """Return how many papers pass the filters."""
        return self._home.matching(filters)

    @property
    def embedder(self) -> Embedder:
        """What embeds questions and sentences here; it caches the latest vectors."""
        return self._remembered

    @property
    def fingerprint(self) -> str:
        """A text that no other state of the library has: generation, embedding and windows."""
        return self._home.fingerprint

    @property
    def reranker(self) -> str | None:
        """The name of the cross-encoder that reranks the leading papers, None if there is none."""
        return None if self._reranker is None else name_of(self._reranker)

    def snapshot(self) -> Snapshot | None:
        """Return the newest snapshot to search, None for an empty library. Rebuilds incomplete derived files."""
        return self._disk().snapshot()

    # --- care ---

    def when_indexing(self, progress: Progress) -> None:
        """Call `progress` with the papers done and the total whenever an index is built."""
        if isinstance(self._home, OnDisk):
            self._home.indexing = progress

    def examine(self, *, progress: Progress | None = None) -> Examination:
        """Check the catalog, and the index against it, including one on a server; change nothing."""
        disk = self._there()
        return disk.examine(Steps(steps_of(disk.catalog()), progress or unwatched))

    def repair(self, *, progress: Progress | None = None) -> Examination:
        """Recompute, split and embed whatever is wrong, rebuild the whole index, and check again."""
        disk = self._there()
        with disk.changing() as catalog:
            steps = Steps(steps_of(catalog, repair=True) + steps_of(catalog), progress or unwatched)
            if kept := catalog.set_aside(steps.step):
                log.warning("%s: damaged rows were moved from the catalog to %s", self, kept.name)
            unsound = unsound_papers(catalog, steps)
            steps.expect(len(unsound))
            for paper_id in steps.over(unsound):
                with catalog.transaction():
                    catalog.make_again(paper_id)
                    embed_papers(catalog, self._embedder, [paper_id])
            disk.rebuild()
        return disk.examine(steps)

    @property
    def calibration(self) -> Calibration | None:
        """What `calibrate` fitted to this library, None where nothing was, or it doesn't fit the library any more."""
        text = self._home.calibration
        return None if text is None else from_text(text, len(self), basis_of(self._embedder.fingerprint))

    def calibrate(self, questions: int = QUESTIONS, *, progress: Progress | None = None) -> Calibration:
        """Fit the decision to decline to this library: see `rag.question.calibration`. It applies from the next answer.

        Raises `InputError` for a number of questions that is out of bounds, and where too few can be made.
        """
        if not FEWEST <= questions <= MOST:
            raise InputError(f"questions={questions}: give a number from {FEWEST} to {MOST}")
        disk = self._there()
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        report = (lambda _done, _of: None) if progress is None else progress
        found = calibrate(self, self._embedder.fingerprint, made_at, questions=questions, progress=report)
        disk.keep_calibration(found.to_text())
        return found

    def uncalibrate(self) -> None:
        """Forget what `calibrate` fitted: go back to the shipped setting."""
        self._there().keep_calibration("")

    def backup(self, file: str | Path, *, progress: Progress | None = None) -> int:
        """Write the library into one file while others read and write it; return its size in bytes."""
        return backup(self._there().catalog(), arguments.path("file", file), progress or unwatched)

    def statistics(self) -> Statistics:
        """Count what the library holds, and its size in bytes."""
        disk = self._there()
        return statistics(disk.folder, disk.catalog(), self._embedder.fingerprint, disk.index)

    # --- steps ---

    def _disk(self) -> OnDisk:
        """Return where to write. Raises `LibraryError` for a library on a server."""
        if not isinstance(self._home, OnDisk):
            raise LibraryError(
                f"{self}: is read-only here: to change it, name the folder of the library with --library DIR, on the "
                "machine that has it"
            )
        return self._home

    def _there(self) -> OnDisk:
        """Return where to write. Raises `LibraryError` if there is no library yet."""
        disk = self._disk()
        if disk.existing() is None:
            raise LibraryError(f"{self}: there is no library yet: add papers first with `pincite add FILE…`")
        return disk

    @contextmanager
    def _changing(self, name: str) -> Iterator[tuple[Catalog, str]]:
        """Hold the lock and a transaction around a change of one paper, then update every index."""
        disk = self._there()
        with disk.changing() as catalog:
            paper_id = self.get(name).id
            with catalog.transaction():
                yield catalog, paper_id
            disk.publish()
