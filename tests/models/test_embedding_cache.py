import numpy as np
from counting_model import CountingModel

from rag.models.embedding_cache import Remembered


def test_a_text_is_embedded_once_and_its_vector_stays_the_same():
    model = CountingModel()
    remembered = Remembered(model)
    first = remembered.embed(["a b", "c", "a b"])
    assert model.embedded == ["a b", "c"]
    assert np.array_equal(remembered.embed(["c", "a b"]), first[[1, 0]])
    assert model.embedded == ["a b", "c"]
    assert remembered.embed([]).shape == (0, 2)


def test_what_was_learned_is_not_embedded_and_the_oldest_is_forgotten():
    model = CountingModel()
    remembered = Remembered(model, most=2)
    remembered.learn(["x"], np.array([[1.0, 0.0]], dtype=np.float32))
    assert remembered.embed(["x"]).tolist() == [[1.0, 0.0]]
    remembered.embed(["y", "z"])
    remembered.embed(["x"])
    assert model.embedded == ["y", "z", "x"]
