"""What changed between two answers, claim by claim, by their receipts alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from rag.text.quantities import quantities
from rag.text.quantity_match import same
from rag.text.words import term_set
from rag.types import Verdict

# The share of their words that two claims have in common from which they are one claim, in other words.
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
    """A claim in both answers: None where one doesn't make it; with the titles of papers won and lost.

    `against` are the titles of papers that contradict it now, `retracted` of those that support it and were retracted.
    """

    before: str | None
    after: str | None
    changes: tuple[Change, ...]
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim with its papers, each as id → title; `disputing` is None in a receipt that doesn't say."""

    text: str
    verdict: str
    papers: Mapping[str, str]
    retracted: Mapping[str, str]
    disputing: Mapping[str, str] | None


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
        _Claim(
            text,
            quotes[0]["verdict"],
            _papers(quote for quote in quotes if quote["verdict"] in _SUPPORTS),
            _papers(quote for quote in quotes if quote.get("retracted") is True),
            _papers(one for one in receipt["disputed"] if one["sentence"] == text) if "disputed" in receipt else None,
        )
        for text, quotes in grouped.items()
    ]


def _papers(quotes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {quote["paper"]: quote["title"] for quote in quotes}


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
    against = _added(old.disputing, new.disputing)
    retracted = tuple(new.retracted[paper] for paper in new.retracted if paper not in old.retracted)
    change = ClaimChange(old.text, new.text, (), won, lost, against, retracted)
    return replace(change, changes=tuple(_changes(old, new, change)) or (Change.NOTHING,))


def _added(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    return tuple(title for paper, title in after.items() if paper not in before)


def _changes(old: _Claim, new: _Claim, change: ClaimChange) -> Iterator[Change]:
    if change.retracted:
        yield Change.RETRACTED
    if change.against:
        yield Change.NOW_DISPUTED
    if figures_differ(old.text, new.text):
        yield Change.FIGURE_MOVED
    if change.won:
        yield Change.NEW_SUPPORT
    if change.lost:
        yield Change.LOST_SUPPORT
    if old.verdict != new.verdict:
        yield Change.VERDICT_CHANGED


def figures_differ(one: str, other: str) -> bool:
    """Return whether one of two claims gives a figure that the other doesn't."""
    mine, theirs = list(quantities(one)), list(quantities(other))
    return any(not any(same(a, b) or same(b, a) for b in theirs) for a in mine) or any(
        not any(same(a, b) or same(b, a) for a in mine) for b in theirs
    )
