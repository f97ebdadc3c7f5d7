"""The default embedding: a text's vector is its own, whatever runs the network and whatever is embedded with it."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT

from rag import Library
from rag.models import minilm
from rag.models.engines import ONNXRUNTIME, OPENVINO
from rag.models.minilm import MiniLM

ENGINES = [ONNXRUNTIME, OPENVINO]


@pytest.fixture(scope="module", params=ENGINES)
def model(request):
    if request.param == OPENVINO:
        pytest.importorskip("openvino", reason="the extra `openvino` is not installed")
    return MiniLM(engine=request.param)


@pytest.fixture(scope="module")
def texts():
    """Texts of 5 to 256 tokens."""
    lines = (ROOT / "eval" / "data" / "library.jsonl").read_text(encoding="utf-8").splitlines()
    papers = [json.loads(line) for line in lines[:20]]
    found = [text for p in papers for text in (p["title"], p["abstract"].split(". ")[0], p["abstract"])]
    counts = MiniLM(engine=ONNXRUNTIME).count_tokens(found)
    return [text for text, count in zip(found, counts, strict=True) if count <= 256]


def test_a_text_has_the_same_vector_alone_and_in_company(model, texts):
    together = model.embed(texts)
    alone = np.stack([model.embed([text])[0] for text in texts])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.abs(together - alone).max() < 1e-4
    assert model.embed([]).shape == (0, 384)


def test_vectors_of_both_engines_are_as_good_as_the_same(model, texts):
    cosines = (model.embed(texts) * MiniLM(engine=ONNXRUNTIME).embed(texts)).sum(axis=1)
    assert cosines.min() >= 0.999


def test_a_library_of_one_engine_is_searched_with_the_other(model, tmp_path, write_jsonl):
    file = write_jsonl("papers.jsonl", [{"title": "Bees and colour", "abstract": "Bees see no red. They see blue."}])
    with Library.open(tmp_path / "library", embedder=model) as library:
        library.add(file)
    with Library.open(tmp_path / "library", embedder=MiniLM(engine=ONNXRUNTIME)) as library:
        assert not library.add(file).embedded
        assert library.search("which colours do insects see")[0].paper.title == "Bees and colour"


def test_many_threads_may_embed_with_models_that_none_has_loaded_yet(model):
    models = [MiniLM(engine=model.engine) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: models[number % 2].embed([f"plot {number}"] * 30)[-1], range(8)))
    assert np.abs(found - model.embed([f"plot {number}" for number in range(8)])).max() < 1e-4


def test_openvino_comes_without_its_telemetry():
    pytest.importorskip("openvino", reason="the extra `openvino` is not installed")
    loaded = "import sys; from rag.models.minilm import MiniLM; MiniLM(engine='openvino').embed(['a']); "
    loaded += "print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "openvino" in done.stdout.split()
    assert "openvino_telemetry" not in done.stdout


@given(st.lists(st.integers(2, 256), max_size=60))
def test_batches_hold_every_text_once_and_little_padding(lengths):
    batches = minilm._batches(lengths)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[row] for row in batch)
        assert len(batch) == 1 or len(batch) * longest <= minilm.BATCH_TOKENS
