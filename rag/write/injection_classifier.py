"""Scores how likely a text addresses a language model: a linear model over its words and its MiniLM vector.

It was trained on sentences written for it (`training/injection`), is measured in docs/lab/injection.md, and needs no
list of wordings. A text is judged whole and in parts, as an instruction may be in brackets, after a colon or inside
markup commands, and the worst part counts.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from rag.models.minilm import MiniLM
from rag.text.words import read_plainly
from rag.vectors import Vectors

WEIGHTS = Path(__file__).with_name("injection_classifier.npz")
SLOTS = 1 << 15  # that words and strings of letters are hashed to
# Characters of one part: a longer text is read through windows that overlap.
_WINDOW, _STEP = 320, 240
_SHORTEST = 12  # characters of a part; half as many of a script without spaces
_FEWEST, _MOST_WORDS = 3, 80  # words and marks: "Conclusions." addresses nobody
_JOINT = re.compile(r"\\[A-Za-z]+\*?|[:;()\[\]{}<>|—–]+|\.\s|\*\*|\s-\s|#{2,}")
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class ClassifierWeights:
    """The fitted model. A part whose words alone score below `doubt` isn't embedded; from `least` it counts."""

    words: Vectors
    vector: Vectors
    bias: float
    doubt: float
    least: float


@lru_cache(maxsize=8192)
def addresses_a_model(text: str) -> bool:
    """Return whether a text, or part of it, reads as addressed to a language model."""
    weights = load()
    return any(score(part, weights) >= weights.least for part in parts(read_plainly(text)))


def score(part: str, weights: ClassifierWeights) -> float:
    """Return the log-odds that a part addresses a model; the network runs only where its words leave doubt."""
    held = slots(part)
    said = float(weights.words[held].sum()) / math.sqrt(len(held)) + weights.bias
    return said if said < weights.doubt else said + float(weights.vector @ vector(part))


def parts(text: str) -> list[str]:
    """Return a text and the parts that it is joined from, each cut to what the network reads."""
    pieces = [piece.strip(" ,.\"'“”‘’$*_-") for piece in _JOINT.split(text)]
    whole = len(pieces) < 2
    some = [p for p in pieces if len(p) >= _SHORTEST or (len(p) * 2 >= _SHORTEST and not p.isascii())]
    kept = dict.fromkeys([text.strip(), *([] if whole else some)])
    windows = dict.fromkeys(window for part in kept for window in _windows(part))
    return [window for window in windows if not window.isascii() or len(_TOKEN.findall(window)) > _FEWEST]


def slots(part: str) -> list[int]:
    """Hash the words, pairs and triples of words, and strings of four letters of a part."""
    words = ["^", *_TOKEN.findall(part.lower())[:_MOST_WORDS], "$"]
    return sorted({zlib.crc32(gram.encode()) % SLOTS for gram in _grams(words)})


def vector(part: str) -> Vectors:
    """Embed one part on its own, so that its neighbours can't change what is found."""
    model = _model()
    (tokens,) = model.count_tokens([part])
    shown = part if tokens <= model.max_tokens else part[: len(part) * model.max_tokens // (2 * tokens)]
    found: Vectors = model.embed([shown])[0]
    return found


@cache
def load() -> ClassifierWeights:
    """Read the weights that ship with this module."""
    with np.load(WEIGHTS, allow_pickle=False) as held:
        words = held["words"].astype(np.float32) * held["scale"]
        bias, doubt, least = (float(number) for number in held["cuts"])
        return ClassifierWeights(words, held["vector"], bias, doubt, least)


@cache
def _model() -> MiniLM:
    return MiniLM()


def _windows(part: str) -> list[str]:
    if len(part) <= _WINDOW:
        return [part] if part else []
    return [part[start : start + _WINDOW] for start in range(0, len(part) - (_WINDOW - _STEP), _STEP)]


def _grams(words: list[str]) -> Iterator[str]:
    yield from words
    yield from (" ".join(pair) for pair in pairwise(words))
    yield from (" ".join(three) for three in zip(words, words[1:], words[2:], strict=False))
    line = " ".join(words)
    yield from (f"#{line[i : i + 4]}" for i in range(len(line) - 3))
