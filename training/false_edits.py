"""Edits that turn a sentence false, or into one that its abstract doesn't settle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, pairwise

from training.passages import (
    COMPARED,
    NAME,
    TRANSITIVE,
    WORD,
    Edit,
    Passage,
    base,
    cased,
    exchanged,
    lower,
    put,
    upper,
    word_groups,
)

SUPPORTED, UNSETTLED, CONTRADICTED = range(3)
_STRANGER = 0.25  # of the nouns put in another's place come from other abstracts
_ANY = 0.35  # of them are drawn as they come, the others are like the one replaced
_SAME = 0.72  # cosine from which two words may well mean one thing
_FIGURE = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,]|\.\d|-[A-Za-z])")
_OPPOSITES, _SIBLINGS = word_groups("opposites"), word_groups("siblings")

_ALIKE = [{base(word) for word in group.words} for group in word_groups("synonyms")]
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
_SEAM = re.compile(r", (?:and|but|which|whereas|while) |; | that | by | when | because | after ")


def rival_noun(passage: Passage, text: str) -> str | None:
    """Put another noun, most often of the same abstract, in the place of one that the evidence has too."""
    cited = {base(word) for sentence in passage.held for word in WORD.findall(sentence)}
    held = cited | {base(word) for word in WORD.findall(text)}
    near = [m.group() for other in passage.others for m in passage.usage.nouns(other)]
    rivals = passage.usage.strangers(40, passage.random) if passage.random.random() < _STRANGER else near
    rivals = [rival for rival in dict.fromkeys(rivals) if base(rival) not in held]
    # A word that the evidence lacks may stand for one that it has: another in its place proves nothing.
    own = [match for match in passage.usage.nouns(text) if base(match.group()) in cited]
    for match in passage.random.sample(own, len(own)):
        word = match.group()
        fitting = [
            rival
            for rival in rivals
            if bool(NAME.fullmatch(rival)) == bool(NAME.fullmatch(word))
            and rival.endswith("s") == word.endswith("s")
            and rival[:4].lower() != word[:4].lower()
            and passage.usage.fits(text, match, rival) > 0
            and not _alike(rival, word)
        ]
        if fitting:
            rival = _likely(passage, word, fitting)
            return re.sub(rf"\b{re.escape(word)}\b", cased(word, rival), text)
    return None


def _likely(passage: Passage, word: str, others: Sequence[str]) -> str:
    """Return one of the others: most often that which is most like the word, as what is mixed up is."""
    if passage.random.random() < _ANY:
        return passage.random.choice(others)
    likeness = dict(zip(others, passage.usage.likeness(word, others), strict=True))
    return max(others, key=lambda other: likeness[other] if likeness[other] < _SAME else 0)


def _alike(one: str, other: str) -> bool:
    """Return whether two words are synonyms: then one in the other's place changes nothing."""
    return any(base(one) in group and base(other) in group for group in _ALIKE)


def sibling(passage: Passage, text: str) -> str | None:
    """Exchange a word for another thing of its kind, such as "kidney" for "liver"."""
    return exchanged(passage, text, _SIBLINGS)


def sides(passage: Passage, text: str) -> str | None:
    """Exchange the sides of a comparison, subject and object, or two nouns."""
    if match := COMPARED.search(text):
        return put(text, match, f"{match[1]}{match[2] or ''} {match[5]}{match[6]} than {match[3]}{match[4]}")
    if match := TRANSITIVE.match(text):
        return f"{upper(match[3])} {match[2]} {lower(match[1])}{text[match.start(4) :]}"
    nouns = [match for match in passage.usage.nouns(text) if not text[: match.start()].endswith(" and ")]
    pairs = [
        (one, other)
        for one, other in combinations(nouns, 2)
        if one.end() + 4 < other.start()
        and base(one.group()) != base(other.group())
        and one.group().endswith("s") == other.group().endswith("s")
        and not re.fullmatch(r"\W*(?:and|or)?\W*", text[one.end() : other.start()])
        and passage.usage.fits(text, one, other.group()) + passage.usage.fits(text, other, one.group()) > 1
    ]
    if not pairs:
        return None
    one, other = passage.random.choice(pairs)
    if passage.random.random() > _ANY:
        one, other = max(pairs, key=lambda pair: passage.usage.likeness(pair[0].group(), [pair[1].group()])[0])
    first, second = cased(one.group(), other.group()), cased(other.group(), one.group())
    return text[: one.start()] + first + text[one.end() : other.start()] + second + text[other.end() :]


def figures_exchanged(passage: Passage, text: str) -> str | None:
    """Exchange two figures."""
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


def other_figure(passage: Passage, text: str) -> str | None:
    """Put another figure of the abstract, or another digit."""
    found = list(_FIGURE.finditer(text))
    if not found:
        return None
    match = passage.random.choice(found)
    near = [m.group() for other in passage.others for m in _FIGURE.finditer(other) if m.group() not in text]
    if near and passage.random.random() < 0.5:
        return put(text, match, passage.random.choice(near))
    place = passage.random.choice([i for i, character in enumerate(match.group()) if character.isdigit()])
    digit = passage.random.choice([d for d in "123456789" if d != match.group()[place]])
    return put(text, match, match.group()[:place] + digit + match.group()[place + 1 :])


def denied(passage: Passage, text: str) -> str | None:
    """Deny what is said, or drop a denial."""
    for pattern, instead in passage.random.sample(_DENIALS, len(_DENIALS)):
        if changed := _once(passage, text, pattern, instead):
            return changed
    return None


def turned(passage: Passage, text: str) -> str | None:
    """Put a word for its opposite."""
    return exchanged(passage, text, _OPPOSITES)


def overstated(passage: Passage, text: str) -> str | None:
    """Drop a hedge, or widen what is said."""
    for pattern, instead in passage.random.sample(_HEDGES, len(_HEDGES)):
        if changed := _once(passage, text, pattern, instead):
            return changed
    return None


def glued(passage: Passage, text: str) -> str | None:
    """Join the first half of a sentence with the second half of another."""
    other = passage.random.choice(passage.others)
    ours = [m for m in _SEAM.finditer(text) if 0.25 < m.start() / len(text) < 0.75]
    theirs = [m for m in _SEAM.finditer(other) if 0.25 < m.start() / len(other) < 0.75]
    if not ours or not theirs:
        return None
    return text[: passage.random.choice(ours).end()] + other[passage.random.choice(theirs).end() :]


def _once(passage: Passage, text: str, pattern: str, instead: str) -> str | None:
    found = list(re.finditer(pattern, text))
    if not found:
        return None
    match = passage.random.choice(found)
    return upper(put(text, match, match.expand(instead)))


# What each does to the truth, and how readily it is taken.
FALSE: dict[Edit, tuple[int, float]] = {
    rival_noun: (UNSETTLED, 6), sibling: (UNSETTLED, 6), sides: (UNSETTLED, 12),
    figures_exchanged: (CONTRADICTED, 6), other_figure: (CONTRADICTED, 4), denied: (CONTRADICTED, 2),
    turned: (CONTRADICTED, 3), overstated: (UNSETTLED, 3.5), glued: (UNSETTLED, 1),
}  # fmt: skip
