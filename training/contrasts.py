"""Contrasts made by program: a sentence of an abstract edited so that it stays true, and so that it turns false.

Both kinds of edit look alike, so an edit by itself gives nothing away: words are exchanged, dropped and turned round in
true claims as in false ones, often several at once. What an edit does to the truth is all that there is to learn.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from random import Random

from training.written import HERE, Abstract

Edit = Callable[["Passage", str], str | None]
SUPPORTED, UNSETTLED, CONTRADICTED = range(3)


@dataclass(frozen=True, slots=True)
class Contrast:
    """A claim, the passages that it is held against, and what they say of it."""

    claim: str
    passages: tuple[str, ...]
    verdict: int
    kind: str


_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_FIGURE = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,]|\.\d|-[A-Za-z])")
_NAME = re.compile(r"(?<![\w-])[A-Za-z]*(?:[A-Z][a-z]*[A-Z0-9]|[a-z][A-Z]|[A-Za-z]\d)[A-Za-z0-9-]*(?![\w-])")
_FUNCTION_WORDS = frozenset(
    """the a an this these those each its their our his her both all some any no of in on by with from to for as at
    between among during after before within without through via into against under over than and or but nor that which
    who whose where when while whereas because although if is are was were be been being has have had do does did not
    can could may might must should will would it they we there then""".split()  # noqa: SIM905 - a plain list reads worse
)
_BEFORE_NOUNS = frozenset("the a an of in by with for these those each its their our between among".split())  # noqa: SIM905
_AFTER_NOUNS = frozenset("of in was were is are and with by to from that which for on has have had may can".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class _WordGroup:
    """Words of which one may be put in another's place; those with other meanings too are never replaced."""

    replaced: tuple[str, ...]
    words: tuple[str, ...]


def _groups(name: str) -> list[_WordGroup]:
    """Read the groups of words of a file in `training/words`."""
    groups = []
    for line in (HERE / "words" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            replaced, _, others = line.partition(" > ")
            words = tuple(replaced.split(" / "))
            groups.append(_WordGroup(words, words + tuple(filter(None, others.split(" / ")))))
    return groups


def _held_out(group: _WordGroup) -> bool:
    """Return whether a group of synonyms only measures: about one in five."""
    return hashlib.sha256(group.words[0].encode()).digest()[0] < 51


_OPPOSITES, _SIBLINGS = _groups("opposites"), _groups("siblings")
_SYNONYMS = [group for group in _groups("synonyms") if not _held_out(group)]
_UNSEEN_SYNONYMS = [group for group in _groups("synonyms") if _held_out(group)]
_HEDGES = [
    (r"\b(?:may|might|could) be\b", "is"), (r"\b(?:may|might|could) have\b", "has"), (r"\b(?:may|might)\b", "will"),
    (r"\bsuggests? that\b", "proves that"), (r"\bindicates? that\b", "proves that"),
    (r"\bsuggesting that\b", "proving that"),
    (r"\b(?:likely|possibly|probably|potentially|perhaps) ", ""), (r"\b(?:appears?|seems?) to be\b", "is"),
    (r"\b(some|several|many|most)\b", "all"), (r"\b(?:usually|often|sometimes|generally)\b", "always"),
    (r"\b(?:was|were) associated with\b", "caused"), (r"\bis associated with\b", "causes"), (r"\bcan\b", "always"),
]  # fmt: skip
_DENIALS = [
    (r"\b(did|does|do) not (\w+)\b", r"\2"), (r"\b(was|were|is|are|has|have|had|can|could|may|should) not ", r"\1 "),
    (r"\bno (significant|evidence|effect|difference|change|association|relationship|increase)\b", r"a clear \1"),
    (r"\b(was|were|is|are|can|could|has|have|will)\b(?! not)", r"\1 not"), (r"\bwithout\b", "with"),
]  # fmt: skip
_NUMERALS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "twelve": "12",
}  # fmt: skip
_LEADS = (
    "We found that ", "The study found that ", "The results show that ", "The authors report that ", "In this study, ",
    "The data indicate that ", "It was found that ", "According to the abstract, ",
)  # fmt: skip
_LEAD = re.compile(
    r"^(?:[Hh]ere,? )?(?:(?:[Ww]e|[Tt]he authors) (?:also |further |then )?(?:found|show|showed|report|demonstrate|"
    r"demonstrated|conclude|concluded|observed|find|suggest|propose) that |(?:[Oo]ur|[Tt]hese|[Tt]he) "
    r"(?:results|findings|data) (?:show|showed|suggest|indicate|demonstrate|reveal)(?:ed)? that |In conclusion, "
    r"|However, |Furthermore, "
    r"|Moreover, |In addition, |Therefore, |Thus, )"
)
_MORE = {"higher": "lower", "greater": "smaller", "more": "less", "larger": "smaller", "longer": "shorter",
         "better": "worse", "faster": "slower", "stronger": "weaker"}  # fmt: skip
