"""Answers as lines of JSON, the layout in which any system can be scored: see docs/evaluation.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.answers.marks import refuses, split_claims
from eval.answers.responses import Claim, Passage, Pin, Response
from eval.json_lines import read_lines
from rag.errors import SourceError


def to_record(response: Response) -> dict[str, Any]:
    """Return the line of an answers file; unknown values are left out."""
    plain: dict[str, Any] = {
        "id": response.case,
        "text": response.text,
        "declined": response.declined,
        "passages": [{"id": p.id, "title": p.title, "text": p.text} for p in response.passages],
        "retrieved": list(response.retrieved),
        "sentences": [
            {"text": c.text, "marks": list(c.marks), "pins": [{"passage": p.passage, "quote": p.quote} for p in c.pins]}
            for c in response.claims
        ],
        "issues": list(response.issues),
    }
    known = {name: getattr(response, name) for name in OPTIONAL}
    return plain | {name: value for name, value in known.items() if value is not None}


OPTIONAL = {
    "reason": str, "confidence": float, "seconds": float, "prompt_tokens": int, "completion_tokens": int,
    "cost": float, "model": str, "error": str,
}  # fmt: skip


def from_record(row: Mapping[str, Any]) -> Response:
    """Read a line of an answers file. Raises `KeyError`, `TypeError` or `ValueError` naming what is wrong with it."""
    text = _typed(row, "text", str)
    passages = tuple(
        Passage(_typed(p, "id", str), _typed(p, "text", str), p.get("title", "")) for p in row.get("passages", ())
    )
    declined = row.get("declined")
    if declined is None:
        declined = refuses(text)
    if not isinstance(declined, bool):
        raise ValueError(f"declined is {declined!r}: give true or false, or leave it out")
    claims = tuple(_claim(sentence) for sentence in row["sentences"]) if "sentences" in row else split_claims(text)
    return Response(
        case=_typed(row, "id", str),
        text=text,
        claims=() if declined else claims,
        passages=passages,
        retrieved=tuple(row.get("retrieved") or dict.fromkeys(p.id for p in passages)),
        declined=declined,
        issues=tuple(row.get("issues", ())),
        **{name: _typed(row, name, kind) for name, kind in OPTIONAL.items() if row.get(name) is not None},
    )


def _claim(row: Mapping[str, Any]) -> Claim:
    pins = tuple(Pin(_typed(p, "passage", int), _typed(p, "quote", str)) for p in row.get("pins", ()))
    marks = row.get("marks", list(dict.fromkeys(pin.passage for pin in pins)))
    if not all(isinstance(mark, int) and not isinstance(mark, bool) for mark in marks):
        raise ValueError(f"marks is {marks!r}: give passage numbers from 1")
    return Claim(_typed(row, "text", str), tuple(marks), pins)


def _typed(row: Mapping[str, Any], name: str, kind: type) -> Any:
    value = row[name]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{name} is {value!r}: give a {'number' if kind in (int, float) else 'text'}")
    return value


def read_responses(path: str | Path) -> dict[str, Response]:
    """Read an answers file by case id; a first line that holds only a `header` is passed over.

    Raises `SourceError` naming file and line where a line is of another layout, or a question is answered twice.
    """
    responses: dict[str, Response] = {}
    for number, row in read_lines(path):
        if "header" in row:
            continue
        try:
            response = from_record(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            raise SourceError(
                path, f"not an answer in the expected layout: {reason} (see docs/evaluation.md)", number
            ) from error
        if response.case in responses:
            raise SourceError(path, f"the question {response.case!r} is answered a second time: keep one", number)
        responses[response.case] = response
    return responses
