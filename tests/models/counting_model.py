"""An embedder that keeps account of what it was asked to embed."""

import numpy as np


class CountingModel:
    fingerprint = "counting"
    dimension = 2
    max_tokens = 256

    def __init__(self):
        self.embedded = []

    def count_tokens(self, texts):
        return [len(text.split()) + 2 for text in texts]

    def embed(self, texts):
        self.embedded += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)
