"""Evidence fitted to a model's context: what the prompt shows, and what had to stay out."""

from __future__ import annotations

from collections.abc import Sequence

from rag.prompts import quoted
from rag.types import Evidence, Role
from rag.write.injection import is_order

# Characters of a title that a prompt shows; real ones are shorter.
_TITLE = 300


def estimated_tokens(text: str) -> int:
    """Estimate the tokens of a text from above, as no tokenizer of the model is at hand.

    English prose takes a token for four to five characters, figures and LaTeX for two, other scripts for one.
    """
    plain = sum(c.isascii() for c in text)
    return plain // 3 + (len(text) - plain) + 1


def fit(evidence: Sequence[Evidence], budget: int) -> tuple[list[Evidence], list[Evidence]]:
    """Part the evidence into what is shown to a model within `budget` tokens and what is not, both in order.

    The sentences nearest to the question stay; background goes first. One that finds no room is passed over: an
    endless word in one abstract must not cost the sentences of all others. Then no background is taken.
    """
    kept: set[int] = set()
    papers: set[str] = set()
    passed_over = False
    for item in sorted(evidence, key=lambda e: (e.role is Role.BACKGROUND, -e.relevance)):
        cost = estimated_tokens(quoted({str(item.number): item.text}))
        if item.paper.id not in papers:
            cost += estimated_tokens(_line(item, []))
        if cost > budget:
            passed_over = True
            continue
        if passed_over and item.role is Role.BACKGROUND:
            break
        budget -= cost
        kept.add(item.number)
        papers.add(item.paper.id)
    return [e for e in evidence if e.number in kept], [e for e in evidence if e.number not in kept]


def shown(evidence: Sequence[Evidence]) -> str:
    """Write the evidence as the prompt shows it: one paper as JSON on each line, its sentences under their numbers."""
    papers: dict[str, list[Evidence]] = {}
    for item in evidence:
        papers.setdefault(item.paper.id, []).append(item)
    return "\n".join(_line(items[0], items) for items in papers.values())


def _line(first: Evidence, items: Sequence[Evidence]) -> str:
    sentences = {str(item.number): item.text for item in items}
    title = None if is_order(first.paper.title) else first.paper.title[:_TITLE]
    return quoted({"title": title, "year": first.paper.year, "sentences": sentences})
