"""What changed between two answers, claim by claim, by their receipts alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from rag.text.quantities import quantities
from rag.text.quantity_match import agree
from rag.text.words import term_set
from rag.types import Verdict

# The share of their words that two claims have in common from which they count as one claim, reworded.
SAME_CLAIM = 0.5
_SUPPORTS = (Verdict.SUPPORTED, Verdict.PARTIAL)


class Change(StrEnum):
    """What happened to a claim."""

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
class Side:
    """A paper that supports or disputes a claim, with the sentence that does; `figure`: it gives another figure."""

    paper: str
    title: str
    quote: str = ""
    figure: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim, and which papers support or dispute it; `retracted` are those that support it and were retracted.

    `disputing` is None where nobody looked, as in a receipt of an older Pincite.
    """

    text: str
    supporting: tuple[Side, ...] = ()
    disputing: tuple[Side, ...] | None = ()
    retracted: tuple[Side, ...] = ()
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """What happened to a claim: the papers that now support it, no longer do, dispute it, or were retracted.

    `text` is the claim as it is made now, `before` as it was made where that differs; a claim that is gone is in `text`
    as it was.
    """

    text: str
    changes: tuple[Change, ...] = (Change.NOTHING,)
    won: tuple[Side, ...] = ()
    lost: tuple[Side, ...] = ()
    against: tuple[Side, ...] = ()
    retracted: tuple[Side, ...] = ()
    before: str = ""


def followed(old: Standing, new: Standing) -> Followed:
    """Return what happened to a claim."""
    change = Followed(
        new.text,
        won=_other(new.supporting, old.supporting),
        lost=_other(old.supporting, new.supporting),
        against=() if old.disputing is None else _other(new.disputing or (), old.disputing),
        retracted=_other(new.retracted, old.retracted),
        before="" if old.text == new.text else old.text,
    )
    return replace(change, changes=tuple(_changes(old, new, change)) or (Change.NOTHING,))


def _other(these: Sequence[Side], those: Sequence[Side]) -> tuple[Side, ...]:
    """Return the sides of papers that aren't on it in the other list."""
    known = {(side.paper, side.figure) for side in those}
    return tuple(side for side in these if (side.paper, side.figure) not in known)


def _changes(old: Standing, new: Standing, change: Followed) -> Iterator[Change]:
    if change.retracted:
        yield Change.RETRACTED
    if change.lost:
        yield Change.LOST_SUPPORT
    if any(not side.figure for side in change.against):
        yield Change.NOW_DISPUTED
    if any(side.figure for side in change.against) or figures_differ(old.text, new.text):
        yield Change.FIGURE_MOVED
    if change.won:
        yield Change.NEW_SUPPORT
    if old.verdict != new.verdict:
        yield Change.VERDICT_CHANGED


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Followed, ...]:
    """Return what happened to each claim of one receipt in another, then the claims that are new."""
    old, new = _claims(before), _claims(after)
    pairs = _paired(old, new)
    taken = set(pairs.values())
    found = [
        followed(claim, new[pairs[at]]) if at in pairs else Followed(claim.text, (Change.GONE,))
        for at, claim in enumerate(old)
    ]
    found += [started(one) for at, one in enumerate(new) if at not in taken]
    return tuple(found)


def started(claim: Standing) -> Followed:
    """Return a claim that wasn't made before."""
    return Followed(claim.text, (Change.NEW_CLAIM,), won=claim.supporting)


def _claims(receipt: Mapping[str, Any]) -> list[Standing]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for quote in receipt["quotes"]:
        grouped.setdefault(quote["sentence"], []).append(quote)
    return [
        Standing(
            text,
            _sides(quote for quote in quotes if quote["verdict"] in _SUPPORTS),
            _sides(one for one in receipt["disputed"] if one["sentence"] == text) if "disputed" in receipt else None,
            _sides(quote for quote in quotes if quote.get("retracted") is True),
            quotes[0]["verdict"],
        )
        for text, quotes in grouped.items()
    ]


def _sides(quotes: Iterable[Mapping[str, Any]]) -> tuple[Side, ...]:
    """Return each paper once."""
    found = {quote["paper"]: Side(quote["paper"], quote["title"], quote["quote"]) for quote in quotes}
    return tuple(found.values())


def _paired(old: Sequence[Standing], new: Sequence[Standing]) -> dict[int, int]:
    """Pair the claims that are the same, the most similar first."""
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


def figures_differ(one: str, other: str) -> bool:
    """Return whether one of two claims gives a figure that the other doesn't."""
    mine, theirs = list(quantities(one)), list(quantities(other))
    return any(not any(agree(a, b) for b in theirs) for a in mine) or any(
        not any(agree(a, b) for a in mine) for b in theirs
    )
