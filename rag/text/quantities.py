"""Quantities in prose: a value with its unit, however it is written.

"21%", "21 percent", "twenty-one per cent"; "1,204"; "7B", "2.5 × 10^3", "3 million"; "10–15 mg"; "twice", "fivefold";
"half"; "the third layer". A number inside a name (GPT-4, COVID-19, BM25) belongs to the name and is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.text.units import (
    ABOUT,
    ABOVE,
    BELOW,
    CARDINALS,
    CURRENCY,
    FOLDS,
    HALVES,
    MONTHS,
    MULTIPLIERS,
    ORDINALS,
    PARTS,
    POWERS,
    SUFFIXES,
    UNITS,
)
from rag.text.words import STOPWORDS, plain_forms, stem, unseen

ORDINAL = "ordinal"
SHARE = "share"  # a part of one: 50%, half, three of six


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in its base unit at `text[start:end]`.

    `unit` is "" where none is given, `noun` the stem of the word that follows; `step` is what one in the last digit
    written is worth; `bound` is "about", "above", "below" or "" by the words before it; `factor` is what a value
    written in this unit was multiplied by.
    """

    value: float
    unit: str
    noun: str
    start: int
    end: int
    written: str
    step: float = 1.0
    bound: str = ""
    spelled: bool = False
    factor: float = 1.0

    @property
    def is_year(self) -> bool:
        """Whether it looks like the number of a year, which isn't an amount."""
        return not self.unit and self.step == 1.0 and self.value % 1 == 0 and 1500 <= self.value < 2100