_LESS_OR_MORE = {**{less: more for more, less in _MORE.items()}, **_MORE}
_COMPARED = re.compile(
    r"\b(" + "|".join(_LESS_OR_MORE) + r")( [a-z]+)? ((?:in|for|with|among|after|at) )([^.,;()]{3,50}?) than "
    r"((?:in|for|with|among|after|at) )([^.,;()]{3,50}?)(?=[.,;(]| \()"
)
_ACTIVE = {verb + "s": verb + ("ed" if not verb.endswith("e") else "d") for verb in
           ("inhibit", "activate", "regulate", "promote", "induce", "reduce", "increase", "mediate", "block", "improve",
            "suppress", "stimulate", "enhance", "impair", "trigger", "cause", "outperform", "prevent", "support")
           }  # fmt: skip
_NOUN_PHRASE = r"((?:[Tt]he |[Aa]n? )?(?:[A-Za-z0-9-]+ ){0,3}[A-Za-z0-9-]+)"
_TRANSITIVE = re.compile(rf"^{_NOUN_PHRASE} ({'|'.join(_ACTIVE)}) {_NOUN_PHRASE}(\.|,| in | through )")
_SEAM = re.compile(r", (?:and|but|which|whereas|while) |; | that | by | when | because | after ")
_GOOD = re.compile(r"[A-Z].{40,300}[.]$", re.DOTALL)


class Passage:
    """A sentence in its abstract, and the words of the abstract that could stand in another's place."""

    def __init__(self, abstract: Abstract, place: int, nouns: Nouns, random: Random) -> None:
        self.abstract, self.place, self.nouns, self.random = abstract, place, nouns, random

    @property
    def sentence(self) -> str:
        """The sentence itself."""
        return self.abstract.sentences[self.place]

    @property
    def others(self) -> list[str]:
        """The other sentences of the abstract."""
        return [sentence for place, sentence in enumerate(self.abstract.sentences) if place != self.place]

    def evidence(self) -> tuple[str, ...]:
        """Return the sentence, or it with its neighbours, or the whole abstract."""
        sentences = self.abstract.sentences
        chance = self.random.random()
        if chance < 0.45:
            return (self.sentence,)
        return sentences[max(0, self.place - 1) : self.place + 2] if chance < 0.75 else sentences


class Nouns:
    """Which words are used as nouns, by the words around them in all the abstracts."""

    def __init__(self, abstracts: Sequence[Abstract]) -> None:
        self._as_noun: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        for abstract in abstracts:
            for sentence in abstract.sentences:
                words = re.findall(r"[a-z][a-z-]*|[^\sa-z]", sentence.lower())
                for before, word, after in zip(words, words[1:], words[2:], strict=False):
                    self._seen[word] += 1
                    self._as_noun[word] += (after in _AFTER_NOUNS or after in ".,;)") + (before in _BEFORE_NOUNS) / 2

    def __contains__(self, word: str) -> bool:
        low = word.lower()
        if len(low) < 4 or low in _FUNCTION_WORDS or low.endswith(("ly", "ed", "ing", "ous", "ive", "able", "ful")):
            return False
        return bool(_NAME.fullmatch(word)) or (self._seen[low] > 1 and self._as_noun[low] / self._seen[low] > 0.6)

    def of(self, sentence: str) -> list[re.Match[str]]:
        """Return the nouns of a sentence, names with inner capitals or figures among them."""
        return [match for match in _WORD.finditer(sentence) if match.group() in self]


