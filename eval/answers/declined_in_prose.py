"""Whether another system's answer declines, read off its prose: for systems that don't report it.

A sentence declines if its embedding is nearer to sentences that refuse than to sentences that state a finding. Words
alone don't part them: "The trial did not include women" states one, "The sources leave it open" none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from eval.answers.citation_marks import split_claims
from eval.answers.responses import Passage
from rag.text.language import in_another_language
from rag.types import Verdict
from rag.verify import default_checker, default_embedder

REFUSALS = (
    "The papers do not answer the question.",
    "The sources do not say.",
    "I do not know the answer.",
    "There is no information about this in the documents.",
    "I cannot find the answer.",
    "The provided context does not specify this.",
    "This is not stated in the abstracts.",
    "There is not enough information to answer.",
    "It is unclear from the texts.",
    "I was unable to find a relevant study.",
    "The abstracts say nothing about this.",
    "It cannot be determined from the abstracts.",
    "I have no information.",
    "Unfortunately, I cannot say.",
    "The sources do not cover this.",
    "The evidence is insufficient.",
    "Not reported.",
    "Unknown.",
    "That is not mentioned.",
    "None of these papers is about that.",
    "Nothing relevant was found.",
    "It is not available.",
    "I cannot help with that.",
    "I am unable to tell.",
    "Empty Response",
    "No answer.",
    "There is no information on the price.",
    "None of the texts gives the temperature.",
    "The papers contain nothing about the age of the patients.",
)
# What may stand beside a refusal. Any other sentence answers: "The papers do not say. It is 42%."
OFFERS = (
    "You may consult other sources.",
    "Please add more documents or rephrase the question.",
    "The papers are about something else.",
    "More information is needed.",
    "I am sorry.",
    "Consult a specialist or another database.",
    "Could you rephrase the question?",
)
# Statements, most of them with a denial or about papers and answers: they decline nothing.
FINDINGS = (
    "The method does not use labels.",
    "The authors found no difference between the groups.",
    "The model cannot answer questions about time.",
    "Few papers report their sample size.",
    "There was no evidence of bias.",
    "The effect is unclear in children.",
    "The trial did not include women.",
    "It is not known whether the drug works.",
    "The data set holds 5,000 papers.",
    "The participants did not respond.",
    "The system refuses harmful requests.",
    "The signal is absent at night.",
    "No, it does not.",
    "Yes, it does.",
    "It is 12%.",
    "The model was trained on text.",
    "The drug lowers blood pressure.",
    "Larger models are better.",
    "It was discovered in 1950.",
    "Earlier work did not consider this.",
    "The search returned the right paper first.",
    "The article was published in 2020.",
    "The documents were indexed.",
    "It took three hours.",
    "Most people think so.",
    "The answer is Paris.",
    "Three.",
    "It is 40.",
    "There were nine.",
    "Both of them.",
    "No.",
    "Never.",
    "Only in men.",
    "The first one.",
    "Glucose.",
    "A and B.",
)
# How much nearer a sentence is to refusals than to findings: for one that declines, and for one that surely does.
NEARER, SURELY = 0.05, 0.1
# Sentences of each kind that it is compared with: the nearest two.
NEAREST = 2
# Sentences of the longest refusal, and of the longest text that may be one in a language that can't be read.
LONGEST, LONGEST_UNREAD = 4, 2
# More words than this say more than that nothing was found.
MOST_WORDS = 40
# Why an answer can't be scored, where `unreadable` holds.
UNREADABLE = 'may be a refusal, in a language that the checker can\'t read: add "declined": true or false'

Vectors = NDArray[np.float64]


def refuses(text: str, passages: Sequence[Passage] = ()) -> bool:
    """Whether a short text says that it can't answer, and nothing else.

    What its passages support, and what neither declines nor offers help, is an answer. "Not in the sources [1][2]" has
    to decline surely: a finding that denies something cites as well.
    """
    claims = split_claims(text, passages)
    if not 0 < len(claims) <= LONGEST:
        return False
    declining = [declines(claim.text, surely=bool(claim.marks)) for claim in claims]
    beside = all(yes or (not c.marks and _offers(c.text)) for yes, c in zip(declining, claims, strict=True))
    evidence = tuple(passage.text for passage in passages if passage.text)
    return any(declining) and beside and not any(_supported(claim.text, evidence) for claim in claims)


def unreadable(text: str, passages: Sequence[Passage] = ()) -> bool:
    """Whether nobody can say if a short text without marks declines: it is in a language that the checker can't read.

    Of a text that stands in a passage it is known that it doesn't.
    """
    claims = split_claims(text, passages)
    if not 0 < len(claims) <= LONGEST_UNREAD or any(claim.marks for claim in claims):
        return False
    return any(in_another_language(c.text) and not any(c.text in p.text for p in passages) for c in claims)


def declines(sentence: str, *, surely: bool = False) -> bool:
    """Whether a sentence says what a refusal says; `surely` rather than what may stand beside one, too.

    "Further research is needed" says little, but doesn't decline.
    """
    refusal, offer, finding = _nearness(sentence)
    return refusal - max(offer, finding) > SURELY if surely else refusal - finding > NEARER


def _offers(sentence: str) -> bool:
    """Whether a sentence says what may stand beside a refusal."""
    refusal, offer, finding = _nearness(sentence)
    return max(refusal, offer) - finding > 0


@lru_cache(maxsize=4096)
def _nearness(sentence: str) -> tuple[float, float, float]:
    """Return how near a sentence is to refusals, to offers and to findings; to none if it is long or says nothing."""
    long = len(sentence.split()) > MOST_WORDS
    if (
        long
        or not any(map(str.isalnum, sentence))
        or default_embedder().count_tokens([sentence])[0] > default_embedder().max_tokens
    ):
        return 0.0, 0.0, 0.0
    (vector,) = _vectors((sentence,))
    refusal, offer, finding = (_near(vector, kind) for kind in (REFUSALS, OFFERS, FINDINGS))
    return refusal, offer, finding


def _near(vector: Vectors, kind: tuple[str, ...]) -> float:
    return float(np.sort(_known(kind) @ vector)[-NEAREST:].mean())


@cache
def _known(kind: tuple[str, ...]) -> Vectors:
    return _vectors(kind)


def _vectors(sentences: tuple[str, ...]) -> Vectors:
    return np.asarray(default_embedder().embed(sentences), dtype=np.float64)


def _supported(sentence: str, evidence: Sequence[str]) -> bool:
    return bool(evidence) and default_checker().check(sentence, evidence).verdict is Verdict.SUPPORTED
