"""An embedder that is quick and counts: what a test of storing needs. The real one is used where meaning matters."""

from __future__ import annotations

import zlib

import numpy as np


class CountingEmbedder:
    """Hashes words into 32 dimensions; a text of its own words has its own vector."""

    fingerprint = "counting:32"
    dimension = 32
    max_tokens = 256

    def __init__(self, fingerprint="counting:32"):
        self.fingerprint = fingerprint
        self.embedded = 0

    def count_tokens(self, texts):
        return [len(text.split()) + 2 for text in texts]

    def embed(self, texts):
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1.0
            vectors[row, 0] += 0.01
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
