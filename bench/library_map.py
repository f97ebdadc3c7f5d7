"""What a map of a library on two axes would show: `python -m bench.library_map [LIBRARY]`, else of the demo's papers.

Prints how much of the papers' differences two axes hold, and how many of a paper's ten nearest papers stay among its
ten nearest on the map.
"""

import sys
import tempfile

import numpy as np

from bench.startup import ROOT
from rag import Library

NEAREST = 10
READ = 700  # characters of a paper: as many as the embedding takes at once


def main():
    """Lay the papers out on their two principal axes, and compare neighbours."""
    with tempfile.TemporaryDirectory() as place, Library.open(sys.argv[1] if sys.argv[1:] else place) as library:
        if not sys.argv[1:]:
            library.add(ROOT / "eval/data/library.jsonl")
        texts = [f"{paper.title}. {paper.abstract}"[:READ] for paper in library.papers() if paper.abstract]
        vectors = np.asarray(library.embedder.embed(texts), dtype=float)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    axes, sizes, _ = np.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    spots = axes[:, :2] * sizes[:2]
    near = nearest(-(vectors @ vectors.T))
    drawn = nearest(((spots[:, None] - spots) ** 2).sum(-1))
    kept = np.mean([len(set(one) & set(other)) for one, other in zip(near, drawn, strict=True)])
    held = (sizes[:2] ** 2).sum() / (sizes**2).sum()
    print(f"{len(texts)} papers: two axes hold {held:.0%}; of {NEAREST} nearest papers {kept:.1f} stay near")


def nearest(distances):
    """Return the nearest others of each."""
    return np.argsort(distances, axis=1)[:, 1 : NEAREST + 1]


if __name__ == "__main__":
    main()
