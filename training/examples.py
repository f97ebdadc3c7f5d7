"""What the reader is trained on: claims with their evidence, and questions with the sentences of an abstract."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from random import Random
from typing import TypeVar

from rag.text.sentences import split_sentences
from rag.text.words import term_set
from training.contrasts import Contrast
from training.false_edits import CONTRADICTED, SUPPORTED, UNSETTLED
from training.written import Abstract, Claim, Finding, Question

ANY_FALSE = frozenset({UNSETTLED, CONTRADICTED})
# False kinds that say the opposite of a sentence, and those of which no sentence says anything.
_OPPOSITE = frozenset({"direction", "denial", "figure", "unit", "time"})
_UNSTATED = frozenset({"invented", "other", "attribution"})
# What another paper's finding may be to a sentence. One that agrees needn't follow from it.
_STANCES = {
    "agree": frozenset({SUPPORTED, UNSETTLED}),
    "near": frozenset({SUPPORTED, UNSETTLED}),
    "aside": frozenset({UNSETTLED}),
    "dispute": frozenset({CONTRADICTED}),
}
ANSWERS, PARTLY, NOT = 1.0, 0.5, 0.0
TITLE_SHARE = 0.7  # of the questions are read with the abstract's title before its sentences


@dataclass(frozen=True, slots=True)
class Example:
    """Two texts to read together, and what is right to say of them.

    `verdicts`: the verdicts that are right, none where none is asked for. `answers`: for each passage how well it
    answers (or, for a claim, whether it is the one that supports it), None where that isn't known. `taught`: the
    logits that a larger model gives each, None where it wasn't asked.
    """

    first: str
    passages: tuple[str, ...]
    verdicts: frozenset[int] = frozenset()
    answers: tuple[float | None, ...] = ()
    taught: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Taught:
    """The logits with which a larger model says that each sentence of an abstract answers a question."""

    question: str
    abstract: str
    scores: tuple[float, ...]


# Examples that are learnt side by side: the claims of one abstract, of which the right ones are to score higher.
Group = list[Example]
_Item = TypeVar("_Item", Claim, Finding)


def of_contrast(contrast: Contrast) -> Example:
    """Return the example of a contrast made by program."""
    return Example(contrast.claim, contrast.passages, frozenset({contrast.verdict}))


def by_abstract(items: Sequence[_Item]) -> dict[str, list[_Item]]:
    """Return claims or findings by their abstract."""
    found: dict[str, list[_Item]] = {}
    for item in items:
        found.setdefault(item.abstract, []).append(item)
    return found


def of_abstract(claims: Sequence[Claim], abstract: Abstract, random: Random) -> Group:
    """Return an abstract's claims, all against their sentences, them and their neighbours, or the whole abstract."""
    reach = random.choices((0, 1, len(abstract.sentences)), (0.45, 0.2, 0.35))[0]
    return [of_claim(claim, abstract, reach, random) for claim in claims]


def of_claim(claim: Claim, abstract: Abstract, reach: int, random: Random) -> Example:
    """Return a written claim against the sentences that lie within `reach` of its own; now and then against another."""
    sentences, cited = abstract.sentences, claim.sentences
    if claim.supported and random.random() < 0.1 and (far := _far_from(cited, len(sentences))):
        return Example(claim.text, (sentences[random.choice(far)],), ANY_FALSE)
    places = [i for i in range(len(sentences)) if any(abs(i - place) <= reach for place in cited)]
    answers = tuple(float(place in cited) if claim.supported else None for place in places)
    if len(places) == len(cited):  # each of them is cited: there is nothing to choose
        answers = ()
    return Example(claim.text, tuple(sentences[place] for place in places), right_verdicts(claim), answers)


def right_verdicts(claim: Claim) -> frozenset[int]:
    """Return the verdicts that are right for a written claim."""
    if claim.supported:
        return frozenset({SUPPORTED})
    if claim.kind in _OPPOSITE:
        return frozenset({CONTRADICTED})
    return frozenset({UNSETTLED}) if claim.kind in _UNSTATED else ANY_FALSE


