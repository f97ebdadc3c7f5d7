"""What a user may narrow a search by, read from plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from rag import arguments
from rag.errors import InputError
from rag.types import Filters

_YEARS = re.compile(r"(?P<low>-?\d{1,4})?\s*(?P<dots>\.\.)?\s*(?P<high>\d{1,4})?")
NAMES = ("year", *(f.name for f in fields(Filters)))

_READ: dict[str, Callable[[str, object], object]] = {
    **dict.fromkeys(("venue", "author", "source"), arguments.text),
    **dict.fromkeys(("papers", "exclude"), arguments.names),
}


def parse_filters(given: Mapping[str, Any]) -> Filters:
    """Return the filters for keyword arguments; `year` is 2024, "2024", "2023..2025", "2023.." or (2023, 2025).

    None means not filtered. Raises `InputError` for an unknown name or a year that is none.
    """
    unknown = sorted(set(given) - set(NAMES))
    if unknown:
        raise InputError(f"unknown filter {unknown[0]!r}: choose one of {', '.join(NAMES)}")
    plain = {name: value for name, value in given.items() if value is not None}
    if "year" in plain:
        low, high = _years(plain.pop("year"))
        plain.setdefault("year_from", low)
        plain.setdefault("year_to", high)
    plain |= {name: read(name, plain[name]) for name, read in _READ.items() if name in plain}
    if plain.get("papers") == ():
        raise InputError("papers=[] names no paper to search in: name some, or leave it out to search in all")
    for name in ("year_from", "year_to"):
        if plain.get(name) is not None:
            plain[name] = _year(plain[name])
    return Filters(**plain)


def _years(value: object) -> tuple[int | None, int | None]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != 2:
            raise InputError(f"year={value!r}: give two years, first and last, or one as 2024")
        low, high = (None if year is None else _year(year) for year in value)
    else:
        match = _YEARS.fullmatch(str(value).strip())
        if match is None or not (match["low"] or match["high"]) or (match["high"] and not match["dots"]):
            raise InputError(f"year={value!r} is no year: give 2024, 2023..2025, 2023.. or ..2025")
        low = int(match["low"]) if match["low"] else None
        high = int(match["high"]) if match["high"] else (None if match["dots"] else low)
    if low is not None and high is not None and low > high:
        raise InputError(f"year={value!r}: the first year is after the last; write it as {high}..{low}")
    return low, high


def _year(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise InputError(f"{value!r} is no year: give a number such as 2024") from None
