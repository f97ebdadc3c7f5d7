"""Judges by name, each with its card: the checkers of `rag.verify`, and the word-overlap floor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.judges.card import OverlapJudge
from eval.judges.judged import Judge
from rag.config import from_environment
from rag.errors import InputError
from rag.models import load
from rag.verify import EntailmentChecker, ModelChecker, default_checker

CARDS = Path(__file__).parents[1] / "data" / "cards"
_SOURCES = Path(__file__).parents[2] / "rag"


def open_judge(name: str) -> Judge:
    """Return the judge of this name: builtin, overlap, model:NAME (as `--model` takes it) or entailment:FOLDER.

    Raises `InputError` for one that is not known or whose files are not there.
    """
    kind, _, rest = name.partition(":")
    if name == "builtin":
        return default_checker()
    if name == "overlap":
        return OverlapJudge()
    if kind == "entailment" and rest:
        return EntailmentChecker(rest)
    if kind == "model" and rest and (model := load(rest, from_environment(model=rest))) is not None:
        return ModelChecker(model)
    raise InputError(f"unknown judge {name!r}: choose builtin, overlap, model:NAME or entailment:FOLDER")


# Parts of `rag.verify` that the built-in checker doesn't run: what follows from a verdict, and other checkers.
_JUDGE_NOTHING = frozenset(["agreement", "attribution", "entailment", "llm_judge", "presupposition", "stances"])
# What it reads sentences with.
_READS = ("entity_names", "lexicon", "quantities", "quantity_match", "reading", "sentences", "units", "words")


def judge_sha256() -> str:
    """Fingerprint the code that judges: a card measured with another one is out of date."""
    verify = [file for file in sorted((_SOURCES / "verify").glob("*.py")) if file.stem not in _JUDGE_NOTHING]
    files = [*verify, *(_SOURCES / "text" / f"{name}.py" for name in _READS)]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def card_of(name: str) -> Mapping[str, Any] | None:
    """Return the stored card of a judge (`judge --out`), None where it was never measured."""
    path = CARDS / f"{name.replace(':', '-').replace('/', '-')}.json"
    if not path.exists():
        return None
    card: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return card


def describe(card: Mapping[str, Any] | None, name: str) -> str:
    """Say in one line how far the judge can be trusted, to print with each of its numbers."""
    if card is None:
        return f"judge {name}: no card; measure it on labelled pairs: python -m eval judge PAIRS.jsonl --judge {name}"
    mine, floor = card["balanced_accuracy"], card.get("overlap", {}).get("balanced_accuracy")
    if mine["value"] is None:
        return f"judge {name}: {card['file']} needs both supported and unsupported pairs: label some of each"
    line = f"judge {name}: balanced accuracy {mine['value']:.3f} [{mine['low']:.3f}, {mine['high']:.3f}]"
    line += f" on {card['pairs']} pairs of {card['file']}"
    if floor and floor["value"] is not None:
        line += f" (word overlap {floor['value']:.3f})"
    if name == "builtin" and card.get("judge_sha256") != judge_sha256():
        line += "; measured on another version of this judge: measure it again"
    return line
