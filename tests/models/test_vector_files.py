"""Files of vectors: what is not a vector of the library's embedding is refused with file, place and fix."""

import io
import json

import numpy as np
import pytest
from counting_vectors import ThreeDimensions

from rag.errors import InputError
from rag.models.precomputed import Given, MissingVectorsError, key_of
from rag.models.vector_files import read_vectors

TEXTS = [f"text {number}" for number in range(20)]
EMBEDDER = ThreeDimensions()


def write_lines(path, texts, vectors, head=()):
    lines = [{"key": key_of(text), "vector": [float(v) for v in row]} for text, row in zip(texts, vectors, strict=True)]
    path.write_text("".join(json.dumps(line) + "\n" for line in [*head, *lines]))
    return path


def write_array(path, texts, vectors):
    np.save(path, vectors)
    path.with_suffix(".keys").write_text("".join(f"{key_of(text)}\n" for text in texts))
    return path


@pytest.mark.parametrize("kind", ["lines", "array", "half precision"])
def test_vectors_come_back_by_text_in_any_order(tmp_path, kind):
    vectors = EMBEDDER.embed(TEXTS)
    if kind == "lines":
        head = [{"embedding": EMBEDDER.fingerprint}]
        file = read_vectors(write_lines(tmp_path / "v.jsonl", TEXTS, vectors, head), EMBEDDER)
    else:
        precise = vectors if kind == "array" else vectors.astype(np.float16)
        file = read_vectors(write_array(tmp_path / "v.npy", TEXTS, precise), EMBEDDER)
    assert len(file) == len(TEXTS)
    local = ThreeDimensions()
    found = Given(local, [file]).embed(TEXTS[::-1])
    assert np.allclose(found, vectors[::-1], atol=0.001 if kind == "half precision" else 1e-6)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert 8 <= local.embedded < len(TEXTS)  # a sample


def spoilt(kind):
    vectors = EMBEDDER.embed(TEXTS)
    if kind == "NaN":
        vectors[3, 1] = np.nan
    elif kind == "length":
        vectors[3] *= 2
    elif kind == "dimension":
        return np.pad(vectors, ((0, 0), (0, 1)))
    return vectors


@pytest.mark.parametrize(
    ("kind", "reported"),
    [("NaN", "NaN or infinity"), ("length", "has length 2.000: scale"), ("dimension", "4 dimensions")],
)
def test_an_invalid_vector_is_named(tmp_path, kind, reported):
    for file in (
        write_lines(tmp_path / "v.jsonl", TEXTS, spoilt(kind)),
        write_array(tmp_path / "v.npy", TEXTS, spoilt(kind)),
    ):
        with pytest.raises(InputError, match=reported) as error:
            read_vectors(file, EMBEDDER)
        assert str(file) in str(error.value)


def test_files_that_do_not_fit_are_refused(tmp_path):
    vectors = EMBEDDER.embed(TEXTS)
    torn = write_lines(tmp_path / "torn.jsonl", TEXTS, vectors)
    torn.write_text(torn.read_text()[:-20])
    with pytest.raises(InputError, match=r"torn.jsonl:20: not JSON"):
        read_vectors(torn, EMBEDDER)
    with pytest.raises(InputError, match="names the embedding 'other'"):
        read_vectors(write_lines(tmp_path / "v.jsonl", TEXTS, vectors, [{"embedding": "other"}]), EMBEDDER)
    with pytest.raises(InputError, match="20 vectors, but 19 keys"):
        read_vectors(write_array(tmp_path / "v.npy", TEXTS[1:], vectors), EMBEDDER)
    (tmp_path / "v.keys").unlink()
    with pytest.raises(InputError, match=r"v\.keys is missing beside it"):
        read_vectors(tmp_path / "v.npy", EMBEDDER)
    with pytest.raises(InputError, match=f"two vectors for key {key_of('a')}"):
        read_vectors(write_array(tmp_path / "v.npy", ["a", "b", "a"], vectors[:3]), EMBEDDER)
    assert len(read_vectors(write_array(tmp_path / "v.npy", ["a", "b", "a"], vectors[[0, 1, 0]]), EMBEDDER)) == 3


def forged(shape="(20, 3)", kind="'<f4'"):
    """A NumPy file whose header claims this."""
    claim = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(claim).to_bytes(2, "little") + claim


def archived():
    held = io.BytesIO()
    np.savez(held, vectors=np.eye(20, 3))
    return held.getvalue()


def pickled():
    held = io.BytesIO()
    np.save(held, np.array([{}] * 20, dtype=object), allow_pickle=True)
    return held.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04K\x01.",
        pickled(),
        archived(),
        forged("(True, 3)"),
        forged("(-20, 3)"),
        forged("(20.0, 3)"),
        forged("(1099511627776, 3)"),
        forged(f"({'9' * 400}, 3)"),
        forged(f"({'9' * 6000}, 3)"),
        forged("(" * 3000 + ")" * 3000),
        forged(kind="__import__('os')"),
        forged(kind="'|V0'"),
        forged(kind="[('a', '<f4')]") + b"\0" * 240,
    ],
    ids=len,
)
def test_a_forged_array_is_refused_in_one_line(tmp_path, content):
    file = write_array(tmp_path / "v.npy", TEXTS, EMBEDDER.embed(TEXTS))
    file.write_bytes(content)
    with pytest.raises(InputError, match="array") as error:
        read_vectors(file, EMBEDDER)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


def test_a_text_without_vector_is_an_error_or_is_embedded_here(tmp_path):
    vectors = EMBEDDER.embed(TEXTS)
    file = read_vectors(write_array(tmp_path / "v.npy", TEXTS[2:], vectors[2:]), EMBEDDER)
    with pytest.raises(MissingVectorsError, match="no vector was given for 2 texts, such as 'text 0'"):
        Given(ThreeDimensions(), [file]).embed(TEXTS)
    assert np.allclose(Given(ThreeDimensions(), [file], embed_missing=True).embed(TEXTS), vectors, atol=1e-6)


def test_vectors_of_another_embedding_are_refused(tmp_path):
    file = read_vectors(write_array(tmp_path / "v.npy", TEXTS, EMBEDDER.embed(TEXTS[::-1])), EMBEDDER)
    with pytest.raises(InputError, match=r"has a cosine of -?0\.\d+ to the one that three:1 makes of it"):
        Given(ThreeDimensions(), [file]).embed(TEXTS)
