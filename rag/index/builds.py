"""The derived folder: everything that can be rebuilt from the catalog, in segments.

    library/
        catalog.sqlite           the truth
        sentences.sqlite         sentence vectors, a cache
        derived/CURRENT          the segments in use, as JSON
        derived/SEGMENT/         see `rag.index.segment`

Publishing covers the catalog's papers with segments: intact segments stay, papers that are new or changed go into a
new segment, built aside, and CURRENT is replaced in one step. So a small add to a large library costs a small
segment, a torn or missing segment costs its own papers, and a change that touches no text costs nothing. Publishing
embeds nothing. A new segment absorbs the small ones, so each paper moves about as often as its library doubles.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.catalog.catalog import Catalog
from rag.index import segment
from rag.index.arrays import load_array
from rag.progress import Progress, Steps, unwatched

FORMAT = 2
# The most papers in one segment: this bounds the memory that a build takes (docs/lab/performance.md).
LARGEST = 50_000
# A segment with fewer papers than this is always absorbed by the next: half a second's work.
SMALL = 500


@dataclass(frozen=True, slots=True)
class BuildSegment:
    """A segment of a build, and which of its papers (by place in it) the catalog no longer holds in that state."""

    name: str
    papers: int
    gone: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """The segments that together hold every paper of one generation of the catalog, each once."""

    folder: Path
    lineage: str
    generation: int
    parts: tuple[BuildSegment, ...]

    @property
    def papers(self) -> int:
        """How many papers can be found."""
        return sum(part.papers - len(part.gone) for part in self.parts)

    def of(self, catalog: Catalog) -> bool:
        """Return whether this build matches the current catalog."""
        return (self.lineage, self.generation) == (catalog.lineage, catalog.generation)


def current(library: Path, catalog: Catalog) -> Build | None:
    """Return the build in use, None unless it is intact and from this catalog (possibly an older state of it)."""
    build = _read(library / "derived", catalog.lineage)
    while build is not None and not all(_whole(build.folder, part) for part in build.parts):
        # Damaged, or replaced and swept while we looked.
        again = _read(library / "derived", catalog.lineage)
        build = again if again != build else None
    return build


def _whole(parent: Path, part: BuildSegment) -> bool:
    """Return whether a segment matches its manifest and has as many papers as the build expects."""
    found = segment.manifest(parent / part.name)
    return found is not None and found.papers == part.papers


def exists(library: Path) -> bool:
    """Return whether anything was ever published, even if damaged since."""
    return (library / "derived" / "CURRENT").exists()


def publish(library: Path, catalog: Catalog, distrust: Collection[str] = (), progress: Progress = unwatched) -> Build:
    """Update the segments from the catalog and return the build. Needs the library's lock.

    `distrust` names segments to rebuild even if they look intact; `progress` is called with the papers indexed.
    """
    parent = library / "derived"
    parent.mkdir(parents=True, exist_ok=True)
    before = _read(parent, catalog.lineage)
    wanted = catalog.revisions()
    kept = _usable(parent, [part for part in before.parts if part.name not in distrust] if before else [], wanted)
    missing = _missing(parent, kept, wanted)
    kept, missing = _swallow(parent, kept, missing)
    new: list[BuildSegment] = []
    steps = Steps(len(missing), progress)
    try:
        for begin in range(0, len(missing), LARGEST):
            new.append(_build(parent, catalog, missing[begin : begin + LARGEST], steps))
        build = Build(parent, catalog.lineage, catalog.generation, (*kept, *new))
        _point(build)
    except BaseException:  # Ctrl-C too: no half-built segment stays behind
        for part in new:
            shutil.rmtree(parent / part.name, ignore_errors=True)
        raise
    _sweep(parent, build, before)
    return build


def rebuild(library: Path, catalog: Catalog, progress: Progress = unwatched) -> Build:
    """Discard all segments and rebuild them. Needs the library's lock."""
    (library / "derived" / "CURRENT").unlink(missing_ok=True)
    return publish(library, catalog, (), progress)


def _usable(parent: Path, parts: Iterable[BuildSegment], wanted: NDArray[np.int64]) -> list[BuildSegment]:
    """Return the intact segments whose papers are mostly current, with those that aren't."""
    found = []
    for part in parts:
        if not _whole(parent, part) or (held := _held(parent, part)) is None:
            continue
        gone = np.flatnonzero(~np.isin(_keys(held), _keys(wanted)))
        if len(gone) * 2 <= len(held):
            found.append(BuildSegment(part.name, part.papers, tuple(gone.tolist())))
    return found


