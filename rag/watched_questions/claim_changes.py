"""Which papers of a library support or dispute a claim of a watched question, and what changed since.

Only papers that are new or changed are judged; earlier verdicts stay. So a claim whose papers didn't
change can't change, however the checker of a newer Pincite would judge them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.errors import PaperNotFoundError
from rag.library import Library
from rag.pipeline.receipt_changes import Side, Standing
from rag.text.words import fold_title
from rag.types import Evidence, Filters, Hit, Paper, Sentence, Verdict
from rag.verify import Checker
from rag.verify.agreement import agreement_of
from rag.watched_questions.denials import Denials, disputes
from rag.watched_questions.other_figures import ExactFigures, other_figures
from rag.write.withheld import part

# Papers nearest to a claim that it is checked against.
NEAREST = 10
SENTENCES = 200  # of theirs
_SUPPORTS = (Verdict.SUPPORTED, Verdict.PARTIAL)


@dataclass(frozen=True, slots=True)
class WatchedClaim:
    """A claim that is followed.

    `retracted` are the ids of supporting papers that were retracted; `read` maps the id of each paper that the claim
    was checked against to what `state_of` gave for it.
    """

    text: str
    supporting: tuple[Side, ...] = ()
    disputing: tuple[Side, ...] = ()
    retracted: tuple[str, ...] = ()
    read: Mapping[str, str] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """Which papers support or dispute it, as answers are compared."""
        retracted = tuple(side for side in self.supporting if side.paper in self.retracted)
        return Standing(self.text, self.supporting, self.disputing, retracted)


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


@dataclass(frozen=True, slots=True)
class Judges:
    """What decides whether a paper supports a claim, and what decides whether it denies it."""

    checker: Checker
    denials: Denials


def stand(
    claim: WatchedClaim, library: Library, filters: Filters, judges: Judges, new: Sequence[str] = ()
) -> WatchedClaim:
    """Return the claim with the papers that support or dispute it now.

    It is checked against those nearest to it, and those nearest of the `new` ones, which would be hidden where many
    papers repeat the claim. A paper on a side stays there while its sentence does; else it is read again, by the rules
    for a new one.
    """
    sided = _sided(claim, library)
    kept = [
        tuple(side for side in sides if _stays(claim, side, sided)) for sides in (claim.supporting, claim.disputing)
    ]
    standing = {side.paper for sides in kept for side in sides}
    reread = sided.keys() - standing
    among = [filters, *(replace(filters, papers=tuple(some)) for some in (new, sorted(reread)) if some)]
    hits = {hit.paper.id: hit for some in among for hit in library.find(claim.text, NEAREST, some)}
    papers = {name: hit.paper for name, hit in hits.items()} | sided
    fresh = [
        hit for name, hit in hits.items()
        if name in reread
        or (name not in standing and not hit.paper.retracted and claim.read.get(name) != state_of(hit.paper))
    ]  # fmt: skip
    won, against = _sides(claim.text, library.gather(claim.text, fresh, SENTENCES), judges) if fresh else ((), ())
    against_now = {side.paper for side in against}
    kept[0] += tuple(
        side for side in claim.supporting
        if side.paper in reread - against_now and _supports(claim, papers[side.paper], judges.checker)
    )  # fmt: skip
    known = {fold_title(side.title) for side in kept[0]}
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


def _stays(claim: WatchedClaim, side: Side, papers: Mapping[str, Paper]) -> bool:
    """Return whether a paper still has the sentence that put it on a side."""
    paper = papers.get(side.paper)
    if paper is None:
        return False
    return claim.read.get(paper.id) == state_of(paper) or bool(side.quote and side.quote in paper.abstract)


def _supports(claim: WatchedClaim, paper: Paper, checker: Checker) -> bool:
    """Return whether a changed abstract as a whole still supports a claim that an answer cited it for."""
    return ExactFigures(checker).check(claim.text, [paper.title, paper.abstract]).verdict is Verdict.SUPPORTED


def _sides(
    claim: str, evidence: Sequence[Evidence], judges: Judges
) -> tuple[tuple[Side, ...], tuple[Side, ...]]:  # fmt: skip
    """Return the papers that support a claim and those that dispute it, by their sentences."""
    items, _ = part(evidence)
    moved, rest = other_figures(claim, items, judges.checker, judges.denials)
    found = agreement_of(claim, (), rest, ExactFigures(judges.checker), {})
    disputing = disputes(claim, rest, found, judges.denials)
    won = tuple(
        Side(item.paper.id, item.paper.title, item.text) for item in found.also if item.paper.id not in disputing
    )
    against = [Side(item.paper.id, item.paper.title, item.text) for item in disputing.values()]
    against += [Side(item.paper.id, item.paper.title, item.text, figure=True) for item in moved.values()]
    return won, tuple(against)
