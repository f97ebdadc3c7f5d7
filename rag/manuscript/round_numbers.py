"""Numbers in round brackets, `(3)` and `(2, 5–7)`, as PNAS and Science print their citations.

Elsewhere "(2)" is a count, an equation or the item of a list. So they are read where most of a numbered list of
references is cited so, and more often than in any other way. "Equation (2)" isn't a citation if "Equation" comes
before several numbers and never without one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rag.manuscript.author_year import BEFORE_NUMBER, LIST, expanded, known_numbers
from rag.manuscript.passages import Mark, Paragraph
from rag.text.words import STOPWORDS

# After a word: what follows a colon, a figure or "and" is an item of a list or a count, "54 (5) years".
_ROUND = re.compile(rf"(?P<word>[^\W\d_]+)[.”\"’]?\s\((?P<list>{LIST})\)")
# A word with a capital, and the number after it: "Equation (2)", "Eq. 2", "Figure 3".
_CAPITAL = re.compile(r"\b(?P<word>[^\W\d_a-z][^\W\d_]*)(?:\.?\s\(?(?P<number>\d{1,3})\)?)?")


def with_round_numbers(paragraphs: Sequence[Paragraph], references: Iterable[str]) -> tuple[Paragraph, ...]:
    """Return the paragraphs with their numbers in round brackets as citations, if that is how they cite."""
    numbers = frozenset(known_numbers(references))
    labels = _labels(paragraphs)
    found = [tuple(_marks(paragraph.text, numbers, labels)) for paragraph in paragraphs]
    cited = {key for marks in found for mark in marks for key in mark.keys}
    others = sum(len(paragraph.marks) for paragraph in paragraphs)
    if 2 * len(cited) < len(numbers) or sum(map(len, found)) <= others:
        return tuple(paragraphs)
    return tuple(
        replace(paragraph, marks=(*paragraph.marks, *marks)) for paragraph, marks in zip(paragraphs, found, strict=True)
    )


def _labels(paragraphs: Sequence[Paragraph]) -> frozenset[str]:
    """Return the words with a capital that only ever come before a number, and before several: "Equation"."""
    found: dict[str, set[str | None]] = defaultdict(set)
    for paragraph in paragraphs:
        for match in _CAPITAL.finditer(paragraph.text):
            found[match["word"]].add(match["number"])
    return frozenset(word for word, numbers in found.items() if None not in numbers and len(numbers) > 1)


def _marks(text: str, numbers: frozenset[str], labels: frozenset[str]) -> Iterator[Mark]:
    for match in _ROUND.finditer(text):
        keys = tuple(expanded(match["list"]))
        if match["word"].lower() in STOPWORDS or match["word"] in labels or not numbers.issuperset(keys):
            continue
        start = match.start("list") - 1
        named = BEFORE_NUMBER.search(text[max(0, start - 80) : start])
        yield Mark(start - (len(named[0]) if named else 0), match.end(), keys, in_prose=named is not None)
