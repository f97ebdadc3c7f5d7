"""An embedder of three dimensions whose vectors differ from text to text, and that counts."""

import hashlib

import numpy as np


class ThreeDimensions:
    fingerprint = "three:1"
    dimension = 3
    max_tokens = 256

    def __init__(self):
        self.embedded = 0

    def count_tokens(self, texts):
        return [len(text.split()) + 2 for text in texts]

    def embed(self, texts):
        self.embedded += len(texts)
        drawn = [np.frombuffer(hashlib.sha256(text.encode()).digest()[:3], dtype=np.uint8) - 127.5 for text in texts]
        vectors = np.array(drawn, dtype=np.float32).reshape(-1, 3)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
