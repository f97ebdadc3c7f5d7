"""Whether an answer's citations can be trusted. Over check-worthy sentences; none borrows a neighbour's marks.

A declined or empty answer has nothing to cite: not applicable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from eval.answers.citation_marks import split_claims
from eval.answers.file_format import disagreement
from eval.answers.responses import Passage, PinnedQuote
from eval.estimates import NOT_APPLICABLE, Score, of
from eval.judges.judged import Judged, JudgedClaim, resolves
from eval.metrics.metric import Metric
from rag.types import Verdict

# How much of a sentence counts as supported; nothing by any other verdict.
IN_FULL, IN_PART = 1.0, 0.5
WEIGHTS = {Verdict.SUPPORTED: IN_FULL, Verdict.PARTIAL: IN_PART}


def validity(item: Judged) -> Score:
    """All marks that resolve to a passage / all marks.

    ALCE drops marks out of range; here each counts, since a reader would follow it to nothing.
    """
    marks = [mark for judged in item.claims for mark in judged.claim.marks]
    return Score(sum(resolves(mark, item.response.passages) for mark in marks), len(marks))


def coverage(item: Judged) -> Score:
    """Check-worthy sentences with at least one mark of their own that resolves / check-worthy sentences."""
    return _share(item, lambda judged: judged.together is not None)


def recall(item: Judged) -> Score:
    """Mean over answers of: sentences supported by all their cited passages together / check-worthy sentences.

    Citation recall of ALCE (Gao et al. 2023, EMNLP, section 4.3): a sentence without a mark is not supported.
    """
    return _mean(_share(item, _carried))


def precision(item: Judged) -> Score:
    """Mean over answers of: marks that are precise / all marks, invented ones included.

    Citation precision of ALCE (Gao et al. 2023, EMNLP, section 4.3): a mark is precise if its sentence is supported
    by all its passages, and its own passage either supports it alone or the others do not without it. An answer
    without marks has no precision: not applicable.
    """
    return _mean(_counted([precise for judged in item.claims for precise in judged.precise]))


def f1(item: Judged) -> Score:
    """Mean over answers of the harmonic mean of citation recall and citation precision.

    0 if sentences need marks and none is right; this includes an answer without marks.
    """
    found, exact = recall(item), precision(item)
    if found.value is None:
        return found
    if found.value == 0.0:
        return Score(0.0, 1.0, found.unscored)
    if exact.value is None:
        return Score(0.0, 0.0, max(1, exact.unscored))
    total = found.value + exact.value
    return Score(2 * found.value * exact.value / total if total else 0.0, 1.0, found.unscored + exact.unscored)


def support_recall(item: Judged) -> Score:
    """Mean over answers of: support of each sentence by all that it cites, 1 in full, 0.5 in part / sentences.

    The weighted recall of TREC RAG 2024 (Thakur et al. 2025), which looks at the first citation of a sentence only. A
    sentence without a mark has no support.
    """
    return _mean(_counted([_support(judged) for judged in item.claims]))


def support_precision(item: Judged) -> Score:
    """Mean over answers of: support of each sentence that cites, 1 in full, 0.5 in part / sentences that cite.

    The weighted precision of TREC RAG 2024 (Thakur et al. 2025), by all cited passages together.
    """
    return _mean(_counted([_support(judged) for judged in item.claims if judged.together is not None]))


def partial_support(item: Judged) -> Score:
    """Sentences that what they cite supports only in part / check-worthy sentences that cite."""
    degrees = [_support(judged) for judged in item.claims if judged.together is not None]
    return _counted([None if degree is None else degree == IN_PART for degree in degrees])


def no_support(item: Judged) -> Score:
    """Sentences that nothing they cite supports, not even in part / check-worthy sentences that cite."""
    degrees = [_support(judged) for judged in item.claims if judged.together is not None]
    return _counted([None if degree is None else degree == 0.0 for degree in degrees])


def pinned_recall(item: Judged) -> Score:
    """Mean over answers of: sentences supported by their quotes alone / check-worthy sentences.

    Stricter than recall: the evidence is what the reader sees highlighted, not the whole abstract. Not applicable to an
    answer without a single quote, such as those of systems that cite whole passages.
    """
    if not any(judged.claim.pins for judged in item.claims):
        return NOT_APPLICABLE
    return _mean(_share(item, lambda judged: judged.pinned is not None and _is(judged.pinned.verdict)))


def contradiction(item: Judged) -> Score:
    """Sentences that their cited passages contradict / check-worthy sentences that cite."""

    def contradicted(judged: JudgedClaim) -> bool | None:
        if judged.together is None or judged.together.verdict is Verdict.UNKNOWN:
            return None
        return judged.together.verdict is Verdict.CONTRADICTED

    return _counted([contradicted(judged) for judged in item.claims if judged.together is not None])


def misattribution(item: Judged) -> Score:
    """Sentences not supported by what they cite but by another retrieved passage / check-worthy sentences that cite."""
    cited = [judged for judged in item.claims if judged.together is not None]
    return _counted([None if _carried(judged) is None else judged.elsewhere is not None for judged in cited])


def groundedness(item: Judged) -> Score:
    """Mean over answers of: sentences supported by anything retrieved, cited or not / check-worthy sentences.

    Blind to citations: moving the marks doesn't change it. `groundedness:claims` is nearer to what others count.
    """
    return _mean(_share(item, lambda judged: judged.grounded))


def recall_of_claims(item: Judged) -> Score:
    """Mean over answers of: claims supported by all that their sentence cites / claims of check-worthy sentences.

    Citation recall of ALCE, counted by claim: a sentence of three claims, one of them unsupported, has 2/3.
    """
    return recall(_by_claim(item))


def precision_of_claims(item: Judged) -> Score:
    """Mean over answers of: marks that are precise for a claim of their sentence / all marks, invented ones too."""
    marks = [place for judged in item.claims for place in zip(*(part.precise for part in _parts(judged)), strict=True)]
    return _mean(_counted([True if any(mark) else None if None in mark else False for mark in marks]))


def support_of_claims(item: Judged) -> Score:
    """Mean over answers of: support of each claim by all that its sentence cites, 1 in full, 0.5 in part / claims."""
    return support_recall(_by_claim(item))


def partial_support_of_claims(item: Judged) -> Score:
    """Claims that what their sentence cites supports only in part / claims of check-worthy sentences that cite."""
    return partial_support(_by_claim(item))


def no_support_of_claims(item: Judged) -> Score:
    """Claims that nothing their sentence cites supports, not even in part / claims of sentences that cite."""
    return no_support(_by_claim(item))


def groundedness_of_claims(item: Judged) -> Score:
    """Mean over answers of: claims supported by anything retrieved, cited or not / claims of check-worthy sentences.

    The faithfulness of RAGAS (Es et al. 2024, EACL) and RAGChecker (Ru et al. 2024, NeurIPS), with claims divided by
    rule (`eval.judges.claims`) in place of a language model.
    """
    return groundedness(_by_claim(item))


def quote_exactness(item: Judged) -> Score:
    """Quotes found, character by character, in the passage that they are pinned to / all quotes."""
    pins = [pin for claim in item.response.claims for pin in claim.pins]
    return Score(sum(stands(pin, item.response.passages) for pin in pins), len(pins))


def quote_words(item: Judged) -> Score:
    """Mean words of a quote. A system that highlights the whole passage shows its reader nothing."""
    pins = [pin for claim in item.response.claims for pin in claim.pins]
    return Score(sum(len(pin.quote.split()) for pin in pins), len(pins))


def stands(pin: PinnedQuote, passages: Sequence[Passage]) -> bool:
    """Whether a quote is in the passage that it is pinned to, at its offsets if it has any. An empty quote never is."""
    if not pin.quote or not resolves(pin.passage, passages):
        return False
    text = passages[pin.passage - 1].text
    return pin.quote in text if pin.start is None else text[pin.start : pin.end] == pin.quote


def text_agreement(item: Judged) -> Score:
    """Answers whose text says, mark for mark, what their sentences say / answers in sentences with marks of their own.

    Readers see the text, the other metrics judge the sentences.
    """
    response = item.response
    if not response.answered or not response.claims:
        return NOT_APPLICABLE
    shown = [number for claim in split_claims(response.text, response.passages) for number in claim.marks]
    held = [number for claim in response.claims for number in claim.marks]
    return of(shown == held and disagreement(response) is None)


def _parts(judged: JudgedClaim) -> tuple[JudgedClaim, ...]:
    return judged.parts or (judged,)


def _by_claim(item: Judged) -> Judged:
    """Return the answer with the claims of its sentences in their place."""
    return replace(item, claims=tuple(part for judged in item.claims for part in _parts(judged)))


def _support(judged: JudgedClaim) -> float | None:
    """Return how far a sentence is supported by all that it cites; None if the judge gave no verdict."""
    if judged.together is None:
        return 0.0
    verdict = judged.together.verdict
    return None if verdict is Verdict.UNKNOWN else WEIGHTS.get(verdict, 0.0)


def _is(verdict: Verdict) -> bool | None:
    return None if verdict is Verdict.UNKNOWN else verdict is Verdict.SUPPORTED


def _carried(judged: JudgedClaim) -> bool | None:
    return False if judged.together is None else _is(judged.together.verdict)


def _share(item: Judged, holds: Callable[[JudgedClaim], bool | None]) -> Score:
    """Count the check-worthy sentences for which something holds."""
    return _counted([holds(judged) for judged in item.claims])


def _counted(outcomes: Sequence[float | None]) -> Score:
    """Add up what holds, wholly or in part, among what could be judged; without a verdict it is unscored."""
    known = [outcome for outcome in outcomes if outcome is not None]
    return Score(sum(known), len(known), len(outcomes) - len(known))


def _mean(score: Score) -> Score:
    """Give every answer the same weight, however long it is."""
    return score if score.value is None else Score(score.value, 1.0, score.unscored)


# What is counted, without a verdict.
_UNJUDGED = (validity, coverage, quote_exactness, quote_words, text_agreement)
METRICS = tuple(
    Metric(
        name,
        function,
        "citations",
        higher_is_better=higher,
        is_share=function is not quote_words,
        judged=function not in _UNJUDGED,
    )
    for name, function, higher in (
        ("citation_recall", recall, True),
        ("citation_precision", precision, True),
        ("citation_f1", f1, True),
        ("support_recall", support_recall, True),
        ("support_precision", support_precision, True),
        ("partial_support", partial_support, False),
        ("no_support", no_support, False),
        ("citation_validity", validity, True),
        ("citation_coverage", coverage, True),
        ("pinned_recall", pinned_recall, True),
        ("quote_exactness", quote_exactness, True),
        ("quote_words", quote_words, False),
        ("text_agreement", text_agreement, True),
        ("groundedness", groundedness, True),
        ("contradiction_rate", contradiction, False),
        ("misattribution_rate", misattribution, False),
        ("citation_recall:claims", recall_of_claims, True),
        ("citation_precision:claims", precision_of_claims, True),
        ("support_recall:claims", support_of_claims, True),
        ("partial_support:claims", partial_support_of_claims, False),
        ("no_support:claims", no_support_of_claims, False),
        ("groundedness:claims", groundedness_of_claims, True),
    )
)
