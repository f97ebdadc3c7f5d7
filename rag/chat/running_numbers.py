"""One number for a paper throughout a conversation: each answer counts its papers from 1, but readers see one series.

Only what is shown, copied and exported has these numbers. An answer as it is stored, sealed by its receipt, keeps its
own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rag.chat.turns import Turn
from rag.types import Answer, Citation, Issue, Sentence
from rag.views.citation_numbers import mark_up
from rag.views.citation_signs import pinned

# The message of a false premise names a paper by its number.
_NUMBER = re.compile(r"(?<=; \[)\d+(?=\] says otherwise: )")


def extended(numbers: Mapping[str, int], papers: Iterable[str]) -> dict[str, int]:
    """Return paper → number, with the next numbers for papers that have none yet."""
    found = dict(numbers)
    for paper in papers:
        found.setdefault(paper, len(found) + 1)
    return found


def papers_of(sentences: Iterable[Sentence]) -> list[str]:
    """Return the ids of the papers that sentences show, in the order of the text."""
    return list(dict.fromkeys(pin.paper.id for pin, _ in pinned(tuple(sentences))))


def renumbered(turn: Turn, numbers: Mapping[str, int]) -> Turn:
    """Return a turn with the numbers of its conversation, and with those that its answer itself has."""
    answer, said = turn.answer, turn.said
    spare = answer.fallback.sentences if answer is not None and answer.fallback is not None else ()
    sentences = (*(answer.sentences if answer is not None else said), *spare)
    numbers = extended(numbers, papers_of(sentences))
    own = {numbers[pin.paper.id]: pin.number for pin, _ in pinned(sentences)}
    return replace(
        turn, answer=of_answer(answer, numbers) if answer is not None else None, said=of_sentences(said, numbers),
        own_numbers=tuple(sorted(own.items())),
    )  # fmt: skip


def of_answer(answer: Answer, numbers: Mapping[str, int]) -> Answer:
    """Return an answer with other numbers, and papers that have none numbered after those."""
    numbers = extended(numbers, papers_of(answer.sentences))
    sentences = of_sentences(answer.sentences, numbers)
    by_own = {str(pin.number): str(numbers[pin.paper.id]) for pin, _ in pinned(answer.sentences)}
    return replace(
        answer, sentences=sentences, text=mark_up(sentences) if sentences else answer.text,
        issues=tuple(_of_issue(issue, by_own) for issue in answer.issues),
        fallback=of_answer(answer.fallback, numbers) if answer.fallback is not None else None,
    )  # fmt: skip


def of_sentences(sentences: Iterable[Sentence], numbers: Mapping[str, int]) -> tuple[Sentence, ...]:
    """Return sentences with other numbers, and papers that have none numbered after those."""
    sentences = tuple(sentences)
    numbers = extended(numbers, papers_of(sentences))

    def of(pins: Iterable[Citation]) -> tuple[Citation, ...]:
        return tuple(replace(pin, number=numbers[pin.paper.id]) for pin in pins)

    return tuple(
        replace(
            sentence, citations=of(sentence.citations),
            agreement=replace(sentence.agreement, contradicting=of(sentence.agreement.contradicting)),
        )
        for sentence in sentences
    )  # fmt: skip


def _of_issue(issue: Issue, by_own: Mapping[str, str]) -> Issue:
    if issue.code != "false_premise":
        return issue
    return replace(issue, message=_NUMBER.sub(lambda own: by_own.get(own[0], own[0]), issue.message, count=1))
