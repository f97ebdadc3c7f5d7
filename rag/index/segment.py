"""A segment: the derived files of some papers, built once, then only read.

    SEGMENT/
        chroma/        the vector index over the papers' windows, which are named `catalog row#number`: of a large one
        vectors.f32    the same vectors in order, for exact scans: little-endian float32, windows x dimension
        lexical/       the postings
        papers.npy     (catalog row, revision) of each paper
        first.npy      the first window of each paper, and the end
        manifest.json  sizes and checksums of all the others, written last

A folder without a matching manifest is ignored. Chroma notes each opening in a row
of its SQLite file, so that one is checked by SQLite itself instead. Where the segment is small and has none, or its
folder can't be written and Chroma can't open it, the vectors are scanned.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.catalog.catalog import Indexed
from rag.errors import DerivedIndexError
from rag.index import bm25, chroma
from rag.index.arrays import load_array, runs
from rag.vectors import Vectors

FORMAT = 2
_CHUNK = 1 << 20
# Up to this many windows, a scan takes under 0.1 ms and a query 4 ms; importing Chroma takes a second.
SCANNED = 2_000
# Exceptions that corrupt files cause while they are read.
UNUSABLE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, OverflowError, RecursionError,
    MemoryError, SyntaxError, sqlite3.Error,
)  # fmt: skip
# Changes with every opening.
_CHROMA_SQLITE = "chroma/chroma.sqlite3"
_FILES = {"papers.npy", "first.npy", "vectors.f32"} | {f"lexical/{name}" for name in bm25.FILES}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A segment's files: size and CRC-32 of each by name."""

    papers: int
    windows: int
    dimension: int
    files: dict[str, tuple[int, int]]


def build(folder: Path, papers: Iterator[Indexed], windows: int) -> None:
    """Build a segment of these papers, which have `windows` windows in all, in a new folder."""
    folder.mkdir()
    rows: list[tuple[int, int]] = []
    first = [0]
    dimension = 0
    postings = bm25.Bm25Builder()
    # Nobody would ask Chroma for so few, and loading it takes longer than adding them.
    indexed = chroma.VectorIndexBuilder(folder / "chroma", windows) if windows > SCANNED else nullcontext()
    with indexed as vector_index, (folder / "vectors.f32").open("wb") as vectors:
        for paper in papers:
            rows.append((paper.row, paper.revision))
            first.append(first[-1] + len(paper.vectors))
            postings.add(f"{paper.title}\n{paper.abstract}")
            vectors.write(paper.vectors.tobytes())
            if vector_index is not None:
                vector_index.add((f"{paper.row}#{number}", vector) for number, vector in enumerate(paper.vectors))
            dimension = paper.vectors.shape[1]
        if vector_index is not None:
            vector_index.finish()
    if first[-1] != windows:
        raise DerivedIndexError(f"{folder}: {first[-1]} of {windows} windows came out of the catalog")
    postings.save(folder / "lexical")
    np.save(folder / "papers.npy", np.array(rows, dtype=np.int64).reshape(-1, 2))
    np.save(folder / "first.npy", np.array(first, dtype=np.int64))
    _seal(folder, len(rows), windows, dimension)


def manifest(folder: Path) -> Manifest | None:
    """Return the segment's manifest, None if it is torn or missing or a file's size differs from it."""
    try:
        plain = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        files = {name: (int(size), int(crc)) for name, (size, crc) in plain["files"].items()}
        whole = plain["format"] == FORMAT and all(
            _is_inside(folder, name)
            and ((size := (folder / name).stat().st_size) == expected or (name == _CHROMA_SQLITE and size))
            for name, (expected, _) in files.items()
        )
        papers, windows, dimension = (count(plain[name]) for name in ("papers", "windows", "dimension"))
        # A manifest that names no file would have nothing checked.
        whole = whole and files["vectors.f32"][0] == 4 * windows * dimension and files.keys() >= _FILES
        return Manifest(papers, windows, dimension, files) if whole else None
    except UNUSABLE:
        return None  # whatever the damage, the segment is rebuilt


