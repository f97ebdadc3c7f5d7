"""Which of what was written is trained on, which chooses between designs, and which only measures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from training.written import (
    HERE,
    Abstract,
    Claim,
    Finding,
    Question,
    read_abstracts,
    read_claims,
    read_findings,
    read_questions,
)

# Of all abstracts, those whose items choose between designs and are never trained on.
_PUT_ASIDE = 16 / 256
# The libraries of the second question set, over whose papers answers are measured.
_LIBRARIES = HERE.parent / "eval" / "data" / "fields" / "libraries.json"
_HELD_OUT = "heldout"  # begins the name of a file that only measures
# Begins the name of a file of right claims, each followed by its false twin, or of questions that an abstract answers,
# each followed by one that it doesn't.
_PAIRS = "pairs"
_HELD_OUT_PAIRS = "heldout-pairs.txt"


_Item = TypeVar("_Item", Claim, Question, Finding)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, without what is put aside."""

    abstracts: dict[str, Abstract]
    claims: list[Claim]
    questions: list[Question]
    paired_claims: list[Claim]  # those of them that were written with a twin
    paired_questions: list[Question]
    findings: list[Finding]


def put_aside(abstract: str) -> bool:
    """Return whether an abstract's items only choose between designs."""
    return hashlib.sha256(abstract.encode()).digest()[0] < 256 * _PUT_ASIDE


def training_files(kind: str) -> list[Path]:
    """Return the files of claims or questions that are trained on."""
    return [file for file in sorted((HERE / kind).glob("*.txt")) if not file.stem.startswith(_HELD_OUT)]


def held_out_claims() -> list[Claim]:
    """Return the claims that are never trained on, of abstracts of their own."""
    files = [file for file in sorted((HERE / "claims").glob(f"{_HELD_OUT}*.txt")) if file.name != _HELD_OUT_PAIRS]
    return [claim for file in files for claim in read_claims(file)]


def held_out_pairs() -> list[tuple[Claim, Claim]]:
    """Return right claims with their false twins, over the same abstracts, which are never trained on either."""
    claims = read_claims(HERE / "claims" / _HELD_OUT_PAIRS)
    return list(zip(claims[::2], claims[1::2], strict=True))


def asked_about() -> set[str]:
    """Return the abstracts of the second question set's libraries, by `set:id`."""
    libraries = json.loads(_LIBRARIES.read_text(encoding="utf-8"))
    return {f"{library['set']}:{number}" for library in libraries.values() for number in library["ids"]}


def written(shared: Path) -> Written:
    """Return what may be trained on."""
    measured = {claim.abstract for claim in held_out_claims()} | asked_about()
    abstracts = {
        name: abstract
        for name, abstract in read_abstracts(shared).items()
        if name not in measured and not put_aside(name)
    }
    claims, paired_claims = _items(read_claims, "claims", abstracts)
    questions, paired_questions = _items(read_questions, "questions", abstracts)
    findings, _ = _items(read_findings, "findings", abstracts)
    return Written(abstracts, claims, questions, paired_claims, paired_questions, findings)


def _items(
    read: Callable[[Path], list[_Item]], kind: str, abstracts: Mapping[str, Abstract]
) -> tuple[list[_Item], list[_Item]]:
    """Return what was written over these abstracts, and which of it in pairs."""
    items: list[_Item] = []
    paired: list[_Item] = []
    for file in training_files(kind):
        found = [item for item in read(file) if item.abstract in abstracts]
        items += found
        paired += found if file.stem.startswith(_PAIRS) else []
    return items, paired


def evidence(claim: Claim, abstract: Abstract, reach: str) -> tuple[str, ...]:
    """Return the sentences that a claim names, they and their neighbours, or all."""
    far = {"sentences": 0, "neighbours": 1, "abstract": len(abstract.sentences)}[reach]
    places = (i for i in range(len(abstract.sentences)) if any(abs(i - one) <= far for one in claim.sentences))
    return tuple(abstract.sentences[place] for place in places)
