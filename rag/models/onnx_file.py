"""Reads an ONNX file's inputs, outputs and external weight files without loading the model.

An ONNX file is one protobuf message. Only the fields named here are read; the weights are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# For each message of onnx.proto, the fields to read and the message type of each.
_WITHIN = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor", 11: "input", 12: "output"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph"},
    "tensor": {13: "entry"},
    "entry": {1: "key", 2: "value"},
    "input": {1: "name", 2: "type"},
    "output": {1: "name", 2: "type"},
    "type": {1: "tensor type"},
    "tensor type": {2: "shape"},
    "shape": {1: "dimension"},
}
_TEXTS = ("key", "value", "name")
_DIM_VALUE = 0x08  # the tag of the field dim_value
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


def data_files(model: Path) -> tuple[str, ...]:
    """Return the names of the external weight files, relative to the model's folder.

    Raises `ValueError` for a file that isn't ONNX.
    """
    found: set[str] = set()
    key = ""
    for kind, text in _read(model):
        if kind == "key":
            key = text
        elif kind == "value" and key == "location":
            found.add(text)
    return tuple(sorted(found))


def shapes(model: Path, side: str) -> dict[str, tuple[int | None, ...]]:
    """Return the shape of each `input` or `output` by name; a size that isn't fixed is None.

    Raises `ValueError` for a file that isn't ONNX.
    """
    found: dict[str, tuple[int | None, ...]] = {}
    at, name = "", ""
    for kind, text in _read(model):
        if kind in ("input", "output"):
            at = kind
        elif kind == "name" and at == side:
            name = text
            found[name] = ()
        elif kind == "dimension" and at == side:
            found[name] += (int(text) if text else None,)
    return found


def _read(model: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts, the sizes and the start of each input or output, in file order."""
    with model.open("rb") as file:
        yield from _message(file, "model", os.fstat(file.fileno()).st_size)


def _message(file: BinaryIO, kind: str, end: int) -> Iterator[tuple[str, str]]:
    while file.tell() < end:
        tag = _varint(file)
        stop = _stop(file, tag & 7)
        if stop > end:
            raise ValueError("the file is cut short")
        inner = _WITHIN.get(kind, {}).get(tag >> 3) if tag & 7 == _LENGTH else None
        if inner in _TEXTS:
            yield inner, file.read(stop - file.tell()).decode("utf-8", "replace")
        elif inner is not None:
            yield inner, _size(file, stop) if inner == "dimension" else ""
            if inner != "dimension":
                yield from _message(file, inner, stop)
        file.seek(stop)


def _size(file: BinaryIO, end: int) -> str:
    """Return the size of a dimension, or an empty text if it has a name instead."""
    fixed = file.tell() < end and _varint(file) == _DIM_VALUE
    return str(_varint(file)) if fixed else ""


def _stop(file: BinaryIO, wire: int) -> int:
    """Return the position where the value that starts here ends."""
    if wire == _VARINT:
        _varint(file)
        return file.tell()
    if wire in (_FIXED64, _FIXED32):
        return file.tell() + (8 if wire == _FIXED64 else 4)
    if wire != _LENGTH:
        raise ValueError("the file isn't protobuf")
    length = _varint(file)
    return file.tell() + length


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            raise ValueError("the file is cut short")
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("the file isn't protobuf")
