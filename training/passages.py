"""A sentence or claim in its abstract, and the words that could stand in the place of others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from random import Random

import numpy as np
from numpy.typing import NDArray

from rag.models.minilm import MiniLM
from training.written import HERE, Abstract

Edit = Callable[["Passage", str], str | None]

WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
NAME = re.compile(r"(?<![\w-])[A-Za-z]*(?:[A-Z][a-z]*[A-Z0-9]|[a-z][A-Z]|[A-Za-z]\d)[A-Za-z0-9-]*(?![\w-])")
_FUNCTION_WORDS = frozenset(
    """the a an this these those each its their our his her both all some any no of in on by with from to for as at
    between among during after before within without through via into against under over than and or but nor that which
    who whose where when while whereas because although if is are was were be been being has have had do does did not
    can could may might must should will would it they we there then""".split()  # noqa: SIM905 - a plain list reads worse
)
_BEFORE_NOUNS = frozenset("the a an of in by with for these those each its their our between among".split())  # noqa: SIM905
_AFTER_NOUNS = frozenset("of in was were is are and with by to from that which for on has have had may can".split())  # noqa: SIM905

_MORE = {"higher": "lower", "greater": "smaller", "more": "less", "larger": "smaller", "longer": "shorter",
         "better": "worse", "faster": "slower", "stronger": "weaker"}  # fmt: skip
LESS_OR_MORE = {**{less: more for more, less in _MORE.items()}, **_MORE}
COMPARED = re.compile(
    r"\b(" + "|".join(LESS_OR_MORE) + r")( [a-z]+)? ((?:in|for|with|among|after|at) )([^.,;()]{3,50}?) than "
    r"((?:in|for|with|among|after|at) )([^.,;()]{3,50}?)(?=[.,;(]| \()"
)
ACTIVE = {verb + "s": verb + ("ed" if not verb.endswith("e") else "d") for verb in
           ("inhibit", "activate", "regulate", "promote", "induce", "reduce", "increase", "mediate", "block", "improve",
            "suppress", "stimulate", "enhance", "impair", "trigger", "cause", "outperform", "prevent", "support")
           }  # fmt: skip
_NOUN_PHRASE = r"((?:[Tt]he |[Aa]n? )?(?:[A-Za-z0-9-]+ ){0,3}[A-Za-z0-9-]+)"
TRANSITIVE = re.compile(rf"^{_NOUN_PHRASE} ({'|'.join(ACTIVE)}) {_NOUN_PHRASE}(\.|,| in | through )")


@dataclass(frozen=True, slots=True)
class WordGroup:
    """Words of which one may be put in another's place; those with other meanings too are never replaced."""

    replaced: tuple[str, ...]
    words: tuple[str, ...]


