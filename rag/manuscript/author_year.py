"""Citations and reference lists in plain text: `(Fell et al., 2020)`, `Fell and Moor (2019)`, `[2, 5-7]`, `[FM20]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace

from rag.manuscript.passages import Mark
from rag.text.dois import find_dois
from rag.text.person_names import fold_name
from rag.text.sentences import ABBREVIATIONS
from rag.text.words import STOPWORDS

_CAPITAL = r"[^\W\d_a-z][\w'’‐-]+"
_AND = r"(?:and|und|et|y|e|&)"
_PARTICLES = rf"(?:(?!{_AND} )[a-z]{{2,3}} ){{0,2}}"
_NAME = rf"(?:{_PARTICLES}{_CAPITAL}(?: {_PARTICLES}{_CAPITAL}){{0,3}})"
# Of several authors: "Fell, A.", "Fell et al.", "Fell, Moor and Lind", "Fell and colleagues".
_AND_OTHERS = rf"(?:, (?:[A-Z]\.[ -]?){{1,3}})?(?:,? et al\.?|(?:, {_NAME})*,? {_AND} (?:{_NAME}|[a-z][\w-]+))?"
_UNDATED = r"(?:n\.d\.|in press|forthcoming)"
_YEARS = rf"(?:{_UNDATED}|(?:1[89]|20)\d\d[a-z]?)(?:, ?(?:(?:1[89]|20)\d\d)?[a-z]?(?=[,;:)\]]))*"
_ONE = re.compile(rf"(?P<name>{_NAME}){_AND_OTHERS} ?,? ?\(?(?P<years>{_YEARS})")
_IN_BRACKETS = re.compile(rf"[(\[](?=[^()\[\]]{{0,600}}(?:(?:1[89]|20)\d\d|{_UNDATED}))[^()\[\]]{{4,600}}[)\]]")
# "World Health Organization [WHO], 2020": what a group is called from there on.
_SHORT_NAME = re.compile(r" ?[\[(][A-Z][A-Za-z&-]{1,9}[\])](?=,? (?:1[89]|20)\d\d)")
_ASIDE_WORDS = 4  # of a bracket before its first citation: "see for instance"; more is part of the sentence
# "Fell and Moor (2019)" is found by its year: looking for names first would take time that grows with the text.
_YEAR_IN_BRACKETS = re.compile(rf"(?<= )[(\[] ?(?P<years>{_YEARS})(?P<rest>[,;:] ?[^()\[\]]{{0,200}})? ?[)\]]")
_NAME_BEFORE = re.compile(rf"(?<!\w)(?P<name>{_NAME}){_AND_OTHERS} $")
_REACH = 160  # characters of the names before a year
LIST = r"\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,60}"
_BRACKETED = rf"\[{LIST}(?:, ?[^\W\d_][^\[\]]{{0,60}})?\]"
_NUMBERS = re.compile(rf"{_BRACKETED}(?: ?[,–-] ?{_BRACKETED})*")
_FIGURE_BEFORE = re.compile(r"(\d+(?:\.\d+)?) ?%? $")
# Raised numbers as text has them: after "^", in tags, or as characters of their own; or, once copied, after a full
# stop.
_RAISED_IN_TEXT = re.compile(
    rf"\^\[?(?P<caret>{LIST})\]?\^?|<sup>\[?(?P<tag>{LIST})\]?</sup>"
    r"|(?P<signs>[⁰¹²³⁴-⁹]{1,3}(?:[,–⁻-][⁰¹²³⁴-⁹]{1,3})*)"
    rf"|(?<=[.,;:!?)\"”’])(?P<glued>{LIST})(?=\s+[^\W\d_]|\s*$)"
)
_SIGNS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_WORD_BEFORE = re.compile(r"(?P<word>[^\W\d_]{3,})(?P<stop>[.,;:!?)\"”’\]]*)$")
_RAISED = re.compile(r"\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*")
# "10" and a raised 4, "kg/m" and a raised 2: powers, not citations.
_POWER_BEFORE = re.compile(r"\d$|(?<!\w)[kcdmnµμ]?m$")
BEFORE_NUMBER = re.compile(rf"{_NAME} et al\.?\s*$")
# How an entry of a list of references begins: with its number, with a family name and initials or a given name, or
# with the authors' names and a year, be they people's or a group's.
_BULLET = re.compile(r"\s*[-*+•]\s+")
_NUMBERED = re.compile(r"\s*(?:\[(\d{1,3})\]|(\d{1,3})[.)])\s+(?=\S)")
# The labels of BibTeX's style "alpha": "[FM20]", "[KMH+20]", "[Fel20a]".
_ALPHA = r"[A-Z][A-Za-z]{0,5}\+?\d\d[a-z]?"
_ALPHA_LABEL = re.compile(rf"\s*\[({_ALPHA})\]\s+(?=\S)")
_ALPHA_LABELS = re.compile(rf"\[{_ALPHA}(?:, ?[^\W\d_][^\[\],;]{{0,60}})?(?:[,;] ?{_ALPHA}){{0,30}}\]")
_LABEL = re.compile(r"\s*\[[^\[\]]{1,60}(?:1[89]|20)\d\d[a-z]?\]\s+(?=[^\W\d_a-z])")
_NAMED = re.compile(rf"\s*{_NAME}(?:,? [A-Z]{{1,3}}\b|, [^\W\d_a-z]\w+)")
_AUTHOR_WORD = r"(?:[^\W\d_a-z][^\s\d()]*|[a-z]{1,3}[.,;]?|&|others[.,]?)"
_AUTHORS_AND_YEAR = re.compile(
    rf"\s*(?:{_AUTHOR_WORD}\s+){{0,79}}{_AUTHOR_WORD}(?:(?<=[.,])\s+(?:1[89]|20)\d\d[a-z]?|\s+\((?:1[89]|20)\d\d[a-z]?\))[.:;]"
)
BEGINS = re.compile("|".join(one.pattern for one in (_NUMBERED, _ALPHA_LABEL, _LABEL, _NAMED, _AUTHORS_AND_YEAR)))
_LONGEST_ENTRY = 1_500
_INITIALS_FIRST = re.compile(r"(?:[A-Z]\.[ -]?)+")
_INITIALS_LAST = re.compile(r"(?:\s+[A-Z]{1,3})+$")
_FIRST_AUTHOR_ENDS = re.compile(rf"[,.(;:&]|\s{_AND}\s")
_BRACKETED_YEAR = re.compile(rf"\(((?:1[89]|20)\d\d[a-z]?\b|{_UNDATED}(?=\)))")
AMBIGUOUS = ""  # in place of an entry where several have the same name and year
_POSSESSIVE = re.compile(r"['’]s?$")
_YEAR = re.compile(rf"\b(?:1[89]|20)\d\d[a-z]?\b|\({_UNDATED}\)")


def marks_of(
    text: str, listed: Iterable[str], hidden: Callable[[str], Iterable[tuple[int, int]]] = lambda _: ()
) -> tuple[Mark, ...]:
    """Return the citations of a paragraph; `[3]` is one where the list of references has that number.

    `listed` are the keys of the list of references, `hidden` returns where there is markup that may split a citation.
    """
    short, places = _squeezed(text, (*hidden(text), *(match.span() for match in _SHORT_NAME.finditer(text))))
    known = frozenset(listed)
    numbers = frozenset(known_numbers(known))
    found = [*_in_prose(short), *_in_brackets(short), *_numbers(short, numbers), *_labels(short, known)]
    found = sorted([*found, *_raised_in_text(short, numbers)], key=lambda mark: (mark.start, -mark.end))
    kept: list[Mark] = []
    for mark in found:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return tuple(replace(one, start=places[one.start], end=places[one.end - 1] + 1) for one in kept)


def _squeezed(text: str, hidden: Iterable[tuple[int, int]]) -> tuple[str, list[int]]:
    """Return a text with one space for white space of any length, and where each of its characters was."""
    gone = {at for start, end in hidden for at in range(start, end)}
    places = [at for at in range(len(text)) if at not in gone]
    places = [
        at for before, at in zip((-1, *places), places, strict=False)
        if not (text[at].isspace() and before >= 0 and text[before].isspace())
    ]  # fmt: skip
    return re.sub(r"\s", " ", "".join(text[at] for at in places)), places


def entries_of(
    paragraphs: Sequence[str], headed: Container[int] = ()
) -> tuple[dict[str, str], frozenset[int]]:  # fmt: skip
    """Return the list of references by key, and which paragraphs are its entries.

    The list is the last stretch of paragraphs in which each begins like an entry and has a year or a DOI; one alone
    among them may begin as it likes. It ends at a heading: `headed` are the paragraphs under one. A key is the entry's
    number, or the name and year that it is cited by.
    """
    dated = [len(text) < _LONGEST_ENTRY and bool(_YEAR.search(text) or find_dois(text)) for text in paragraphs]
    like = [is_dated and is_entry(text) for is_dated, text in zip(dated, paragraphs, strict=True)]
    last = max((i for i, is_one in enumerate(like) if is_one), default=-1)
    first = last
    while (
        first > 0 and first not in headed and (like[first - 1] or (first > 1 and dated[first - 1] and like[first - 2]))
    ):
        first -= 1
    entries: dict[str, str] = {}
    for text in paragraphs[first : last + 1] if last >= 0 else ():
        entry = " ".join(text.split())
        for key in _keys_of_entry(text):
            entries[key] = entry if entries.setdefault(key, entry) == entry else AMBIGUOUS
    return entries, frozenset(range(first, last + 1)) if last >= 0 else frozenset()


def author_year_key(name: str, year: str) -> str:
    """Return the key of a citation by name and year: the last word of the first author's family name, folded."""
    return f"{fold_name(_POSSESSIVE.sub('', name)).split()[-1]} {year}"


