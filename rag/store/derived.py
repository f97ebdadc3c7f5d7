"""The derived folder: vector index, vectors and BM25 of one generation of the catalog, built aside and swapped in.

    library/
        catalog.sqlite           the truth
        sentences.sqlite         sentence vectors, a cache
        derived/CURRENT          the name of the build in use
        derived/BUILD/           chroma/  lexical/  vectors.npy  owners.npy  papers.json  manifest.json

A build is complete before CURRENT names it, and is only read afterwards. Its manifest holds the generation that it was
made from and the size of each file: a build that is torn, missing or of another generation is noticed on open and made
again from the catalog's vectors; nothing is embedded for it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.errors import DerivedIndexError
from rag.store import index, lexical
from rag.store.catalog import Catalog

FORMAT = 1
# How many builds are kept: the current one, and the one before for readers that still have it open.
KEPT = 2


@dataclass(frozen=True, slots=True)
class Build:
    """A complete build on disk."""

    folder: Path
    generation: int
    papers: int
    windows: int


def current(library: Path) -> Build | None:
    """Return the build in use, None where there is none that is whole."""
    try:
        name = (library / "derived" / "CURRENT").read_text(encoding="utf-8").strip()
        folder = library / "derived" / name
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        whole = manifest["format"] == FORMAT and all(
            (folder / file).stat().st_size == size for file, size in manifest["files"].items()
        )
        build = Build(folder, manifest["generation"], manifest["papers"], manifest["windows"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # torn or missing, whatever the damage: it is made again
    return build if whole else None


def publish(library: Path, catalog: Catalog) -> Build:
    """Build everything anew from the catalog, aside, and make it the current build. Needs the library's lock."""
    parent = library / "derived"
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / f"{catalog.generation:08d}-{secrets.token_hex(4)}"
    try:
        build = _build(folder, catalog)
        _point(parent, folder.name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _sweep(parent)
    return build


def _build(folder: Path, catalog: Catalog) -> Build:
    folder.mkdir()
    generation, ids = catalog.generation, catalog.ids()
    row_of = {paper_id: row for row, paper_id in enumerate(ids)}
    windows = catalog.window_count()
    written = index.build(folder / "chroma", catalog.windows())
    if written != windows:
        raise DerivedIndexError(
            f"{folder}: {written} of {windows} windows came out of the catalog: run `pincite doctor`"
        )
    first = next(catalog.windows(), None)
    dimension = 0 if first is None else len(first[2])
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", mode="w+", dtype=np.float32, shape=(windows, dimension))
    owners = np.empty(windows, dtype=np.int32)
    for number, (_, paper_id, vector) in enumerate(catalog.windows()):
        vectors[number] = vector
        owners[number] = row_of[paper_id]
    vectors.flush()
    np.save(folder / "owners.npy", owners)
    (folder / "papers.json").write_text(json.dumps(ids), encoding="utf-8")
    lexical.build(folder / "lexical", catalog.texts())
    _seal(folder, generation, len(ids), windows)
    return Build(folder, generation, len(ids), windows)


def _seal(folder: Path, generation: int, papers: int, windows: int) -> None:
    """Bring every file to the disk and write down what the build is made of."""
    files = {str(file.relative_to(folder)): file.stat().st_size for file in folder.rglob("*") if file.is_file()}
    for file in files:
        _sync(folder / file)
    manifest = {"format": FORMAT, "generation": generation, "papers": papers, "windows": windows, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    _sync(folder / "manifest.json")
    _sync(folder)


def _point(parent: Path, name: str) -> None:
    """Make CURRENT name this build, in one step that either happens or does not."""
    new = parent / "CURRENT.new"
    new.write_text(name, encoding="utf-8")
    _sync(new)
    new.replace(parent / "CURRENT")
    _sync(parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(parent: Path) -> None:
    """Delete builds that nobody reads any more, and what interrupted builds left."""
    in_use = (parent / "CURRENT").read_text(encoding="utf-8").strip()
    builds = sorted((p for p in parent.iterdir() if p.is_dir() and p.name != in_use), key=lambda p: p.stat().st_mtime)
    for old in builds[: max(0, len(builds) - (KEPT - 1))]:
        shutil.rmtree(old, ignore_errors=True)
