"""Notices in the fields of a record: a retraction, a correction, an expression of concern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.text.dois import find_dois
from rag.text.notice_titles import notice_title
from rag.types import Notice

_PMID = re.compile(r"\bPMID:?\s*(\d{1,9})\b", re.IGNORECASE)

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
    folded = re.sub(r"_(?:in|of|for|from)$", "", re.sub(r"[\s\-]+", "_", name.strip().lower()))
    return UPDATE_KINDS.get(folded) or PUBLICATION_TYPES.get(folded.replace("_", " "))


# Document types of Web of Science, Scopus, Embase, Dimensions and Lens, in their own words.
_DOCUMENT_TYPES = {
    **PUBLICATION_TYPES,
    "retracted": "retraction",
    "retracted article": "retraction",
    "retracted paper": "retraction",
    "withdrawn publication": "retraction",
    "withdrawn": "retraction",
    "item withdrawal": "retraction",
    "correction, addition": "correction",
    "corrected publication": "correction",
    "editorial expression of concern": "concern",
    "publication with expression of concern": "concern",
    "retraction": "retraction",
    "correction": "correction",
    "corrigendum": "correction",
    "erratum": "correction",
}
# For keywords, those that can't be the subject of a paper: Ovid and Zotero put PubMed's types there.
_KEYWORDS = {"retracted publication", "retracted article", "retraction of publication", "retraction notice"}
_YES = {"true", "yes", "y", "1", "retracted"}

# What is in brackets after a title: Title (Retraction of vol 12, pg 33, 2020), Title [Expression of Concern].
_BEHIND = re.compile(
    r".*[\[(【]\s*(?:(?P<retraction>retraction)\s+(?:of|to|for|in)\b[^\])】]*"
    r"|(?P<concern>(?:editorial )?expression of concern)\b[^\])】]*"
    r"|(?P<correction>corrigendum|erratum|published erratum|correction)(?:\s+(?:of|to|for|in)\s+vol\b[^\])】]*)?)"
    r"\s*[\])】]\W*$|.*\[(?P<retracted>retraction)\]\W*$",
    re.IGNORECASE | re.DOTALL,
)


def names_in(text: str) -> tuple[str, ...]:
    """Return the DOIs and PMIDs that a text gives, such as `doi:10.1000/x` and `pmid:12345`."""
    dois = [f"doi:{found}" for found in find_dois(text)]
    return tuple(dict.fromkeys([*dois, *(f"pmid:{found}" for found in _PMID.findall(text))]))


def combined(found: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return one notice of each kind: the first, with the names of all papers that those of its kind are about."""
    kinds: dict[str, list[Notice]] = {}
    for notice in found:
        kinds.setdefault(notice.kind, []).append(notice)
    return tuple(
        replace(same[0], of=tuple(dict.fromkeys(name for notice in same for name in notice.of)))
        for same in kinds.values()
    )


def title_notices(title: str, known: Sequence[Notice] = (), bare: bool = False) -> tuple[Notice, ...]:
    """Return what a title says of its paper, unless it is among the `known`; `bare`: the record has no abstract."""
    kind = _reported(title, bare)
    return (Notice(kind, title),) if kind and all(notice.kind != kind for notice in known) else ()


def _reported(title: str, bare: bool) -> str:
    if found := notice_title(title, bare):
        return found.kind
    match = _BEHIND.match(title)
    kind = next((kind for kind, text in match.groupdict().items() if text), "") if match else ""
    return "retraction" if kind == "retracted" else kind


def typed(*texts: str) -> tuple[Notice, ...]:
    """Return the notices that document types say, several in one text: `Article; Retracted Publication`."""
    whole = [name for text in texts for name in re.split(r"[;|\n]|\.(?:\s|$)", text)]
    names = [name for text in whole for name in (text, *text.split(","))]
    kinds: dict[str, str] = {}
    for name in map(str.strip, names):
        if kind := _DOCUMENT_TYPES.get(name.lower()):
            kinds.setdefault(kind, name)
    return tuple(Notice(kind, name) for kind, name in kinds.items())


def of_note(text: str) -> tuple[Notice, ...]:
    """Return the notices in a note: as Pincite writes them, else those that it names as document types."""
    return noted(text) or typed(text)


def keyworded(keywords: Sequence[str]) -> tuple[Notice, ...]:
    """Return the notices among keywords: only what is the name of a type and no subject."""
    return typed(*(word for word in keywords if word.lower() in _KEYWORDS))


def flagged(value: str, who: str) -> tuple[Notice, ...]:
    """Return a notice where a field such as `is_retracted` says yes; `who` names the source that marks the paper."""
    return (Notice("retraction", f"marked as retracted by {who}"),) if value.strip().lower() in _YES else ()


def noted(text: str) -> tuple[Notice, ...]:
    """Return the notices in a note, as `rag.export` writes them: `Retraction: …; Correction: …`."""
    kinds = "Retraction|Correction|Concern"
    found = re.finditer(rf"(?:^|; |\n)({kinds})(?:: (.*?))?(?=; (?:{kinds})|\n|$)", text)
    return tuple(Notice(match.group(1).lower(), (match.group(2) or "").strip()) for match in found)