# "GPT-4", "top-5", "Llama-2-7B": joined to a word, the number is part of a name.
_NAME_BEFORE = re.compile(r"[^\W\d_][\w.]*(?:[-–‑_/][\w.]*)*[-–‑_/]$")
_TOKEN = re.compile(
    r"(?P<number>(?<![\w.])(?:(?<=[\s(\[=<>≤≥~])[-−–](?=[\d.]))?(?:\d{1,3}(?:[,\u202f\u00a0]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+|·(?!10\s?\^)\d+)?|\.\d+)"
    r"(?P<power>\s?[x×·*]\s?10(?:\([-−–]?\d{1,2}\)|\s?\^?\s?\{?[-−–]?\d+\}?)|[eE][-−+]?\d+(?![\w]))?)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)"
    r"|(?P<mark>[^\s\w]|\w)"
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.casefold()


def quantities(text: str) -> list[Quantity]:
    """Return the quantities of a text in order, invisible characters and other forms of figures read as drawn."""
    if text.isascii():
        return _quantities(text)
    places = [place for place, character in enumerate(text) if not unseen(character)]
    drawn = "".join(text[place] for place in places)
    return [
        replace(
            found, start=(start := places[found.start]), end=(end := places[found.end - 1] + 1), written=text[start:end]
        )
        for found in _quantities(plain_forms(drawn))
    ]


def _quantities(text: str) -> list[Quantity]:
    tokens = _tokens(text)
    found: list[Quantity] = []
    index = 0
    while index < len(tokens):
        quantity, used = _at(tokens, index, text)
        if quantity:
            found.append(quantity)
        index += max(1, used)
    return _shares(_spread_units(_whole_years(found, text), text), text)


def _tokens(text: str) -> list[_Token]:
    return [_Token(str(m.lastgroup if m.lastgroup != "power" else "number"), m.group(), *m.span())
            for m in _TOKEN.finditer(text)]  # fmt: skip


def _at(tokens: list[_Token], index: int, text: str) -> tuple[Quantity | None, int]:
    """Read the quantity that starts at this token, with the number of tokens that it takes."""
    token = tokens[index]
    if token.kind == "number":
        if _NAME_BEFORE.search(text, max(0, token.start - 40), token.start):
            return None, 1
        return _digits(tokens, index, text)
    if token.kind == "word":
        return _spelled(tokens, index, text)
    return None, 1


def _digits(tokens: list[_Token], index: int, text: str) -> tuple[Quantity | None, int]:
    token = tokens[index]
    value, step = _read(token.text)
    scale, used = 1.0, 1
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    glued = following is not None and following.start == token.end
    if following and glued and following.text in {"st", "nd", "rd", "th"}:
        if _in_a_date(tokens, index):
            return _make(tokens, index, 2, value, text), 2
        return _make(tokens, index, 2, value, text, unit=ORDINAL, step=1e-9), 2
    if following and glued and following.text in SUFFIXES:
        scale, used = SUFFIXES[following.text], 2
    elif following and following.low in MULTIPLIERS:
        scale, used = MULTIPLIERS[following.low], 2
    elif following and glued and following.kind == "word" and following.low not in UNITS:
        return None, 2  # "3D", "5HT": a name
    return _make(tokens, index, used, value * scale, text, step=step * scale), used


def _in_a_date(tokens: list[_Token], index: int) -> bool:
    """Whether "14th" is the day of a month, which others write without the ending: "14th (of) March", "March 14th"."""
    around = tokens[max(0, index - 2) : index] + tokens[index + 2 : index + 4]
    return any(token.text in MONTHS for token in around)


def _read(written: str) -> tuple[float, float]:
    """Read digits, with thousands marks and powers of ten, as a value and what its last digit is worth."""
    plain = re.sub(r"[,\u202f\u00a0]", "", written).replace("−", "-").replace("–", "-")
    plain = re.sub(r"(?<=\d)·(?!10\s?\^)(?=\d)", ".", plain)  # the decimal point of The Lancet
    power = re.search(r"(?:[x×·*]\s?10\s?\^?\s?[{(]?|[eE])([-+]?\d+)[})]?$", plain)
    mantissa = re.split(r"\s?[x×·*eE]", plain)[0]
    step = 10.0 ** -len(mantissa.partition(".")[2])
    exponent = max(-300, min(300, int(power.group(1)))) if power else 0
    return float(mantissa) * 10.0**exponent, step * 10.0**exponent


def _spelled(tokens: list[_Token], index: int, text: str) -> tuple[Quantity | None, int]:
    """Read number words: cardinals, parts, folds and ordinals."""
    low = tokens[index].low
    before = tokens[index - 1].low if index else ""
    following = tokens[index + 1].low if index + 1 < len(tokens) else ""
    if low in FOLDS:
        return _make(tokens, index, 1, FOLDS[low], text, unit="fold", spelled=True), 1
    if low in HALVES:
        return _make(tokens, index, 1, 0.5, text, unit=SHARE, spelled=True), 1
    if low == "half" and following == "as":
        return _make(tokens, index, 1, 0.5, text, unit="fold", spelled=True), 1
    if low == "half" or (low in PARTS and before in {"a", "one"} and not _orders(tokens, index)):
        return _make(tokens, index, 1, PARTS[low], text, unit=SHARE, spelled=True), 1
    fold = re.fullmatch(r"(\w+)fold", low)
    if fold and fold.group(1) in CARDINALS:
        return _make(tokens, index, 1, CARDINALS[fold.group(1)], text, unit="fold", spelled=True), 1
    if low in ORDINALS and not (low == "second" and before.isdigit()):
        return _make(tokens, index, 1, ORDINALS[low], text, unit=ORDINAL, spelled=True), 1
    return _cardinal(tokens, index, text) if low in CARDINALS or low == "hundred" else (None, 1)


def _orders(tokens: list[_Token], index: int) -> bool:
    """Whether "a third" follows a second, "a third study", and is no share: "a third of it", "a third less"."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if tokens[index].low not in ORDINALS or tokens[index - 1].low != "a" or following is None:
        return False
    low = following.low
    named = following.kind == "word" and low not in STOPWORDS | {"less"} and not low.endswith(("er", "ed"))
    return named or low == "-"  # "a third-party test"


def _cardinal(tokens: list[_Token], index: int, text: str) -> tuple[Quantity | None, int]:
    """Read "two hundred and five", "twenty-one", "three quarters"; "one" alone is hardly ever a count."""
    total = current = 0.0
    used = 0
    for offset, token in enumerate(tokens[index:]):
        low = token.low
        if low in CARDINALS:
            current += CARDINALS[low]
        elif low == "hundred":
            current = max(current, 1.0) * 100
        elif low in MULTIPLIERS:
            total, current = total + max(current, 1.0) * MULTIPLIERS[low], 0.0
        elif offset and (low in "-‑" or low == "and") and _joins(tokens, index + offset):
            continue
        else:
            break
        used = offset + 1
    value = total + current
    following = tokens[index + used].low if index + used < len(tokens) else ""
    part = following.removesuffix("s")
    if part in PARTS and (part != "third" or following == "thirds" or value == 1):
        return _make(tokens, index, used + 1, value * PARTS[part], text, unit=SHARE, spelled=True), used + 1
    if value == 1 and used == 1 and not (following in UNITS or following in {"in", "out"}):
        return None, 1
    return _make(tokens, index, used, value, text, spelled=True), used


def _joins(tokens: list[_Token], index: int) -> bool:
    """Whether "and" or a hyphen is inside one number: "two hundred and five", "twenty-one"."""
    if index + 1 >= len(tokens) or tokens[index + 1].low not in CARDINALS:
        return False
    before = tokens[index - 1].low
    return before in MULTIPLIERS if tokens[index].low == "and" else CARDINALS.get(before, 0) >= 20


def _make(
    tokens: list[_Token], index: int, used: int, value: float, text: str,
    unit: str = "", step: float = 1.0, spelled: bool = False,
) -> Quantity:  # fmt: skip
    """Put a quantity together: the unit before or after it, the noun that follows, and what bounds it."""
    end = index + used
    factor = 1.0
    if not unit:
        unit, factor, end = _unit_at(tokens, end)
        value, step = value * factor, step * factor
    if not unit and index and tokens[index - 1].text in CURRENCY:
        unit = _rate(tokens, end, CURRENCY[tokens[index - 1].text])
    noun = next((stem(t.low) for t in tokens[end : end + 3] if t.kind == "word" and len(t.text) > 2), "")
    start, stop = tokens[index].start, tokens[end - 1].end
    return Quantity(value, unit, noun, start, stop, text[start:stop], step, _bound(tokens, index), spelled, factor)


def _unit_at(tokens: list[_Token], index: int) -> tuple[str, float, int]:
    """Read the unit at this token: its dimension, its factor, and the token after it."""
    if index < len(tokens) and tokens[index].text in "-‑":
        index += 1  # "12-month", "1.4-fold"
    two = "".join(t.low for t in tokens[index : index + 2])
    three = " ".join(t.low for t in tokens[index : index + 2])
    if re.match(r"(?:percentage|percent|%) points?", three):
        return "points", 1.0, index + 2
    if three == "per cent":
        return "%", 1.0, index + 2
    if two in UNITS and (two.startswith("°") or two[-1] in "23"):
        return *UNITS[two], index + 2
    word = tokens[index].low if index < len(tokens) else ""
    if not word or word in POWERS:
        return _power_at(tokens, index) if word else ("", 1.0, index)
    for name in (word, word.removesuffix("s")):
        if name in UNITS and not (name == "x" and index + 1 < len(tokens) and tokens[index + 1].kind == "number"):
            dimension, factor = UNITS[name]
            return _rate(tokens, index + 1, dimension), factor, index + 1
    behind = tokens[index - 1] if index and tokens[index - 1].text in "-‑" else None
    return "", 1.0, index - 1 if behind else index


def _power_at(tokens: list[_Token], index: int) -> tuple[str, float, int]:
    """Read "square kilometres", "cubic centimetres" (in litres) and "metric tons" as `_unit_at` does."""
    dimension, power = POWERS[tokens[index].low]
    base, factor, end = _unit_at(tokens, index + 1)
    if base != ("length" if power > 1 else "mass"):
        return "", 1.0, index
    return dimension, factor**power * (1000 if power == 3 else 1), end


def _rate(tokens: list[_Token], index: int, dimension: str) -> str:
    """Add what the unit is counted per: "mg/kg", "litres a month"."""
    if index + 1 < len(tokens) and tokens[index].low in {"/", "per", "a", "an", "each", "every"}:
        name = tokens[index + 1].low.removesuffix("s")
        if name in UNITS:
            return f"{dimension}/{name}"
    return dimension


def _bound(tokens: list[_Token], index: int) -> str:
    first = tokens[index - 1].low if index else ""
    second = tokens[index - 2].low if index > 1 else ""
    pair = f"{first} {second}"
    if first in ABOVE or pair in ABOVE:
        return "above"
    if first in BELOW or pair in BELOW:
        return "below"
    return "about" if first in ABOUT or second in ABOUT else ""


def _whole_years(found: list[Quantity], text: str) -> list[Quantity]:
    """Read the "19" of "2018–19" as 2019."""
    years = list(found)
    for i in range(1, len(years)):
        first, second = years[i - 1], years[i]
        joined = text[first.end : second.start] in {"-", "–", "/"} and len(second.written) == 2
        if joined and 1000 <= first.value < 2100 and len(first.written) == 4 and second.value > first.value % 100:
            years[i] = replace(second, value=first.value // 100 * 100 + second.value)
    return years


_JOINTS = frozenset({"-", "–", "—", "to", "and", "or", "±", "- to", "- and", "- or"})


def _spread_units(found: list[Quantity], text: str) -> list[Quantity]:
    """Give the first of "10–15 mg", "from 31 to 56 percent" the unit of the second."""
    spread = list(found)
    for i in range(len(spread) - 2, -1, -1):
        gap = text[spread[i].end : spread[i + 1].start].strip().casefold()
        other = spread[i + 1]
        if gap in _JOINTS and not spread[i].unit and other.unit not in {"", ORDINAL}:
            spread[i] = replace(
                spread[i], unit=other.unit, noun=other.noun, factor=other.factor,
                value=spread[i].value * other.factor, step=spread[i].step * other.factor,
            )  # fmt: skip
    return spread


_OF = re.compile(r"\s*(?:of|in|out of|from)\s+(?:every\s+|the\s+|all\s+)?$", re.IGNORECASE)


def _shares(found: list[Quantity], text: str) -> list[Quantity]:
    """Add the share that "94 of 100" and "one in five" state, right after their two numbers."""
    result: list[Quantity] = []
    for i, quantity in enumerate(found):
        result.append(quantity)
        if i and not quantity.unit and not found[i - 1].unit and quantity.value > found[i - 1].value > 0:
            first = found[i - 1]
            if _OF.fullmatch(text[first.end : quantity.start] or "-"):
                share = first.value / quantity.value
                written = text[first.start : quantity.end]
                result.append(Quantity(share, SHARE, quantity.noun, first.start, quantity.end, written, spelled=True))
    return result