def parse_author_year(key: str) -> tuple[str, int] | None:
    """Return the name and year of such a key, None for any other."""
    match = re.fullmatch(r"(\S+) (\d{4})[a-z]?", key)
    return (match[1], int(match[2])) if match else None


def is_entry(text: str) -> bool:
    """Return whether a text is like an entry of a list of references."""
    begins = BEGINS.match(_without_bullet(text))
    return bool(begins and (_YEAR.search(text) or find_dois(text)) and len(text) < _LONGEST_ENTRY)


def _without_bullet(text: str) -> str:
    bullet = _BULLET.match(text)
    return text[bullet.end() :] if bullet else text


def _keys_of_entry(text: str) -> Iterator[str]:
    text = _without_bullet(text)
    if numbered := _NUMBERED.match(text):
        yield numbered[1] or numbered[2]
        text = text[numbered.end() :]
    if alpha := _ALPHA_LABEL.match(text):
        yield alpha[1]
        text = text[alpha.end() :]
    if label := _LABEL.match(text):
        text = text[label.end() :]
    text = text.strip()
    first = _INITIALS_FIRST.match(text)
    name = _FIRST_AUTHOR_ENDS.split(text[first.end() if first else 0 :], maxsplit=1)[0]
    family = _INITIALS_LAST.sub("", name.rstrip()).strip()
    year = _BRACKETED_YEAR.search(text) or _YEAR.search(text)
    if year and re.match(r"[^\W\d_]['’]?[^\W\d_]", family):
        yield author_year_key(family, year[year.lastindex or 0])


