"""What a reader of a finished answer should know: what it leaves open, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.pipeline.evidence_search import Retrieved
from rag.question.answerability import says_nothing_of
from rag.text.invented_content import without_foreign
from rag.text.quantities import quantities
from rag.types import Issue, Sentence
from rag.verify import Checker
from rag.verify.near_copies import disagreements
from rag.verify.presupposition import false_premise
from rag.views.counts import counted
from rag.write.extractive import is_answered
from rag.write.writer import Usage


def against_question(
    sentences: Sequence[Sentence], retrieved: Retrieved, checker: Checker, *, own: str, extractive: bool
) -> Iterator[Issue]:
    """Report what the question asks or presupposes and the answer doesn't support; `own` is new in a follow-up."""
    asked = retrieved.found.asked
    if says_nothing_of(own, {pin.paper for sentence in sentences for pin in sentence.citations}):
        yield Issue("unmentioned", f"None of the papers cited mentions {own}.")
    if asked.asks_for_figure and not any(quantities(one.english or one.text) for one in sentences):
        yield Issue("no_figure", "The question asks for a figure, and the sentences found give none.")
    if extractive:  # a model says itself what it leaves open
        yield from _parts_left_out(retrieved)
    yield from disagreements(sentences, [hit.paper for hit in retrieved.around])
    if issue := false_premise(asked.text, sentences, checker):
        yield issue


def _parts_left_out(retrieved: Retrieved) -> Iterator[Issue]:
    """Name the parts of a double question that no sentence answers."""
    parts = retrieved.found.asked.parts
    if len(parts) != len(retrieved.parts):
        return
    for part, items in zip(parts, retrieved.parts, strict=True):
        if not is_answered(items):
            yield Issue("part_unanswered", f"No sentence found clearly answers this part: {part.text}")


def left_open(usage: Usage | None) -> Iterator[Issue]:
    """Report what the writer says its answer leaves open; it isn't checked, so it isn't part of the text."""
    if usage is None:
        return
    if usage.unread:
        what = counted(usage.unread, "sentence of the reply was", "sentences of the reply were")
        yield Issue("unread_sentence", f"{what} unreadable and left out.")
    if usage.cut_off:
        fix = "ask more narrowly, or raise PINCITE_REPLY_TOKENS"
        yield Issue("cut_off", f"The reply reached its length limit, so this may not be the whole answer: {fix}.")
    if said := without_foreign(usage.not_covered, ())[0]:
        yield Issue("not_covered", f"Not covered by the papers found, the model says: {said}")
