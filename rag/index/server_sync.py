"""A library's index on a Chroma server, synchronised with the catalog. Nothing is embedded for it.

The catalog alone decides what the server must hold, and the server reports what it holds: the difference is sent and
deleted. So a server that died, lost its data or was unreachable ends with the same records as any other, and no note
of what was sent can be wrong. New records arrive before old ones go: a reader finds every paper at any moment, perhaps
in its previous state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rag.catalog.catalog import Catalog
from rag.catalog.check_result import SAMPLE, CheckResult
from rag.errors import LibraryError, ServerError, ServerReplyError
from rag.index.server_collection import Collection, Marker
from rag.index.server_records import OWN_COSINE, PaperRecords, WindowId
from rag.progress import Progress, reported, unwatched
from rag.types import Filters
from rag.views.counts import counted

# Papers read from the catalog at once.
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a collection is missing, as digests by catalog row, and the records to delete from it."""

    windows: int
    missing: dict[int, str]
    left: list[str]


def bring_up_to_date(
    catalog: Catalog, collection: Collection, *, thorough: bool = False, progress: Progress = unwatched
) -> None:
    """Bring a collection up to the catalog. The caller holds the library's lock.

    `thorough` looks at every record rather than at every name, and takes over a collection that another library wrote.
    `progress` is called with the papers sent.
    Raises `ServerError`, and `LibraryError` for a collection of another library, embedding or program.
    """
    mine = marker_of(catalog)
    there = collection.make(replace(mine, generation=0, papers=0, windows=0, updating=True))
    refuse_foreign(collection, there, mine)
    if there.lineage != mine.lineage and not thorough:
        raise LibraryError(
            f"{collection.address}: holds the index of another library: name another collection, or let this library "
            "take it over with `pincite doctor --repair`"
        )
    if there == mine and collection.count() == mine.windows and not thorough:
        return
    if not there.updating or there.lineage != mine.lineage:
        collection.mark(replace(there, lineage=mine.lineage, updating=True))
    found = difference(catalog, collection)
    wrong = differing(catalog, collection, found) if thorough else {}
    sent = found.missing | wrong
    collection.put(reported(_entries(catalog, sent), len(sent), progress), mine.generation)
    collection.delete(found.left)
    if (held := collection.count()) != mine.windows:
        raise ServerReplyError(
            f"{collection.address}: holds {held:,} of {counted(mine.windows, 'record')}: check whether another writer "
            "uses it"
        )
    collection.mark(mine)


def marker_of(catalog: Catalog) -> Marker:
    """Return the metadata of a collection that matches the catalog."""
    return Marker(
        embedding=catalog.get_meta("embedding") or "",
        chunking=catalog.get_meta("chunking") or "",
        lineage=catalog.lineage,
        generation=catalog.generation,
        papers=len(catalog),
        windows=catalog.window_count(),
    )


def refuse_foreign(collection: Collection, there: Marker, mine: Marker) -> None:
    """Raise `LibraryError` for vectors of another embedding or other windows: their cosines would mean nothing."""
    for name in ("embedding", "chunking"):
        stored, wanted = getattr(there, name), getattr(mine, name)
        if stored != wanted:
            raise LibraryError(
                f"{collection.address}: was made with {name} {stored or '(unknown)'}, this is {wanted}: use that one "
                "(PINCITE_EMBEDDING), or name another collection"
            )


def difference(catalog: Catalog, collection: Collection) -> Backlog:
    """Compare the names of all records with those that the catalog asks for."""
    held = set(collection.ids())
    windows, missing = 0, dict[int, str]()
    for row, paper_id, digest, count in catalog.digests():
        names = [str(name) for name in WindowId(paper_id, 0, count, digest).all()]
        windows += len(names)
        if not held.issuperset(names):
            missing[row] = digest
        held.difference_update(names)
    return Backlog(windows, missing, sorted(held))


def differing(catalog: Catalog, collection: Collection, found: Backlog, sample: int = 1) -> dict[int, str]:
    """Return the papers, every `sample`-th, whose records exist but differ from what the catalog holds."""
    digests = {row: digest for row, _, digest, _ in catalog.digests() if row not in found.missing}
    pages = _paged(_entries(catalog, dict(list(digests.items())[::sample])))
    return {entry.row: entry.digest for page in pages for entry in collection.differing(page)}


def _entries(catalog: Catalog, digests: dict[int, str]) -> Iterator[PaperRecords]:
    """Stream papers from the catalog, without those that have no windows: a collection holds vectors."""
    chosen = sorted(digests)
    for begin in range(0, len(chosen), _PAGE):
        page = chosen[begin : begin + _PAGE]
        texts = list(catalog.cut_texts(set(page)))
        papers = catalog.papers([paper_id for paper_id, *_ in texts])
        for row, (paper_id, _, sentences, windows, vectors) in zip(page, texts, strict=True):
            if len(windows):
                yield PaperRecords(row, digests[row], papers[paper_id], sentences, windows, np.asarray(vectors))


def _paged(entries: Iterator[PaperRecords]) -> Iterator[list[PaperRecords]]:
    page: list[PaperRecords] = []
    for entry in entries:
        page.append(entry)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def check_server(catalog: Catalog, collection: Collection) -> Iterator[CheckResult]:
    """Check a collection against the catalog; findings name neither papers nor the server."""
    try:
        yield from list(_findings(catalog, collection))
    except (ServerError, LibraryError) as error:
        yield CheckResult(
            "server", False, f"can't be used: {type(error).__name__}; run `pincite search` with its URL for details"
        )


def _findings(catalog: Catalog, collection: Collection) -> Iterator[CheckResult]:
    mine, there = marker_of(catalog), collection.marker()
    refuse_foreign(collection, there, mine)
    own = "" if there.lineage == mine.lineage else ", of another library"
    state = "an update was not finished" if there.updating else f"generation {there.generation} of {mine.generation}"
    yield CheckResult("server", there == mine, f"{state}, {counted(there.papers, 'paper')}{own}")
    found = difference(catalog, collection)
    detail = (
        f"{counted(mine.windows, 'record')} wanted; {counted(len(found.missing), 'paper lacks', 'papers lack')} some, "
        f"{counted(len(found.left), 'is', 'are')} left over"
    )
    yield CheckResult("server against catalog", not (found.missing or found.left), detail)
    every = max(1, mine.papers // SAMPLE)
    wrong = differing(catalog, collection, found, every)
    lost = _lost(catalog, collection, found, every)
    detail = (
        f"one in {every} of {counted(mine.papers, 'paper')} looked at: {counted(len(wrong), 'differs', 'differ')}, "
        f"{counted(lost, 'vector')} not found"
    )
    yield CheckResult("server vectors", not (wrong or lost), detail)


def _lost(catalog: Catalog, collection: Collection, found: Backlog, every: int) -> int:
    """Count the windows of a sample of papers that are not found by their own vectors."""
    digests = {row: digest for row, _, digest, _ in catalog.digests() if row not in found.missing}
    lost = 0
    for entry in _entries(catalog, dict(list(digests.items())[::every])):
        for name, vector in zip(entry.ids, entry.vectors, strict=True):
            nearest = [str(other) for other in collection.nearest(vector, 3, Filters())]
            if str(name) not in nearest:
                alike = collection.vectors(nearest[:1]).values()  # another paper with the same text is as good
                lost += not any(float(other @ vector) >= OWN_COSINE for other in alike)
    return lost
