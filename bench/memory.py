"""Measure the memory of adding one large file: `python -m bench.memory [--megabytes 50 100 200] [--unread 6500]`.

Records are invented, each add runs in a process of its own, and the vectors are drawn at random in place of embedding,
which takes the same memory however much it embeds. Index and all. What grows with the file is the difference between
two rows. `--unread` gives each record fields that are not read, as OpenAlex and others have them: 8 kB a record there.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.texts import paper
from rag import Library
from rag.vectors import Vectors


class Drawn:
    """An embedder that draws a vector at random for each text."""

    fingerprint = "drawn:384"
    dimension = 384
    max_tokens = 256

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    def embed(self, texts: Sequence[str]) -> Vectors:
        drawn = [np.random.default_rng(zlib.crc32(text.encode())).normal(size=self.dimension) for text in texts]
        vectors = np.array(drawn, dtype=np.float32).reshape(-1, self.dimension)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--unread", type=int, default=0, help="bytes of each record besides title, abstract and year")
    parser.add_argument("--scratch", type=Path, help="where the files go: three times their size is needed")
    parser.add_argument("--add", type=Path, nargs=2, metavar=("FILE", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.add:
        added(*options.add)
        return
    print(f"{'file, MB':>8} {'records':>10} {'peak memory, MB':>16} {'seconds':>8}", flush=True)
    for megabytes in options.megabytes:
        with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
            file = Path(scratch) / "papers.jsonl"
            write(file, megabytes * 1_000_000, options.unread)
            command = [sys.executable, "-m", "bench.memory", "--add", str(file), str(Path(scratch) / "library")]
            subprocess.run(command, check=True)


def write(file: Path, size: int, unread_bytes: int) -> None:
    """Write invented records until the file has this size in bytes."""
    with file.open("w", encoding="utf-8") as lines:
        written = number = 0
        unread = {"related_works": ["https://example.org/W12345678"] * (unread_bytes // 34)}
        while written < size:
            written += lines.write(json.dumps(paper(number) | unread) + "\n")
            number += 1


def added(file: Path, folder: Path) -> None:
    """Add the file and print its row."""
    began = time.perf_counter()
    with Library.open(folder, embedder=Drawn()) as library:
        report = library.add(file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - began
    print(f"{file.stat().st_size / 1e6:>8.0f} {report.records:>10,} {peak:>16,.0f} {seconds:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
