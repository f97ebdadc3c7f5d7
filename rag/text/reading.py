"""A sentence as the guards read it: words with their stems, clauses, what is negated, quantities and names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rag.text.lexicon import BREAKS, NARROW, NEGATING, NEGATION_IDIOMS, NEGATORS, NO_NEGATION
from rag.text.quantities import Quantity, quantities
from rag.text.words import STOPWORDS, fold, stem

SCOPE = 4  # content words that a negation reaches
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[,;:()]|[–—]|[.!?](?=\s)")
# Capitalised inside a sentence, an acronym, or letters with digits or inner capitals.
_NAME = re.compile(r"[^\W_]+(?:[-‑.'’][^\W_]+)*\+*")
_CONTRACTED = re.compile(r"n['’]t$")
_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: folded, stemmed, where it starts, its place among the words, and its clause."""

    low: str
    stem: str
    start: int
    place: int
    clause: int

    @property
    def content(self) -> bool:
        """Whether it is a content word."""
        return self.low not in STOPWORDS and len(self.low) > 1 and not self.low.isdigit()


@dataclass(frozen=True, slots=True)
class Negation:
    """A negation that holds: the negating word's place, the stems in its reach, and whether it reaches back."""

    place: int
    reach: tuple[str, ...]
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the guards ask of a sentence."""

    text: str
    words: tuple[Word, ...]
    stems: frozenset[str]
    content: frozenset[str]
    negations: tuple[Negation, ...]
    quantities: tuple[Quantity, ...]
    names: tuple[str, ...]
    prefixed: Mapping[str, Word]  # words with a negating prefix by the stem of what they negate: "unstable" by "stabl"

    def clause_of(self, place: int) -> set[str]:
        """Return the content stems of the clause around the word at this place."""
        return {w.stem for w in self.words if w.clause == self.words[place].clause and w.content}

    def near(self, place: int, reach: int = 4) -> set[str]:
        """Return the content stems within `reach` words of a place in its clause, the word there left out."""
        clause = self.words[place].clause
        around = self.words[max(0, place - reach) : place + reach + 1]
        return {w.stem for w in around if w.content and w.place != place and w.clause == clause}


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Read one sentence."""
    words = tuple(_words(text))
    content = frozenset(w.stem for w in words if w.content)
    return Reading(
        text, words, frozenset(w.stem for w in words), content, tuple(_negations(words)), tuple(quantities(text)),
        tuple(dict.fromkeys(_names(text))), dict(_prefixed(words)),
    )  # fmt: skip


def _words(text: str) -> Iterator[Word]:
    clause = place = 0
    before = ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        if not token[0].isalnum():
            clause += 1
            continue
        low = fold(token).replace("’", "'")
        # "Not yet" and "did not … yet" don't open a clause.
        if stem(low) in BREAKS and not (low == "yet" and _is_negator(before)):
            clause += 1
        yield Word(low, stem(low), match.start(), place, clause)
        place += 1
        before = low


def _negations(words: tuple[Word, ...]) -> Iterator[Negation]:
    """Find what is negated; two negations in a row ("did not fail to") cancel each other."""
    negators = [w for w in words if _negates(w, words)]
    places = {w.place for w in negators}
    skipped: set[int] = set()
    for negator in negators:
        if negator.place in skipped:
            continue
        ahead = [w for w in words[negator.place + 1 :] if w.clause == negator.clause]
        second = next((w for w in ahead if w.place in places and w.low not in _GOES_ON), None)
        reach = _reach(negator, ahead[: ahead.index(second)] if second else ahead)
        owner = words[negator.place - 1] if negator.place else negator
        if owner.low.endswith("'s"):  # "in KAP3's absence"
            yield Negation(negator.place, (owner.stem,), True)
            continue
        if second and not reach:
            skipped.add(second.place)
            continue
        backwards = not reach and negator.stem in {"lack", "absent", "fail", "miss"}  # "evidence was lacking"
        if backwards:
            reach = [w.stem for w in words[: negator.place] if w.clause == negator.clause and w.content][-SCOPE:]
        if reach:
            yield Negation(negator.place, tuple(reach), backwards)


def _prefixed(words: tuple[Word, ...]) -> Iterator[tuple[str, Word]]:
    """Find "unstable", "insufficient", "non-toxic" by what they negate; "inpatient" and "display" negate nothing."""
    for word, following in zip(words, (*words, None)[1:], strict=True):
        if word.low == "non" and following and following.start == word.start + 4:
            yield following.stem, following
        bare = NEGATING.fullmatch(word.low)
        if bare and word.low not in NO_NEGATION:
            yield stem(bare.group(1)), word


_DENYING_PAIRS = frozenset({("rather", "than")})
_GOES_ON = frozenset({"nor", "no", "not"})  # "neither A nor B" is one negation


def _reach(negator: Word, ahead: list[Word]) -> list[str]:
    most = 2 if negator.stem in NARROW or negator.low == "than" else SCOPE
    return [w.stem for w in ahead if w.content and w.stem not in NEGATORS][:most]


def _negates(word: Word, words: tuple[Word, ...]) -> bool:
    before = words[word.place - 1].low if word.place else ""
    if not _is_negator(word.low):
        return (before, word.low) in _DENYING_PAIRS
    following = words[word.place + 1].low if word.place + 1 < len(words) else ""
    return (word.low, following) not in NEGATION_IDIOMS and (before, word.low) not in NEGATION_IDIOMS


def _is_negator(low: str) -> bool:
    return stem(low) in NEGATORS or _CONTRACTED.search(low) is not None


def _names(text: str) -> Iterator[str]:
    """Yield names as written: GPT-4, BLEU, CodeMole, Norway; a capital that only starts the sentence doesn't count."""
    opening = True
    for match in _NAME.finditer(text):
        name = _POSSESSIVE.sub("", match.group())
        letters = [c for c in name if c.isalpha()]
        numbered = any(c.isdigit() for c in name) and (name[0].isalpha() or len(letters) > 1)
        inner = any(c.isupper() for c in name[1:]) or numbered
        capital = name[0].isupper() and name != "I" and (len(name) == 1 or fold(name) not in STOPWORDS)
        if letters and (inner or (capital and not opening)) and not _measure(name):
            yield _head(name)
        opening = text[match.end() : match.end() + 2].strip()[:1] in {".", "?", "!", ":"} and not inner


def _head(name: str) -> str:
    """Cut a name from the words joined to it: "HIV" of "HIV-positive", "Sf1" of "Sf1-expressing".

    A name without capitals keeps its first part: "19" alone is no name for "covid-19".
    """
    first, *rest = re.split(r"[-‑]", name)
    kept = [part for part in (first, *rest) if not (part.isalpha() and part.islower() and len(part) > 3)]
    if name.islower() and first not in kept:
        kept.insert(0, first)
    return "-".join(kept) or name


def _measure(name: str) -> bool:
    """Distinguish "64k", "7B", "12-month", "19th" from a name: digits first, then what counts or measures."""
    lower, upper = r"[-‑]?[a-zµ%]+(?:[-‑][a-zµ%]+)*", "[kKMBT]|GB|MB|TB|Hz|GHz|MHz|kHz|C|W|V"
    return bool(re.fullmatch(rf"\d[\d.,]*(?:{lower}|{upper})", name))
