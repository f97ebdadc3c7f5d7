"""Measure the default embedding on each engine: `python -m bench.embedding [--corpus FILE] [--texts N]`.

Best of three interleaved rounds, so that a busy machine is as busy for all; ratios to onnxruntime, one text a call; the
lowest cosine to what that makes of a text. On a busy machine believe the texts a second of processor time.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.texts import records, text
from rag.models.embedding import Vectors
from rag.models.engines import ONNXRUNTIME, OPENVINO
from rag.models.minilm import MiniLM

ROUNDS = 3


def main() -> None:
    """Print the table of docs/lab/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="a corpus.jsonl to embed in place of invented texts")
    parser.add_argument("--texts", type=int, default=100)
    options = parser.parse_args()
    models = {ONNXRUNTIME: MiniLM(engine=ONNXRUNTIME)}
    if importlib.util.find_spec("openvino"):
        models[OPENVINO] = MiniLM(engine=OPENVINO)
    texts = [text(record) for record in records(options.corpus, 3 * options.texts)]
    counts = models[ONNXRUNTIME].count_tokens(texts)
    texts = [t for t, count in zip(texts, counts, strict=True) if count <= 256][: options.texts]
    ways: dict[str, Callable[[], Vectors]] = {}
    for name, model in models.items():
        ways[f"{name}, one text a call"] = lambda model=model: np.concatenate([model.embed([t]) for t in texts])
        ways[f"{name}, all at once"] = lambda model=model: model.embed(texts)
    seconds = dict.fromkeys(ways, (float("inf"), float("inf")))
    vectors = {way: embed() for way, embed in ways.items()}  # loads the models
    for _ in range(ROUNDS):
        for way, embed in ways.items():
            began, busy = time.perf_counter(), time.process_time()
            embed()
            taken = time.perf_counter() - began, time.process_time() - busy
            seconds[way] = min(seconds[way][0], taken[0]), min(seconds[way][1], taken[1])
    base = f"{ONNXRUNTIME}, one text a call"
    print(f"{len(texts)} texts of {np.mean(models[ONNXRUNTIME].count_tokens(texts)):.0f} tokens on average")
    for way in ways:
        cosine = float((vectors[way] * vectors[base]).sum(axis=1).min())
        cells = [
            f"{len(texts) / mine:6.1f} texts/s of {clock} time ({first / mine:4.2f} x)"
            for clock, mine, first in zip(("wall", "processor"), seconds[way], seconds[base], strict=True)
        ]
        print(f"{way:<29} {'  '.join(cells)}  lowest cosine {min(1.0, cosine):.5f}")


if __name__ == "__main__":
    main()