def _years(text: str) -> list[str]:
    """Split "2019, 2020a, b" into years with their letters."""
    years: list[str] = []
    for part in re.split(r",\s*", text):
        years.append(years[-1][:4] + part if years and len(part) == 1 else part)
    return [year for year in years if year]


def _keys(name: str, years: str) -> tuple[str, ...]:
    return tuple(author_year_key(name, year) for year in _years(years))


def _in_prose(text: str) -> Iterator[Mark]:
    for year in _YEAR_IN_BRACKETS.finditer(text):
        named = _NAME_BEFORE.search(text[max(0, year.start() - _REACH) : year.start()])
        name = _without_words(named["name"]) if named else ""
        if named and name:
            more = [key for one in _ONE.finditer(year["rest"] or "") for key in _keys(one["name"], one["years"])]
            keys = tuple(dict.fromkeys((*_keys(name, year["years"]), *more)))
            start = year.start() - len(name) - len(named[0]) + len(named["name"])
            yield Mark(start, year.end(), keys, in_prose=True)


def _without_words(name: str) -> str:
    """Return a name without the words of the sentence before it: "As Fell", "According to Fell"."""
    words = name.split(" ")
    last = max((at for at, word in enumerate(words) if word.lower() in STOPWORDS), default=-1)
    return " ".join(words[last + 1 :])