# Edits that keep a sentence true.


def _without_commas(_passage: Passage, text: str) -> str | None:
    return text.replace(", ", " ")


def _without_brackets(_passage: Passage, text: str) -> str | None:
    return re.sub(r"\s*\([^()]*\)", "", text)


def _possessive(passage: Passage, text: str) -> str | None:
    match = re.search(r"\b([Tt]he )?([a-z]{4,}) of ([A-Za-z][A-Za-z0-9-]{3,})(?=[ .;)])(?! (?:and|or|of|in)\b)", text)
    if not match or match[2] not in passage.nouns or match[3] not in passage.nouns:
        return None
    owner = match[3] + ("'" if match[3].endswith("s") else "'s") if match[1] else match[3]
    return _put(text, match, f"{owner} {match[2]}")


def _reordered(_passage: Passage, text: str) -> str | None:
    opening = re.match(
        r"((?:In|After|During|Among|At|When|If|By|For|With|Although|While|Because|Compared with|Using|Within|Following|"
        r"On|Between|From) [^,;]{4,90}), ([^;,]+)\.$", text
    )  # fmt: skip
    if opening:
        return f"{_upper(opening[2])} {_lower(opening[1])}."
    closing = re.match(
        r"([^,;]{25,}?),? ((?:when|after|during|because|although|while|if|compared with|using|within|following) "
        r"[^,;]{6,90})\.$", text
    )  # fmt: skip
    return f"{_upper(closing[2])}, {_lower(closing[1])}." if closing else None


def _led_in(passage: Passage, text: str) -> str | None:
    lead = _LEAD.match(text)
    return _upper(text[lead.end() :]) if lead else passage.random.choice(_LEADS) + _lower(text)


def _synonym(passage: Passage, text: str) -> str | None:
    return _exchanged(passage, text, _SYNONYMS)


def _synonyms(passage: Passage, text: str) -> str | None:
    for _ in range(passage.random.choice((2, 2, 3))):
        text = _exchanged(passage, text, _SYNONYMS) or text
    return text


def _numeral(passage: Passage, text: str) -> str | None:
    for word, figure in passage.random.sample(list(_NUMERALS.items()), len(_NUMERALS)):
        if match := re.search(rf"(?i)(?<![\w.,-]){word}(?![\w-])", text):
            return _put(text, match, figure)
        if match := re.search(rf"(?<![\w.,-]){figure}(?![\w.,%-]| *[/%])", text):
            return _put(text, match, word)
    return re.sub(r"(\d)\s?%", r"\1 percent", text)


def _third_person(_passage: Passage, text: str) -> str | None:
    for ours, theirs in ((r"\bWe\b", "The authors"), (r"\bwe\b", "the authors"), (r"\b[Oo]ur\b", "their")):
        text = re.sub(ours, theirs, text)
    return _upper(text)


def _converse(_passage: Passage, text: str) -> str | None:
    match = _COMPARED.search(text)
    if not match:
        return None
    turned = f"{_LESS_OR_MORE[match[1]]}{match[2] or ''} {match[5]}{match[6]} than {match[3]}{match[4]}"
    return _put(text, match, turned)


def _passive(_passage: Passage, text: str) -> str | None:
    match = _TRANSITIVE.match(text)
    if not match:
        return None
    be = "are" if match[3].endswith("s") and not match[3].endswith(("sis", "ss")) else "is"
    return f"{_upper(match[3])} {be} {_ACTIVE[match[2]]} by {_lower(match[1])}{text[match.start(4) :]}"


def _pair_turned(passage: Passage, text: str) -> str | None:
    found = [
        match
        for match in re.finditer(r"\b([A-Za-z][A-Za-z0-9-]+) and ([A-Za-z][A-Za-z0-9-]+)(?=[ .,;)])", text)
        if match[1] in passage.nouns and match[2] in passage.nouns
    ]
    match = passage.random.choice(found) if found else None
    return _put(text, match, f"{match[2]} and {match[1]}") if match else None


