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
# Without a colon only capitals are a label: "Results of both trials …" opens a sentence.
_LABEL = re.compile(
    rf"(?:(?<=^)|(?<=[.!?)\]\"”] ))(?P<label>(?:{_LABELS})(?:\s*(?:/|and|&)\s*(?:{_LABELS}))?)"
    r"(?:\s*:\s+(?=\S)|\s+(?=(?-i:[A-Z0-9(])))",
    re.IGNORECASE,
)


def find_sections(abstract: str) -> tuple[Section, ...]:
    """Return the labelled parts, each from the end of its label to the next; none where there are fewer than two."""
    labels = [match for match in _LABEL.finditer(abstract) if _is_label(match)]
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


def _is_label(match: re.Match[str]) -> bool:
    label = match["label"]
    return label[0].isupper() if ":" in match.group() else label.isupper()
