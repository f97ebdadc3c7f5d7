"""Whether a sentence says that something exists, or that it doesn't.

Papers that disagree seldom use the same words. But abstracts do say that there is evidence of a thing, or none; that a
thing emerges, or evaporates; that a claim of others has counterexamples. Only that is read here: any other sentence has
no stance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.text.lexicon import HEDGES
from rag.text.reading import Reading, Word, read
from rag.text.words import stem


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


# Before the thing: "evidence of emergent abilities", "exhibit emergent abilities"; negated, they deny it.
_SHOWN = _stems("evidence exhibit exhibits acquired acquire possess demonstrate display confirm confirmed")
# After it: "emergent abilities exist".
_ARISES = _stems("exist emerge arise persist")
_ALLEGED = frozenset({"alleged", "supposed", "purported", "apparent", "illusory"})
_DENIED_BY = _stems("evaporate disappear vanish mirage illusion artifact artefact myth fallacy")  # these come after it
# "The emergence of reasoning abilities" means the abilities: "of" joins it to what follows.
_BEING = _stems("emergence existence presence occurrence")
_LINKS = frozenset({"of", "for", "the", "a", "an", "to", "such", "these", "this", "any", "some", "its", "their"})
_MOST = 4  # words of a name; longer ones are two things
_ROOT = 6  # letters that "emergent", "emergence" and "emerge" have in common
_OPEN = HEDGES | _stems("whether if would hypothesis hypothesize aim explore investigate study examine")
_THEY = (
    r"(?:the )?authors?|et al\.?,?(?: \(?\d{4}\)?)?|"
    r"(?:recent|prior|previous|earlier|existing|other|past|some|many) (?:\w+ )?"
    r"(?:works?|studies|papers|research|researchers|literature|claims?|findings?)"
)
_SAY = (
    r"(?:argue|argues|argued|claim|claims|claimed|suggest|suggests|suggested|believe|believed|thought|said|assumed|"
    r"reported|hypothesi[sz]ed?|considered|put into question)"
)
_IT_IS = r"(?:it (?:is|has been|was)|is|are|was|were)(?: \w+)?"
_REPORTED = re.compile(
    rf"\b(?:{_THEY}|{_IT_IS}) (?:\w+ ){{0,2}}?{_SAY}\b|\b(?:belief|claim|view|notion|skepticism|scepticism) that\b",
    re.IGNORECASE,
)
_REBUTS = re.compile(
    r"\b(?:counter-?examples?|refut\w+|rebut\w*|disprov\w+|contrary to|cast\w* doubt|"
    r"fail\w* to (?:replicate|reproduce)|"
    r"(?:contradict|challenge)\w* (?:this|these|that|those|their|the) (?:\w+ )?"
    r"(?:claims?|views?|findings?|beliefs?|notions?|conclusions?|results?))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stance:
    """That a thing exists (`holds`) or doesn't; `thing` are the roots of its name, `head` the last of them."""

    holds: bool
    head: str
    thing: frozenset[str]


@lru_cache(maxsize=4096)
def stances(text: str) -> tuple[Stance, ...]:
    """Return what a sentence says exists or doesn't; nothing for reports of others, questions and conjectures."""
    if reports(text) or text.rstrip().endswith("?"):
        return ()
    return tuple(dict.fromkeys(_stances(read(text))))


def on(title: str, found: tuple[Stance, ...]) -> tuple[Stance, ...]:
    """Keep only stances on the thing that a title names: "no evidence of publication bias" is an aside."""
    if not found:  # of most sentences: their papers' titles needn't be read
        return ()
    roots = {word.stem[:_ROOT] for word in read(title).words}
    return tuple(s for s in found if s.head in roots and len(s.thing & roots) > 1)


def agree(ours: tuple[Stance, ...], theirs: tuple[Stance, ...]) -> bool | None:
    """Return whether two sentences say the same of the same thing, None where they have no thing in common.

    The same thing has the same head and at least one more word in common: "abilities" alone may be anyone's.
    """
    found = {
        mine.holds is other.holds
        for mine in ours
        for other in theirs
        if mine.head == other.head and len(mine.thing & other.thing) > 1
    }
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def reports(text: str) -> bool:
    """Whether a sentence reports what others claim."""
    return bool(_REPORTED.search(text))


def rebuts(text: str) -> bool:
    """Whether a sentence says that a claim of others fails."""
    return bool(_REBUTS.search(text))


def _stances(reading: Reading) -> Iterator[Stance]:
    for word in reading.words:
        if any(w.stem in _OPEN for w in reading.words[: word.place] if w.clause == word.clause):
            continue
        denied = _denied(word, reading)
        if word.stem in _SHOWN:
            yield from _named(_after(word, reading), not denied)
        elif word.low in _ALLEGED:
            yield from _named(_after(word, reading), denied)
        elif word.stem in _ARISES:
            yield from _named(_before(word, reading), not denied)
        elif word.stem in _DENIED_BY:
            yield from _named(_before(word, reading), denied)


def _named(name: list[str], holds: bool) -> Iterator[Stance]:
    if len(name) > 1:
        roots = [word[:_ROOT] for word in name]
        yield Stance(holds, roots[-1], frozenset(roots))


def _denied(word: Word, reading: Reading) -> bool:
    return any(word.stem in negation.reach or negation.place == word.place for negation in reading.negations)


def _after(word: Word, reading: Reading) -> list[str]:
    """Return the name that follows: linking words are skipped, and it ends before the next word without content."""
    name: list[str] = []
    for other in reading.words[word.place + 1 :]:
        if other.clause != word.clause or len(name) == _MOST:
            break
        if other.content:
            name.append(other.stem)
        elif other.low not in _LINKS or (name and name[-1] not in _BEING):
            break
    return name


def _before(word: Word, reading: Reading) -> list[str]:
    """Return the name before the word: "emergent abilities" of "alleged emergent abilities evaporate"."""
    name: list[str] = []
    for other in reversed(reading.words[: word.place]):
        if other.clause != word.clause or len(name) == _MOST:
            break
        if other.content and other.low not in _ALLEGED:
            name.insert(0, other.stem)
        elif name:
            break
    return name
