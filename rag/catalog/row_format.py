"""The catalog's row format: records and papers to bytes, and back.

Rows may be damaged or come from someone else, so every value is checked here, once, against its expected type.
Unpacking raises only `LibraryDamagedError`.
"""

from __future__ import annotations

import hashlib
import json
import re
import types
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from rag.catalog.database import SET_ASIDE
from rag.errors import LibraryDamagedError
from rag.serialization import to_json
from rag.types import PRINTED, Bibliographic, Paper, Record, Section, Span

# Paper fields that have columns of their own, or are joined from other tables.
_COLUMNS = {"id", "title", "abstract", "year", "retracted"}
_PAPER = {field.name for field in fields(Paper)}
_UNPACKED = 64 << 20  # bytes of the longest record, unpacked: a hundred times what any source provides
_LARGE = 1 << 31
_HINTS = get_type_hints(Paper)
# What the fields of a paper look like, cleaned on the way in: what is exported and linked relies on it. Texts
# are one line without control characters.
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f]*")
_SHAPES = {name: _LINE for name, hint in _HINTS.items() if hint in (str, str | None, tuple[str, ...])} | {
    "published": re.compile(r"[0-9]{1,4}(?:-[0-9]{2}){0,2}"),
    "url": re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f-\x9f]+"),
    "doi": re.compile(r"10\.[^\s\x00-\x1f\x7f-\x9f]+"),
    "arxiv_id": re.compile(r"[\w./-]+"),
    "pmid": re.compile(r"[0-9]+"),
}
# Fields added to records later: empty ones are left out, so that older digests stay valid.
_LATER = {*PRINTED, "editors", "groups", "more_authors", "keywords", "isbn", "issn", "notes", "collections"}


def pack_record(record: Record) -> tuple[bytes, bytes]:
    """Return (digest, content): the digest covers the record's content, not its position."""
    plain = {name: value for name, value in to_json(record).items() if value or name not in _LATER}
    origin = plain.pop("origin")
    for notice in plain["notices"]:
        notice.pop("said_by")  # set from other papers, never by the record; leaving them out keeps old digests valid
        if not notice["of"]:
            notice.pop("of")
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{text}\x00{origin['key'] or ''}".encode()).digest()[:16]
    return digest, zlib.compress(json.dumps({**plain, "origin": origin}, ensure_ascii=False).encode())


def unpack_record(content: bytes) -> Record:
    """Return the record that `pack_record` packed."""
    with _read("a record"):
        reader = zlib.decompressobj()
        unpacked = reader.decompress(content, _UNPACKED)
        if not reader.eof or reader.unused_data:
            raise ValueError("it is cut, or unpacks to more than any record")
        record: Record = _reader(Record)(json.loads(unpacked))
        return record


def pack_paper(paper: Paper) -> str:
    """Return the fields that have no column of their own as JSON, empty ones left out."""
    plain = to_json(paper)
    return json.dumps({k: v for k, v in plain.items() if k not in _COLUMNS and v not in (None, [], "", False)})


def unpack_paper(paper_id: str, title: str, abstract: str, year: int | None, packed: str) -> Paper:
    """Return the paper of one row."""
    with _read(f"the paper {paper_id:.200}"):
        plain = _object(json.loads(packed))
        known = {"id": paper_id, "title": title, "abstract": abstract, "year": year}
        paper: Paper = _reader(Paper)({k: v for k, v in plain.items() if k in _PAPER} | known)
        return paper


def unpack_fields(packed: str, *names: str) -> dict[str, Any]:
    """Return the given fields of a paper that are written to JSON, having no column of their own."""
    with _read("a paper"):
        plain = _object(json.loads(packed))
        return {name: _reader(_HINTS[name])(plain[name]) for name in names if name in plain}


def pack_spans(spans: list[Span]) -> str:
    """Return sentence offsets as JSON."""
    return json.dumps([[s.start, s.end] for s in spans], separators=(",", ":"))


def unpack_spans(packed: str) -> tuple[Span, ...]:
    """Return the sentence offsets of one row."""
    with _read("a paper's list of sentences"):
        return tuple(Span(*_pair(pair)) for pair in _list(json.loads(packed)))


def unpack_sections(packed: str) -> tuple[Section, ...]:
    """Return the labelled parts of an abstract that the user gave."""
    with _read("a correction"):
        return tuple(_reader(Section)(plain) for plain in _list(json.loads(packed)))


# --- reading by type ---


@contextmanager
def _read(what: str) -> Iterator[None]:
    """Turn the errors of a damaged value into `LibraryDamagedError`."""
    try:
        yield
    except (ValueError, TypeError, zlib.error, RecursionError) as error:
        raise LibraryDamagedError(f"{what} of the library is damaged ({error!s:.200}): {SET_ASIDE}") from error


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return a reader for values of this type from JSON. It raises `ValueError` for any other type."""
    if is_dataclass(kind):
        return _fields_reader(kind)
    if get_origin(kind) is tuple:
        item = _reader(get_args(kind)[0])
        return lambda value: tuple(item(one) for one in _list(value))
    if isinstance(kind, types.UnionType):
        some = _reader(get_args(kind)[0])  # each is `X | None`
        return lambda value: None if value is None else some(value)
    return {str: _text, int: _number, bool: _truth}[kind]


def _fields_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def read(value: Any) -> Any:
        plain = _object(value)
        if strange := (plain.keys() - readers.keys()) | (needed - plain.keys()):
            raise ValueError(f"{kind.__name__} with or without {min(strange):.80}")
        found = {name: readers[name](one) for name, one in plain.items()}
        if issubclass(kind, Bibliographic):
            for name in found.keys() & _SHAPES.keys():
                _check_shape(name, found[name])
        return kind(**found)

    return read


def _check_shape(name: str, found: str | tuple[str, ...] | None) -> None:
    for text in (found,) if isinstance(found, str) else found or ():
        if not _SHAPES[name].fullmatch(text):
            raise ValueError(f"a {name} that no source gives")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a {type(value).__name__} where a text belongs")
    if not value.isascii():
        value.encode()  # half a character can't be stored anywhere
    return value


def refuse_halves(text: str) -> None:
    """Raise `LibraryDamagedError` for a text with half a character in it."""
    with _read("a text"):
        _text(text)


def _number(value: Any) -> int:
    if type(value) is not int or abs(value) >= _LARGE:
        raise ValueError(f"a {type(value).__name__} where a number belongs, or one out of range")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"a {type(value).__name__} where yes or no belongs")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"a {type(value).__name__} where a list belongs")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"a {type(value).__name__} where an object belongs")
    return value


def _pair(value: Any) -> tuple[int, int]:
    start, end = map(_number, _list(value))
    if min(start, end) < 0:
        raise ValueError("an offset below 0")
    return start, end