def word_groups(name: str) -> list[WordGroup]:
    """Read the groups of words of a file in `training/words`."""
    groups = []
    for line in (HERE / "words" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            replaced, _, others = line.partition(" > ")
            words = tuple(replaced.split(" / "))
            groups.append(WordGroup(words, words + tuple(filter(None, others.split(" / ")))))
    return groups


class Passage:
    """One or more sentences in their abstract, and the words of the abstract that could stand in another's place."""

    def __init__(self, abstract: Abstract, places: Sequence[int], usage: Usage, random: Random) -> None:
        self.abstract, self.places, self.usage, self.random = abstract, places, usage, random

    @property
    def sentence(self) -> str:
        """The first of the sentences."""
        return self.abstract.sentences[self.places[0]]

    @property
    def held(self) -> list[str]:
        """The sentences themselves."""
        return [self.abstract.sentences[place] for place in self.places]

    @property
    def others(self) -> list[str]:
        """The other sentences of the abstract."""
        return [sentence for place, sentence in enumerate(self.abstract.sentences) if place not in self.places]

    @property
    def following(self) -> str:
        """The sentence after them, empty if there is none."""
        return "".join(self.abstract.sentences[self.places[-1] + 1 : self.places[-1] + 2])

    def evidence(self) -> tuple[str, ...]:
        """Return the sentences, or they with their neighbours, or the whole abstract."""
        chance = self.random.random()
        reach = 0 if chance < 0.45 else 1 if chance < 0.75 else len(self.abstract.sentences)
        return tuple(
            sentence
            for number, sentence in enumerate(self.abstract.sentences)
            if any(abs(number - place) <= reach for place in self.places)
        )


class Usage:
    """How words are used in all the abstracts: which are nouns, which stand side by side, and which are alike."""

    def __init__(self, abstracts: Sequence[Abstract]) -> None:
        self._as_noun: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._side_by_side: set[tuple[str, str]] = set()
        for abstract in abstracts:
            for sentence in abstract.sentences:
                words = re.findall(r"[a-z][a-z-]*|[^\sa-z]", sentence.lower())
                self._side_by_side.update(pairwise(words))
                for before, word, after in zip(words, words[1:], words[2:], strict=False):
                    self._seen[word] += 1
                    self._as_noun[word] += (after in _AFTER_NOUNS or after in ".,;)") + (before in _BEFORE_NOUNS) / 2
        self._nouns = [word for word in self._seen if self.is_noun(word)]
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def is_noun(self, word: str) -> bool:
        """Return whether a word is a noun, or a name with inner capitals or figures."""
        low = word.lower()
        if len(low) < 4 or low in _FUNCTION_WORDS or low.endswith(("ly", "ed", "ing", "ous", "ive", "able", "ful")):
            return False
        return bool(NAME.fullmatch(word)) or (self._seen[low] > 1 and self._as_noun[low] / self._seen[low] > 0.6)

    def nouns(self, sentence: str) -> list[re.Match[str]]:
        """Return the nouns of a sentence."""
        return [match for match in WORD.finditer(sentence) if self.is_noun(match.group())]

    def strangers(self, count: int, random: Random) -> list[str]:
        """Return nouns of any abstracts."""
        return random.sample(self._nouns, min(count, len(self._nouns)))

    def fits(self, text: str, match: re.Match[str], new: str) -> int:
        """Return beside how many of its new neighbours the words put in the place of a match have been seen, 0 to 2."""
        words = re.findall(r"[a-z][a-z-]*", new.lower())
        before = re.search(r"([a-z][a-z-]*) $", text[: match.start()].lower())
        after = re.match(r" ([a-z][a-z-]*)", text[match.end() :].lower())
        if not words:
            return 0
        left = before is None or (before[1], words[0]) in self._side_by_side
        right = after is None or (words[-1], after[1]) in self._side_by_side
        return left + right

    def likeness(self, word: str, others: Sequence[str]) -> list[float]:
        """Return how alike a word and each of the others are: the cosine of their vectors."""
        wanted = [one for one in dict.fromkeys((word, *others)) if one not in self._vectors]
        if wanted:
            self._vectors.update(zip(wanted, _embedder().embed(wanted), strict=True))
        return [float(self._vectors[word] @ self._vectors[other]) for other in others]


@cache
def _embedder() -> MiniLM:
    return MiniLM()


def exchanged(passage: Passage, text: str, groups: Sequence[WordGroup]) -> str | None:
    """Put another word of its group in the place of one word, where its neighbours have been seen beside it."""
    for group in passage.random.sample(groups, len(groups)):
        for word in group.replaced:
            found = list(_as_written(word).finditer(text))
            if found:
                match = passage.random.choice(found)
                instead = passage.random.choice([other for other in group.words if other != word])
                if passage.usage.fits(text, match, instead):
                    return put(text, match, cased(match.group(), instead))
    return None


@cache
def _as_written(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<![\w-]){re.escape(word)}(?![\w-])")


def put(text: str, match: re.Match[str], new: str) -> str:
    """Put new words in the place of a match."""
    changed = text[: match.start()] + new + text[match.end() :]
    return upper(changed) if match.start() == 0 else changed


def upper(text: str) -> str:
    """Return a text that begins with a capital."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """Return a text as it stands within a sentence: its first word without a capital, unless it is a name."""
    return text[:1].lower() + text[1:] if re.match(r"[A-Z](?:[a-z]+)?(?: [a-z]|,)", text) else text


def cased(like: str, word: str) -> str:
    """Return a word with a capital if the one that it replaces has one."""
    return upper(word) if like[:1].isupper() and word.islower() else word


def base(word: str) -> str:
    """Return a word without the ending of its plural."""
    return re.sub(r"(?:ies|es|s)$", "", word.lower())
