"""Whether an answer is useful: it says what it should and little else, and can be read on its own."""

from __future__ import annotations

import re
from itertools import pairwise

from eval.answers.citation_marks import strip_marks
from eval.answers.declined_in_prose import declines
from eval.answers.responses import Claim
from eval.estimates import NOT_APPLICABLE, UNSCORED, Score, of
from eval.judges.judged import Judged, check_worthy
from eval.judges.nuggets import FEWEST_TERMS, FULL, PARTIAL, UNKNOWN, pieces, words_in
from eval.metrics.correctness import assigned, is_correct
from eval.metrics.metric import Metric
from eval.questions import Case
from rag.text.sentences import split_sentences
from rag.text.words import terms

OKAY_WEIGHT = 0.5
DEGREE = {FULL: 1.0, PARTIAL: 0.5}
# English words that stand for something named before; a closed class.
_STANDS_FOR = re.compile(
    r"(?:it|its|they|their|them|he|she|his|her|this|that|these|those|such|both|the (?:former|latter|same))\b(?!-)",
    re.IGNORECASE,
)


def right(item: Judged) -> Score:
    """Right answers / questions: every vital nugget, nothing forbidden; or a refusal where no answer exists.

    A vital nugget has to be stated in full, early enough (see `nugget_recall`), by a sentence that the gold papers
    support. An answer that the judge can't read is unscored.
    """
    correct = is_correct(item)
    if correct is None:
        return UNSCORED if _unread(item) else NOT_APPLICABLE
    return of(correct)


def vital_recall(item: Judged) -> Score:
    """Mean over questions of: vital nuggets stated in full / vital nuggets (TREC RAG 2024: vital strict)."""
    if _unread(item):
        return UNSCORED
    vital = [degree == FULL for nugget, degree in assigned(item) if nugget.vital]
    return Score(sum(vital) / len(vital), 1.0) if vital else NOT_APPLICABLE


def nugget_recall(item: Judged) -> Score:
    """Mean over questions of: weight of the nuggets stated / weight of all nuggets (TREC RAG 2024: weighted).

    A vital nugget weighs 1, an okay one 0.5; partial support counts half. An answer is read to 40 words a nugget, 60 at
    least.
    """
    if _unread(item):
        return UNSCORED
    pairs = [(1.0 if nugget.vital else OKAY_WEIGHT, DEGREE.get(degree, 0.0)) for nugget, degree in assigned(item)]
    whole = sum(weight for weight, _ in pairs)
    return Score(sum(weight * degree for weight, degree in pairs) / whole, 1.0) if whole else NOT_APPLICABLE


def answering_share(item: Judged) -> Score:
    """Mean over answers of: sentences that state a nugget, in part at least / sentences of two content words or more.

    Questions, headings and remarks on the answer count too, though they need no citation: what is said in that form
    would cost nothing. What only repeats an earlier sentence states nothing. A "sentence" that holds several, or more
    than 60 words, counts as several.
    """
    if item.nuggets is None or _unread(item):
        return UNSCORED if _unread(item) else NOT_APPLICABLE
    pairs = zip(item.response.claims, item.nuggets.answering, strict=True)
    states = [(len(pieces(claim.text)), share) for claim, share in pairs if share or _says_something(claim)]
    whole = sum(count for count, _ in states)
    return Score(sum(count * share for count, share in states) / whole, 1.0) if whole else NOT_APPLICABLE


def _says_something(claim: Claim) -> bool:
    """Whether a sentence says something: it is longer than "Yes, they do." and isn't a refusal."""
    return check_worthy(claim) or (len(terms(claim.text)) >= FEWEST_TERMS and not declines(claim.text, surely=True))


def nugget_f1(item: Judged) -> Score:
    """Mean over questions of the harmonic mean of nugget_recall and answering_share; a refusal has 0."""
    recall, precision = nugget_recall(item).value, answering_share(item).value
    if recall is None:
        return nugget_recall(item)
    total = recall + (precision or 0.0)
    return Score(2 * recall * (precision or 0.0) / total if total else 0.0, 1.0)


def dangling_openings(item: Judged) -> Score:
    """Sentences that open with a word for something that the sentence before it doesn't name / sentences.

    "It scored 81%" at the head of an answer, or after a sentence that doesn't come before it in the passage.
    """
    claims = [claim for claim in item.response.claims if claim.text]
    if not item.response.answered or not claims:
        return NOT_APPLICABLE
    before = {after: first for p in item.response.passages for first, after in _neighbours(p.text)}
    dangling = [
        bool(_STANDS_FOR.match(claim.text)) and _cut_off(claim, claims[place - 1] if place else None, before)
        for place, claim in enumerate(claims)
    ]
    return Score(sum(dangling), len(dangling))


def answer_words(item: Judged) -> Score:
    """Mean words of an answer, marks left out."""
    if not item.response.answered:
        return NOT_APPLICABLE
    return Score(words_in(strip_marks(item.response.text, item.response.passages)), 1.0)


def _unread(item: Judged) -> bool:
    """Whether the judge gave no verdict on a sentence that may state a nugget: it can't read its language."""
    return UNKNOWN in (degree for _, degree in assigned(item))


def _cut_off(claim: Claim, previous: Claim | None, before: dict[str, str]) -> bool:
    """Whether a sentence lost what it refers to: it opens the answer, or another one came before it."""
    if previous is None:
        return True
    stood = before.get(claim.text)
    return stood is not None and stood != previous.text


def _neighbours(text: str) -> list[tuple[str, str]]:
    sentences = [text[span.start : span.end] for span in split_sentences(text)]
    return list(pairwise(sentences))


def _has_facts(case: Case) -> bool:
    return case.answerable and bool(case.facts)


METRICS = (
    Metric("right", right, "usefulness", judged=True),
    Metric("vital_recall", vital_recall, "usefulness", applies=_has_facts, judged=True),
    Metric("nugget_recall", nugget_recall, "usefulness", applies=_has_facts, judged=True),
    Metric("answering_share", answering_share, "usefulness", applies=_has_facts, judged=True),
    Metric("nugget_f1", nugget_f1, "usefulness", applies=_has_facts, judged=True),
    Metric("dangling_openings", dangling_openings, "usefulness", higher_is_better=False),
    Metric("answer_words", answer_words, "usefulness", higher_is_better=False, is_share=False),
)
