"""The papers that were found for an answer, and why some of them aren't cited."""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import MAY_ANSWER, Considered, Evidence, Sentence
from rag.write.extractive import LEAST, good_enough

NO_ANSWER = "its best sentence doesn't answer the question well enough"
SAYS_THE_SAME = "it supports a sentence that other papers are cited for"
OTHER_SIDE = "it disagrees, and is shown beside the answer"
NOT_NEAR = "other papers are much nearer to the question"
UNWRITTEN = "its best sentence may answer, but no answer was written"
_SUPPORTS, _CONTRADICTS = "supports", "contradicts"
_UNCITED = {_SUPPORTS: SAYS_THE_SAME, _CONTRADICTS: OTHER_SIDE}


def considered(evidence: Sequence[Evidence], sentences: Sequence[Sentence]) -> tuple[Considered, ...]:
    """Return the papers of the evidence, those that answer best first, with their part in an answer."""
    best: dict[str, Evidence] = {}
    for item in sorted(evidence, key=lambda item: -item.answers):
        best.setdefault(item.paper.id, item)
    read = {item.paper.id for item in evidence if item.read is not None}
    stances: dict[str, str] = {}
    cited = set()
    for sentence in sentences:
        cited |= {pin.paper.id for pin in sentence.citations}
        stances |= dict.fromkeys(sentence.agreement.supporting, _SUPPORTS)
        stances |= {pin.paper.id: _CONTRADICTS for pin in sentence.agreement.contradicting}
    # Without a sentence there is no best one to compare the others with.
    from_here, enough = (good_enough(evidence), MAY_ANSWER) if sentences else (LEAST, UNWRITTEN)

    def why(name: str, item: Evidence) -> str:
        """Why a paper isn't cited: the side that it takes explains more than how well it answers."""
        if name in cited:
            return ""
        unread = "" if name in read else NOT_NEAR
        return _UNCITED.get(stances.get(name, "")) or unread or (enough if item.answers >= from_here else NO_ANSWER)

    return tuple(
        Considered(
            item.paper, item.text, item.start, item.end, item.answers, item.role, stances.get(name, ""),
            why(name, item),
        )
        for name, item in best.items()
    )  # fmt: skip
