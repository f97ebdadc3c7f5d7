"""Whether the words around a statement take it back: "Some claim that …", "That is false.", a column that says "no".

The words of the statement itself are replaced by "this holds". What remains is compared in meaning with the examples of
`eval/data/disowned.jsonl`, by kernel ridge regression on their embeddings. Neither the reader nor single words can do
this: the reader finds the statement supported wherever it stands, and "The premise is false" takes back nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.json_lines import read_lines
from rag.verify import default_embedder

EXAMPLES = Path(__file__).parents[1] / "data" / "disowned.jsonl"
OWNS, DISOWNS, AHEAD = "owns", "disowns", "ahead"
STANDS_FOR = "this holds"
# Words in a row that are a copy; fewer are a phrase.
COPIED = 6
# Words of the longest frame: more say something of their own.
LONGEST = 40
# Chosen by cross-validation over the examples: one in ten that takes nothing back is then counted as if it did, of the
# answers that are measured one in thirty. What only points ahead is told more easily: one in seventy.
FROM, FROM_AHEAD, POWER, RIDGE = 0.2, 0.0, 3, 3e-4

Vectors = NDArray[np.float64]
_WORD = re.compile(r"\w+")


def frame(text: str, sources: Iterable[str], answers: Iterable[str] = ()) -> str:
    """Return a text with "this holds" for what it copies from the sources and for each of the answers in it.

    "" if it is nothing but these.
    """
    rest = text
    for source in sources:
        rest = _masked(rest, source)
    for answer in answers:
        rest = re.sub(re.escape(answer), STANDS_FOR, rest, flags=re.IGNORECASE) if answer else rest
    said = " ".join(_WORD.findall(rest)).replace(STANDS_FOR, " ")
    return rest if said.strip() else ""


def disowns(text: str) -> bool:
    """Whether a frame, or a sentence after a statement, says that the statement isn't so or asserts nothing.

    What a semicolon sets apart is a remark before or after: "It isn't true that all agree; rather, this holds."
    """
    clauses = text.split(";")
    stating = next((n for n, clause in enumerate(clauses) if STANDS_FOR in clause.casefold()), None)
    if stating is None:
        return _score(text, (DISOWNS, AHEAD)) > FROM
    before, rest = clauses[:stating], clauses[stating:]
    return any(map(disowns_what_follows, before)) or any(_score(one.strip(), (DISOWNS, AHEAD)) > FROM for one in rest)


def disowns_what_follows(sentence: str) -> bool:
    """Whether a sentence says that what comes after it isn't so. "That is false" before a finding denies another."""
    return _score(sentence.strip(), (AHEAD,)) > FROM_AHEAD


def _masked(text: str, source: str) -> str:
    """Replace what is copied from one source, run by run."""
    held = [word.casefold() for word in _WORD.findall(source)]
    while True:
        found = list(_WORD.finditer(text))
        match = SequenceMatcher(None, [word[0].casefold() for word in found], held, autojunk=False).find_longest_match()
        if match.size < COPIED:
            return text
        start, end = found[match.a].start(), found[match.a + match.size - 1].end()
        text = f"{text[:start]}{STANDS_FOR}{text[end:]}"


@lru_cache(maxsize=4096)
def _score(text: str, kinds: tuple[str, ...]) -> float:
    if not _WORD.search(text) or len(text.split()) > LONGEST:
        return -1.0
    if default_embedder().count_tokens([text])[0] > default_embedder().max_tokens:
        return -1.0
    return _fitted(kinds)(_vectors([text])[0])


@cache
def _fitted(kinds: tuple[str, ...]) -> Callable[[Vectors], float]:
    """Fit the examples of these kinds against all others, both with the same weight in all."""
    texts, known = _examples()
    wanted = np.isin(known, kinds)
    vectors = _vectors(texts)
    weights = np.where(wanted, 0.5 / wanted.sum(), 0.5 / (~wanted).sum())
    kernel = (vectors @ vectors.T) ** POWER + RIDGE * np.diag(1 / weights)
    slopes = np.linalg.solve(kernel, np.where(wanted, 1.0, -1.0))
    return lambda vector: float((vectors @ vector) ** POWER @ slopes)


@cache
def _examples() -> tuple[tuple[str, ...], tuple[str, ...]]:
    rows = [row for _, row in read_lines(EXAMPLES)]
    return tuple(row["text"] for row in rows), tuple(row["kind"] for row in rows)


def _vectors(texts: Sequence[str]) -> Vectors:
    return np.asarray(default_embedder().embed(texts), dtype=np.float64)
