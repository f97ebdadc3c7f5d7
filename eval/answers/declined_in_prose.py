"""Whether another system's answer declines, read off its prose: for systems that don't report it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from eval.answers.citation_marks import split_claims
from eval.answers.responses import Passage
from rag.text.language import in_another_language
from rag.types import Verdict
from rag.verify import default_checker

# What a refusal says; the checker compares an answer with each, so that its wording need not be one of these.
STATEMENTS = (
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
)
# A longer text that also says what is missing has answered something.
LONGEST = 2
# More words than this say more than that nothing was found.
MOST_WORDS = 40
# Why an answer can't be scored, where `unreadable` holds.
UNREADABLE = 'may be a refusal, in a language that the checker can\'t read: add "declined": true or false'


def refuses(text: str, passages: Sequence[Passage] = ()) -> bool:
    """Whether a short text without marks says that it can't answer, and says nothing that its passages support."""
    claims = split_claims(text, passages)
    if not 0 < len(claims) <= LONGEST or any(claim.marks for claim in claims):
        return False
    evidence = tuple(passage.text for passage in passages if passage.text)
    return any(declines(c.text) for c in claims) and not any(_supported(c.text, evidence) for c in claims)


def unreadable(text: str, passages: Sequence[Passage] = ()) -> bool:
    """Whether nobody can say if a short text without marks declines: it is in a language that the checker can't read.

    Of a text that stands in a passage it is known that it doesn't.
    """
    claims = split_claims(text, passages)
    if not 0 < len(claims) <= LONGEST or any(claim.marks for claim in claims):
        return False
    return any(in_another_language(c.text) and not any(c.text in p.text for p in passages) for c in claims)


def declines(sentence: str, *, in_part: bool = True) -> bool:
    """Whether a sentence says what a refusal says: in full, or `in_part` at least."""
    verdicts = _verdicts(sentence) if len(sentence.split()) <= MOST_WORDS else frozenset()
    return Verdict.SUPPORTED in verdicts or (in_part and Verdict.PARTIAL in verdicts)


@lru_cache(maxsize=4096)
def _verdicts(sentence: str) -> frozenset[Verdict]:
    # The reader was trained on findings, and takes too much for a refusal.
    checker = default_checker()
    return frozenset(checker.aligned(statement, sentence) for statement in STATEMENTS)


def _supported(sentence: str, evidence: Sequence[str]) -> bool:
    return bool(evidence) and default_checker().check(sentence, evidence).verdict is Verdict.SUPPORTED
