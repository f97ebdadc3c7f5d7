"""What changed between two answers, claim by claim, by their receipts alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rag.text.quantities import quantities
from rag.text.quantity_match import same
from rag.text.words import term_set
from rag.types import Verdict

# The share of their words that two claims have in common from which they are one claim, worded anew.
SAME_CLAIM = 0.5
_SUPPORTS = (Verdict.SUPPORTED, Verdict.PARTIAL)


class Change(StrEnum):
    """What became of a claim."""

    NOTHING = "nothing"
    RETRACTED = "retracted"  # a paper that supports it was retracted
    LOST_SUPPORT = "lost-support"  # papers that supported it no longer do
    NOW_DISPUTED = "now-disputed"  # papers contradict it that didn't before
    FIGURE_MOVED = "figure-moved"  # a paper gives another figure for it
    NEW_SUPPORT = "new-support"  # papers support it that didn't before
    VERDICT_CHANGED = "verdict-changed"
    NEW_CLAIM = "new-claim"
    GONE = "gone"

    @property
    def words(self) -> str:
        """The change for people."""
        return self.value.replace("-", " ")


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A claim in both answers: None where one doesn't make it; with the titles of papers won and lost."""

    before: str | None
    after: str | None
    changes: tuple[Change, ...]
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Claim:
    text: str
    verdict: str
    papers: Mapping[str, str]  # id → title of those that support it


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[ClaimChange, ...]:
    """Return what became of each claim of one receipt in another, then the claims that are new."""
    old, new = _claims(before), _claims(after)
    pairs = _paired(old, new)
    taken = set(pairs.values())
    found = [
        _change(claim, new[pairs[at]]) if at in pairs else ClaimChange(claim.text, None, (Change.GONE,))
        for at, claim in enumerate(old)
    ]
    found += [ClaimChange(None, one.text, (Change.NEW_CLAIM,)) for at, one in enumerate(new) if at not in taken]
    return tuple(found)


def _claims(receipt: Mapping[str, Any]) -> list[_Claim]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for quote in receipt["quotes"]:
        grouped.setdefault(quote["sentence"], []).append(quote)
    return [
        _Claim(text, quotes[0]["verdict"], {q["paper"]: q["title"] for q in quotes if q["verdict"] in _SUPPORTS})
        for text, quotes in grouped.items()
    ]


def _paired(old: Sequence[_Claim], new: Sequence[_Claim]) -> dict[int, int]:
    """Pair the claims that are the same, the likest first."""
    likeness = sorted(
        ((alike(one.text, other.text), -a, -b) for a, one in enumerate(old) for b, other in enumerate(new)),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for share, a, b in likeness:
        if share >= SAME_CLAIM and -a not in pairs and -b not in pairs.values():
            pairs[-a] = -b
    return pairs


def alike(one: str, other: str) -> float:
    """Return the share of their words that two claims have in common; more than 1 for the same words."""
    if one == other:
        return 2.0
    mine, theirs = term_set(one), term_set(other)
    return len(mine & theirs) / max(1, len(mine | theirs))


def _change(old: _Claim, new: _Claim) -> ClaimChange:
    won = tuple(title for paper, title in new.papers.items() if paper not in old.papers)
    lost = tuple(title for paper, title in old.papers.items() if paper not in new.papers)
    found = tuple(_changes(old, new, won, lost)) or (Change.NOTHING,)
    return ClaimChange(old.text, new.text, found, won, lost)


def _changes(old: _Claim, new: _Claim, won: Sequence[str], lost: Sequence[str]) -> Iterator[Change]:
    if figures_differ(old.text, new.text):
        yield Change.FIGURE_MOVED
    if won:
        yield Change.NEW_SUPPORT
    if lost:
        yield Change.LOST_SUPPORT
    if old.verdict != new.verdict:
        yield Change.VERDICT_CHANGED


def figures_differ(one: str, other: str) -> bool:
    """Return whether one of two claims gives a figure that the other doesn't."""
    mine, theirs = list(quantities(one)), list(quantities(other))
    return any(not any(same(a, b) or same(b, a) for b in theirs) for a in mine) or any(
        not any(same(a, b) or same(b, a) for a in mine) for b in theirs
    )
