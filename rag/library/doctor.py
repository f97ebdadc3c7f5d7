"""The checks of a library: the catalog itself, and the index against the catalog.

A finding states counts and kinds, never titles, ids, texts or paths, so that a report can go into a bug tracker.
"""

from __future__ import annotations

import platform
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from rag.catalog import schema
from rag.catalog.catalog import Catalog
from rag.catalog.check_result import SAMPLE, CheckResult
from rag.catalog.folder import strangers
from rag.errors import DerivedIndexError, LibraryDamagedError
from rag.index import builds, segment
from rag.progress import Steps
from rag.types import Span
from rag.vectors import Rows
from rag.views.counts import counted

# The cosine of a vector with itself, after Chroma's float32.
OWN_COSINE = 0.9999
_PACKAGES = ("pincite", "chromadb", "numpy", "onnxruntime", "openvino", "tokenizers")


@dataclass(frozen=True, slots=True)
class Examination:
    """All checks of one library, and the version that made them."""

    findings: tuple[CheckResult, ...]
    about: dict[str, str]

    @property
    def healthy(self) -> bool:
        """Whether every check passed."""
        return all(finding.ok for finding in self.findings)


def steps_of(catalog: Catalog, *, repair: bool = False) -> int:
    """Return how many steps `examine` takes, a row or a paper each, or a repair before it; 0 where none can be read."""
    try:
        rows, papers = catalog.row_count(), len(catalog)
    except LibraryDamagedError:
        return 0
    return rows + (2 if repair else 3) * papers


def examine(folder: Path, catalog: Catalog, embedding: str, steps: Steps) -> Examination:
    """Run every check; change nothing."""
    checks = {
        "catalog file": lambda: [_integrity(catalog)], "rows": lambda: [_rows(catalog, steps)],
        "adds": lambda: [_add(catalog)], "records": lambda: [_records(catalog, steps)],
        "offsets": lambda: _texts(catalog, steps),
        "index": lambda: _index(folder, catalog, steps), "files": lambda: [_files(folder, catalog)],
    }  # fmt: skip
    findings = [finding for name, check in checks.items() for finding in _as_far_as_it_goes(name, check)]
    about = {"embedding": embedding, "generation": _generation(catalog)}
    return Examination(tuple(findings), about | _program())


def _as_far_as_it_goes(name: str, check: Callable[[], Iterable[CheckResult]]) -> list[CheckResult]:
    """Run a check; damaged rows that prevent it have a finding of their own."""
    try:
        return list(check())
    except LibraryDamagedError:
        return [CheckResult(name, False, "can't be checked until the damaged rows are set aside")]


def _generation(catalog: Catalog) -> str:
    try:
        return str(catalog.generation)
    except LibraryDamagedError:
        return "damaged"


def _rows(catalog: Catalog, steps: Steps) -> CheckResult:
    """Look for rows that Pincite can't have written, such as a record with a flipped bit."""
    count = Counter(damage.table for damage in catalog.damages(steps.step))
    if not count:
        return CheckResult("rows", True, "every row can be read")
    counts = ", ".join(f"{number:,} in table {table}" for table, number in sorted(count.items()))
    return CheckResult("rows", False, f"damaged: {counts}; `pincite doctor --repair` moves them to a file")


def damaged() -> Examination:
    """Return the findings for a library whose catalog can't be read."""
    fix = "it can't be read: restore the library with `pincite restore FILE`, or add its files to a new folder"
    return Examination((CheckResult("catalog file", False, fix),), _program())


def _program() -> dict[str, str]:
    about = {
        "catalog format": str(schema.FORMAT),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "sqlite": sqlite3.sqlite_version,
    }
    return about | {name: _version(name) for name in _PACKAGES}


def unsound_papers(catalog: Catalog, steps: Steps) -> list[str]:
    """Return the ids of papers whose text, offsets or windows are wrong: they must be rebuilt and embedded again."""
    altered = catalog.altered(steps.step)
    return list(dict.fromkeys([*altered, *(paper_id for paper_id, found in steps.over(_troubles(catalog)) if found)]))


def _integrity(catalog: Catalog) -> CheckResult:
    problems = catalog.integrity()
    found = f"{counted(len(problems), 'problem')}: {problems[0]}" if problems else "nothing wrong"
    detail = f"SQLite finds {found}"
    return CheckResult("catalog file", not problems, detail)


def _add(catalog: Catalog) -> CheckResult:
    """Look for an interrupted add; the report omits the names of its files."""
    if not catalog.unfinished:
        return CheckResult("adds", True, "all finished")
    fix = "one didn't finish: unless it is running now, run it again; it continues where it stopped"
    return CheckResult("adds", False, fix)


def _records(catalog: Catalog, steps: Steps) -> CheckResult:
    """Compare each paper with what its records make of it."""
    count = len(catalog.altered(steps.step))
    changed = f"{count:,} of {counted(len(catalog), 'paper')} differing from what this version makes of the records"
    return CheckResult("records", not count, changed)


