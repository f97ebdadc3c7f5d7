"""Where an answer went wrong: for each fact that it lacks, the first stage that lost it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eval.judges.nuggets import FULL, UNKNOWN, sentence_of
from eval.metrics.correctness import assigned, is_correct
from eval.questions import Nugget, holds
from eval.runs.run import Row

DEPTH = 10
NO_VERDICT = "no verdict of the judge"
UNSUPPORTED = "not supported by what it cites"
DOUBTS = {
    "unsupported": UNSUPPORTED,
    "contradicted": UNSUPPORTED,
    "partial": "supported only in part by what it cites",
}


def why(row: Row) -> list[str]:
    """Return a line for each thing that is wrong with an answer, empty where nothing is."""
    if row.response.error:
        return [f"failed, unscored: {row.response.error}"]
    if not row.case.answerable:
        return [] if row.response.declined else ["answered, though the library holds no answer"]
    lacking = [(nugget, degree) for nugget, degree in assigned(row.item) if nugget.vital and degree != FULL]
    lines = [_lost(row, nugget, degree) for nugget, degree in lacking]
    lines += [f"{doubt}: {c['text']!r} ({c['together']['why']})" for c in _claims(row) if (doubt := _doubt(c))]
    if not lines and is_correct(row.item) is False:
        lines.append(f"says something forbidden: one of {', '.join(row.case.forbidden)}")
    return lines


def stage(row: Row) -> str:
    """Return where an answer went wrong first, in the words of `why`; empty where nothing is wrong."""
    lines = why(row)
    return re.split(r"[:(]", lines[0])[0].strip() if lines else ""


def _claims(row: Row) -> list[Mapping[str, Any]]:
    """Return the claims that lack support where only some of a sentence do, else the sentence."""
    found: list[Mapping[str, Any]] = []
    for sentence in row.judged:
        doubtful = [part for part in sentence.get("parts", ()) if _doubt(part)]
        found += doubtful if doubtful and len(doubtful) < len(sentence["parts"]) else [sentence]
    return found


def _doubt(claim: Mapping[str, Any]) -> str:
    """State how a sentence lacks the support of what it cites; empty where it has it, or wasn't judged."""
    return DOUBTS.get(claim["together"]["verdict"], "") if claim["together"] else ""


def _lost(row: Row, nugget: Nugget, degree: str) -> str:
    return f"{NO_VERDICT if degree == UNKNOWN else _stage(row, nugget)}: {nugget.fact}"


def _stage(row: Row, nugget: Nugget) -> str:
    """Return the first stage that lost a fact: library, search, choice of papers, refusal or writing."""
    papers = {e.paper for e in nugget.evidence} or set(row.case.gold)
    if papers and papers <= row.absent:
        return "not in the library"
    if not papers & set(row.response.retrieved[:DEPTH]):
        return f"not among the first {DEPTH} papers found"
    if not papers & {passage.id for passage in row.response.passages}:
        return "found and not read"
    if row.response.declined:
        return f"read and refused ({row.response.reason or 'no reason given'})"
    sentences = [s for e in nugget.evidence if (s := sentence_of(e, row.response.passages))]
    said = " ".join(claim.text for claim in row.response.claims)
    if any(holds(said, wanted) for wanted in nugget.alternatives):
        return "stated too late, in part, or in a sentence that its papers don't support"
    if any(s in said for s in sentences):
        return "stated too late, or in part"
    return f"read and not written{_issues(row)}"


def _issues(row: Row) -> str:
    return f" (issues: {', '.join(row.response.issues)})" if row.response.issues else ""
