"""How likely each sentence of the evidence answers the question: the reader's score, weighed with similarity.

The reader reads the question with the whole abstract. Added to that is what it can't see: the cosine of the embedding,
which knows words that the reader never met in training, how well the paper did in the search, and what kind of sentence
it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from math import ceil, exp, log
from operator import itemgetter
from typing import Protocol

from rag.models.minilm import tokenizer
from rag.models.reader import ABSTRACT_TOKENS
from rag.models.reader_input import LONGEST_FIRST
from rag.question.answering_weights import BIAS, WEIGHTS
from rag.text.quantities import quantities
from rag.text.question_form import Form, QuestionReading
from rag.types import Evidence, Hit, Role

# The reader's odds are kept away from certainty, where differences mean nothing.
_SURE = 0.002
# A stretch of a long abstract takes up this share of what the reader takes, so that a sentence before it fits too, and
# this many tokens however long the title is.
_SHARE_OF_ROOM, _LEAST_ROOM = 0.75, 128
# Papers that are read in full, and the tokens that are read of every other one. Most answers come from the former:
# docs/lab/performance.md has what reading less changes.
_WHOLE, _TOKENS_OF_OTHERS = 3, 200


class AnswerReader(Protocol):
    """Reads a question with the sentences of abstracts; `rag.models.reader.Reader` is one."""

    def answers(self, question: str, abstracts: Sequence[tuple[str, Sequence[str]]]) -> list[list[float]]:
        """Return for each abstract, a title and its sentences, how well each sentence answers, in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """A question, or one of those that a double question asks, and what searches found.

    `near` has how near each paper is (`nearness`), `relevance` the cosine of this question and each sentence by paper
    id and start, empty where the evidence has it.
    """

    question: QuestionReading
    near: Mapping[str, float]
    relevance: Mapping[tuple[str, int], float] = field(default_factory=dict)


def answering(
    parts: Sequence[Part], evidence: Sequence[Evidence], reader: AnswerReader
) -> tuple[tuple[Evidence, ...], ...]:
    """Return for each part of a question the evidence, each sentence with how likely it answers that part."""
    if any(part.question.foreign for part in parts):  # the reader only knows English
        return tuple(tuple(replace(item, answers=max(0.0, item.relevance)) for item in evidence) for _ in parts)
    return tuple(_answering(part, evidence, reader) for part in parts)


def _answering(part: Part, evidence: Sequence[Evidence], reader: AnswerReader) -> tuple[Evidence, ...]:
    asked = [
        replace(item, relevance=part.relevance.get((item.paper.id, item.start), item.relevance)) for item in evidence
    ]
    return weighed(part.question, asked, part.near, read(part.question.text, asked, reader))


def together(evidence: Sequence[Evidence], parts: Sequence[Sequence[Evidence]]) -> tuple[Evidence, ...]:
    """Return the evidence, each sentence with its highest score: what answers one part of a question counts."""
    each = zip(*parts, strict=True)
    return tuple(
        replace(item, answers=max(one.answers for one in same), read=_most(one.read for one in same))
        for item, same in zip(evidence, each, strict=True)
    )


def _most(scores: Iterable[float | None]) -> float | None:
    return max((score for score in scores if score is not None), default=None)


def read(question: str, evidence: Sequence[Evidence], reader: AnswerReader) -> dict[int, float]:
    """Return the reader's score of each sentence that it reads, by number: it reads each paper's sentences together.

    The first papers are read whole, in stretches where an abstract is longer than the reader takes. Of the others the
    sentences are read that are nearest to the question.
    """
    by_paper: dict[str, list[Evidence]] = {}
    for item in evidence:
        by_paper.setdefault(item.paper.id, []).append(item)
    first, others = (papers := list(by_paper.values()))[:_WHOLE], papers[_WHOLE:]
    some = [part for items in first for part in stretches(items, question)]
    some += [_nearest(items, _TOKENS_OF_OTHERS) for items in others]
    odds = reader.answers(question, [(items[0].paper.title, [item.text for item in items]) for items in some])
    found: dict[int, float] = {}
    for items, scores in zip(some, odds, strict=True):
        for item, score in zip(items, scores, strict=True):
            found[item.number] = max(score, found.get(item.number, 0.0))
    return found