def _texts(catalog: Catalog, steps: Steps) -> Iterator[CheckResult]:
    """Check the offsets and windows of every paper, one finding for each kind of fault."""
    count = {"offsets": 0, "windows": 0, "vectors": 0}
    papers = 0
    for _, troubles in steps.over(_troubles(catalog)):
        papers += 1
        for trouble in troubles:
            count[trouble] += 1
    for name, what in (
        ("offsets", "sentence offsets that don't fit their abstract"),
        ("windows", "a sentence outside every window"),
        ("vectors", "a vector whose length isn't 1"),
    ):
        yield CheckResult(name, not count[name], f"{count[name]:,} of {counted(papers, 'paper')} with {what}")


def _troubles(catalog: Catalog) -> Iterator[tuple[str, list[str]]]:
    """Yield each paper's id and its kinds of faults."""
    for paper_id, abstract, sentences, windows, vectors in catalog.cut_texts():
        found = []
        if not _ordered(sentences, len(abstract)):
            found.append("offsets")
        if not all(_covered(sentence, windows) for sentence in sentences):
            found.append("windows")
        if len(vectors) and not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):
            found.append("vectors")
        yield paper_id, found


def _ordered(sentences: tuple[Span, ...], length: int) -> bool:
    ends = [0, *(s.end for s in sentences)]
    return bool(sentences or not length) and all(
        end <= s.start < s.end <= length for end, s in zip(ends, sentences, strict=False)
    )


def _covered(sentence: Span, windows: list[Span]) -> bool:
    """Return whether windows, ascending, cover a whole sentence; a long one may span several."""
    reached = sentence.start
    for window in windows:
        if window.start <= reached + 1:  # the space at which a long sentence was cut is in neither part
            reached = max(reached, window.end)
    return reached >= sentence.end


def _index(folder: Path, catalog: Catalog, steps: Steps) -> Iterator[CheckResult]:
    build = builds.current(folder, catalog)
    if build is None:
        if len(catalog):
            yield CheckResult("index", False, "there is none yet, or it is damaged: the next search builds it")
        else:
            yield CheckResult("index", True, "not needed yet: the library has no papers")
        return
    new = build.of(catalog)
    yield CheckResult(
        "index",
        new,
        f"generation {build.generation} in {counted(len(build.parts), 'segment')}, {counted(build.papers, 'paper')}",
    )
    held: list[tuple[int, int]] = []
    for number, part in enumerate(build.parts, 1):
        name = f"segment {number}"
        try:
            opened = segment.Segment(build.folder / part.name, scanned=0)
        except (DerivedIndexError, OSError):
            yield CheckResult(name, False, "its files are damaged")
            continue
        alive = np.delete(np.arange(part.papers), part.gone)
        held += [tuple(pair) for pair in opened.papers[alive].tolist()]
        yield _vectors_agree(name, opened, catalog, alive)
        opened.close()
        steps.step(len(alive))
    wanted = [tuple(pair) for pair in catalog.revisions().tolist()]
    missing, left_over, twice = set(wanted) - set(held), set(held) - set(wanted), len(held) - len(set(held))
    yield CheckResult(
        "index against catalog",
        not (missing or left_over or twice),
        f"{counted(len(wanted), 'paper')} in the catalog; missing from the index: {len(missing):,}, "
        f"only there: {len(left_over):,}, there twice: {twice:,}",
    )


def _vectors_agree(name: str, opened: segment.Segment, catalog: Catalog, alive: Rows) -> CheckResult:
    """Look up a sample of the catalog's vectors in the segment, by position and by search."""
    step = max(1, len(alive) // SAMPLE)
    sample = alive[::step]
    looked_up = wrong = lost = 0
    for place, paper in zip(sample, catalog.indexed(opened.papers[sample, 0].tolist()), strict=False):
        stored = opened.vectors[opened.first[place] : opened.first[place + 1]]
        looked_up += len(stored)
        if stored.shape != paper.vectors.shape or not np.array_equal(stored, paper.vectors):
            wrong += 1
        elif opened.index is not None:
            nearest = (opened.index.nearest(vector, 1) for vector in stored)
            lost += sum(not found or found[0][1] < OWN_COSINE for found in nearest)
    detail = (
        f"{counted(looked_up, 'vector')} looked up: {counted(wrong, 'paper differs', 'papers differ')} from the "
        f"catalog, {counted(lost, 'vector')} not found"
    )
    return CheckResult(name, not (wrong or lost), detail)


def _files(folder: Path, catalog: Catalog) -> CheckResult:
    """Look for files that nothing uses."""
    build = builds.current(folder, catalog)
    used = {part.name for part in build.parts} if build else set()
    parent = folder / "derived"
    segments = [p.name for p in parent.iterdir() if p.is_dir()] if parent.is_dir() else []
    # The previous build's segments stay for readers until the next publishing.
    left = len(set(segments) - used)
    strange = strangers(folder)
    foreign = counted(len(strange), "file that isn't", "files that aren't")
    detail = f"{counted(left, 'segment')} of an earlier build, {foreign} Pincite's"
    return CheckResult("files", not strange, detail)


def _version(package: str) -> str:
    try:
        return version(package)
    except ModuleNotFoundError:
        return "not installed"
