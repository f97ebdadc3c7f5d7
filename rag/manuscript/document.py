"""A report as a JSON document in the public format (`rag/views/schema.json`)."""

from __future__ import annotations

from rag.manuscript.findings import Cited, Pin, Pinned, Report, Uncited
from rag.manuscript.passages import ManuscriptSentence
from rag.views.documents import Json, document, reference


def report_document(report: Report) -> Json:
    """Return a checked manuscript as JSON."""
    fields = {
        "file": report.manuscript.file,
        "checker": report.checker,
        "counts": {outcome.value: count for outcome, count in report.counts().items()},
        "sentences": [_pinned(one) for one in report.pinned],
        "uncited": [_uncited(one) for one in report.uncited],
        "notes": list(report.notes),
    }
    return document("manuscript", fields)


def _pinned(one: Pinned) -> Json:
    return {
        **_passage(one.passage),
        "outcome": one.outcome.value,
        "support": round(one.score, 4),
        "why": one.why,
        "cited": [_cited(cited) for cited in one.cited],
        "instead": [_pin(pin) for pin in one.instead],
    }


def _uncited(one: Uncited) -> Json:
    return {**_passage(one.passage), "support": [_pin(pin) for pin in one.support]}


def _passage(passage: ManuscriptSentence) -> Json:
    return {
        "text": passage.text, "claim": passage.claim, "paragraph": passage.paragraph,
        "line": passage.line or None, "column": passage.column or None,
        "included_from": passage.file or None,
        "end_line": passage.end_line or None, "end_column": passage.end_column or None,
    }  # fmt: skip


def _cited(cited: Cited) -> Json:
    return {
        "key": cited.key,
        "outcome": cited.outcome.value,
        "support": round(cited.score, 4),
        "why": cited.why,
        "paper": reference(cited.paper) if cited.paper else None,
        "nearest": _quote(cited.pin) if cited.pin else None,
    }


def _pin(pin: Pin) -> Json:
    return {**reference(pin.paper), **_quote(pin)}


def _quote(pin: Pin) -> Json:
    return {"quote": pin.quote, "start": pin.start, "end": pin.end}
