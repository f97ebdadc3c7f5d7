"""An answer without a language model: the sentences of the abstracts that answer, word for word.

It cannot invent. What it has to get right is the choice: the paper that the question means among similar ones, the
sentence that carries the figure asked for, and each thing once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from rag.types import Draft, Evidence, Role
from rag.words import terms
from rag.write.question import Form, form_of

MOST_PAPERS = 5
# Sentences that can carry a finding; background tells what others hold, an aim what was tried.
_WEIGHT_OF_ROLE = {Role.RESULT: 0.06, Role.CONCLUSION: 0.04, Role.METHOD: 0.0, Role.UNKNOWN: 0.0, Role.AIM: -0.06}
_FIGURE = re.compile(r"\d|\b(two|three|four|five|six|seven|eight|nine|ten|half|third|quarter|twice|double)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Scored:
    evidence: Evidence
    score: float
    terms: frozenset[str]


def write(question: str, evidence: Sequence[Evidence]) -> Iterator[Draft]:
    """Yield the sentences that answer, each with its number, those of one paper together and the best paper first.

    Yields nothing where no sentence can answer (no evidence, or background alone).
    """
    form = form_of(question)
    scored = _score(question, form, evidence)
    papers: dict[str, list[_Scored]] = defaultdict(list)
    for item in sorted(scored, key=lambda s: -s.score):
        papers[item.evidence.paper.id].append(item)
    several = form in (Form.COMPARISON, Form.SYNTHESIS)
    chosen: list[_Scored] = []
    best = max((s.score for s in scored), default=0.0)
    for items in list(papers.values())[: MOST_PAPERS if several else 2]:
        if items[0].score >= (0.6 if several else 0.95) * best:
            chosen += _pick(items, chosen, 2 if several or form is not Form.FIGURE else 1)
    for item in chosen:
        yield Draft(item.evidence.text, (item.evidence.number,))


def _pick(items: Sequence[_Scored], before: Sequence[_Scored], most: int) -> list[_Scored]:
    """Take a paper's best sentences, none that says again what another says, in the order of the abstract."""
    taken: list[_Scored] = []
    for item in items:
        near = item.score >= 0.8 * items[0].score
        if near and len(taken) < most and not any(_same(item, other) for other in [*before, *taken]):
            taken.append(item)
    return sorted(taken, key=lambda s: s.evidence.start)


def _same(one: _Scored, other: _Scored) -> bool:
    return len(one.terms & other.terms) > 0.7 * min(len(one.terms), len(other.terms))


def _score(question: str, form: Form, evidence: Sequence[Evidence]) -> list[_Scored]:
    asked = set(terms(question))
    held = {e.number: frozenset(terms(e.text)) for e in evidence}
    weights = _rarity(held)
    of_paper: dict[str, set[str]] = defaultdict(set)
    for e in evidence:
        of_paper[e.paper.id] |= held[e.number] | set(terms(e.paper.title))
    scored = []
    for e in evidence:
        if e.role is Role.BACKGROUND:
            continue
        score = e.relevance + 0.3 * _share(asked, held[e.number], weights)
        score += 0.3 * _share(asked, of_paper[e.paper.id], weights) + _WEIGHT_OF_ROLE[e.role]
        if form is Form.FIGURE:
            score += 0.15 if _FIGURE.search(e.text) else -0.1
        scored.append(_Scored(e, score, held[e.number]))
    return scored


def _rarity(held: Mapping[int, frozenset[str]]) -> dict[str, float]:
    """Weigh each term by how few of the sentences hold it."""
    count = Counter(term for found in held.values() for term in found)
    return {term: log(1 + len(held) / n) for term, n in count.items()}


def _share(asked: set[str], found: set[str] | frozenset[str], weights: Mapping[str, float]) -> float:
    """Return the weighted share of the asked terms that are found, in [0, 1]."""
    whole = sum(weights.get(term, 1.0) for term in asked)
    return sum(weights.get(term, 1.0) for term in asked & found) / whole if whole else 0.0
