"""The labelled parts of a structured abstract, found in its text: "METHODS: We …", or "METHODS We …" as PubMed has."""

from __future__ import annotations

import re

from rag.types import Section

_LABELS = (
    r"background|introduction|context|rationale|importance|objectives?|objective\(s\)|aims?|purpose|goals?|"
    r"hypothesis|motivation|study question|research question|methods?|method\(s\)|methodology|materials? and methods?|"
    r"patients? and methods?|design|"
    r"study design|research design|setting|participants?|patients?|subjects?|interventions?|exposures?|data sources?|"
    r"study selection|data extraction|data synthesis|measurements?|main outcome measures?|main outcomes? and measures?|"
    r"outcomes?|primary outcomes?|results?|result\(s\)|main results?|findings|observations?|discussion|"
    r"conclusions?|conclusion\(s\)|"
    r"conclusions? and relevance|interpretation|implications?|significance|limitations?|novelty|funding|"
    r"trial registration|registration|systematic review registration|availability and implementation|"
    r"supplementary information|keywords?|summary|originality|value"
)
# Any words in capitals before a colon, and a few in lower case, are labels if there are others: "AUTHORS' CONCLUSIONS:
# ".
_AT_ONCE = r"(?:(?<=^)|(?<=[.!?)\]\"”] ))"
_CAPITALS = re.compile(rf"{_AT_ONCE}(?P<label>[A-Z](?:[A-Z0-9'’,()/& -]*[A-Z0-9)]))\s*:\s+(?=\S)")
_SMALL = re.compile(rf"{_AT_ONCE}(?P<label>[A-Z][a-z'’]+(?: [a-z'’/-]+){{1,4}})\s*:\s+(?=[A-Z0-9(\"“])")
_SHORTEST, _LONGEST = 4, 60  # characters; what is shorter is an abbreviation
# Without a colon only capitals are a label: "Results of both trials …" opens a sentence.
_LABEL = re.compile(
    rf"{_AT_ONCE}(?P<label>(?:{_LABELS})(?:\s*(?:/|and|&)\s*(?:{_LABELS}))?)"
    r"(?:\s*:\s+(?=\S)|\s+(?=(?-i:[A-Z0-9(])))",
    re.IGNORECASE,
)


def find_sections(abstract: str) -> tuple[Section, ...]:
    """Return the labelled parts, each from the end of its label to the next; none where there are fewer than two."""
    labels = _labels(abstract)
    if len(labels) < 2:
        return ()
    ends = [match.start() for match in labels[1:]] + [len(abstract)]
    return tuple(
        Section(
            match.group("label").strip().capitalize(),
            match.end(),
            match.end() + len(abstract[match.end() : end].rstrip()),
        )
        for match, end in zip(labels, ends, strict=True)
    )


def begins_with_label(text: str) -> bool:
    """Return whether a text begins with the usual label of a part of an abstract."""
    match = _LABEL.match(text)
    return bool(match and _is_label(match))


def _labels(abstract: str) -> list[re.Match[str]]:
    """Return the labels in their order: the usual ones, and others that are written as those are."""
    known = [match for match in _LABEL.finditer(abstract) if _is_label(match)]
    small = sum(not match["label"].isupper() for match in known)
    forms = [_CAPITALS] * (len(known) > small) + [_SMALL] * (small > 2)
    others = [match for form in forms for match in form.finditer(abstract) if _has_length(match)]
    labels: list[re.Match[str]] = []
    for match in sorted([*known, *others], key=lambda found: (found.start(), -found.end())):
        if not labels or match.start() >= labels[-1].end():
            labels.append(match)
    return labels


def _has_length(match: re.Match[str]) -> bool:
    return _SHORTEST <= len(match["label"]) <= _LONGEST


def _is_label(match: re.Match[str]) -> bool:
    label = match["label"]
    return label[0].isupper() if ":" in match.group() else label.isupper()