def _is_inside(folder: Path, name: str) -> bool:
    """Return whether a name is a regular file of the segment: a device or another folder is never read."""
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and (folder / path).is_file()


def count(value: object) -> int:
    """Return a count read from JSON. Raises `ValueError` for anything else."""
    if type(value) is not int or not 0 <= value < 1 << 40:
        raise ValueError(f"{value!r:.80} isn't a count")
    return value


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Turn the errors of a torn or forged segment into `DerivedIndexError`, so that it is rebuilt."""
    try:
        yield
    except UNUSABLE as error:
        raise DerivedIndexError(f"{folder}: can't be read ({type(error).__name__}: {error!s:.200})") from error


class Segment:
    """A segment open for reading. Every byte is checked first: Chroma crashes the process on a torn file.

    `index` is None if the vectors are scanned: up to `scanned` windows, or in a folder that can't be written.
    """

    def __init__(self, folder: Path, scanned: int | None = None) -> None:
        self.folder = folder
        with readable(folder):
            self._load(folder, scanned)

    def _load(self, folder: Path, scanned: int | None) -> None:
        found = manifest(folder)
        if found is None or not _sound(folder, found):
            raise DerivedIndexError(f"{folder}: its files don't match its manifest")
        self.dimension = found.dimension
        self.papers: NDArray[np.int64] = np.array(load_array(folder / "papers.npy", "<i8", found.papers, 2))
        self.first: NDArray[np.int64] = np.array(load_array(folder / "first.npy", "<i8", found.papers + 1))
        if (np.diff(self.papers[:, 0]) <= 0).any() or not runs(self.first, found.windows):
            raise DerivedIndexError(f"{folder}: its papers or windows are out of order")
        self.vectors: Vectors = np.empty((0, found.dimension), dtype="<f4")
        if found.windows:
            shape = (found.windows, found.dimension)
            # As a plain array, since slicing one is four times as fast as slicing a memmap.
            self.vectors = np.asarray(np.memmap(folder / "vectors.f32", dtype="<f4", mode="r", shape=shape))
        self.postings = bm25.Postings(folder / "lexical", found.papers)
        large = found.windows > (SCANNED if scanned is None else scanned)
        indexed = _CHROMA_SQLITE in found.files and os.access(folder / "chroma", os.W_OK)
        self.index = chroma.Index(folder / "chroma") if large and indexed else None
        if self.index is not None and self.index.count != found.windows:
            raise DerivedIndexError(f"{folder}: Chroma holds {self.index.count} of {found.windows} windows")

    def close(self) -> None:
        """Close the index's files and stop its threads."""
        if self.index is not None:
            self.index.close()


def _sound(folder: Path, found: Manifest) -> bool:
    """Return whether every file holds what was written."""
    if any(_checksum(folder / name) != crc for name, (_, crc) in found.files.items() if name != _CHROMA_SQLITE):
        return False
    if _CHROMA_SQLITE not in found.files:
        return True
    try:
        uri = f"{(folder / _CHROMA_SQLITE).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def _seal(folder: Path, papers: int, windows: int, dimension: int) -> None:
    """Flush every file to disk and write the manifest."""
    files: dict[str, tuple[int, int]] = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        sync(file)
        files[str(file.relative_to(folder))] = (file.stat().st_size, _checksum(file))
    plain: dict[str, Any] = {"format": FORMAT, "papers": papers, "windows": windows, "dimension": dimension}
    (folder / "manifest.json").write_text(json.dumps(plain | {"files": files}), encoding="utf-8")
    sync(folder / "manifest.json")
    for directory in (folder / "chroma", folder / "lexical", folder):
        if directory.is_dir():
            sync(directory)


def _checksum(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            crc = zlib.crc32(block, crc)
    return crc


def sync(path: Path) -> None:
    """Flush a file, or a folder's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
