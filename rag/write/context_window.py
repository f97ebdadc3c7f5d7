"""Evidence fitted to a model's context: what the prompt shows, and what had to stay out."""

from __future__ import annotations

from collections.abc import Sequence

from rag.prompts import quoted
from rag.types import Evidence, Role
from rag.write.handles import handles
from rag.write.injection import is_order

# Characters of a title that a prompt shows; real ones are shorter.
_TITLE = 300
# Papers that have to fit whole to be worth it, and a handle as long as the longest for estimating their length.
_ENOUGH = 3
_ANY_HANDLE = "x" * 65


def estimated_tokens(text: str) -> int:
    """Estimate the tokens of a text, erring high, as the model's tokenizer isn't at hand.

    English prose takes a token per four to five characters, figures and LaTeX per two, other scripts per one.
    """
    plain = sum(c.isascii() for c in text)
    return plain // 3 + (len(text) - plain) + 1


def fit(evidence: Sequence[Evidence], budget: int) -> tuple[list[Evidence], list[Evidence]]:
    """Split the evidence into what is shown to a model within `budget` tokens and what isn't, both in order.

    Whole abstracts go in while they fit, best papers first: the sentences around one often explain it. A window too
    small for most of them gets single sentences instead.
    """
    papers: dict[str, list[Evidence]] = {}
    for item in evidence:
        papers.setdefault(item.paper.id, []).append(item)
    whole = _whole(list(papers.values()), budget)
    kept = whole if len(whole) >= min(_ENOUGH, len(papers)) else _single(evidence, budget)
    return [e for e in evidence if _shown(e, kept)], [e for e in evidence if not _shown(e, kept)]


def _shown(item: Evidence, kept: set[tuple[str, int]] | set[str]) -> bool:
    return item.paper.id in kept or (item.paper.id, item.number) in kept


def _whole(papers: Sequence[Sequence[Evidence]], budget: int) -> set[str]:
    """Return the papers that fit whole. One that doesn't is skipped: an endless abstract must not displace others."""
    kept = set()
    for items in papers:
        cost = estimated_tokens(_line(items[0], items, _ANY_HANDLE)) + 1
        if cost <= budget:
            budget -= cost
            kept.add(items[0].paper.id)
    return kept


def _single(evidence: Sequence[Evidence], budget: int) -> set[tuple[str, int]]:
    """Return the sentences that fit: those nearest to the question first, background last.

    One that doesn't fit is skipped, as an abstract is. Then no background is taken.
    """
    kept: set[tuple[str, int]] = set()
    papers: set[str] = set()
    passed_over = False
    for item in sorted(evidence, key=lambda e: (e.role is Role.BACKGROUND, -e.relevance)):
        cost = estimated_tokens(quoted({str(item.number): item.text}))
        if item.paper.id not in papers:
            cost += estimated_tokens(_line(item, [], _ANY_HANDLE))
        if cost > budget:
            passed_over = True
            continue
        if passed_over and item.role is Role.BACKGROUND:
            break
        budget -= cost
        kept.add((item.paper.id, item.number))
        papers.add(item.paper.id)
    return kept


def shown(evidence: Sequence[Evidence]) -> str:
    """Format the evidence as the prompt shows it: one paper as JSON on each line, its sentences by number."""
    papers: dict[str, list[Evidence]] = {}
    for item in evidence:
        papers.setdefault(item.paper.id, []).append(item)
    named = handles(items[0].paper for items in papers.values())
    return "\n".join(_line(items[0], items, named[paper]) for paper, items in papers.items())


def _line(first: Evidence, items: Sequence[Evidence], handle: str) -> str:
    sentences = {str(item.number): item.text for item in items}
    title = None if is_order(first.paper.title) else first.paper.title[:_TITLE]
    return quoted({"paper": handle, "title": title, "sentences": sentences})