def _missing(parent: Path, kept: list[BuildSegment], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of the papers that no kept segment holds in their current state, in order."""
    held = [_keys(pairs) for part in kept if (pairs := _held(parent, part)) is not None]
    covered = np.isin(_keys(wanted), np.concatenate(held)) if held else np.zeros(len(wanted), dtype=np.bool_)
    rows: NDArray[np.int64] = wanted[~covered, 0]
    return rows


def _swallow(
    parent: Path, kept: list[BuildSegment], missing: NDArray[np.int64]
) -> tuple[list[BuildSegment], NDArray[np.int64]]:
    """Add segments no larger than what is to be built to it, smallest first, while it fits into one segment."""
    if not len(missing):
        return kept, missing
    left = sorted(kept, key=lambda part: part.papers)
    while left and left[0].papers <= max(len(missing), SMALL) and left[0].papers + len(missing) <= LARGEST:
        part = left.pop(0)
        if (held := _held(parent, part)) is not None:
            missing = np.union1d(missing, np.delete(held[:, 0], part.gone))
    return [part for part in kept if part in left], missing


def _build(parent: Path, catalog: Catalog, rows: NDArray[np.int64], steps: Steps) -> BuildSegment:
    name = f"{catalog.generation:08d}-{secrets.token_hex(4)}"
    try:
        papers = steps.over(catalog.indexed(rows.tolist()))
        segment.build(parent / name, papers, catalog.window_count(rows.tolist()))
    except BaseException:  # Ctrl-C too: no half-built segment stays behind
        shutil.rmtree(parent / name, ignore_errors=True)
        raise
    return BuildSegment(name, len(rows))


def _held(parent: Path, part: BuildSegment) -> NDArray[np.int64] | None:
    """Return (row, revision) of the papers of a segment, None if they can't be read."""
    try:
        return np.array(load_array(parent / part.name / "papers.npy", "<i8", part.papers, 2))
    except segment.UNUSABLE:
        return None


def _keys(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fold (row, revision) into one number: rows stay under 2^40, revisions under 2^23."""
    keys: NDArray[np.int64] = (pairs[:, 0] << 23) | pairs[:, 1]
    return keys


def _read(parent: Path, lineage: str) -> Build | None:
    try:
        plain = json.loads((parent / "CURRENT").read_text(encoding="utf-8"))
        parts = tuple(_part(entry) for entry in plain["segments"])
        # A library may come from someone else: no segment lies outside its folder.
        inside = all(Path(part.name).name == part.name for part in parts)
        once = len({part.name for part in parts}) == len(parts)
        usable = inside and once and (plain["format"], plain["lineage"]) == (FORMAT, lineage)
        return Build(parent, lineage, segment.count(plain["generation"]), parts) if usable else None
    except segment.UNUSABLE:
        return None  # torn or missing, whatever the damage: it is rebuilt


def _part(entry: dict[str, Any]) -> BuildSegment:
    """Read a segment's entry in CURRENT. Raises `ValueError` or similar if it is invalid."""
    name, papers, gone = str(entry["name"]), segment.count(entry["papers"]), [segment.count(n) for n in entry["gone"]]
    if gone != sorted(set(gone)) or gone[-1:] >= [papers]:
        raise ValueError(f"{name}: counts papers as removed that it doesn't hold")
    return BuildSegment(name, papers, tuple(gone))


def _point(build: Build) -> None:
    """Make CURRENT name this build, in one atomic step."""
    segments: list[dict[str, Any]] = [{"name": p.name, "papers": p.papers, "gone": p.gone} for p in build.parts]
    plain = {"format": FORMAT, "lineage": build.lineage, "generation": build.generation, "segments": segments}
    new = build.folder / "CURRENT.new"
    new.write_text(json.dumps(plain), encoding="utf-8")
    segment.sync(new)
    new.replace(build.folder / "CURRENT")
    segment.sync(build.folder)


def _sweep(parent: Path, build: Build, before: Build | None) -> None:
    """Delete all segments except those of this build and the previous one, which readers may still have open."""
    in_use = {part.name for b in (build, before) if b for part in b.parts}
    for folder in parent.iterdir():
        if folder.is_dir() and folder.name not in in_use:
            shutil.rmtree(folder, ignore_errors=True)
