"""The papers that were read for an answer, and why some of them aren't cited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.types import Considered, Evidence, Sentence
from rag.write.extractive import good_enough

NO_ANSWER = "its best sentence doesn't answer the question well enough"
NOT_NEEDED = "the sentences shown already say this"


def considered(evidence: Sequence[Evidence], sentences: Iterable[Sentence]) -> tuple[Considered, ...]:
    """Return the papers of the evidence, those that answer best first, with their part in an answer."""
    best: dict[str, Evidence] = {}
    for item in sorted(evidence, key=lambda item: -item.answers):
        best.setdefault(item.paper.id, item)
    stances: dict[str, str] = {}
    cited = set()
    for sentence in sentences:
        cited |= {pin.paper.id for pin in sentence.citations}
        stances |= dict.fromkeys(sentence.agreement.supporting, "supports")
        stances |= {pin.paper.id: "contradicts" for pin in sentence.agreement.contradicting}
    from_here = good_enough(evidence)
    return tuple(
        Considered(
            item.paper, item.text, item.start, item.end, item.answers, item.role, stances.get(name, ""),
            "" if name in cited else NOT_NEEDED if item.answers >= from_here else NO_ANSWER,
        )
        for name, item in best.items()
    )  # fmt: skip