def of_findings(findings: Sequence[Finding], abstract: Abstract, random: Random) -> Group:
    """Return an abstract's findings, each with its sentence; which of the two comes first is drawn for all."""
    turned = random.random() < 0.5
    pairs = [(finding, abstract.sentences[finding.sentence]) for finding in findings]
    return [
        Example(*((text, (finding.text,)) if turned else (finding.text, (text,))), _STANCES[finding.stance])
        for finding, text in pairs
    ]


def of_question(question: Question, abstract: Abstract, random: Random) -> Example:
    """Return a question with all sentences of its abstract, most often with the title before them."""
    return _with_title(question.text, abstract, _scored(question, abstract), random)


def of_stranger(question: Question, abstract: Abstract, random: Random) -> Example:
    """Return a question with an abstract of a like subject, which doesn't answer it."""
    return _with_title(question.text, abstract, (NOT,) * len(abstract.sentences), random)


def of_taught(one: Taught, questions: Mapping[tuple[str, str], Question], abstract: Abstract) -> Example:
    """Return a question with its abstract, or another one's, and how a larger model scores the sentences."""
    question = questions.get((one.question, one.abstract), Question(one.abstract, "stranger", one.question))
    scored = _scored(question, abstract)
    return Example(
        one.question, (abstract.title, *abstract.sentences), answers=(None, *scored), taught=(None, *one.scores)
    )


def human_claims(shared: Path) -> list[Example]:
    """Return the pairs of SciFact (CC BY 4.0) among the labelled ones: the only set whose licence lets us ship."""
    right = {"supported": SUPPORTED, "not_supported": UNSETTLED, "contradicted": CONTRADICTED}
    found = []
    with (shared / "benchmarks/judge/train.jsonl").open(encoding="utf-8") as lines:
        for pair in map(json.loads, lines):
            if pair["origin"] == "SciFact":
                text = pair["source_text"]
                passages = tuple(text[span.start : span.end] for span in split_sentences(text))
                found.append(Example(pair["claim"], passages, frozenset({right[pair["label"]]})))
    return found


def neighbours(abstracts: Mapping[str, Abstract], wanted: Iterable[str]) -> dict[str, str]:
    """Return for each abstract wanted the other one that shares most of its rare words."""
    held = {name: term_set(" ".join((abstract.title, *abstract.sentences))) for name, abstract in abstracts.items()}
    seen = Counter(term for terms in held.values() for term in terms)
    by_term: dict[str, list[str]] = {}
    for name, terms in held.items():
        for term in terms:
            if 1 < seen[term] < 60:
                by_term.setdefault(term, []).append(name)
    found = {}
    for name in wanted:
        shared: Counter[str] = Counter()
        for term in sorted(held[name] & by_term.keys()):  # in one order, so that sums and ties come out the same
            for other in by_term[term]:
                shared[other] += log(len(held) / seen[term])  # type: ignore[assignment]  # a counter of weights
        del shared[name]
        if shared:
            found[name] = max(sorted(shared), key=shared.__getitem__)
    return found


def _scored(question: Question, abstract: Abstract) -> tuple[float, ...]:
    return tuple(
        ANSWERS if place in question.answers else PARTLY if place in question.partly else NOT
        for place in range(len(abstract.sentences))
    )


def _with_title(first: str, abstract: Abstract, scored: tuple[float, ...], random: Random) -> Example:
    if random.random() < TITLE_SHARE:
        return Example(first, (abstract.title, *abstract.sentences), answers=(None, *scored))
    return Example(first, abstract.sentences, answers=scored)


def _far_from(cited: Sequence[int], count: int) -> list[int]:
    return [place for place in range(count) if all(abs(place - one) > 1 for one in cited)]


def epochs(
    claims: Sequence[Claim],
    questions: Sequence[Question],
    abstracts: Mapping[str, Abstract],
    random: Random,
) -> Iterator[list[Group]]:
    """Yield the written data again and again, each time with other evidence."""
    strangers = neighbours(abstracts, {question.abstract for question in questions})
    while True:
        yield [
            *(of_abstract(some, abstracts[name], random) for name, some in by_abstract(claims).items()),
            *([of_question(question, abstracts[question.abstract], random)] for question in questions),
            *(
                [of_stranger(question, abstracts[strangers[question.abstract]], random)]
                for question in random.sample(list(questions), len(questions) // 2)
                if question.abstract in strangers
            ),
        ]