def _first_half(_passage: Passage, text: str) -> str | None:
    match = re.match(
        r"([^;,]{40,}?)(?:, (?:and|but|which|whereas|while|suggesting|indicating|including)|;) [^.]+\.$", text
    )
    return match[1] + "." if match and not re.match(r"Although|While|When|If|Because", match[1]) else None


def _second_half(_passage: Passage, text: str) -> str | None:
    match = re.match(r"[^;]{25,}?(?:, (?:and|but|whereas|while) |; )([^,;]{35,})\.$", text)
    return (
        _upper(match[1]) + "."
        if match and re.search(r"\b(?:was|were|is|are|had|has|have|did|can)\b", match[1])
        else None
    )


def _other_name(passage: Passage, text: str) -> str | None:
    for short, long in _abbreviations(" ".join(passage.abstract.sentences)):
        for written in (f"{long} ({short})", long, short):
            if re.search(rf"(?<![\w-]){re.escape(written)}(?![\w-])", text):
                instead = (
                    short if written == long else long if written == short else passage.random.choice((short, long))
                )
                return _upper(re.sub(rf"(?<![\w-]){re.escape(written)}(?![\w-])", lambda _: instead, text))  # noqa: B023 - called at once
    return None


def _joined(passage: Passage, text: str) -> str | None:
    after = passage.abstract.sentences[passage.place + 1 : passage.place + 2]
    if not after or not _GOOD.match(after[0]) or len(text) + len(after[0]) > 330:
        return None
    lead = _LEAD.match(after[0])
    rest = after[0][lead.end() :] if lead else after[0]
    return text.rstrip(". ") + passage.random.choice((", and ", "; ", ", while ")) + _lower(rest)


# How readily each is taken: what fits few sentences is taken wherever it fits.
_TRUE: dict[Edit, float] = {
    _without_commas: 1, _without_brackets: 2, _possessive: 5, _reordered: 6, _led_in: 1, _synonym: 5, _synonyms: 4,
    _numeral: 1.5, _third_person: 1, _converse: 30, _passive: 30, _pair_turned: 5, _first_half: 5, _second_half: 6,
    _other_name: 6,
}  # fmt: skip

# Edits that turn a sentence false, or into one that its abstract doesn't settle.


def _rival_noun(passage: Passage, text: str) -> str | None:
    held = {_base(word) for word in _WORD.findall(text)}
    rivals = [m.group() for other in passage.others for m in passage.nouns.of(other) if _base(m.group()) not in held]
    own = passage.nouns.of(text)
    for match in passage.random.sample(own, len(own)):
        word = match.group()
        alike = [
            rival
            for rival in dict.fromkeys(rivals)
            if bool(_NAME.fullmatch(rival)) == bool(_NAME.fullmatch(word))
            and rival.endswith("s") == word.endswith("s")
            and rival[:4].lower() != word[:4].lower()
        ]
        if alike:
            rival = passage.random.choice(alike)
            return re.sub(rf"\b{re.escape(word)}\b", _cased(word, rival), text)
    return None


def _sibling(passage: Passage, text: str) -> str | None:
    return _exchanged(passage, text, _SIBLINGS)


def _sides(passage: Passage, text: str) -> str | None:
    if match := _COMPARED.search(text):
        return _put(text, match, f"{match[1]}{match[2] or ''} {match[5]}{match[6]} than {match[3]}{match[4]}")
    if match := _TRANSITIVE.match(text):
        return f"{_upper(match[3])} {match[2]} {_lower(match[1])}{text[match.start(4) :]}"
    nouns = [match for match in passage.nouns.of(text) if not text[: match.start()].endswith(" and ")]
    pairs = [
        (one, other)
        for one, other in pairwise(nouns)
        if one.end() + 4 < other.start()
        and _base(one.group()) != _base(other.group())
        and one.group().endswith("s") == other.group().endswith("s")
        and not re.fullmatch(r"\W*(?:and|or)?\W*", text[one.end() : other.start()])
    ]
    if not pairs:
        return None
    one, other = passage.random.choice(pairs)
    first, second = _cased(one.group(), other.group()), _cased(other.group(), one.group())
    return text[: one.start()] + first + text[one.end() : other.start()] + second + text[other.end() :]


