"""Where the papers of a library stand on a claim of a watched question, and what changed about it since.

Only papers that are new, or read otherwise than before, are judged; what stood stays. So a claim whose papers didn't
change can't change, however the checker of a newer Pincite would judge them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.errors import PaperNotFoundError
from rag.library import Library
from rag.pipeline.receipt_changes import Change
from rag.pipeline.run import with_roles
from rag.text.words import fold_title
from rag.types import Evidence, Filters, Hit, Paper, Sentence, Verdict
from rag.verify import Checker
from rag.verify.agreement import agreement_of
from rag.watched_questions.other_figures import other_figure
from rag.write.withheld import part

# Papers nearest to a claim that are held against it.
NEAREST = 10
SENTENCES = 200  # of theirs
_SUPPORTS = (Verdict.SUPPORTED, Verdict.PARTIAL)


@dataclass(frozen=True, slots=True)
class Side:
    """A paper that supports or disputes a claim, with the sentence that does; `figure`: it gives another figure."""

    paper: str
    title: str
    quote: str
    figure: bool = False


@dataclass(frozen=True, slots=True)
class WatchedClaim:
    """A claim that is followed.

    `retracted` are the ids of supporting papers that were retracted; `read` maps the id of each paper that was held
    against the claim to what `state_of` gave for it.
    """

    text: str
    supporting: tuple[Side, ...] = ()
    disputing: tuple[Side, ...] = ()
    retracted: tuple[str, ...] = ()
    read: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a claim: the papers that now support it, no longer do, dispute it, or were retracted."""

    text: str
    changes: tuple[Change, ...] = (Change.NOTHING,)
    won: tuple[Side, ...] = ()
    lost: tuple[Side, ...] = ()
    against: tuple[Side, ...] = ()
    retracted: tuple[Side, ...] = ()


def state_of(paper: Paper) -> str:
    """Return a text that changes when a paper's own text does, or when it is retracted."""
    said = "\0".join((paper.title, paper.abstract, str(paper.retracted)))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def states_of(hits: Iterable[Hit]) -> dict[str, str]:
    """Return the state of each paper found, by its id."""
    return {hit.paper.id: state_of(hit.paper) for hit in hits}


def claim_of(sentence: Sentence) -> WatchedClaim:
    """Return the claim of an answer's sentence, with the papers cited for it."""
    pins = {pin.paper.id: pin for pin in reversed(sentence.citations) if pin.verdict in _SUPPORTS}
    sides = tuple(Side(pin.paper.id, pin.paper.title, pin.words) for pin in pins.values())
    retracted = tuple(pin.paper.id for pin in pins.values() if pin.paper.retracted)
    return WatchedClaim(sentence.text, sides, (), retracted, {name: state_of(pin.paper) for name, pin in pins.items()})


def stand(
    claim: WatchedClaim, library: Library, filters: Filters, checker: Checker, new: Sequence[str] = ()
) -> WatchedClaim:
    """Return the claim as the papers of a library stand on it now.

    Those nearest to it are held against it, and those nearest of the `new` ones: a claim that many papers repeat would
    hide them.
    """
    among = [filters, replace(filters, papers=tuple(new))] if new else [filters]
    hits = {hit.paper.id: hit for some in among for hit in library.find(claim.text, NEAREST, some)}
    papers = {name: hit.paper for name, hit in hits.items()} | _sided(claim, library)
    kept = [_kept(claim, sides, papers, checker) for sides in (claim.supporting, claim.disputing)]
    standing = {side.paper for sides in kept for side in sides}
    fresh = [
        hit for name, hit in hits.items()
        if name not in standing and not hit.paper.retracted and claim.read.get(name) != state_of(hit.paper)
    ]  # fmt: skip
    known = {fold_title(side.title) for side in kept[0]}
    won, against = _sides(claim.text, library.gather(claim.text, fresh, SENTENCES), checker) if fresh else ((), ())
    supporting = (*kept[0], *(side for side in won if fold_title(side.title) not in known))
    return WatchedClaim(
        claim.text,
        supporting,
        (*kept[1], *against),
        tuple(side.paper for side in supporting if side.paper in papers and papers[side.paper].retracted),
        {name: state_of(paper) for name, paper in papers.items()},
    )


def _sided(claim: WatchedClaim, library: Library) -> dict[str, Paper]:
    """Return the papers on a side that are still in the library."""
    found = {}
    for side in (*claim.supporting, *claim.disputing):
        try:
            found[side.paper] = library.get(side.paper)
        except PaperNotFoundError:
            continue
    return found


def _kept(
    claim: WatchedClaim, sides: Sequence[Side], papers: Mapping[str, Paper], checker: Checker
) -> tuple[Side, ...]:
    """Return the sides that still stand: their sentence is there, or another one says the same."""
    return tuple(
        side for side in sides if side.paper in papers and _stands(claim, side, papers[side.paper], checker)
    )  # fmt: skip


def _stands(claim: WatchedClaim, side: Side, paper: Paper, checker: Checker) -> bool:
    if claim.read.get(paper.id) == state_of(paper) or (side.quote and side.quote in paper.abstract):
        return True
    wanted = Verdict.CONTRADICTED if side in claim.disputing else Verdict.SUPPORTED
    return checker.check(claim.text, [paper.title, paper.abstract]).verdict is wanted


def _sides(
    claim: str, evidence: Sequence[Evidence], checker: Checker
) -> tuple[tuple[Side, ...], tuple[Side, ...]]:  # fmt: skip
    """Return the papers that support a claim and those that dispute it, by their sentences."""
    items, _ = part(with_roles(evidence))
    moved = {item.paper.id: item for item in reversed(items) if other_figure(claim, item, checker)}
    rest = [item for item in items if item.paper.id not in moved]
    found = agreement_of(claim, (), rest, checker, {})
    won = tuple(Side(item.paper.id, item.paper.title, item.text) for item in found.also)
    against = [Side(pin.paper.id, pin.paper.title, pin.quote) for pin in found.contradicting]
    against += [Side(item.paper.id, item.paper.title, item.text, figure=True) for item in moved.values()]
    return won, tuple(against)


def followed(before: WatchedClaim, after: WatchedClaim) -> Followed:
    """Return what became of a claim."""
    was = {side.paper for side in before.supporting}
    stays = {side.paper for side in after.supporting}
    change = Followed(
        after.text,
        won=tuple(side for side in after.supporting if side.paper not in was),
        lost=tuple(side for side in before.supporting if side.paper not in stays),
        against=tuple(side for side in after.disputing if side not in before.disputing),
        retracted=tuple(
            side for side in after.supporting if side.paper in set(after.retracted) - set(before.retracted)
        ),
    )
    return replace(change, changes=tuple(_changes(change)) or (Change.NOTHING,))


def _changes(found: Followed) -> Iterator[Change]:
    if found.retracted:
        yield Change.RETRACTED
    if found.lost:
        yield Change.LOST_SUPPORT
    if any(not side.figure for side in found.against):
        yield Change.NOW_DISPUTED
    if any(side.figure for side in found.against):
        yield Change.FIGURE_MOVED
    if found.won:
        yield Change.NEW_SUPPORT
