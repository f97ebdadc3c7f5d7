"""The built-in checker: the reader, the alignment of words and exact guards, weighed together (`rag.verify.witnesses`).

The alignment weighs how well the claim's words match words of the evidence; its weights were fitted to human labels by
`bench/train_checker.py` (docs/lab/verification.md has the numbers). A changed figure, a dropped "not" or a swapped name
hardly shows there, so the guards decide where claim and evidence are near copies.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from rag.models.embedding import Embedder
from rag.models.onnx import CORES
from rag.models.reader import Odds, default_reader
from rag.text.entity_names import spelled_out
from rag.text.language import hardly_english, in_another_language
from rag.text.reading import Reading, read
from rag.text.sentences import split_sentences
from rag.text.words import plain_forms, term_set
from rag.types import Support, Verdict
from rag.verify.alignment import Likeness, likeness_of
from rag.verify.edits import near_copy
from rag.verify.features import Weights, feature_values
from rag.verify.guards import Mismatch, faults
from rag.verify.stitching import stitched
from rag.verify.witnesses import COPIES, OTHERS, ClaimReader, read_against, testimony

COPIED = 0.8  # share of a claim's first half found in the evidence, from which the rest counts as added to a copy
COMPARED = 4  # sentences of the evidence that are embedded: those that share most words with the claim
LONGEST_PIECE = 80  # words; a longer "sentence" is a list or run-on heading, and is cut into overlapping windows
WINDOW, STEP = 70, 60
LONGEST_TEXT = 700  # characters of one piece; keeps every piece well under the embedding's 256 tokens
MOST_PIECES = 600
# The probability below which a claim is plainly unsupported: 1 to 2% of right claims score lower, and an eighth of the
# subtly false ones (docs/lab/verification.md). Above it, one that isn't supported is in doubt.
PLAINLY_NOT = 0.06
FEWEST_TERMS = 2  # content words of a claim that can be checked; one alone is found nearly everywhere
UNREAD = Odds(1 / 3, 1 / 3, 1 / 3)
# Faults that decide wherever the two are about the same thing.
CLASHES = frozenset({"number", "missing_number", "negation", "direction", "cause", "unanswered", "version"})
# Faults that decide near copies, and elsewhere make it partial: there they are as often a rewording.
MARKS = frozenset({"swap", "name", "owner", "hedge", "quantifier"})
# "[2]" and "[2, 7]", but not a year: "Fell [2016]" says when.
REFERENCES = re.compile(r"\s*\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]|^\s*(?:\d+\.|[-*•])\s+")
# A word or a figure, and symbols that change a figure: "-5", "10-15", "<", "%".
_SAID = re.compile(r"[^\W\d_]+|\d+(?:[.,·]\d+)*|(?<=\d)-(?=\d)|(?<![\w)])-(?=[.\d])|[^\w\s.,;:!?…()\[\]{}\"'“”‘’«»\-/]")
_DASHES = str.maketrans("−–—‑", "----")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim compared with its evidence: what they share, what guards and reader found, how similar they are.

    `alike`: near enough to be about the same thing; `close`: near enough to be a copy, by its words or their meaning.
    """

    features: dict[str, float]
    faults: tuple[Mismatch, ...]
    alike: bool
    close: bool
    odds: tuple[Odds, Odds] = (UNREAD, UNREAD)

    @property
    def read_as_support(self) -> bool:
        """Whether the reader finds that the evidence supports the claim."""
        return max(one.supported for one in self.odds) > 0.5

    @property
    def grave(self) -> tuple[Mismatch, ...]:
        """The faults that forbid `supported`; the others only weigh in the model."""
        return tuple(
            fault if self.close else _outside_copies(fault)
            for fault in self.faults
            # A stitched sentence resembles no single source sentence, so likeness doesn't apply.
            if self.close or fault.kind == "stitched" or (self.alike and fault.kind in CLASHES | MARKS)
        )


