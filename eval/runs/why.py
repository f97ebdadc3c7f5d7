"""Where an answer went wrong: for each fact that it lacks, the first stage that lost it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.judges.nuggets import DENIED, FULL, UNKNOWN, sentence_of
from eval.metrics.correctness import assigned, is_correct
from eval.questions import Nugget, holds
from eval.runs.labels import Labels, cited, sentence_id, stands
from eval.runs.run import Row

DEPTH = 10
# What happened to a fact where no stage lost it.
NOT_BY_STAGE = {
    UNKNOWN: "no verdict of the judge",
    DENIED: "stated, and denied or taken back by the rest of the answer",
}
UNSUPPORTED = "not supported by what it cites"
WRONG = "judged wrong"
DOUBTS = {
    "unsupported": UNSUPPORTED,
    "contradicted": UNSUPPORTED,
    "partial": "supported only in part by what it cites",
}
_WORD = re.compile(r"\w+")


def why(row: Row, labels: Labels | None = None) -> list[str]:
    """Return a line for each thing that is wrong with an answer, empty where nothing is.

    Where people's labels contradict the judge, the fault is the judge's.
    """
    if row.response.error:
        return [f"failed, unscored: {row.response.error}"]
    if not row.case.answerable:
        return [] if row.response.declined else ["answered, though the library holds no answer"]
    given = labels or Labels()
    lines = [*_facts(row, given), *_sentences(row, given)]
    if not lines and is_correct(row.item) is False:
        lines.append(f"says something forbidden: one of {', '.join(row.case.forbidden)}")
    return lines


def stage(lines: Sequence[str]) -> str:
    """Return where an answer went wrong first, of the lines of `why`; empty where nothing is wrong."""
    return re.split(r"[:(]", lines[0])[0].strip() if lines else ""


def _facts(row: Row, labels: Labels) -> Iterator[str]:
    """Yield what happened to each vital fact that isn't stated in full, by the judge or by people."""
    people = labels.facts[row.case.id].degrees if row.case.id in labels.facts else ()
    for place, (nugget, degree) in enumerate(assigned(row.item)):
        label = people[place] if place < len(people) else degree
        if nugget.vital and label != degree and FULL in (label, degree):
            yield f"{WRONG} (stated: {degree}, your label {label}): {nugget.fact}"
        if nugget.vital and label != FULL:
            yield f"{NOT_BY_STAGE.get(label) or _stage(row, nugget)}: {nugget.fact}"


def _sentences(row: Row, labels: Labels) -> Iterator[str]:
    """Yield the sentences that lack support, and those on which the judge errs."""
    for place, sentence in enumerate(row.judged, start=1):
        wrong = _judged_wrong(row, sentence, labels.support.get(sentence_id(row, place)))
        if wrong:
            yield f"{WRONG} ({wrong}): {sentence['text']!r}"
        else:
            lacking = ((claim, doubt) for claim in _claims(sentence) if (doubt := _doubt(claim)))
            yield from (f"{doubt}: {claim['text']!r} ({claim['together']['why']})" for claim, doubt in lacking)


def _judged_wrong(row: Row, sentence: Mapping[str, Any], label: str | None) -> str:
    """State how the judge errs on the support of a sentence; empty where it doesn't, or nobody knows."""
    if not sentence["together"]:
        return ""
    verdict = str(sentence["together"]["verdict"])
    supported = verdict == "supported"
    if label:
        return "" if (label == "supported") == supported else f"{verdict}, your label {label}"
    verbatim = stands(sentence["text"], cited(row, sentence["marks"]))
    return f"{verdict}, and it is word for word in what it cites" if verbatim and not supported else ""


def _claims(sentence: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the claims that lack support where only some of a sentence do, else the sentence."""
    parts = sentence.get("parts", ())
    doubtful = [part for part in parts if _doubt(part)]
    return doubtful if doubtful and len(doubtful) < len(parts) else [sentence]


def _doubt(claim: Mapping[str, Any]) -> str:
    """State how a sentence lacks the support of what it cites; empty where it has it, or wasn't judged."""
    return DOUBTS.get(claim["together"]["verdict"], "") if claim["together"] else ""


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
    return _said(row, nugget) or f"read and not written{_issues(row)}"


def _said(row: Row, nugget: Nugget) -> str:
    """Return how an answer has a fact that the judge didn't find in it, empty where it doesn't."""
    said = [claim.text for claim in row.response.claims]
    read = said[: row.nuggets.read if row.nuggets else len(said)]
    evidence = [s for e in nugget.evidence if (s := sentence_of(e, row.response.passages))]
    whole = [s for s in evidence if not nugget.alternatives or any(holds(s, wanted) for wanted in nugget.alternatives)]
    if any(_words(text) == _words(s) for text in read for s in whole):
        return f"{WRONG} (its evidence is in the answer)"
    if any(_words(s) in _words(text) for text in read for s in whole):
        return f"{WRONG}, or denied by the words around it"
    if any(holds(" ".join(read), wanted) for wanted in nugget.alternatives):
        return "stated in part, or in a sentence that its papers don't support"
    if any(_words(s) in _words(" ".join(read)) for s in evidence):
        return "stated in part"
    late = " ".join(said)
    if any(holds(late, wanted) for wanted in nugget.alternatives) or any(_words(s) in _words(late) for s in evidence):
        return "stated too late"
    return ""


def _words(text: str) -> str:
    """Return the words of a text, whatever is between them; spaces at the ends keep words whole."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _issues(row: Row) -> str:
    return f" (issues: {', '.join(row.response.issues)})" if row.response.issues else ""
