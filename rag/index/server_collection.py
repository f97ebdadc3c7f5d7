"""A library's windows as a collection on a Chroma server, and the collection's metadata.

Anyone with the URL can search and cite: `rag.index.server_records` defines what each record holds. Questions are always
sent as vectors: given a text, a server's client embeds it with whatever model the stored collection names.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from rag.catalog.identity import asked
from rag.errors import LibraryError, ServerReplyError, ServerTimeoutError
from rag.index.server_client import MissingError, Server, missing_collection
from rag.index.server_records import (
    PaperRecords,
    StoredPaper,
    WindowId,
    WindowRecord,
    line_with,
    parsed,
    same_record,
    unpacked,
    window_records,
)
from rag.types import Filters
from rag.vectors import Vectors

FORMAT = 1
# The index setting that takes a library off its server.
NO_INDEX = "none"
HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 100, "max_neighbors": 16}
# Records sent at once: 3 MB, a second's work of a server that holds 100,000.
LARGEST_BATCH = 500
# A server too busy to take that many in time gets fewer, but no fewer than this.
SMALLEST_BATCH = 50
# Characters of texts and fields in one call: a server accepts 40 MB.
LONGEST = 8_000_000
# Ids listed at once, and records read at once.
LISTED = 10_000
READ = 300


@dataclass(frozen=True, slots=True)
class Marker:
    """A collection's metadata: which library, and which state of it, it holds.

    `updating`: a writer has begun to bring it to another generation.
    """

    embedding: str = ""
    chunking: str = ""
    lineage: str = ""
    generation: int = 0
    papers: int = 0
    windows: int = 0
    updating: bool = False


class Collection:
    """One collection. Every method raises a `ServerError`, or `LibraryError` if it is missing or not ours."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.address = server.address
        self._id: str | None = None

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    # --- the whole ---

    def marker(self) -> Marker:
        """Read the collection's metadata."""
        try:
            found = self._server.call("GET", f"collections/{self.address.collection}")
        except MissingError as error:
            raise missing_collection(self.address, error) from None
        return self._met(found)

    def make(self, marker: Marker) -> Marker:
        """Create the collection if there is none; return the metadata of an existing one."""
        body = {
            "name": self.address.collection,
            "metadata": {"pincite": FORMAT, **asdict(marker)},
            "configuration": {"hnsw": HNSW},
            "get_or_create": True,
        }
        try:
            return self._met(self._server.call("POST", "collections", body))
        except MissingError as error:
            raise missing_collection(self.address, error) from None

    def mark(self, marker: Marker) -> None:
        """Write the collection's metadata."""
        self._on("PUT", "", {"new_metadata": {"pincite": FORMAT, **asdict(marker)}})

    def count(self) -> int:
        """Return how many records there are."""
        return int(self._on("GET", "/count"))

    def ids(self) -> Iterator[str]:
        """Yield the names of all records."""
        yield from self._listed({})

    # --- writing ---

    def put(self, entries: Iterable[PaperRecords], generation: int) -> None:
        """Send papers, each with all its windows in one call unless it has hundreds."""
        waiting: list[WindowRecord] = []
        length = 0
        for entry in entries:
            records = list(window_records(entry, generation))
            more = sum(len(r.metadata["abstract"]) + len(r.metadata["fields"]) for r in records)
            if waiting and (len(waiting) + len(records) > self._batch or length + more > LONGEST):
                self._put(waiting)
                waiting, length = [], 0
            waiting += records
            length += more
        self._put(waiting)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete records."""
        for begin in range(0, len(ids), LARGEST_BATCH):
            self._on("POST", "/delete", {"ids": list(ids[begin : begin + LARGEST_BATCH])})

    def _put(self, waiting: Sequence[WindowRecord]) -> None:
        """Send records. When the server times out, halve the batch from then on."""
        begin = 0
        while begin < len(waiting):
            page = waiting[begin : begin + self._batch]
            try:
                self._upsert(page)
            except ServerTimeoutError:
                if self._batch <= SMALLEST_BATCH:
                    raise
                self._batch //= 2
                continue
            begin += len(page)

    def _upsert(self, page: Sequence[WindowRecord]) -> None:
        body = {
            "ids": [r.name for r in page],
            "embeddings": [_base64(r.vector) if self._takes_base64 else r.vector.tolist() for r in page],
            "metadatas": [r.metadata for r in page],
            "documents": [r.document for r in page],
        }
        self._on("POST", "/upsert", body)

    @cached_property
    def _about(self) -> dict[str, Any]:
        return self._server.about()

    @cached_property
    def _batch(self) -> int:
        return max(1, min(LARGEST_BATCH, int(self._about.get("max_batch_size") or LARGEST_BATCH)))

    @property
    def _takes_base64(self) -> bool:
        return bool(self._about.get("supports_base64_encoding"))

    # --- reading ---

    def nearest(self, vector: Vectors, count: int, filters: Filters) -> list[WindowId]:
        """Return the names of the `count` nearest windows of papers that pass, best first."""
        narrowed = self._narrowed(filters)
        if narrowed is None:
            return []
        body = {"query_embeddings": [vector.tolist()], "n_results": count, "include": ["distances"], **narrowed}
        return [self._parsed(name) for name in self._on("POST", "/query", body)["ids"][0]]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors of these records, of shape (dimension,) each; those that are gone are left out."""
        found: dict[str, Vectors] = {}
        for page in self._read(ids, ["embeddings"]):
            pairs = zip(page["ids"], page["embeddings"] or (), strict=True)
            found |= {name: np.array(vector, dtype=np.float32) for name, vector in pairs}
        return found

    def vectors_of(self, papers: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors of these papers' windows, (windows, dimension) each, as they are now."""
        versions: dict[tuple[str, str], list[Vectors]] = {}
        for where in _naming(papers):
            for page in self._pages(where, READ, ["embeddings"]):
                for name, vector in zip(map(self._parsed, page["ids"]), page["embeddings"] or (), strict=True):
                    versions.setdefault((name.paper, name.digest), []).append(np.array(vector, dtype=np.float32))
        # While a paper is being replaced, it is there twice, and briefly incomplete: use the version with more windows.
        fullest = sorted(versions.items(), key=lambda item: len(item[1]))
        return {paper: np.stack(vectors) for (paper, _), vectors in fullest}

    def papers_of_records(self, ids: Sequence[str]) -> dict[str, StoredPaper]:
        """Return the papers in these records by paper id; missing records are left out."""
        found = (item for page in self._read(ids, ["metadatas"]) for item in unpacked(page["metadatas"]))
        return {item.paper.id: item for item in found}

    def differing(self, entries: Sequence[PaperRecords]) -> list[PaperRecords]:
        """Return those of these papers whose records differ, or have another vector."""
        names = [str(name) for entry in entries for name in entry.ids]
        held = {}
        for page in self._read(names, ["embeddings", "metadatas", "documents"]):
            columns = (page[name] or [] for name in ("ids", "embeddings", "metadatas", "documents"))
            for name, vector, metadata, document in zip(*columns, strict=True):
                held[name] = WindowRecord(name, np.array(vector, dtype=np.float32), metadata or {}, document)
        return [e for e in entries if not all(same_record(r, held.get(r.name)) for r in window_records(e, 0))]

    def papers_by_id(self, papers: Sequence[str]) -> dict[str, StoredPaper]:
        """Return these papers by id; missing ones are left out."""
        return {item.paper.id: item for where in _naming(papers) for item in self._papers_in(where)}

    def find(self, name: str) -> StoredPaper | None:
        """Return the paper that has this id or alias; of several, the one with that id, else the oldest."""
        spellings = {name, ":".join(asked(name))}
        clauses = [{"names": {"$contains": spelling}} for spelling in sorted(spellings)]
        where = {"$or": clauses} if len(clauses) > 1 else clauses[0]
        return min(self._papers_in({"where": where}), key=lambda item: (item.paper.id != name, item.row), default=None)

    def papers(self) -> list[StoredPaper]:
        """Return all papers, oldest first."""
        found = {item.paper.id: item for item in self._papers_in({"where": {"number": 0}})}
        return sorted(found.values(), key=lambda item: item.row)

    def matching(self, filters: Filters) -> int:
        """Return how many papers pass the filters."""
        narrowed = self._narrowed(filters, {"number": 0})
        return 0 if narrowed is None else len({self._parsed(name).paper for name in self._listed(narrowed)})

    def _narrowed(self, filters: Filters, *more: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the filters in the server's form, None where nothing can pass."""
        where: list[Mapping[str, Any]] = list(more)
        if filters.year_from is not None:
            where.append({"year": {"$gte": filters.year_from}})
        if filters.year_to is not None:
            where.append({"year": {"$lte": filters.year_to}})
        for names, sign in ((filters.papers, "$in"), (filters.exclude, "$nin")):
            known = [item.paper.id for name in names if (item := self.find(name))]
            if known:
                where.append({"paper": {sign: known}})
            elif names and sign == "$in":
                return None
        lines = (("venue", filters.venue), ("author", filters.author), ("source", filters.source))
        parts = [{"$regex": line_with(name, text)} for name, text in lines if text]
        return _all("where", where) | _all("where_document", parts)

    def _read(self, ids: Sequence[str], include: list[str]) -> Iterator[dict[str, Any]]:
        for begin in range(0, len(ids), READ):
            yield self._on("POST", "/get", {"ids": list(ids[begin : begin + READ]), "include": include})

    def _listed(self, narrowed: Mapping[str, Any]) -> Iterator[str]:
        for page in self._pages(narrowed, LISTED, []):
            yield from page["ids"]

    def _papers_in(self, narrowed: Mapping[str, Any]) -> Iterator[StoredPaper]:
        for page in self._pages(narrowed, READ, ["metadatas"]):
            yield from unpacked(page["metadatas"])

    def _pages(self, narrowed: Mapping[str, Any], limit: int, include: list[str]) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            body = {**narrowed, "include": include, "limit": limit, "offset": offset}
            page = self._on("POST", "/get", body)
            if not page["ids"]:
                return
            yield page
            offset += len(page["ids"])

    # --- calls ---

    def _on(self, method: str, path: str, body: Any = None) -> Any:
        """Make a call about the collection."""
        if self._id is None:
            self.marker()
        try:
            return self._server.call(method, f"collections/{self._id}{path}", body)
        except MissingError as error:
            self._id = None  # deleted meanwhile; there may be a new one with that name
            raise missing_collection(self.address, error) from None

    def _met(self, found: Any) -> Marker:
        """Read the answer that describes a collection; refuse one that is not ours."""
        metadata = found.get("metadata") or {} if isinstance(found, dict) else {}
        if not isinstance(found, dict) or "id" not in found:
            raise ServerReplyError(f"{self.address}: the server there isn't a Chroma server: check host and port")
        if "pincite" not in metadata:
            raise LibraryError(f"{self.address}: belongs to another program: name a collection that doesn't exist yet")
        if metadata["pincite"] > FORMAT:
            raise LibraryError(
                f"{self.address}: was written by a newer Pincite: update with `pip install --upgrade pincite`"
            )
        self._id = str(found["id"])
        return Marker(**{f.name: metadata[f.name] for f in fields(Marker) if f.name in metadata})

    def _parsed(self, name: str) -> WindowId:
        found = parsed(name)
        if found is None:
            raise LibraryError(
                f"{self.address}: holds the record {name!r}, which isn't Pincite's: repair it with "
                "`pincite doctor --repair` on the machine with the library's folder"
            )
        return found


def _naming(papers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield conditions that together hold for these papers."""
    for begin in range(0, len(papers), READ):
        yield {"where": {"paper": {"$in": list(papers[begin : begin + READ])}}}


def _all(name: str, clauses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the clauses as one condition, nothing where there is none: the server rejects an `$and` of one."""
    if not clauses:
        return {}
    return {name: clauses[0] if len(clauses) == 1 else {"$and": list(clauses)}}


def _base64(vector: Vectors) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
