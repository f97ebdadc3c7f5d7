"""What has been published about a paper: retractions, corrections, expressions of concern."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Notice

_RETRACTED_TITLE = re.compile(
    r"\W*(?:retracted(?: article| paper| chapter)?\W*(?::|\]|\)|\.|—|-\s)"
    r"|retraction(?: notice)?(?:\s+(?:to|of|for)\b|\s*:|\s*note:))"
    r"|.*[\[(]\s*retracted(?: article| paper)?\b[^\])]*[\])]\W*$|withdrawn(?: article)?\s*:",
    re.IGNORECASE,
)
_CORRECTED_TITLE = re.compile(
    r"\W*(?:correction|corrigendum|erratum|publisher correction|author correction)s?\b(?:\s+(?:to|of|for)\b|\s*:)",
    re.IGNORECASE,
)
_CONCERN_TITLE = re.compile(r"\W*(?:editorial )?expression of concern\b", re.IGNORECASE)


def title_notices(title: str, known: Sequence[Notice] = ()) -> tuple[Notice, ...]:
    """Return what a title says of its paper, unless it is among the `known`."""
    for kind, pattern in (
        ("retraction", _RETRACTED_TITLE),
        ("correction", _CORRECTED_TITLE),
        ("concern", _CONCERN_TITLE),
    ):
        if pattern.match(title) and all(notice.kind != kind for notice in known):
            return (Notice(kind, title),)
    return ()
