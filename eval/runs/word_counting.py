"""What counting words finds: how far a question set rewards search for more than the words that questions repeat.

Inverse document frequencies come from the library alone, never from the questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log
from statistics import fmean
from typing import Any

from eval.metrics.retrieval import recall_at, reciprocal_rank
from eval.questions import Case
from rag.text.words import terms

DEPTH = 5


def word_counting(cases: Sequence[Case], papers: Mapping[str, str]) -> dict[str, Any] | None:
    """Return how many of their words questions share with their gold papers, and what counting words finds.

    `papers` are the texts by id. A paper's score is the summed idf of the question's words that it holds. None where no
    question has a gold paper in the library.
    """
    held = {paper: frozenset(terms(text)) for paper, text in papers.items()}
    counts = Counter(word for words in held.values() for word in words)
    idf = {word: log(len(held) / count) for word, count in counts.items()}
    asked = [(case, gold) for case in cases if case.answerable and (gold := [p for p in case.gold if p in held])]
    if not asked:
        return None
    ranked = [(_ranked(case, held, idf), gold) for case, gold in asked]
    return {
        "questions": len(asked),
        "shared": fmean(_shared(case, frozenset().union(*(held[paper] for paper in gold))) for case, gold in asked),
        f"recall@{DEPTH}": fmean(recall_at(DEPTH, found, gold) for found, gold in ranked),
        "mrr@10": fmean(reciprocal_rank(found, gold) for found, gold in ranked),
    }


def together(found: Sequence[Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """Return what counting words finds in several libraries, each by its own idf, over all questions."""
    counted = [one for one in found if one is not None]
    if not counted:
        return None
    questions = sum(one["questions"] for one in counted)
    shares = {name: sum(one[name] * one["questions"] for one in counted) / questions for name in counted[0]}
    return shares | {"questions": questions}


def _words(case: Case) -> frozenset[str]:
    return frozenset(terms(case.standalone or case.question))


def _shared(case: Case, held: frozenset[str]) -> float:
    asked = _words(case)
    return len(asked & held) / len(asked) if asked else 0.0


def _ranked(case: Case, held: Mapping[str, frozenset[str]], idf: Mapping[str, float]) -> list[str]:
    asked = _words(case)
    score = {paper: sum(idf[word] for word in asked & words) for paper, words in held.items()}
    return sorted((paper for paper in held if score[paper] > 0 and paper not in case.remove), key=lambda p: -score[p])


def line(found: Mapping[str, Any]) -> str:
    """Say it in words, to go below the retrieval metrics."""
    return (
        f"of a question's words {found['shared']:.0%} are in its gold papers; counting words alone (idf) has "
        f"recall@{DEPTH} {found[f'recall@{DEPTH}']:.3f}, mrr@10 {found['mrr@10']:.3f}"
    )
