"""How the reader gets two texts: one sequence of word pieces, each marked by whether the other side has its word.

    [CLS] claim or question [SEP] first passage [SEP] second passage [SEP]

A small model trained on few examples doesn't learn by itself to find the same word on the other side; with marks it
does within minutes (docs/lab/reader.md). Training and the shipped model read through this one module.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.text.words import STOPWORDS, fold, stems

CLS, SEP, PAD = 101, 102, 0
# Token types: a word that the other side lacks, one that it has, one that it has between the same neighbours.
# The three of the first text come first, then those of the passages.
ALONE, SHARED, IN_A_RUN = 0, 1, 2
OF_PASSAGES = 3
LONGEST_FIRST = 96  # word pieces of the claim or question

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Word pieces with their types. `texts` has the range of the first text and each passage, None if left out."""

    ids: list[int]
    types: list[int]
    texts: list[slice | None]

    @property
    def shares(self) -> NDArray[np.float32]:
        """What each token adds to the mean over each text's tokens, shape (1 + passages, tokens)."""
        found = np.zeros((len(self.texts), len(self.ids)), dtype=np.float32)
        for row, place in zip(found, self.texts, strict=True):
            if place is not None:
                row[place] = 1 / (place.stop - place.start)
        return found


@dataclass(frozen=True, slots=True)
class _Text:
    """A text's word pieces, its words' stems, and for each piece the number of its word, None for punctuation."""

    ids: tuple[int, ...]
    stems: tuple[str, ...]
    word_of: tuple[int | None, ...]


def encode(tokenizer: Any, first: str, passages: Sequence[str], max_tokens: int) -> Encoded:
    """Encode a claim or question with its passages.

    Where they are longer than `max_tokens`, the passages that share the fewest words with `first` are left out. The
    tokenizer is one of the package `tokenizers`, without truncation or padding.
    """
    one = _cut(_read(tokenizer, first), LONGEST_FIRST)
    others = [_read(tokenizer, passage) for passage in passages]
    kept = _fitting(one, others, max_tokens - len(one.ids) - 2)
    ids = [CLS, *one.ids, SEP]
    types = [ALONE, *_types(one, [others[i] for i in kept]), ALONE]
    texts: list[slice | None] = [slice(0, len(ids)), *[None] * len(passages)]
    for i in kept:
        room = max_tokens - len(ids) - 1
        passage = _cut(others[i], room)
        ids += [*passage.ids, SEP]
        types += [OF_PASSAGES + kind for kind in (*_types(passage, [one]), ALONE)]
        texts[i + 1] = slice(len(ids) - len(passage.ids) - 1, len(ids))
    return Encoded(ids, types, texts)


def _fitting(first: _Text, passages: Sequence[_Text], room: int) -> list[int]:
    """Return the passages that fit, in order: all, or those that share most of the first text's words."""
    if sum(len(passage.ids) + 1 for passage in passages) <= room:
        return list(range(len(passages)))
    wanted = set(first.stems) - STOPWORDS

    def shared(i: int) -> float:
        return len(wanted & set(passages[i].stems)) - 0.001 * len(passages[i].ids)

    kept: list[int] = []
    for i in sorted(range(len(passages)), key=shared, reverse=True):
        if not kept or len(passages[i].ids) < room:
            kept.append(i)
            room -= len(passages[i].ids) + 1
    return sorted(kept)


def _types(text: _Text, others: Sequence[_Text]) -> list[int]:
    """Return the type of each word piece, by whether the others have its word."""
    held = {stem for other in others for stem in other.stems}
    pairs = {pair for other in others for pair in zip(other.stems, other.stems[1:], strict=False)}
    own = text.stems
    kinds = []
    for place, stem in enumerate(own):
        before = place == 0 or (own[place - 1], stem) in pairs
        after = place + 1 == len(own) or (stem, own[place + 1]) in pairs
        kinds.append(ALONE if stem not in held else IN_A_RUN if before and after else SHARED)
    return [ALONE if word is None else kinds[word] for word in text.word_of]


@lru_cache(maxsize=4096)
def _read(tokenizer: Any, text: str) -> _Text:
    encoded = tokenizer.encode(text, add_special_tokens=False)
    spans = [match.span() for match in _WORD.finditer(text)]
    word_of: list[int | None] = []
    word = 0
    for start, end in encoded.offsets:
        while word < len(spans) and spans[word][1] <= start:
            word += 1
        word_of.append(word if word < len(spans) and spans[word][0] < end else None)
    return _Text(tuple(encoded.ids), tuple(stems(fold(text[start:end]) for start, end in spans)), tuple(word_of))


def _cut(text: _Text, longest: int) -> _Text:
    return text if len(text.ids) <= longest else _Text(text.ids[:longest], text.stems, text.word_of[:longest])
