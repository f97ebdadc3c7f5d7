"""Records to measure with: invented ones, about 150 words each, or those of a corpus.jsonl."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

WORDS = [a + b + c for a in ("bar", "mel", "tor", "sim", "pla") for b in ("a", "o", "ine", "u") for c in
         ("den", "tic", "ley", "rous", "gram", "vex", "ster", "lium", "nate", "phor")]  # fmt: skip


def records(corpus: Path | None, count: int) -> Iterator[dict[str, object]]:
    """Yield the first records of a BEIR corpus, or as many invented ones."""
    if corpus is None:
        yield from map(paper, range(count))
        return
    with corpus.open(encoding="utf-8") as lines:
        yield from map(json.loads, itertools.islice(lines, count))


def text(record: dict[str, object]) -> str:
    """Return a record's title and abstract as one text."""
    return f"{record['title']}.\n{record.get('abstract') or record.get('text')}"


def paper(number: int) -> dict[str, object]:
    """Return one invented record."""
    chance = random.Random(number)
    own = f"term{number}"
    sentences = [" ".join([own, *chance.choices(WORDS, k=17)]).capitalize() + "." for _ in range(8)]
    return {
        "title": f"{own} {' '.join(chance.sample(WORDS, 6))}",
        "abstract": " ".join(sentences),
        "year": 1980 + number % 45,
    }