def _in_brackets(text: str) -> Iterator[Mark]:
    """Yield "(Fell et al., 2020)"; of a bracket that begins with a part of the sentence, only what comes after it."""
    for match in _IN_BRACKETS.finditer(text):
        ones = list(_ONE.finditer(match[0]))
        keys = [key for one in ones for key in _keys(one["name"], one["years"])]
        if not keys:
            continue
        before = match[0][: ones[0].start()]
        is_part = len(re.findall(r"\w+", before)) > _ASIDE_WORDS or re.search(r"\d", before)
        start, end = (len(before.rstrip(" ,;")), len(match[0]) - 1) if is_part else (0, len(match[0]))
        yield Mark(match.start() + start, match.start() + end, tuple(dict.fromkeys(keys)))


def _numbers(text: str, known: frozenset[str]) -> Iterator[Mark]:
    for match in _NUMBERS.finditer(text):
        keys = tuple(expanded(match[0]))
        before = text[max(0, match.start() - 80) : match.start()]
        if known.intersection(keys) and "0" not in keys and not _is_interval(before, match[0]):
            named = BEFORE_NUMBER.search(before)
            start = match.start() - (len(named[0]) if named else 0)
            yield Mark(start, match.end(), keys, in_prose=named is not None)


def _labels(text: str, known: frozenset[str]) -> Iterator[Mark]:
    for match in _ALPHA_LABELS.finditer(text):
        keys = tuple(re.findall(_ALPHA, match[0]))
        if known.intersection(keys):
            yield Mark(match.start(), match.end(), keys)


def _is_interval(before: str, bracket: str) -> bool:
    """Return whether two numbers in brackets are the bounds of the figure before them: "5 [3, 7]"."""
    figure, bounds = _FIGURE_BEFORE.search(before), re.findall(r"\d+", bracket)
    return bool(figure and len(bounds) == 2 and int(bounds[0]) <= float(figure[1]) <= int(bounds[1]))


def _raised_in_text(text: str, known: frozenset[str]) -> Iterator[Mark]:
    for match in _RAISED_IN_TEXT.finditer(text):
        before = _WORD_BEFORE.search(text[max(0, match.start() - 40) : match.start()])
        written = (match["caret"] or match["tag"] or match["signs"] or match["glued"]).translate(_SIGNS)
        keys = tuple(expanded(written))
        is_glued_to_abbreviation = match["glued"] and before and before["word"].lower() in ABBREVIATIONS
        if before and not is_glued_to_abbreviation and known.issuperset(keys):
            yield Mark(match.start(), match.end(), keys)


def raised_number(text: str, start: int, end: int, known: Iterable[str]) -> Mark | None:
    """Return the citation that is a raised number at a place of a text, if the list of references has that number."""
    is_number = _RAISED.fullmatch(text[start:end]) and not _POWER_BEFORE.search(text[max(0, start - 20) : start])
    keys = tuple(expanded(text[start:end])) if is_number else ()
    return Mark(start, end, keys) if keys and set(keys) <= set(known) else None


def expanded(text: str) -> Iterator[str]:
    """Yield each number of "[2, 5-7]", "[2]–[4]" or "[5, p. 3]"; a range that is too long or falls is its two ends."""
    for part in re.split(r"[,;]", re.split(r"[^\W\d_]", re.sub(r"[\[\]]", "", text))[0].strip(" ,;")):
        first, *rest = (int(number) for number in re.findall(r"\d+", part))
        last = rest[-1] if rest else first
        yield from map(str, range(first, last + 1) if first <= last < first + 50 else (first, last))


def known_numbers(references: Iterable[str]) -> list[str]:
    """Return the keys that are numbers."""
    return [key for key in references if key.isdigit()]
