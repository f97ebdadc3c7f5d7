"""Answers as lines of JSON, the layout in which any system can be scored: see docs/evaluation.md."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from eval.answers.citation_marks import split_claims, strip_marks
from eval.answers.declined_in_prose import UNREADABLE, refuses, unreadable
from eval.answers.provider_citations import from_annotations, from_blocks, text_of
from eval.answers.responses import Claim, Passage, PinnedQuote, Response
from eval.json_lines import read_lines
from eval.json_values import amount_of, checked, list_of, objects_of, refuse_unknown, texts_of, value_of
from rag.errors import SourceError


def to_record(response: Response) -> dict[str, Any]:
    """Return the line of an answers file; unknown values are left out."""
    plain: dict[str, Any] = {
        "id": response.case,
        "text": response.text,
        "declined": response.declined,
        "passages": [_passage_record(passage) for passage in response.passages],
        "retrieved": list(response.retrieved),
        "sentences": [
            {"text": c.text, "marks": list(c.marks), "pins": [_pin_record(pin) for pin in c.pins]}
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


# What an object may hold at each place; a run file has more.
KEYS = frozenset(
    ["id", "text", "declined", "passages", "retrieved", "sentences", "issues", "content", "annotations", *OPTIONAL]
)
RUN_KEYS = frozenset(["case", "scores", "judged", "nuggets", "baselines"])
PASSAGE_KEYS, SENTENCE_KEYS = frozenset(["id", "text", "title", "key"]), frozenset(["text", "marks", "pins"])
PIN_KEYS = frozenset(["passage", "quote", "start", "end"])


def _passage_record(passage: Passage) -> dict[str, str]:
    plain = {"id": passage.id, "title": passage.title, "text": passage.text}
    return plain | ({"key": passage.key} if passage.key else {})


def _pin_record(pin: PinnedQuote) -> dict[str, Any]:
    plain: dict[str, Any] = {"passage": pin.passage, "quote": pin.quote}
    return plain if pin.start is None else plain | {"start": pin.start, "end": pin.end}


def from_record(row: Mapping[str, Any]) -> Response:
    """Read a line of an answers file. Raises `KeyError`, `TypeError` or `ValueError` naming what is wrong with it."""
    refuse_unknown(row, KEYS, "an answer", RUN_KEYS)
    passages = tuple(_passage(passage) for passage in objects_of(row, "passages"))
    text = text_of(objects_of(row, "content")) if "content" in row else value_of(row, "text", str)
    optional = {name: _optional(row, name, kind) for name, kind in OPTIONAL.items() if row.get(name) is not None}
    declined = row.get("declined")
    if declined is None:
        if unreadable(text, passages):
            optional.setdefault("error", UNREADABLE)
        declined = not optional.get("error") and refuses(text, passages)
    return Response(
        case=value_of(row, "id", str),
        text=text,
        claims=() if checked(declined, "declined", bool) else _claims(row, text, passages),
        passages=passages,
        retrieved=texts_of(row, "retrieved") or tuple(dict.fromkeys(p.id for p in passages)),
        declined=declined,
        issues=texts_of(row, "issues"),
        **optional,
    )


def _optional(row: Mapping[str, Any], name: str, kind: type) -> Any:
    if kind is str:
        return value_of(row, name, str)
    return amount_of(row, name, kind, 1.0 if name == "confidence" else math.inf)


def _passage(row: Mapping[str, Any]) -> Passage:
    refuse_unknown(row, PASSAGE_KEYS, "a passage")
    title, key = (checked(row.get(name, ""), f"the {name} of a passage", str) for name in ("title", "key"))
    return Passage(value_of(row, "id", str), value_of(row, "text", str), title, key)


def _claims(row: Mapping[str, Any], text: str, passages: tuple[Passage, ...]) -> tuple[Claim, ...]:
    """Return the sentences, from the one place where a line holds their citations."""
    places = [name for name in ("sentences", "content", "annotations") if name in row]
    if len(places) > 1:
        raise ValueError(f"{' and '.join(places)} in one line: give one of them")
    if "content" in row:
        return from_blocks(row["content"], passages)
    if "annotations" in row:
        return from_annotations(text, objects_of(row, "annotations"), passages)
    if "sentences" in row:
        return tuple(_claim(sentence) for sentence in objects_of(row, "sentences"))
    return split_claims(text, passages)


def disagreement(response: Response) -> str | None:
    """Return where the text of an answer says something else than its sentences, None where they agree.

    Only words and figures are compared: a list of references below, marks and layout are in the text alone.
    """
    if response.declined:
        return None
    said = _words(strip_marks(response.text, response.passages))
    held = _words(" ".join(strip_marks(claim.text) for claim in response.claims))
    place = next((n for n, (a, b) in enumerate(zip_longest(said, held)) if a != b), None)
    if place is None:
        return None
    return (
        f"the text goes on {' '.join(said[place : place + 6])!r}, its sentences {' '.join(held[place : place + 6])!r}"
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _claim(row: Mapping[str, Any]) -> Claim:
    refuse_unknown(row, SENTENCE_KEYS, "a sentence")
    pins = tuple(_pin(pin) for pin in objects_of(row, "pins"))
    marks = list_of(row, "marks") if "marks" in row else list(dict.fromkeys(pin.passage for pin in pins))
    if not all(isinstance(mark, int) and not isinstance(mark, bool) for mark in marks):
        raise ValueError(f"marks is {marks!r}: give passage numbers from 1")
    return Claim(value_of(row, "text", str), tuple(marks), pins)


def _pin(row: Mapping[str, Any]) -> PinnedQuote:
    refuse_unknown(row, PIN_KEYS, "a pin")
    offsets = [value_of(row, name, int) if row.get(name) is not None else None for name in ("start", "end")]
    if offsets.count(None) == 1:
        raise ValueError("a pin has one offset: give start and end, or neither")
    return PinnedQuote(value_of(row, "passage", int), value_of(row, "quote", str), offsets[0], offsets[1])


def read_responses(path: str | Path) -> dict[str, Response]:
    """Read an answers file by case id; a first line that holds only a `header` is passed over.

    Raises `SourceError` naming file and line where a line is of another layout, its sentences don't say what its text
    says, or a question is answered twice.
    """
    responses: dict[str, Response] = {}
    for number, row in read_lines(path):
        if "header" in row:
            continue
        try:
            response = from_record(row)
            fault = disagreement(response) if "sentences" in row else None
            if fault:
                raise ValueError(fault)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            raise SourceError(
                path, f"not an answer in the expected layout: {reason} (see docs/evaluation.md)", number
            ) from error
        if response.case in responses:
            raise SourceError(path, f"the question {response.case!r} is answered a second time: keep one", number)
        responses[response.case] = response
    if not responses:
        raise SourceError(path, "holds no answer: write one object per line (see docs/evaluation.md)")
    return responses
