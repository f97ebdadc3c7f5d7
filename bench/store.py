"""Measure adding, opening and searching, as ratios of one run: `python -m bench.store [--papers N] [--corpus FILE]`.

Texts are invented (or a corpus.jsonl of BEIR is given), vectors of the large library are drawn at random around a few
hundred centres, so that nothing but the embedding itself needs a model. Prints one table.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.texts import WORDS, paper, records
from rag import Library
from rag.catalog.row_format import pack_spans
from rag.index import builds
from rag.index.segment import Segment
from rag.index.snapshot import Snapshot
from rag.models.minilm import MiniLM
from rag.text.sentences import split_sentences
from rag.types import Filters
from rag.vectors import Vectors


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=100_000, help="abstracts of the large library")
    parser.add_argument("--embed", type=int, default=400, help="abstracts that are really embedded")
    parser.add_argument("--corpus", type=Path, help="a corpus.jsonl to embed in place of invented texts")
    parser.add_argument("--open", dest="folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        print(json.dumps(opened(options.folder)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        show(adding(Path(scratch), options.corpus, options.embed))
        show(searching(Path(scratch) / "small", 362))
        show(searching(Path(scratch) / "large", options.papers))


def show(rows: list[tuple[str, str]]) -> None:
    """Print a part of the table as soon as it is known."""
    for name, value in rows:
        print(f"{name:<72} {value}", flush=True)


def adding(scratch: Path, corpus: Path | None, count: int) -> list[tuple[str, str]]:
    """Compare an add with the embedding in it, and a second add with the first."""
    file = scratch / "corpus.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records(corpus, count)), encoding="utf-8")
    embedder = MiniLM()
    embed = embedder.embed
    embed(["loads the model"])
    inside, busy = [0.0], [0.0]

    def watched(texts: Sequence[str]) -> Vectors:
        began, processor = time.perf_counter(), time.process_time()
        vectors = embed(texts)
        inside[0] += time.perf_counter() - began
        busy[0] += time.process_time() - processor
        return vectors

    embedder.embed = watched  # type: ignore[method-assign]
    with Library.open(scratch / "library", embedder=embedder) as library:
        processor = time.process_time()
        first, _ = timed(lambda: library.add(file))
        processor = time.process_time() - processor
        second, report = timed(lambda: library.add(file))
        assert not report.embedded
    return [
        (f"add of {count} abstracts against the embedding in it (at most 1.15)", f"{first / inside[0]:.2f}"),
        ("the same in processor time", f"{processor / busy[0]:.2f}"),
        ("second add, times faster than the first (at least 50)", f"{first / second:.0f}"),
    ]


def searching(folder: Path, papers: int) -> list[tuple[str, str]]:
    """Compare searching with embedding the question and one query of Chroma, in a library of given vectors."""
    built = fill(folder, papers)
    result = subprocess.run(
        [sys.executable, "-m", "bench.store", "--open", str(folder)], capture_output=True, text=True, check=True
    )
    found = json.loads(result.stdout)
    name = f"{papers:,} abstracts: "
    return [
        (name + "publishing, ms an abstract", f"{1000 * built / papers:.2f}"),
        (name + "publishing one more abstract, s", f"{found['small add']:.2f}"),
        (name + "open and first search, s (under 3)", f"{found['open']:.2f}"),
        (name + "the same in processor time", f"{found['open busy']:.2f}"),
        (name + "memory after it, MB (under 1,500)", f"{found['memory']:.0f}"),
        (name + "p95 of embedding the question and one query, ms", f"{1000 * found['raw']:.1f}"),
        (name + "p95 of search against embedding and one query (at most 2)", f"{found['plain']:.2f}"),
        (name + "the same with a year filter (at most 2)", f"{found['filtered']:.2f}"),
        (name + "recall@10 of Chroma against exact neighbours (at least 0.98)", f"{found['recall']:.3f}"),
        (name + "counting what a filter passes, ms", f"{1000 * found['matching']:.2f}"),
    ]


def opened(folder: Path) -> dict[str, float]:
    """Measure in a fresh process: opening, searching, a small publishing."""
    embedder = MiniLM()
    questions = [" ".join(random.Random(n).sample(WORDS, 8)) for n in range(60)]
    began, processor = time.perf_counter(), time.process_time()
    library = Library.open(folder, embedder=embedder)
    library.search(questions[0])
    found = {"open": time.perf_counter() - began, "open busy": time.process_time() - processor}
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    snapshot = library.snapshot()
    assert snapshot is not None
    found |= ratios(library, snapshot, embedder, questions)
    found["recall"] = recall(snapshot)
    found["matching"] = timed(lambda: library.matching(Filters(year_from=2001)))[0]
    extra = folder.parent / "extra.jsonl"
    extra.write_text(json.dumps({"title": "One more of these", "abstract": "It says a thing. And more."}) + "\n")
    found["small add"] = timed(lambda: library.add(extra))[0]
    return found


def ratios(library: Library, snapshot: Snapshot, embedder: MiniLM, questions: list[str]) -> dict[str, float]:
    """Return p95 of a search, plain and by year, against embedding the question and one query of Chroma.

    The three take turns, and of each question the quickest of three rounds counts: the machine may be busy.
    """
    indexes = [segment.index for segment in snapshot._segments if segment.index]
    if not indexes:  # a small library is searched without Chroma, and compared with it all the same
        indexes = [Segment(segment.folder, scanned=0).index for segment in snapshot._segments]

    def raw(question: str) -> None:
        vector = embedder.embed([question])[0]
        for index in indexes:
            assert index is not None
            index.nearest(vector, 10)

    ways = (raw, library.search, lambda question: library.search(question, year=(2000, 2010)))
    seconds = np.full((len(ways), len(questions)), np.inf)
    for _ in range(3):
        for place, question in enumerate(questions):
            for number, way in enumerate(ways):
                library.embedder._known.clear()  # type: ignore[attr-defined]  # or the question would not be embedded
                seconds[number, place] = min(seconds[number, place], timed(lambda w=way, q=question: w(q))[0])
    base, plain, filtered = (p95(list(row)) for row in seconds)
    return {"raw": base, "plain": plain / base, "filtered": filtered / base}


def recall(snapshot: Snapshot) -> float:
    """Return recall@10 of Chroma against exact neighbours, for 200 vectors near those of the library."""
    drawn = np.random.default_rng(1)
    rows = drawn.choice(len(snapshot.paper_ids), min(200, len(snapshot.paper_ids)), replace=False)
    shares = []
    for windows in snapshot.window_vectors(rows):
        vector = windows[0] + 0.5 * drawn.normal(size=384).astype(np.float32) / 384**0.5
        vector = (vector / np.linalg.norm(vector)).astype(np.float32)
        near, _ = snapshot.nearest(vector, 10, None)
        exact, _ = snapshot.nearest(vector, 10, np.ones(len(snapshot.paper_ids), dtype=np.bool_))
        shares.append(len(np.intersect1d(near, exact)) / len(exact))
    return float(np.mean(shares))


def fill(folder: Path, papers: int) -> float:
    """Make a library of invented papers with given vectors; return the seconds that its publishing took."""
    library = Library.open(folder, embedder=MiniLM())
    folder.mkdir(parents=True)
    catalog = library._disk().catalog(create=True)
    drawn = np.random.default_rng(0)
    centres = drawn.normal(size=(500, 384)).astype(np.float32)
    # Straight into the tables: taking records in is measured by `adding`.
    for begin in range(0, papers, 2_000):
        numbers = range(begin, min(papers, begin + 2_000))
        drawn_papers = [paper(number) for number in numbers]
        spans = [pack_spans(split_sentences(str(t["abstract"]))) for t in drawn_papers]
        vectors = centres[drawn.integers(0, 500, len(drawn_papers))] + 0.8 * drawn.normal(size=(len(drawn_papers), 384))
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("<f4")
        with catalog.transaction():
            catalog._db.many(
                "INSERT INTO paper (row, id, title, abstract, year, fields, sentences, revision) "
                "VALUES (?, ?, ?, ?, ?, '{}', ?, 1)",
                [(n + 1, f"invented:{n}", t["title"], t["abstract"], t["year"], s)
                 for n, t, s in zip(numbers, drawn_papers, spans, strict=True)],
            )  # fmt: skip
            catalog._db.many(
                "INSERT INTO window (paper, start, end, vector) VALUES (?, 0, ?, ?)",
                [
                    (n + 1, len(str(t["abstract"])), v.tobytes())
                    for n, t, v in zip(numbers, drawn_papers, vectors, strict=True)
                ],
            )
    seconds, _ = timed(lambda: builds.publish(folder, catalog))
    library.close()
    return seconds


def timed(work):  # type: ignore[no-untyped-def]
    """Return the seconds that a call took, and what it returned."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def p95(seconds: list[float]) -> float:
    """Return the 95th percentile."""
    return float(np.percentile(seconds, 95))


if __name__ == "__main__":
    main()
