"""What answers without any understanding score on the same questions: they have to lose.

Made from the passages that the system answered from, best first, so that they cost no search and no model.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from eval.answers.responses import Claim, Passage, Response
from eval.estimates import Score
from eval.judges.judged import Judge, judge_usefulness
from eval.metrics.metric import Metric
from eval.metrics.usefulness import METRICS as USEFULNESS
from eval.questions import Case
from rag.text.sentences import split_sentences
from rag.text.words import terms

# The columns of the table of baselines.
COLUMNS = ("right", "nugget_f1", "nugget_recall", "answering_share", "answer_words")
METRICS: tuple[Metric, ...] = tuple(metric for metric in USEFULNESS if metric.name in COLUMNS)


def whole_abstract(case: Case, passages: Sequence[Passage]) -> Response:
    """Quote the whole first abstract, each sentence cited."""
    return _quoting(case, passages[:1])


def three_abstracts(case: Case, passages: Sequence[Passage]) -> Response:
    """Quote the first three abstracts whole."""
    return _quoting(case, passages[:3])


def title(case: Case, passages: Sequence[Passage]) -> Response:
    """Give the title of the first paper."""
    return _saying(case, passages, [(p.title, 1) for p in passages[:1] if p.title])


def random_sentence(case: Case, passages: Sequence[Passage]) -> Response:
    """Quote a sentence of the first abstract at random, the same in every run."""
    found = [sentence for p in passages[:1] for sentence in sentences(p.text)]
    chosen = random.Random(case.id).sample(found, min(1, len(found)))
    return _saying(case, passages, [(sentence, 1) for sentence in chosen])


def overlapping_sentences(case: Case, passages: Sequence[Passage]) -> Response:
    """Quote the three sentences of the first five abstracts that share most words with the question."""
    asked = set(terms(case.question))
    found = [(sentence, number) for number, p in enumerate(passages[:5], start=1) for sentence in sentences(p.text)]
    return _saying(case, passages, sorted(found, key=lambda one: -len(asked & set(terms(one[0]))))[:3])


def refusal(case: Case, passages: Sequence[Passage]) -> Response:
    """Refuse every question."""
    return Response(case.id, "The papers do not answer this.", passages=tuple(passages), declined=True)


def empty(case: Case, passages: Sequence[Passage]) -> Response:
    """Give no answer at all."""
    return Response(case.id, "", passages=tuple(passages))


BASELINES: Mapping[str, Callable[[Case, Sequence[Passage]], Response]] = {
    "whole abstract": whole_abstract,
    "three whole abstracts": three_abstracts,
    "title": title,
    "random sentence": random_sentence,
    "overlapping sentences": overlapping_sentences,
    "refusal": refusal,
    "empty": empty,
}


def scores(case: Case, response: Response, judge: Judge) -> dict[str, dict[str, Score]]:
    """Score every baseline on a question; a question that failed has no passages to make them from."""
    if response.error:
        return {}
    return {name: _scored(case, make(case, _ranked(response)), judge) for name, make in BASELINES.items()}


def _ranked(response: Response) -> list[Passage]:
    place = {paper: rank for rank, paper in enumerate(response.retrieved)}
    return sorted(response.passages, key=lambda passage: place.get(passage.id, len(place)))


def _scored(case: Case, response: Response, judge: Judge) -> dict[str, Score]:
    item = judge_usefulness(case, response, judge)
    return {metric.name: metric.score(item) for metric in METRICS}


def _quoting(case: Case, passages: Sequence[Passage]) -> Response:
    quoted = [(sentence, number) for number, p in enumerate(passages, start=1) for sentence in sentences(p.text)]
    return _saying(case, passages, quoted)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [text[span.start : span.end] for span in split_sentences(text)]


def _saying(case: Case, passages: Sequence[Passage], said: Sequence[tuple[str, int]]) -> Response:
    claims = tuple(Claim(sentence, (number,)) for sentence, number in said)
    text = " ".join(f"{sentence} [{number}]" for sentence, number in said)
    return replace(Response(case.id, text, claims), passages=tuple(passages))
