"""Two half-quotes stitched into one sentence: each half is in the evidence, the whole isn't."""

from __future__ import annotations

from collections.abc import Sequence

from rag.text.lexicon import BREAKS
from rag.text.reading import Reading
from rag.types import Verdict
from rag.verify.guards import Mismatch

SHORTEST = 3  # words of a half
MOST = 0.85  # share of the content words in one sentence from which the claim is that sentence, reworded
_SEAMS = frozenset({"and", "but", "while", "which", "that", "by", "with"})


def stitched(claim: Reading, pieces: Sequence[Reading]) -> Mismatch | None:
    """Find a seam: the words before it come from one sentence, those after it from another, without their subject.

    Two whole clauses put side by side are a fair summary; a half that starts in the middle of its clause is not.
    """
    lows = [w.low for w in claim.words]
    if len(lows) < 2 * SHORTEST or any(len(claim.content & p.content) > MOST * len(claim.content) for p in pieces):
        return None
    for seam in range(SHORTEST, len(lows) - SHORTEST + 1):
        fronts = [i for i, piece in enumerate(pieces) if _find(lows[:seam], piece) is not None]
        if not fronts:
            return None
        start = seam + 1 if lows[seam] in _SEAMS else seam
        for i, piece in enumerate(pieces):
            place = _find(lows[start:], piece) if len(lows) - start >= SHORTEST else None
            if place is not None and fronts != [i] and not _opens_clause(piece, place):
                return Mismatch("stitched", Verdict.UNSUPPORTED, "it joins halves of two sentences into one")
    return None


def _find(wanted: Sequence[str], piece: Reading) -> int | None:
    """Return where these words are in a row in the piece."""
    held = [w.low for w in piece.words]
    size = len(wanted)
    return next((i for i in range(len(held) - size + 1) if held[i : i + size] == list(wanted)), None)


def _opens_clause(piece: Reading, place: int) -> bool:
    """Whether a clause with its own subject starts at this word."""
    if place == 0:
        return True
    word, before = piece.words[place], piece.words[place - 1]
    return word.stem in BREAKS or before.stem in BREAKS or word.clause != before.clause or before.low == "that"
