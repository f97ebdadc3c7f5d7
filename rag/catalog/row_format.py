"""To and from the catalog's rows: records and papers as bytes, and back."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import fields
from typing import Any

from rag.serialization import to_json
from rag.types import Notice, Origin, Paper, Record, Section, Span

# Paper fields that have columns of their own, or are joined from other tables.
_COLUMNS = {"id", "title", "abstract", "year", "retracted"}
_PAPER = {field.name for field in fields(Paper)}
# Fields that records got later: where they are empty they are left out, so that a digest made before still holds.
_LATER = {"kind", "volume", "issue", "pages", "series", "edition", "publisher", "editors", "groups"}


def pack_record(record: Record) -> tuple[bytes, bytes]:
    """Return (digest, content): the digest is of what the record says, wherever it stood."""
    plain = {name: value for name, value in to_json(record).items() if value or name not in _LATER}
    origin = plain.pop("origin")
    said = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{said}\x00{origin['key'] or ''}".encode()).digest()[:16]
    return digest, zlib.compress(json.dumps({**plain, "origin": origin}, ensure_ascii=False).encode())


def unpack_record(content: bytes) -> Record:
    """Return the record that `pack_record` packed."""
    plain: dict[str, Any] = json.loads(zlib.decompress(content))
    return Record(**_typed(plain), origin=Origin(**plain["origin"]))


def pack_paper(paper: Paper) -> str:
    """Return the fields that have no column of their own as JSON, empty ones left out."""
    plain = to_json(paper)
    return json.dumps({k: v for k, v in plain.items() if k not in _COLUMNS and v not in (None, [], "")})


def unpack_paper(paper_id: str, title: str, abstract: str, year: int | None, packed: str) -> Paper:
    """Return the paper of one row."""
    plain: dict[str, Any] = json.loads(packed)
    origins = tuple(Origin(**o) for o in plain.get("origins", ()))
    rest = {k: v for k, v in _typed(plain).items() if k in _PAPER}
    return Paper(id=paper_id, title=title, abstract=abstract, year=year, origins=origins, **rest)


def _typed(plain: dict[str, Any]) -> dict[str, Any]:
    """Give lists and nested values their types back, all but the origins."""
    typed = {k: v for k, v in plain.items() if k not in ("origin", "origins")}
    for name in ("authors", "aliases", "editors", "groups"):
        if name in typed:
            typed[name] = tuple(typed[name])
    if "sections" in typed:
        typed["sections"] = tuple(Section(**s) for s in typed["sections"])
    if "notices" in typed:
        typed["notices"] = tuple(Notice(**n) for n in typed["notices"])
    return typed


def pack_spans(spans: list[Span]) -> str:
    """Return sentence offsets as JSON."""
    return json.dumps([[s.start, s.end] for s in spans], separators=(",", ":"))


def unpack_spans(packed: str) -> tuple[Span, ...]:
    """Return the sentence offsets of one row."""
    return tuple(Span(start, end) for start, end in json.loads(packed))