def _nearest(items: Sequence[Evidence], tokens: int) -> list[Evidence]:
    """Return the sentences nearest to the question that these tokens hold, at least one, in their order."""
    kept: list[Evidence] = []
    left = tokens
    for item in sorted(items, key=lambda item: -item.relevance):
        if not kept or _pieces(item.text) <= left:
            kept.append(item)
            left -= _pieces(item.text)
    return sorted(kept, key=lambda item: item.number)


def stretches(items: Sequence[Evidence], question: str) -> list[list[Evidence]]:
    """Cut a paper's sentences into stretches of about the same length that the reader takes; mostly that is one.

    A stretch begins with the sentence that ended the one before, as the next may refer to it.
    """
    lengths = [_pieces(item.text) for item in items]
    room = ABSTRACT_TOKENS - 2 - min(_pieces(question), LONGEST_FIRST) - _pieces(items[0].paper.title)
    whole = sum(lengths)
    if whole <= room:
        return [list(items)]
    each = whole / ceil(whole / max(_LEAST_ROOM, _SHARE_OF_ROOM * room))
    middles = (end - length / 2 for end, length in zip(accumulate(lengths), lengths, strict=True))
    placed = zip(items, (int(middle / each) for middle in middles), strict=True)
    found = [[item for item, _ in some] for _, some in groupby(placed, key=itemgetter(1))]
    return [found[0], *([before[-1], *some] for before, some in pairwise(found))]


@lru_cache(maxsize=4096)
def _pieces(text: str) -> int:
    """Return the tokens of a text and of the mark that ends it."""
    return len(tokenizer().encode(text, add_special_tokens=False).ids) + 1


def weighed(
    question: QuestionReading, evidence: Sequence[Evidence], near: Mapping[str, float], odds: Mapping[int, float]
) -> tuple[Evidence, ...]:
    """Return the evidence with the reader's scores weighed with similarity; what it hasn't read has none in `odds`."""
    least = min(near.values(), default=1.0)
    found = ((item, odds.get(item.number)) for item in evidence)
    return tuple(
        replace(
            item, answers=probability(features(question, item, read or 0.0, near.get(item.paper.id, least))), read=read
        )
        for item, read in found
    )


def nearness(*searches: Sequence[Hit]) -> dict[str, float]:
    """Return each paper's score as a share of the best one's, by id: the mean over searches.

    A paper that a search didn't find counts there as the last one that it found.
    """
    shares = [_shares(hits) for hits in searches]
    least = [min(found.values(), default=1.0) for found in shares]
    papers = dict.fromkeys(paper for found in shares for paper in found)
    return {
        paper: sum(found.get(paper, low) for found, low in zip(shares, least, strict=True)) / len(shares)
        for paper in papers
    }


def _shares(hits: Sequence[Hit]) -> dict[str, float]:
    best = max((hit.score for hit in hits), default=0.0)
    return {hit.paper_id: hit.score / best if best > 0 else 1.0 for hit in hits}


def features(question: QuestionReading, item: Evidence, read: float, near: float) -> dict[str, float]:
    """Return what is weighed: the reader's log odds, the cosine, and shares in [0, 1], 0.5 where nothing is known.

    These are the paper's score, whether the sentence says what was found, and whether it has the figure that is asked
    for.
    """
    return {
        "read": log_odds(read),
        "relevance": item.relevance,
        "near": near,
        "finding": _finding(question, item),
        "figure": float(bool(quantities(item.text))) if question.asks_for_figure else 0.5,
    }


def _finding(question: QuestionReading, item: Evidence) -> float:
    """Return whether a sentence says what was found; a definition, a method or a paper's subject may be anywhere."""
    if question.asks_for_papers or question.form in (Form.DEFINITION, Form.METHOD):
        return 0.5
    return float(item.role in (Role.RESULT, Role.CONCLUSION))


def probability(found: Mapping[str, float]) -> float:
    """Return how likely a sentence with these features answers, in [0, 1]."""
    return 1 / (1 + exp(-(BIAS + sum(weight * found[name] for name, weight in WEIGHTS.items()))))


def log_odds(likely: float) -> float:
    """Return the log odds of a probability, kept away from certainty."""
    sure = min(1 - _SURE, max(_SURE, likely))
    return log(sure / (1 - sure))
