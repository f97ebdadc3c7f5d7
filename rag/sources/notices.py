"""What has been published about a paper: retractions, corrections, expressions of concern."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Notice

# PubMed's publication types for a paper with a notice, or for the notice itself.
# https://www.nlm.nih.gov/mesh/pubtypes.html
PUBLICATION_TYPES = {
    "retracted publication": "retraction",
    "retraction of publication": "retraction",
    "retraction notice": "retraction",
    "published erratum": "correction",
    "corrected and republished article": "correction",
    "expression of concern": "concern",
}
# Crossref's update types and relations. https://www.crossref.org/documentation/register-maintain-records/crossmark/
UPDATE_KINDS = {
    "retraction": "retraction",
    "partial_retraction": "retraction",
    "withdrawal": "retraction",
    "removal": "retraction",
    "correction": "correction",
    "corrigendum": "correction",
    "erratum": "correction",
    "clarification": "correction",
    "addendum": "correction",
    "expression_of_concern": "concern",
    "concern": "concern",
}


def update_kind(name: str) -> str | None:
    """Return the kind of notice that an update, a relation or a comment of any of the sources names."""
    folded = re.sub(r"[\s\-]+", "_", name.strip().lower()).removesuffix("_in").removesuffix("_of")
    return UPDATE_KINDS.get(folded) or PUBLICATION_TYPES.get(folded.replace("_", " "))


# A notice names the paper by its title, which begins with a capital or a quotation mark: "Retraction of the wing" and
# "Correction of scoliosis" are papers on wings and spines.
_NAMED = r"\s+(?:to|of|for)(?:\s*:|\s+(?-i:[A-ZÀ-Þ\"'“‘\[]))"
_RETRACTED_TITLE = re.compile(
    r"\W*retracted(?: article| paper| chapter)?\s*(?:[:\])]|—|\.\s|-\s)"
    rf"|\W*retraction(?: notice| note)?(?:{_NAMED}|\s*:)"
    r"|.*[\[(]\s*retracted(?: article| paper)?\b[^\])]*[\])]\W*$"
    r"|\W*withdrawn(?: article)?\s*[:\]]",
    re.IGNORECASE,
)
_CORRECTED_TITLE = re.compile(
    rf"\W*(?:(?:publisher |author )?corrections?(?:{_NAMED.replace('to|of|for', 'to')}|\s*:)"
    r"|(?:corrigendum|corrigenda|erratum|errata)(?:\s+(?:to|of|for|in)\b|\s*:))",
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


def typed(text: str) -> tuple[Notice, ...]:
    """Return the notices of PubMed's publication types in a note, one a line, as EndNote keeps them."""
    kinds = {PUBLICATION_TYPES.get(line.strip().lower()): line.strip() for line in text.split("\n")}
    return tuple(Notice(kind, name) for kind, name in kinds.items() if kind)


def noted(text: str) -> tuple[Notice, ...]:
    """Return the notices in a note, as `rag.export` writes them: `Retraction: …; Correction: …`."""
    kinds = "Retraction|Correction|Concern"
    found = re.finditer(rf"(?:^|; |\n)({kinds})(?:: (.*?))?(?=; (?:{kinds})|\n|$)", text)
    return tuple(Notice(match.group(1).lower(), (match.group(2) or "").strip()) for match in found)
