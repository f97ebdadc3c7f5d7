"""Citations and reference lists in plain text: `(Fell et al., 2020)`, `Fell and Moor (2019)`, `[3]`, `[2, 5-7]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rag.manuscript.passages import Mark
from rag.text.dois import find_dois
from rag.text.person_names import fold_name

_NAME = r"(?:(?:[a-z]{2,3} ){0,2}[^\W\d_a-z][\w'’‐-]+(?: [^\W\d_a-z][\w'’‐-]+)?)"
_AND_OTHERS = rf"(?:,? et al\.?|(?:, {_NAME})*,? (?:and|und|et|y|e|&) {_NAME})?"
_YEARS = r"(?:1[89]|20)\d\d[a-z]?(?:, ?(?:(?:1[89]|20)\d\d)?[a-z]?(?=[,;)\]]))*"
_ONE = re.compile(rf"(?P<name>{_NAME}){_AND_OTHERS} ?,? ?\(?(?P<years>{_YEARS})")
_IN_BRACKETS = re.compile(r"[(\[](?=[^()\[\]]{0,600}(?:1[89]|20)\d\d)[^()\[\]]{4,600}[)\]]")
# "Fell and Moor (2019)" is found by its year: looking for names first would take time that grows with the text.
_YEAR_IN_BRACKETS = re.compile(rf"(?<= )[(\[](?P<years>{_YEARS})(?:, [^()\[\]]{{0,200}})?[)\]]")
_NAME_BEFORE = re.compile(rf"(?<!\w)(?P<name>{_NAME}){_AND_OTHERS} $")
_REACH = 160  # characters of the names before a year
_NUMBERS = re.compile(r"\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]")
_RAISED = re.compile(r"\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*")
# "10" and a raised 4, "kg/m" and a raised 2: powers, not citations.
_POWER_BEFORE = re.compile(r"\d$|(?<!\w)[kcdmnµμ]?m$")
_BEFORE_NUMBER = re.compile(rf"{_NAME} et al\.?\s*$")
# How an entry of a list of references begins: with its number, or with a family name and initials or a given name.
_NUMBERED = re.compile(r"\s*(?:\[(\d{1,3})\]|(\d{1,3})[.)])\s+(?=\S)")
_NAMED = re.compile(rf"\s*{_NAME}(?:,? [A-Z]{{1,3}}\b|, [^\W\d_a-z]\w+)")
BEGINS = re.compile(rf"{_NUMBERED.pattern}|{_NAMED.pattern}")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")


def marks_of(text: str, numbers: Iterable[str]) -> tuple[Mark, ...]:
    """Return the citations of a paragraph; `[3]` is one where the list of references has that number."""
    text = re.sub(r"\s", " ", text)  # a citation may go on in the next line
    found = [*_in_prose(text), *_in_brackets(text), *_numbers(text, frozenset(numbers))]
    found.sort(key=lambda mark: (mark.start, -mark.end))
    kept: list[Mark] = []
    for mark in found:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return tuple(kept)


def entries_of(paragraphs: Sequence[str]) -> tuple[dict[str, str], frozenset[int]]:
    """Return the list of references by key, and which paragraphs are its entries.

    The list is the last stretch of paragraphs in which each begins like an entry and has a year or a DOI. A key is the
    entry's number, or the name and year that it is cited by.
    """
    like = [_is_entry(text) for text in paragraphs]
    last = max((i for i, is_one in enumerate(like) if is_one), default=-1)
    first = last
    while first > 0 and like[first - 1]:
        first -= 1
    entries: dict[str, str] = {}
    for text in paragraphs[first : last + 1] if last >= 0 else ():
        for key in _keys_of_entry(text):
            entries.setdefault(key, " ".join(text.split()))
    return entries, frozenset(range(first, last + 1)) if last >= 0 else frozenset()


def author_year_key(name: str, year: str) -> str:
    """Return the key of a citation by name and year: the last word of the first author's family name, folded."""
    return f"{fold_name(name).split()[-1]} {year}"


def parse_author_year(key: str) -> tuple[str, int] | None:
    """Return the name and year of such a key, None for any other."""
    match = re.fullmatch(r"(\S+) (\d{4})[a-z]?", key)
    return (match[1], int(match[2])) if match else None


def _is_entry(text: str) -> bool:
    begins = _NUMBERED.match(text) or _NAMED.match(text)
    return bool(begins and (_YEAR.search(text) or find_dois(text)) and len(text) < 1_500)


def _keys_of_entry(text: str) -> Iterator[str]:
    numbered = _NUMBERED.match(text)
    if numbered:
        yield numbered[1] or numbered[2]
        text = text[numbered.end() :]
    named, year = re.match(_NAME, text.strip()), _YEAR.search(text)
    if named and year:
        family = re.split(r"\s+(?=[A-Z]{1,3}\b)", named[0])[0]
        yield author_year_key(family, year[0])


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
        before = text[max(0, year.start() - _REACH) : year.start()]
        if named := _NAME_BEFORE.search(before):
            start = year.start() - len(named[0])
            yield Mark(start, year.end(), _keys(named["name"], year["years"]), in_prose=True)


def _in_brackets(text: str) -> Iterator[Mark]:
    for match in _IN_BRACKETS.finditer(text):
        keys = [key for one in _ONE.finditer(match[0]) for key in _keys(one["name"], one["years"])]
        if keys:
            yield Mark(match.start(), match.end(), tuple(dict.fromkeys(keys)))


def _numbers(text: str, known: frozenset[str]) -> Iterator[Mark]:
    for match in _NUMBERS.finditer(text):
        keys = tuple(_expanded(match[0]))
        if known.intersection(keys) and "0" not in keys:
            named = _BEFORE_NUMBER.search(text[max(0, match.start() - 80) : match.start()])
            start = match.start() - (len(named[0]) if named else 0)
            yield Mark(start, match.end(), keys, in_prose=named is not None)


def raised_number(text: str, start: int, end: int, known: Iterable[str]) -> Mark | None:
    """Return the citation that is a raised number at a place of a text, if the list of references has that number."""
    is_number = _RAISED.fullmatch(text[start:end]) and not _POWER_BEFORE.search(text[max(0, start - 20) : start])
    keys = tuple(_expanded(text[start:end])) if is_number else ()
    return Mark(start, end, keys) if keys and set(keys) <= set(known) else None


def _expanded(text: str) -> Iterator[str]:
    """Yield each number of "[2, 5-7]"; a range that runs backwards or too far is its two ends."""
    for part in re.split(r"[,;]", text.strip("[] ")):
        first, *rest = (int(number) for number in re.findall(r"\d+", part))
        last = rest[-1] if rest else first
        yield from map(str, range(first, last + 1) if first <= last < first + 50 else (first, last))


def known_numbers(references: Mapping[str, str]) -> list[str]:
    """Return the keys that are numbers."""
    return [key for key in references if key.isdigit()]
