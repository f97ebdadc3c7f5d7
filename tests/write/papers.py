"""Papers and evidence for the tests of both writers, invented here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.text.sentences import split_sentences
from rag.types import Evidence, Paper, Role

SNOW = Paper(
    "snow", "Snowline: forecasting avalanches from slope sensors",
    "Avalanches kill skiers every winter. We train Snowline, a gradient-boosted model, on 41,000 sensor readings. "
    "Snowline predicts 83.5% of avalanches a day ahead. False alarms fall to 4 per season.", year=2021,
)  # fmt: skip
ICE = Paper(
    "ice", "Icefield: forecasting avalanches from satellite radar",
    "Radar sees slopes that no sensor reaches. Icefield, a convolutional network, reads 12,000 radar images. "
    "Icefield predicts 71.2% of avalanches a day ahead. Its false alarms stand at 19 per season.", year=2023,
)  # fmt: skip


def evidence_of(
    papers: Sequence[Paper],
    roles: Mapping[str, Role] | None = None,
    relevance: Mapping[str, float] | None = None,
    answers: Mapping[str, float] | None = None,
) -> list[Evidence]:
    """Number every sentence of the papers; role, relevance and answers are given by a piece of the sentence's text."""
    found: list[Evidence] = []
    for paper in papers:
        for span in split_sentences(paper.abstract):
            text = paper.abstract[span.start : span.end]
            role = next((r for piece, r in (roles or {}).items() if piece in text), Role.UNKNOWN)
            near = next((n for piece, n in (relevance or {}).items() if piece in text), 0.3)
            likely = near if answers is None else next((n for piece, n in answers.items() if piece in text), 0.0)
            found.append(Evidence(len(found) + 1, paper, span.start, span.end, text, near, role, likely))
    return found
