"""Files of vectors by key: JSON Lines, or a NumPy array with a list of keys next to it.

    VECTORS.jsonl    {"key": "…", "vector": [0.01, …]} on each line; one line {"embedding": "…"} may name the model
    VECTORS.npy      shape (texts, dimension), float32 or float16, with VECTORS.keys next to it: one key a line

An array is read from the disk in place, JSON Lines are converted to one in a temporary file, so that a file of any size
needs little memory: 40 bytes a text.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import InputError, SourceError
from rag.models.embedding import Embedder, Vectors
from rag.vectors import mapped

Keys = NDArray[np.bytes_]
# Half precision moves a length of 1 by less.
LENGTH_TOLERANCE = 0.01
BLOCK = 8192


class VectorFile:
    """Vectors of one file, checked: finite, of length 1 and of the embedder's dimension."""

    def __init__(self, keys: Keys, vectors: NDArray[Any]) -> None:
        self._order = np.argsort(keys)
        self._keys = keys[self._order]
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, keys: Keys) -> tuple[NDArray[np.intp], Vectors]:
        """Return which of these keys the file has, by position, and a vector of length 1 for each of those."""
        if not len(self._keys):
            return np.empty(0, dtype=np.intp), np.empty((0, self._vectors.shape[1]), dtype=np.float32)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found = np.flatnonzero(self._keys[places] == keys)
        rows = np.asarray(self._vectors[self._order[places[found]]], dtype=np.float32)
        return found, rows / np.linalg.norm(rows, axis=1, keepdims=True)


def read_vectors(path: Path, embedder: Embedder) -> VectorFile:
    """Read and check a file of vectors.

    Raises `SourceError` with file and line where it can't be read, `InputError` where its vectors have another
    dimension, don't have length 1 or aren't finite, or where one key has two.
    """
    if not path.is_file():
        raise SourceError(path, "no such file: check the path")
    keys, vectors = _read_array(path) if path.suffix == ".npy" else _read_lines(path, embedder)
    if vectors.shape[1] != embedder.dimension:
        raise InputError(
            f"{path}: vectors of {vectors.shape[1]} dimensions, {embedder.fingerprint} has {embedder.dimension}: "
            "embed with that model"
        )
    _check(path, keys, vectors)
    return VectorFile(keys, vectors)


def _read_array(path: Path) -> tuple[Keys, NDArray[Any]]:
    beside = path.with_suffix(".keys")
    if not beside.is_file():
        raise SourceError(path, f"{beside.name} is missing beside it: write the keys there, one a line, in order")
    keys = np.array(beside.read_bytes().split(), dtype="S32")
    try:
        vectors = mapped(path)
    except (ValueError, OSError, EOFError) as error:
        raise SourceError(path, f"isn't a NumPy array ({error!s:.200}): write it with numpy.save") from error
    if vectors.ndim != 2 or vectors.dtype.kind != "f":
        raise SourceError(
            path, f"an array of {vectors.dtype} and shape {vectors.shape}: floats of shape (texts, dimension)"
        )
    if len(keys) != len(vectors):
        raise SourceError(path, f"{len(vectors):,} vectors, but {len(keys):,} keys in {beside.name}: write both again")
    return keys, vectors


def _read_lines(path: Path, embedder: Embedder) -> tuple[Keys, NDArray[Any]]:
    keys: list[bytes] = []
    with tempfile.TemporaryFile() as file:
        for number, given in _lines(path):
            if "key" not in given and "embedding" in given:
                _check_embedding(path, given["embedding"], embedder)
                continue
            vector = _vector(path, number, given, embedder.dimension)
            keys.append(str(given["key"]).encode())
            file.write(vector.tobytes())
        file.flush()
        shape = (len(keys), embedder.dimension)
        vectors = np.memmap(file, dtype="<f4", mode="r", shape=shape) if keys else np.empty(shape, dtype=np.float32)
    return np.array(keys, dtype="S32"), vectors


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                given = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise SourceError(path, f"not JSON ({error}): write one object a line", number) from error
            if not isinstance(given, dict):
                raise SourceError(path, "not a JSON object: write one object a line", number)
            yield number, given


def _vector(path: Path, number: int, given: dict[str, Any], dimension: int) -> Vectors:
    """Return the vector of one line."""
    if not isinstance(given.get("key"), str) or not isinstance(given.get("vector"), list):
        raise SourceError(path, 'no "key" with a "vector": write both on each line', number)
    try:
        vector = np.array(given["vector"], dtype="<f4")
    except (ValueError, TypeError) as error:
        raise SourceError(path, f"the vector isn't a list of numbers ({error})", number) from error
    if vector.shape != (dimension,):
        raise SourceError(path, f"a vector of {vector.size} dimensions where {dimension} are needed", number)
    return vector


def _check_embedding(path: Path, named: object, embedder: Embedder) -> None:
    if named != embedder.fingerprint:
        raise InputError(
            f"{path}: names the embedding {named!r}, the library's is {embedder.fingerprint!r}: embed with that one"
        )


def _check(path: Path, keys: Keys, vectors: NDArray[Any]) -> None:
    """Refuse a file with a vector that isn't finite or of length 1, or with two vectors for a key."""
    for begin in range(0, len(vectors), BLOCK):
        lengths = np.linalg.norm(np.asarray(vectors[begin : begin + BLOCK], dtype=np.float32), axis=1)
        wrong = np.flatnonzero(~(np.abs(lengths - 1) <= LENGTH_TOLERANCE))  # a NaN isn't a length either
        if len(wrong):
            row = begin + int(wrong[0])
            what = f"has length {lengths[wrong[0]]:.3f}" if np.isfinite(lengths[wrong[0]]) else "holds NaN or infinity"
            raise InputError(f"{path}: the vector of key {keys[row].decode()} {what}: scale every vector to length 1")
    order = np.argsort(keys, kind="stable")
    for first, second in itertools.pairwise(order[np.isin(keys[order], _twice(keys[order]))]):
        if keys[first] == keys[second] and not np.array_equal(vectors[first], vectors[second]):
            raise InputError(f"{path}: two vectors for key {keys[first].decode()}: write each text once")


def _twice(ordered: Keys) -> Keys:
    """Return the keys that occur more than once."""
    again: Keys = ordered[1:][ordered[1:] == ordered[:-1]]
    return again