def _copied(claim: Reading, evidence: Reading) -> bool:
    """Whether the claim starts with the words of the evidence, so that the rest was added."""
    opening = claim.words[: len(claim.words) // 2]
    return sum(word.stem in evidence.stems for word in opening) >= COPIED * len(opening)


def _outside_copies(fault: Mismatch) -> Mismatch:
    """Return a fault's verdict where the claim is a free paraphrase."""
    if fault.kind == "number":  # a figure of something else contradicts nothing
        return replace(fault, verdict=Verdict.UNSUPPORTED)
    return replace(fault, verdict=Verdict.PARTIAL) if fault.kind in MARKS else fault


class BuiltinChecker:
    """Judges by the reader, the guards and the embedding: by its token vectors if it has them, else by sentences."""

    threads = CORES

    def __init__(self, embedder: Embedder, reader: ClaimReader | None = None) -> None:
        self._likeness = likeness_of(embedder)
        self._reader = reader or default_reader()

    @cached_property
    def name(self) -> str:
        """Its name in a receipt: the kind of alignment, and the reader with a hash of its weights."""
        return f"builtin ({self._likeness.name}, {self._reader.name})"

    def aligned(self, claim: str, text: str) -> Verdict:
        """Judge by word alignment and the guards alone: how far a short text says what a short claim says."""
        pieces, weights = pieces_of(text), self._likeness.weights
        if not read(claim).words or not pieces:
            return Verdict.UNSUPPORTED
        comparison = compare(claim, pieces, self._likeness)
        score = weights.probability(comparison.features)
        excluded = any(fault.verdict is not Verdict.PARTIAL for fault in comparison.grave)
        if excluded or score < weights.partial_from:
            return Verdict.UNSUPPORTED
        whole = score >= weights.supported_from and not comparison.grave
        return Verdict.SUPPORTED if whole else Verdict.PARTIAL

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        claim = REFERENCES.sub("", sentence).strip()
        pieces = [piece for text in evidence for piece in pieces_of(text)][:MOST_PIECES]
        if not read(claim).words or not pieces:
            return Support(0.0, Verdict.UNSUPPORTED, "there is nothing to compare")
        if _verbatim(claim, evidence):
            return Support(1.0, Verdict.SUPPORTED, "the evidence says it in the same words")
        if _unreadable(claim, pieces):
            return Support(0.0, Verdict.UNKNOWN, "one of the two is in a language that this checker can't read")
        if len(term_set(claim)) < FEWEST_TERMS:
            return Support(0.0, Verdict.UNSUPPORTED, "it says too little to be checked")
        return judge(self.compare(claim, pieces), self._likeness.weights)

    def compare(self, claim: str, pieces: Sequence[str]) -> Comparison:
        """Measure a claim against the sentences of its evidence, and have the reader judge it; neither is empty."""
        claim = claim[:LONGEST_TEXT]
        everything = "\n".join(pieces)
        spelled = [spelled_out(piece, claim) for piece in pieces]
        odds = read_against(spelled_out(claim, everything), spelled, self._reader)
        return replace(compare(claim, pieces, self._likeness), odds=odds)


def compare(claim: str, pieces: Sequence[str], likeness: Likeness) -> Comparison:
    """Measure a claim against the sentences of its evidence; neither is empty."""
    claim = claim[:LONGEST_TEXT]
    everything = "\n".join(pieces)
    ours, theirs = read(spelled_out(claim, everything)), [read(spelled_out(piece, claim)) for piece in pieces]
    top = sorted(range(len(pieces)), key=lambda i: -_overlap(ours, theirs[i]))[:COMPARED]
    measured = likeness.measure(ours, [theirs[i] for i in top])
    # The guards read the text as written: there an acronym is a name.
    said = read(claim)
    aligned = _aligned(said, [read(pieces[i]) for i in top], measured.near)
    found = faults(said, aligned, everything)
    seam = stitched(ours, theirs)
    if seam:
        found.append(seam)
    if measured.unanswered and _copied(said, aligned[0]):
        why = f"nothing in the evidence matches “{measured.unanswered}”"
        found.append(Mismatch("unanswered", Verdict.PARTIAL, why))
    near = max(measured.near)
    alike, close = near >= likeness.alike_from, near >= likeness.close_from or near_copy(said, aligned[0])
    return Comparison(feature_values(ours, theirs, measured.features, found, alike), tuple(found), alike, close)


def judge(comparison: Comparison, weights: Weights) -> Support:
    """Turn a comparison into a verdict: the gravest fault decides, else how likely the evidence supports the claim.

    The score is that probability, and with a fault no higher than its verdict allows. Where the reader finds a free
    paraphrase supported, what a guard finds only marks it: of three that a guard doubts, one is right. In a near copy
    the reader's doubt alone only marks it, too: it says the evidence's own words. Elsewhere a low probability alone is
    doubt, not refusal: unless a guard says what is wrong, only what is plainly unsupported is `unsupported`.
    """
    alignment = weights.probability(comparison.features)
    scale = COPIES if comparison.close else OTHERS
    score = scale.probability(testimony(alignment, comparison.odds, comparison.grave))
    understood = not comparison.close and comparison.read_as_support
    in_part = comparison.close or score >= scale.partial_from
    for verdict in (Verdict.CONTRADICTED, Verdict.UNSUPPORTED, Verdict.PARTIAL):
        fault = next((f for f in comparison.grave if f.verdict is verdict), None)
        if fault and (verdict is not Verdict.PARTIAL or in_part):
            if understood and score >= scale.partial_from:
                verdict = Verdict.PARTIAL
            most = scale.supported_from if verdict is Verdict.PARTIAL else scale.partial_from
            return Support(min(score, most), verdict, fault.why)
    if score >= scale.supported_from:
        return Support(score, Verdict.SUPPORTED, "the evidence says so")
    if in_part or (score >= PLAINLY_NOT and not comparison.grave):
        return Support(score, Verdict.PARTIAL, "the evidence supports only part of it, or isn't clear")
    lacking = next((fault.why for fault in comparison.grave), "the evidence says something else, or nothing about it")
    return Support(score, Verdict.UNSUPPORTED, lacking)


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
    """Whether the claim is one or more whole sentences of the evidence, ignoring punctuation."""
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


def _plain(text: str) -> list[str]:
    """Return the words and figures of a text in order, without case and punctuation."""
    plain = unicodedata.normalize("NFC", plain_forms(text)).translate(_DASHES)
    return _SAID.findall(plain.casefold())


def _unreadable(claim: str, pieces: Sequence[str]) -> bool:
    """Whether the claim, or all of its evidence, is in a language other than English."""
    if in_another_language(claim) or all(in_another_language(piece) for piece in pieces):
        return True
    ours = read(claim)
    # Headlines lack function words too, but they share their words with the evidence.
    shared = sum(any(word.stem in read(piece).stems for piece in pieces) for word in ours.words)
    return 3 * shared < len(ours.words) and (hardly_english(claim) or hardly_english(" ".join(pieces)))


def _overlap(claim: Reading, piece: Reading) -> float:
    """Rank pieces by shared content words, shorter pieces first where they share as many."""
    wanted = claim.content or claim.stems
    return len(wanted & (piece.content | piece.stems)) / (len(wanted) + 0.15 * len(piece.content) + 1e-9)


def _aligned(claim: Reading, best: Sequence[Reading], near: Sequence[float]) -> list[Reading]:
    """Order the compared sentences by likeness, without those far less similar than the first."""
    wanted = claim.content or claim.stems

    def likeness(i: int) -> float:
        return near[i] + len(wanted & best[i].content) / max(1, len(wanted))

    order = sorted(range(len(best)), key=lambda i: -likeness(i))
    return [best[i] for i in order if i == order[0] or likeness(i) >= 0.6 * likeness(order[0])]
