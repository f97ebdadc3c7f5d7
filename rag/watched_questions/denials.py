"""Whether a new sentence denies a claim that is followed, or says the opposite of another thing.

A guard that finds a "not" or an opposite word can't distinguish the two, nor can the reader alone. So three things have
to hold. Each text contradicts the other, as denial has no direction, while support has one. What one text names in the
place of something else means the same: put into the claim, the claim still supports it. And it isn't another
occasion, with figures of several kinds that differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Protocol

from rag.models.reader import Odds
from rag.text.lexicon import AXES, NARROW, NEGATORS, REMOVALS
from rag.text.reading import Reading, Word, read
from rag.text.words import term_set
from rag.types import Agreement, Evidence, Role, Verdict
from rag.verify import Checker
from rag.verify.agreement import SHARED
from rag.verify.stances import reports
from rag.verify.witnesses import ClaimReader

NOT_FOUND = (Role.BACKGROUND, Role.AIM)
LIKELY = 0.5  # of the reader's verdicts: more likely than not


class Denials(Protocol):
    """Says of two sentences whether one denies the other; see `ReaderDenials`."""

    def denies(self, claim: str, sentence: str) -> bool:
        """Return whether a sentence denies a claim."""
        ...

    def same_thing(self, claim: str, sentence: str) -> bool:
        """Return whether a sentence is about the same thing as a claim, whatever it says of it."""
        ...


class CheckerDenials:
    """Takes the word of a checker that understands both sentences, such as a language model."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    def denies(self, claim: str, sentence: str) -> bool:
        """Return whether the checker finds the claim contradicted."""
        return self._checker.check(claim, [sentence]).verdict is Verdict.CONTRADICTED

    def same_thing(self, claim: str, sentence: str) -> bool:
        """Return whether the claim supports itself with the words that the sentence has in place of its own."""
        other = exchanged(read(claim), read(sentence))
        return other is None or self._checker.check(other, [claim]).verdict is Verdict.SUPPORTED


class ReaderDenials:
    """Asks the reader as well as the built-in checker, whose guards see what changed but not whether it matters."""

    def __init__(self, checker: Checker, reader: ClaimReader) -> None:
        self._checker = checker
        self._reader = reader
        self._known: dict[tuple[str, str], Odds] = {}

    def denies(self, claim: str, sentence: str) -> bool:
        """Return whether a sentence denies a claim about the same thing."""
        one, other = read(claim), read(sentence)
        if not _own(one, other):
            # It has all words of the claim: who does what may be exchanged, which guards see better than the reader.
            found = self._checker.check(claim, [sentence]).verdict is Verdict.CONTRADICTED
            return found or self._contradict(claim, sentence)
        return self._contradict(claim, sentence) and self.same_thing(claim, sentence)

    def same_thing(self, claim: str, sentence: str) -> bool:
        """Return whether what a sentence names in place of something else means the same.

        The claim and the claim with those words follow from each other, by both readings together.
        """
        other = exchanged(read(claim), read(sentence))
        if other is None:
            return True
        return self._odds(other, claim).supported + self._odds(claim, other).supported > 2 * LIKELY

    def _contradict(self, claim: str, sentence: str) -> bool:
        return min(self._odds(claim, sentence).contradicted, self._odds(sentence, claim).contradicted) > LIKELY

    def _odds(self, claim: str, sentence: str) -> Odds:
        if (claim, sentence) not in self._known:
            (self._known[claim, sentence],) = self._reader.judge([(claim, [sentence])])
        return self._known[claim, sentence]


def exchanged(claim: Reading, sentence: Reading) -> str | None:
    """Return the claim with the words that a sentence has in place of its own, None where it exchanges none.

    Opposites, denials and figures stay as they are: whether they differ is asked of the sentences themselves.
    """
    ours, theirs = _own(claim, sentence), _own(sentence, claim)
    put = _paired(claim, sentence, ours, theirs)
    if not put:
        return None
    text = claim.text
    for place in sorted(put, reverse=True):
        word = claim.words[place]
        text = text[: word.start] + put[place] + text[word.start + len(word.low) :]
    return " ".join(text.split())


def _paired(claim: Reading, sentence: Reading, ours: set[int], theirs: set[int]) -> dict[int, str]:
    """Return what replaces words of the claim, by their places; what is left is paired in order.

    An opening added before the claim's words, or an end that was left out, doesn't replace anything.
    """
    matcher = SequenceMatcher(None, [w.stem for w in claim.words], [w.stem for w in sentence.words], autojunk=False)
    put: dict[int, str] = {}
    left: tuple[list[int], list[int]] = [], []
    for tag, begin, end, start, stop in matcher.get_opcodes():
        mine = [place for place in range(begin, end) if place in ours]
        other = [place for place in range(start, stop) if place in theirs]
        if tag == "replace" and mine and other:
            put |= _in_place(mine, other, sentence)
        else:
            left[0].extend(mine if end < len(claim.words) else ())
            left[1].extend(other if start else ())
    return put | (_in_place(*left, sentence) if all(left) else {})


def _in_place(mine: Sequence[int], other: Sequence[int], sentence: Reading) -> dict[int, str]:
    words = [sentence.words[place].low for place in other]
    last = min(len(mine), len(words)) - 1
    return {place: " ".join(words[at:] if at == last else [words[at]]) for at, place in enumerate(mine[: last + 1])}


def _own(one: Reading, other: Reading) -> set[int]:
    """Return the places of the words that say what a text is about and that the other text lacks."""
    return {
        word.place for word in one.words
        if word.content and word.stem not in other.stems and not _turns(word, one, other)
        and not any(figure.start <= word.start < figure.end for figure in one.quantities)
    }  # fmt: skip


def _turns(word: Word, one: Reading, other: Reading) -> bool:
    """Return whether a word denies, or is one of two opposites of which the other text has one, too."""
    if any(word.stem in some for some in (NEGATORS, NARROW, REMOVALS)) or word.stem in other.prefixed:
        return True
    axes = {axis for axis, _ in AXES.get(word.stem, ())}
    opposite = any(axis in axes for their in other.words for axis, _ in AXES.get(their.stem, ()))
    return opposite or any(negated == word and stem in other.stems for stem, negated in one.prefixed.items())


def disputes(claim: str, evidence: Sequence[Evidence], found: Agreement, denials: Denials) -> dict[str, Evidence]:
    """Return the papers that dispute a claim, by id, each with the sentence that does.

    What was `found` by a paper's stance on a debated thing, or by its rebuttal, is kept; what was found by a sentence
    that is nearly the claim has to deny it.
    """
    supporting = {item.paper.id for item in found.also}
    against = {pin.paper.id: (pin.start, pin.end) for pin in found.contradicting}
    near: dict[str, list[Evidence]] = {}
    disputing: dict[str, Evidence] = {}
    for item in evidence:
        name = item.paper.id
        if is_near(claim, item):
            near.setdefault(name, []).append(item)
        elif against.get(name) == (item.start, item.end):
            disputing[name] = item
    for name, items in near.items():
        if name in supporting or name in disputing:
            continue
        denying = [item for item in items if denials.denies(claim, item.text)]
        if denying:
            disputing[name] = denying[0]
    return disputing


def is_near(claim: str, item: Evidence) -> bool:
    """Return whether a sentence is a finding in much the words of the claim, and not a report of what others say."""
    wanted = term_set(claim)
    shared = len(wanted & term_set(item.text)) >= SHARED * max(1, len(wanted))
    return shared and item.role not in NOT_FOUND and not reports(item.text)
