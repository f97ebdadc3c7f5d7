"""Labelled pairs of a claim and a text, to measure a judge with. Layout: docs/evaluation.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eval.json_lines import read_lines
from rag.errors import InputError, SourceError
from rag.types import Support, Verdict

LABELS = ("supported", "not_supported", "contradicted")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, the text it is checked against, and the label that people gave it. `origin` is the pair's source."""

    id: str
    source_text: str
    claim: str
    label: str
    origin: str


def read_pairs(path: str | Path) -> tuple[Pair, ...]:
    """Read pairs, one JSON object a line; without an `origin` a pair's is "unknown".

    Raises `SourceError` naming file and line if a line isn't a pair, `InputError` if there are none.
    """
    pairs = []
    for number, row in read_lines(path):
        for name in ("source_text", "claim", "label"):
            if not isinstance(row.get(name), str):
                raise SourceError(path, f"{name} is {row.get(name)!r}: give a text", number)
        if row["label"] not in LABELS:
            raise SourceError(path, f"unknown label {row['label']!r}: choose one of {', '.join(LABELS)}", number)
        name, origin = str(row.get("id", number)), str(row.get("origin") or "unknown")
        pairs.append(Pair(name, row["source_text"], row["claim"], row["label"], origin))
    if not pairs:
        raise InputError(f"{path}: no pairs in it: give one JSON object per line")
    return tuple(pairs)


def label_of(support: Support) -> str:
    """Return the label that a judgement stands for: `partial`, `unsupported` and `unknown` are not_supported."""
    return {Verdict.SUPPORTED: "supported", Verdict.CONTRADICTED: "contradicted"}.get(support.verdict, "not_supported")
