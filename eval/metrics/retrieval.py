"""Whether what was retrieved holds what the question needs.

`recall_at`, `ndcg_at` and `reciprocal_rank` are the plain definitions; the metrics apply them to the papers that an
answer was made from. Not applicable to questions without a gold paper in the library.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence

from eval.estimates import NOT_APPLICABLE, Score
from eval.judges.judged import Judged
from eval.metrics.metric import Metric
from eval.questions import Case

DEPTH = 10


def recall_at(k: int, ranked: Sequence[str], gold: Collection[str]) -> float:
    """Return the share of the gold papers among the first `k`. `gold` must not be empty."""
    return len(set(gold) & set(ranked[:k])) / len(set(gold))


def ndcg_at(k: int, ranked: Sequence[str], gains: Mapping[str, float]) -> float:
    """Return the normalised discounted cumulative gain of the first `k` (Järvelin and Kekäläinen 2002, TOIS).

    Gain over log2 of the rank plus 1, as trec_eval and BEIR compute it, against the best order of all of `gains`.
    """
    found = sum(gains.get(paper, 0.0) / math.log2(rank + 1) for rank, paper in enumerate(ranked[:k], start=1))
    best = sorted(gains.values(), reverse=True)[:k]
    ideal = sum(gain / math.log2(rank + 1) for rank, gain in enumerate(best, start=1))
    return found / ideal if ideal else 0.0


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str], k: int = DEPTH) -> float:
    """Return 1 / the rank of the first gold paper among the first `k`, 0 where none is (Voorhees 1999, TREC-8)."""
    return next((1 / rank for rank, paper in enumerate(ranked[:k], start=1) if paper in gold), 0.0)


def _scored(item: Judged, value: Callable[[Sequence[str], tuple[str, ...]], float]) -> Score:
    return Score(value(list(dict.fromkeys(item.response.retrieved)), item.case.gold), 1.0)


def recall_at_5(item: Judged) -> Score:
    """Mean over questions of: gold papers among the first five retrieved / gold papers."""
    return _scored(item, lambda ranked, gold: recall_at(5, ranked, gold))


def recall_at_10(item: Judged) -> Score:
    """Mean over questions of: gold papers among the first ten retrieved / gold papers."""
    return _scored(item, lambda ranked, gold: recall_at(10, ranked, gold))


def ndcg_at_10(item: Judged) -> Score:
    """Mean over questions of nDCG@10, every gold paper with gain 1 (Järvelin and Kekäläinen 2002, TOIS)."""
    return _scored(item, lambda ranked, gold: ndcg_at(10, ranked, dict.fromkeys(gold, 1.0)))


def mrr_at_10(item: Judged) -> Score:
    """Mean over questions of 1 / rank of the first gold paper among the first ten, 0 where none is (Voorhees 1999)."""
    return _scored(item, reciprocal_rank)


def evidence_recall(item: Judged) -> Score:
    """Evidence sentences that are in the passages the answer was made from / evidence sentences of the question.

    The context recall of RAGChecker (Ru et al. 2024) with the written evidence as claims. Not applicable where the
    library holds the gold papers in another wording, so that a sentence can't be looked up.
    """
    texts = {passage.id: "" for passage in item.response.passages}
    for passage in item.response.passages:
        texts[passage.id] += passage.text + "\n"
    wanted = item.case.evidence
    reworded = [e for e in wanted if e.paper in texts and e.sentence not in texts[e.paper]]
    if reworded and len(reworded) == sum(e.paper in texts for e in wanted):
        return NOT_APPLICABLE
    return Score(sum(e.sentence in texts.get(e.paper, "") for e in wanted), len(wanted))


def _has_gold(case: Case) -> bool:
    return case.answerable and bool(case.gold)


METRICS = tuple(
    Metric(name, function, "retrieval", applies=_has_gold)
    for name, function in (
        ("recall@5", recall_at_5),
        ("recall@10", recall_at_10),
        ("ndcg@10", ndcg_at_10),
        ("mrr@10", mrr_at_10),
        ("evidence_recall", evidence_recall),
    )
)
