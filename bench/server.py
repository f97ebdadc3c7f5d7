"""Measure an index on a Chroma server on this machine: `python -m bench.server [--papers N]`.

Texts are invented and vectors drawn at random, as in `bench.store`; `chroma run` is started and stopped here.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from bench.store import fill, p95, show, timed
from rag import Library
from rag.config import Config
from rag.index.server_client import Server, parse_address
from rag.index.server_collection import Collection
from rag.models.minilm import MiniLM
from rag.retrieve.query import embed_question
from rag.types import Filters

QUESTIONS = [f"what did the {name} give in plot {number}" for number, name in enumerate(("barden", "melotic") * 20)]


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=20_000, help="abstracts of the library")
    papers = parser.parse_args().papers
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        program = [Path(sys.executable).with_name("chroma"), "run", "--path", folder / "chroma", "--port", str(port)]
        process = subprocess.Popen(program, stdout=subprocess.DEVNULL)
        try:
            fill(folder / "library", papers)
            time.sleep(5)
            show([(f"{papers:,} abstracts: {name}", value) for name, value in measured(folder, port, papers)])
            show([("server: memory, MB", f"{memory(process.pid):.0f}"), ("server: disk, MB", f"{disk(folder):.0f}")])
        finally:
            process.terminate()
            process.wait(20)


def measured(folder: Path, port: int, papers: int) -> list[tuple[str, str]]:
    """Bring the library to the server, then read it there."""
    url, embedder = f"http://127.0.0.1:{port}/bench", MiniLM()
    embedder.embed(["warm"])
    with Library.open(folder / "library", embedder=embedder, config=Config(index=url)) as library:
        first, second = (timed(lambda n=n: library.add(one(folder, n)))[0] for n in range(2))
        same, _ = timed(library._disk().publish)
        doctor, examined = timed(library.examine)
        assert examined.healthy, examined
    with (
        Library.open(url, embedder=embedder) as reader,
        closing(Collection(Server(parse_address(url), Config()))) as raw,
    ):
        vectors = {question: embed_question(question, embedder) for question in QUESTIONS}
        reader.embedder.embed(QUESTIONS)  # type: ignore[attr-defined]
        query = p95([timed(lambda v=v: raw.nearest(v, 10, Filters()))[0] for v in vectors.values()])
        kinds = {"": {}, ", by year": {"year": "2000..2010"}, ", by venue": {"venue": "nowhere"}}
        searches = {
            kind: [timed(lambda q=q, f=f: reader.search(q, **f))[0] for q in QUESTIONS[: 40 if not kind else 10]]
            for kind, f in kinds.items()
        }
    return [
        ("bringing a new library to the server, ms an abstract", f"{1000 * first / papers:.2f}"),
        ("one more abstract, s", f"{second:.2f}"),
        ("nothing new, s", f"{same:.3f}"),
        ("doctor, s", f"{doctor:.1f}"),
        ("one raw query of ten windows, p95, ms", f"{1000 * query:.1f}"),
        *(
            (f"search{kind}, p50 / p95, ms", f"{1000 * np.median(s):.1f} / {1000 * p95(s):.1f}")
            for kind, s in searches.items()
        ),
    ]


def one(folder: Path, number: int) -> Path:
    """Write a file with one more paper."""
    file = folder / f"extra-{number}.jsonl"
    added = {"title": f"One more of these, {number}", "abstract": f"It says {number} things. And more."}
    file.write_text(json.dumps(added) + "\n", encoding="utf-8")
    return file


def memory(pid: int) -> float:
    """Return the megabytes that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def disk(folder: Path) -> float:
    """Return the megabytes of the server's folder."""
    return sum(file.stat().st_size for file in (folder / "chroma").rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
