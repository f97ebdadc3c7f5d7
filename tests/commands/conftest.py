"""Commands run in this process, over a library whose embedding costs nothing."""

import numpy as np
import pytest

import rag.models.registry
from rag.__main__ import main


class QuickEmbedder:
    """Vectors of word lengths: these tests are not about meaning."""

    fingerprint = "quick:8"
    dimension = 8
    max_tokens = 256

    def count_tokens(self, texts):
        return [len(text.split()) + 2 for text in texts]

    def embed(self, texts):
        vectors = np.full((len(texts), 8), 0.01, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                vectors[row, len(word) % 8] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(rag.models.registry, "load_embedder", lambda name: QuickEmbedder())

    def run(*arguments):
        code = main([*map(str, arguments), "--library", str(tmp_path / "library")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
