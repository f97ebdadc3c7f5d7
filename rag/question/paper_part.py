"""Questions for a part of a paper as a whole: what it set out to do, how, what it found and what it concluded.

No sentence is like such a question, so the reader can't find the one that answers, but the roles of sentences say it.
What a question asks for is read by a small linear model from its embedding and its words: those that wordings of such
questions have in common. `training/paper_parts.py` fits it; docs/lab/reader.md has what it gains.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.models.embedding import Embedder
from rag.text.words import STOPWORDS, fold, split, stem
from rag.types import Evidence, Paper, Role

WEIGHTS = Path(__file__).parent / "part_weights.json"
PARTS = (Role.BACKGROUND, Role.AIM, Role.METHOD, Role.RESULT, Role.CONCLUSION)
# From this probability on, a question counts as one for a part.
SURELY = 0.8
# What a paper is called; no word of these describes one.
NOUNS = (
    "paper",
    "study",
    "trial",
    "work",
    "article",
    "research",
    "experiment",
    "review",
    "survey",
    "analysis",
    "report",
)
# The paper that is meant has at least this share of the words that describe it.
DESCRIBED = 0.5
# How likely a sentence of the part answers, at least.
_ANSWERS = 0.9
# What replaces a part that an abstract doesn't state.
_INSTEAD = {
    Role.CONCLUSION: Role.RESULT,
    Role.RESULT: Role.CONCLUSION,
    Role.AIM: Role.METHOD,
    Role.BACKGROUND: Role.AIM,
}
_EMBEDDED = 4.0  # scale of the embedding relative to words, which are 0 or 1
_TITLE = re.compile(r"\s*\(“([^”]*)”\)")  # of the paper that a follow-up is about


@dataclass(frozen=True, slots=True)
class _Model:
    forms: tuple[str, ...]
    words: frozenset[str]  # those of the forms, which describe no paper
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


def forms(text: str) -> set[str]:
    """Return the stems of a text's words, and its pairs of neighbouring ones with its start and end."""
    stems = [stem(word) for word in split(fold(text))]
    return {*stems, *(f"{one} {other}" for one, other in zip(["^", *stems], [*stems, "$"], strict=True))}


def features(texts: Sequence[str], known: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a question is recognised by, shape (texts, dimension + forms): its embedding, and which it has."""
    place = {form: at for at, form in enumerate(known)}
    table = np.zeros((len(texts), len(known)), dtype=np.float32)
    for row, text in zip(table, texts, strict=True):
        row[[place[form] for form in forms(text) if form in place]] = 1
    return np.hstack([vectors * _EMBEDDED, table])


def asked_part(text: str, embedder: Embedder) -> Role | None:
    """Return the part of a paper that a question asks for, None where it asks for anything else or is very long.

    The weights are for the vectors of the default embedder.
    """
    model = _model()
    plain = _TITLE.sub("", text)
    if embedder.count_tokens([plain])[0] > embedder.max_tokens:
        return None
    logits = features([plain], model.forms, embedder.embed([plain])) @ model.weights + model.bias
    odds = np.exp(logits[0] - logits[0].max())
    likely = odds / odds.sum()
    return PARTS[int(likely[:-1].argmax())] if 1 - likely[-1] >= SURELY else None


def by_part(text: str, evidence: Sequence[Evidence], embedder: Embedder) -> tuple[Evidence, ...]:
    """Return the evidence, scored by the roles of sentences where the question asks for a part of one of its papers."""
    part = asked_part(text, embedder) if evidence else None
    meant = _described(text, list(dict.fromkeys(item.paper for item in evidence))) if part else None
    if part is None or meant is None:
        return tuple(evidence)
    roles = {item.role for item in evidence if item.paper.id == meant.id}
    shown = part if part in roles else _INSTEAD.get(part)
    return tuple(_scored(item) if item.paper.id == meant.id and item.role is shown else item for item in evidence)


def _described(text: str, papers: Sequence[Paper]) -> Paper | None:
    """Return the paper that has most of the words with which a question describes one, the nearest of several."""
    wanted = _stems(text) - _model().words
    if not wanted:
        return papers[0] if len(papers) == 1 else None
    held = [len(wanted & _stems(" ".join((paper.title, paper.abstract, *paper.authors)))) for paper in papers]
    return papers[held.index(max(held))] if max(held) >= DESCRIBED * len(wanted) else None


def _stems(text: str) -> set[str]:
    return {stem(word) for word in split(fold(text)) if word not in STOPWORDS}


def _scored(item: Evidence) -> Evidence:
    """Return a sentence with the score of its role; among those with the same one, what the reader found decides."""
    likely = _ANSWERS + (1 - _ANSWERS) * item.answers
    return replace(item, answers=likely, read=likely)


@cache
def _model() -> _Model:
    found = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    words = frozenset(word for form in found["forms"] for word in form.split()) | {stem(noun) for noun in NOUNS}
    weights, bias = (np.array(found[name], dtype=np.float32) for name in ("weights", "bias"))
    return _Model(tuple(found["forms"]), words, weights, bias)