def _figures_exchanged(passage: Passage, text: str) -> str | None:
    found = list(_FIGURE.finditer(text))
    pairs = [
        (one, other)
        for one, other in pairwise(found)
        if one.group() != other.group() and not re.fullmatch(r"\s*(?:-|–|to|±)\s*", text[one.end() : other.start()])
    ]
    if not pairs:
        return None
    one, other = passage.random.choice(pairs)
    return text[: one.start()] + other.group() + text[one.end() : other.start()] + one.group() + text[other.end() :]


def _other_figure(passage: Passage, text: str) -> str | None:
    found = list(_FIGURE.finditer(text))
    if not found:
        return None
    match = passage.random.choice(found)
    near = [m.group() for other in passage.others for m in _FIGURE.finditer(other) if m.group() not in text]
    if near and passage.random.random() < 0.5:
        return _put(text, match, passage.random.choice(near))
    place = passage.random.choice([i for i, character in enumerate(match.group()) if character.isdigit()])
    digit = passage.random.choice([d for d in "123456789" if d != match.group()[place]])
    return _put(text, match, match.group()[:place] + digit + match.group()[place + 1 :])


def _denied(passage: Passage, text: str) -> str | None:
    for pattern, instead in passage.random.sample(_DENIALS, len(_DENIALS)):
        if changed := _once(passage, text, pattern, instead):
            return changed
    return None


def _turned(passage: Passage, text: str) -> str | None:
    return _exchanged(passage, text, _OPPOSITES)


def _overstated(passage: Passage, text: str) -> str | None:
    for pattern, instead in passage.random.sample(_HEDGES, len(_HEDGES)):
        if changed := _once(passage, text, pattern, instead):
            return changed
    return None


def _glued(passage: Passage, text: str) -> str | None:
    other = passage.random.choice(passage.others)
    ours = [m for m in _SEAM.finditer(text) if 0.25 < m.start() / len(text) < 0.75]
    theirs = [m for m in _SEAM.finditer(other) if 0.25 < m.start() / len(other) < 0.75]
    if not ours or not theirs:
        return None
    return text[: passage.random.choice(ours).end()] + other[passage.random.choice(theirs).end() :]


# What each does to the truth, and how readily it is taken.
_FALSE: dict[Edit, tuple[int, float]] = {
    _rival_noun: (UNSETTLED, 3), _sibling: (UNSETTLED, 6), _sides: (UNSETTLED, 9),
    _figures_exchanged: (CONTRADICTED, 6), _other_figure: (CONTRADICTED, 4), _denied: (CONTRADICTED, 2),
    _turned: (CONTRADICTED, 3), _overstated: (UNSETTLED, 3.5), _glued: (UNSETTLED, 1),
}  # fmt: skip


def contrasts(abstracts: Sequence[Abstract], per_abstract: int, seed: int) -> Iterator[Contrast]:
    """Yield true and false claims over these abstracts, as many true as false ones for each sentence chosen."""
    random = Random(seed)
    nouns = Nouns(abstracts)
    for abstract in abstracts:
        places = [place for place, sentence in enumerate(abstract.sentences) if _GOOD.match(sentence)]
        if len(abstract.sentences) < 3:
            continue
        for place in random.sample(places, min(per_abstract, len(places))):
            passage = Passage(abstract, place, nouns, random)
            evidence = passage.evidence()
            yield _true(passage, evidence)
            yield _false(passage, evidence)


def unseen_synonyms(abstracts: Sequence[Abstract], seed: int) -> Iterator[Contrast]:
    """Yield right claims, each a sentence with one word exchanged for a synonym of a group that is never trained on."""
    random = Random(seed)
    nouns = Nouns(abstracts)
    for abstract in abstracts:
        for place, sentence in enumerate(abstract.sentences):
            if _GOOD.match(sentence):
                passage = Passage(abstract, place, nouns, random)
                if changed := _exchanged(passage, sentence, _UNSEEN_SYNONYMS):
                    yield Contrast(changed, (sentence,), SUPPORTED, "unseen synonym")


