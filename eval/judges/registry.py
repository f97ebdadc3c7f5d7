"""Judges by name, each with its card: the checkers of `rag.verify`, and the word-overlap floor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.judges.card import OverlapJudge
from eval.judges.judged import Judge
from eval.judges.languages import EnglishOnly
from eval.judges.shortcut import Shortcut
from rag import prompts
from rag.config import from_environment
from rag.errors import ConfigError, InputError
from rag.models.reader import default_reader
from rag.verify import default_checker, default_embedder, load_checker

CARDS = Path(__file__).parents[1] / "data" / "cards"
_SOURCES = Path(prompts.__file__).parent


def open_judge(name: str) -> Judge:
    """Return the judge of this name: overlap, or any that `rag.verify.load_checker` knows; model:NAME is its NAME.

    Raises `InputError` for an unknown one, or one whose files are missing.
    """
    if name == "overlap":
        return EnglishOnly(OverlapJudge())
    if name == "builtin":
        return EnglishOnly(Shortcut(default_checker(), default_embedder(), default_reader()))
    try:
        return load_checker(name.removeprefix("model:"), from_environment(), default_embedder())
    except ConfigError as error:
        raise InputError(f"unknown judge {name!r}: {error}") from error


# Parts of `rag.verify` that the built-in checker doesn't run: what follows from a verdict, and other checkers.
_JUDGE_NOTHING = frozenset(
    [
        "agreement",
        "attribution",
        "bounded",
        "entailment",
        "llm_judge",
        "near_copies",
        "presupposition",
        "registry",
        "stances",
    ]
)
# What it reads sentences with.
_READS = (
    "entity_names",
    "language",
    "lexicon",
    "quantities",
    "quantity_match",
    "reading",
    "sentences",
    "units",
    "words",
)


def judge_sha256() -> str:
    """Fingerprint the code that judges: a card measured with another one is out of date.

    An installed wheel's names of modules count as those of the checkout that it was made from.
    """
    verify = [file for file in sorted((_SOURCES / "verify").glob("*.py")) if file.stem not in _JUDGE_NOTHING]
    reader = [_SOURCES / "models" / name for name in ("reader.py", "reader_input.py", "weights/reader.onnx")]
    files = [*verify, *(_SOURCES / "text" / f"{name}.py" for name in _READS), *reader]
    return hashlib.sha256(b"\0".join(file.read_bytes().replace(b"pincite", b"rag") for file in files)).hexdigest()


def card_of(name: str) -> Mapping[str, Any] | None:
    """Return the stored card of a judge (`judge --out`), None if it was never measured."""
    path = CARDS / f"{name.replace(':', '-').replace('/', '-')}.json"
    if not path.exists():
        return None
    card: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return card


def describe(card: Mapping[str, Any] | None, name: str) -> str:
    """Say in one line how far the judge can be trusted, to print with each of its numbers."""
    if card is None:
        return f"judge {name}: no card; measure it on labelled pairs: pincite eval judge PAIRS.jsonl --judge {name}"
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
