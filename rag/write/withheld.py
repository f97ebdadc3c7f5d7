"""Sentences addressed to a language model instead of about research.

An abstract is data, but a model may obey what it reads, and no rule in a prompt reliably prevents that (Nasr et al.
2025, "The Attacker Moves Second"). So what is plainly addressed to a model is withheld from the writers, and the answer
says so. What such a sentence looks like: `rag.write.injection`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby

from rag.models.onnx import CORES
from rag.types import Evidence, Issue
from rag.views.counts import counted
from rag.write.injection import instructions_in, is_order


def part(evidence: Sequence[Evidence]) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """Split the evidence into what a writer may use, renumbered from 1, and what is withheld, both in order.

    Sentences with an instruction to a model are withheld, all sentences of a longer one. The numbers have no gaps, so a
    writer sees what it would see if the paper had never contained them.
    """
    papers = [list(items) for _, items in groupby(evidence, key=lambda item: item.paper.id)]
    with ThreadPoolExecutor(CORES) as pool:
        found = {number for numbers in pool.map(_instructing, papers) for number in numbers}
    usable = (item for item in evidence if item.number not in found)
    withheld = tuple(item for item in evidence if item.number in found)
    return tuple(replace(item, number=number) for number, item in enumerate(usable, 1)), withheld


def _instructing(items: Sequence[Evidence]) -> list[int]:
    """Return the numbers of the sentences of one paper that instruct a model."""
    return [items[place].number for place in instructions_in(item.text for item in items)]


def issues_of(withheld: Sequence[Evidence], usable: Sequence[Evidence] = ()) -> Iterator[Issue]:
    """Report for each paper how many of its sentences were withheld, or its title, without repeating what they say."""
    for paper, count in Counter(item.paper for item in withheld).items():
        named = paper.id if is_order(paper.title) else f"“{paper.title}”"
        what = counted(count, "sentence")
        subject = "it contains" if count == 1 else "they contain"
        message = f"{what} of {named} withheld from the writer: {subject} an instruction to a language model."
        yield Issue("withheld_sentences", message)
    for paper in dict.fromkeys(item.paper for item in usable):
        if is_order(paper.title):
            message = f"The title of {paper.id} was withheld from the model: it reads as an instruction to it."
            yield Issue("withheld_title", message)