def _true(passage: Passage, evidence: tuple[str, ...]) -> Contrast:
    if len(evidence) > 1 and passage.random.random() < 0.1 and (joined := _joined(passage, passage.sentence)):
        return Contrast(joined, passage.abstract.sentences, SUPPORTED, "joined")
    text, kind = _reworded(passage, passage.sentence, passage.random.choice((1, 1, 2, 3)))
    return Contrast(text, passage.abstract.sentences if "_other_name" in kind else evidence, SUPPORTED, kind)


def _false(passage: Passage, evidence: tuple[str, ...]) -> Contrast:
    chance = passage.random.random()
    if chance < 0.08:  # true, but stated elsewhere in the abstract
        claim = _reworded(passage, passage.random.choice(passage.others), passage.random.choice((0, 1)))[0]
        return Contrast(claim, (passage.sentence,), UNSETTLED, "elsewhere")
    base = _reworded(passage, passage.sentence, passage.random.choice((1, 2)))[0] if chance < 0.55 else passage.sentence
    for edit in _drawn(passage.random, {edit: weight for edit, (_, weight) in _FALSE.items()}):
        changed = edit(passage, base)
        if changed and _letters(changed) != _letters(base) and 30 < len(changed) < 420:
            return Contrast(changed, evidence, _FALSE[edit][0], edit.__name__)
    return Contrast(passage.random.choice(passage.others), (passage.sentence,), UNSETTLED, "elsewhere")


def _reworded(passage: Passage, text: str, times: int) -> tuple[str, str]:
    """Return a sentence edited this many times, still true, with the names of the edits."""
    done: list[str] = []
    for edit in _drawn(passage.random, _TRUE):
        if len(done) == times:
            break
        changed = edit(passage, text)
        if changed and changed != text and 25 < len(changed) < 420:
            text = changed
            done.append(edit.__name__)
    return text, " ".join(done)


def _drawn(random: Random, weights: Mapping[Edit, float]) -> list[Edit]:
    """Return the edits in a random order in which heavier ones tend to come first (Efraimidis and Spirakis 2006)."""
    return sorted(weights, key=lambda edit: -(random.random() ** (1 / weights[edit])))


def _exchanged(passage: Passage, text: str, groups: Sequence[_WordGroup]) -> str | None:
    """Put another word of its group in the place of one word."""
    for group in passage.random.sample(groups, len(groups)):
        for word in group.replaced:
            found = list(_as_written(word).finditer(text))
            if found:
                match = passage.random.choice(found)
                instead = passage.random.choice([other for other in group.words if other != word])
                return _put(text, match, _cased(match.group(), instead))
    return None


@cache
def _as_written(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<![\w-]){re.escape(word)}(?![\w-])")


def _once(passage: Passage, text: str, pattern: str, instead: str) -> str | None:
    found = list(re.finditer(pattern, text))
    if not found:
        return None
    match = passage.random.choice(found)
    return _upper(_put(text, match, match.expand(instead)))


def _abbreviations(text: str) -> Iterator[tuple[str, str]]:
    """Yield each abbreviation in brackets with the words before it whose first letters it has."""
    for match in re.finditer(r"\(([A-Z]{2,6})s?\)", text):
        words = text[: match.start()].split()[-len(match[1]) :]
        if "".join(word[:1] for word in words).upper() == match[1]:
            yield match[1], " ".join(words)


def _put(text: str, match: re.Match[str], new: str) -> str:
    put = text[: match.start()] + new + text[match.end() :]
    return _upper(put) if match.start() == 0 else put


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if re.match(r"[A-Z](?:[a-z]+)?(?: [a-z]|,)", text) else text


def _cased(like: str, word: str) -> str:
    return _upper(word) if like[:1].isupper() and word.islower() else word


def _base(word: str) -> str:
    return re.sub(r"(?:ies|es|s)$", "", word.lower())


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text.lower())
