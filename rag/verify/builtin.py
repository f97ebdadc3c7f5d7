"""The built-in checker: a small logistic model over what the two texts share, and hard guards on top.

The model weighs word coverage, runs of words and embedding similarity; its weights were fitted to human labels by
`bench/train_checker.py` (docs/verification.md has the numbers). Similarity is blind to a changed figure, a dropped
"not" or a name exchanged for another: the guards decide those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp

import numpy as np

from rag.models.embedding import Embedder, Vectors
from rag.sentences import split_sentences
from rag.types import Support, Verdict
from rag.verify.features import features
from rag.verify.guards import Fault, faults
from rag.verify.reading import Reading, read
from rag.verify.stitching import stitched
from rag.verify.weights import BIAS, PARTIAL_FROM, SUPPORTED_FROM, WEIGHTS

COMPARED = 4  # sentences of the evidence that are embedded: those that share most words with the claim
LONGEST_PIECE = 80  # words; a longer "sentence" is a list or a heading run on, and is cut into overlapping windows
WINDOW, STEP = 70, 60
LONGEST_TEXT = 700  # characters of one piece; keeps every piece well under the embedding's 256 tokens
MOST_PIECES = 600
# Less alike than this, two sentences speak of different things, and a difference between them is no contradiction.
ALIKE_COVERAGE, ALIKE_COSINE = 0.5, 0.7
# The finer guards (names, hedges, who did what) are trusted only where the claim keeps to the words of the evidence.
CLOSE_COVERAGE = 0.7
GRAVE_WHEN_ALIKE = frozenset({"number", "negation", "direction", "stitched"})
_CAPS = {Verdict.CONTRADICTED: 0.1, Verdict.UNSUPPORTED: 0.3, Verdict.PARTIAL: 0.45}
MARKS = re.compile(r"\s*\[\d+(?:\s*[,;–-]\s*\d+)*\]|^\s*(?:\d+\.|[-*•])\s+")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim beside its evidence: what they share, and what the guards say."""

    features: dict[str, float]
    faults: tuple[Fault, ...]

    @property
    def alike(self) -> bool:
        """Whether the claim and the nearest sentence are about the same thing."""
        return self.features["coverage_best"] >= ALIKE_COVERAGE or self.features["cosine"] >= ALIKE_COSINE

    @property
    def grave(self) -> tuple[Fault, ...]:
        """The faults that forbid `supported`; the others only weigh in the model."""
        close = self.features["coverage_best"] >= CLOSE_COVERAGE
        return tuple(f for f in self.faults if close or (self.alike and f.kind in GRAVE_WHEN_ALIKE))


class BuiltinChecker:
    """Judges without any model but the embedding. Holds the vectors of the texts seen last."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vector = lru_cache(maxsize=8192)(self._embed)

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        claim = MARKS.sub("", sentence).strip()
        pieces = [piece for text in evidence for piece in pieces_of(text)][:MOST_PIECES]
        if not read(claim).words or not pieces:
            return Support(0.0, Verdict.UNSUPPORTED, "there is nothing to compare")
        if _verbatim(claim, evidence):
            return Support(1.0, Verdict.SUPPORTED, "the evidence says it word for word")
        return judge(self.compare(claim, pieces))

    def compare(self, claim: str, pieces: Sequence[str]) -> Comparison:
        """Measure a claim against the sentences of its evidence; `pieces` is not empty."""
        ours = read(claim[:LONGEST_TEXT])
        theirs = [read(piece) for piece in pieces]
        top = sorted(range(len(theirs)), key=lambda i: -_overlap(ours, theirs[i]))[:COMPARED]
        vector = self._vector(ours.text)
        cosines = [float(vector @ self._vector(theirs[i].text)) for i in top]
        found = faults(ours, _aligned(ours, [theirs[i] for i in top], cosines), "\n".join(pieces))
        seam = stitched(ours, theirs)
        if seam:
            found.append(seam)
        return Comparison(features(ours, theirs, top, cosines, found), tuple(found))

    def _embed(self, text: str) -> Vectors:
        shortened = text
        while self._embedder.count_tokens([shortened])[0] > self._embedder.max_tokens:
            shortened = shortened[: len(shortened) * 3 // 4]
        vector: Vectors = np.asarray(self._embedder.embed([shortened])[0])
        return vector


def judge(comparison: Comparison) -> Support:
    """Turn a comparison into a verdict: the gravest fault decides, else the model's probability."""
    score = probability(comparison.features)
    for verdict in (Verdict.CONTRADICTED, Verdict.UNSUPPORTED, Verdict.PARTIAL):
        fault = next((f for f in comparison.grave if f.verdict is verdict), None)
        if fault and (verdict is not Verdict.PARTIAL or score >= PARTIAL_FROM):
            return Support(min(score, _CAPS[verdict]), verdict, fault.why)
    if score >= SUPPORTED_FROM:
        return Support(score, Verdict.SUPPORTED, "words and sense agree with the evidence")
    if score >= PARTIAL_FROM:
        return Support(score, Verdict.PARTIAL, "the evidence carries a part of it")
    return Support(score, Verdict.UNSUPPORTED, "the evidence speaks of something else")


def probability(values: dict[str, float]) -> float:
    """Return the model's probability that the evidence carries the claim."""
    total = BIAS + sum(weight * values[name] for name, weight in WEIGHTS.items())
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=512)
def pieces_of(text: str) -> tuple[str, ...]:
    """Split evidence into sentences, none longer than the embedding reads."""
    pieces: list[str] = []
    for span in split_sentences(text):
        sentence = text[span.start : span.end]
        words = sentence.split()
        if len(words) <= LONGEST_PIECE:
            pieces.append(sentence[:LONGEST_TEXT])
        else:
            pieces += [" ".join(words[i : i + WINDOW])[:LONGEST_TEXT] for i in range(0, len(words), STEP)]
    return tuple(pieces)


def _verbatim(claim: str, evidence: Sequence[str]) -> bool:
    """Whether the claim is one or more whole sentences of the evidence; case, spaces and end punctuation aside."""
    wanted = _plain(claim)
    for text in evidence:
        spans = split_sentences(text)
        for first, opening in enumerate(spans):
            for closing in spans[first : first + 5]:
                if _plain(text[opening.start : closing.end]) == wanted:
                    return True
                if closing.end - opening.start > 2 * len(claim) + 20:
                    break
    return False


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).casefold().strip(" .!?…\"'“”‘’")


def _overlap(claim: Reading, piece: Reading) -> float:
    """Rank pieces by shared content words, shorter pieces first where they share as many."""
    wanted = claim.content or claim.stems
    return len(wanted & (piece.content | piece.stems)) / (len(wanted) + 0.15 * len(piece.content) + 1e-9)


def _aligned(claim: Reading, best: Sequence[Reading], cosines: Sequence[float]) -> list[Reading]:
    """Order the compared sentences by likeness, and leave out those that are far less alike than the first."""
    wanted = claim.content or claim.stems

    def likeness(i: int) -> float:
        return cosines[i] + len(wanted & best[i].content) / max(1, len(wanted))

    order = sorted(range(len(best)), key=lambda i: -likeness(i))
    return [best[i] for i in order if i == order[0] or likeness(i) >= 0.6 * likeness(order[0])]
