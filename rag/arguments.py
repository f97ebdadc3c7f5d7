"""Arguments of the public functions (`Library`, `answer`), checked in one place.

Every function returns the value in the form that the code behind it expects, or raises an `InputError` that names the
argument, what is wrong with it and what to give instead.
"""

from __future__ import annotations

import inspect
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar

from rag.config import Config
from rag.errors import InputError
from rag.types import Filters
from rag.views.suggestion import suggestion

# Characters. Anything longer isn't a question, and would only fill a model's context.
LONGEST_QUESTION = 4_000

Wanted = TypeVar("Wanted")
Given = ParamSpec("Given")
Result = TypeVar("Result")
# One year, as 2024, or years from first to last: "2023..2025", "2023..", "..2025" or (2023, 2025).
Years: TypeAlias = int | str | Sequence[int | None]


def text(name: str, value: object) -> str:
    """Return a text that can be stored and searched for."""
    if not isinstance(value, str):
        raise InputError(f"{name}={_shown(value)} isn't text: give a str")
    if _half(value):
        raise InputError(f"the {name} {ascii(value)[:40]} holds half a character (a surrogate): decode it as UTF-8")
    return value


def question(value: object) -> str:
    """Return a question on one line."""
    if not isinstance(value, str):
        raise InputError(f"question={_shown(value)} isn't text: give the question as a str, and before the library")
    asked = " ".join(text("question", value).split())
    if not asked:
        raise InputError("the question is empty: ask something")
    if len(asked) > LONGEST_QUESTION:
        long = f"{len(asked):,} characters ({asked[:40]!r}…)"
        raise InputError(f"the question has {long}, the most is {LONGEST_QUESTION:,}: shorten it")
    return asked


def count(name: str, value: object, least: int = 1) -> int:
    """Return an integer of at least 1, or of at least `least`."""
    if isinstance(value, float) and value.is_integer():  # JSON has one kind of number
        value = int(value)
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]  # whether it is one is being checked
    except TypeError:
        number = -1
    if number < least:
        raise InputError(f"{name}={_shown(value)} isn't an integer of at least {least}: give one, such as 10")
    return number


def one_count(**given: object) -> int:
    """Return the one of several names for a number that was given, 10 where none was."""
    named = {name: value for name, value in given.items() if value is not None}
    if len(named) > 1:
        raise InputError(f"{' and '.join(named)} mean the same: give one of them")
    return next((count(name, value) for name, value in named.items()), 10)


# Names that libraries have for one argument; which of them is known depends on the call.
_SAME = (
    ("k", "limit", "top_k", "similarity_top_k", "n_results", "max_results", "top_n", "num_results", "search_kwargs"),
    ("question", "query"), ("year", "years", "filters"), ("author", "authors"), ("venue", "journal"),
    ("papers", "paper", "paper_id", "ids", "id"), ("model", "llm"), ("history", "messages", "chat_history"),
)  # fmt: skip


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint with the known name that was probably meant, else the list of all names."""
    known = list(known)
    group = next((group for group in _SAME if name in group), None)
    # A synonym for something that this call doesn't take has no near match, however similar the letters.
    meant = name.lower() if group is None else next((other for other in group if other in known), "")
    return suggestion(meant, known)


# How a parameter is shown to a caller who left it out.
EXAMPLES = {"path": '"folder"', "question": '"What …?"'}


def names_known(call: Callable[Given, Result]) -> Callable[Given, Result]:
    """Have a call's `TypeError` name the nearest parameter for one that it doesn't have, and show what it needs."""
    parameters = inspect.signature(call).parameters.values()
    known = [each.name for each in parameters if each.name not in ("self", "cls")]
    needed = [
        each.name for each in parameters if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
    ]
    name = call.__qualname__.removesuffix(".__init__").rpartition(".")[2]

    @wraps(call)
    def checked(*values: Given.args, **named: Given.kwargs) -> Result:
        check_names(name, named, known)
        if lacking := [each for each in needed[len(values) :] if each not in named]:
            shown = ", ".join(EXAMPLES.get(each, each) for each in needed if each in known)
            raise TypeError(f"{name}() needs {' and '.join(lacking)}: call it as in {name}({shown})")
        return call(*values, **named)

    return checked


def check_names(call: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise a `TypeError` for the first parameter that a call doesn't have, naming the nearest one that it has."""
    for name in given:
        if name not in known:
            raise TypeError(f"{call}() has no parameter {name!r}: {nearest(name, known)}")


def path(name: str, value: object) -> Path:
    """Return the path of a file or folder, whether or not it exists."""
    if not isinstance(value, str | PathLike) or not str(value).strip() or "\0" in str(value):
        raise InputError(
            f"{name}={_shown(value)} isn't a path: give a str or a Path, and several as separate arguments"
        )
    if _half(str(value)):  # a name that isn't UTF-8 can't be stored
        raise InputError(f"the name of {str(value)!r} isn't UTF-8: rename it")
    try:
        Path(value).exists()
    except OSError as error:
        raise InputError(f"{_shown(value)}: {error.strerror}: check the path and your permissions") from error
    return Path(value)


def names(name: str, value: object) -> tuple[str, ...]:
    """Return one name, or several, as a tuple."""
    if isinstance(value, str):
        return (text(name, value),)
    if not isinstance(value, Iterable):
        raise InputError(f"{name}={_shown(value)} isn't a name: give a str, or a list of them")
    return tuple(text(name, item) for item in value)


def turns(value: object) -> tuple[Mapping[str, Any], ...]:
    """Return the turns of a conversation, oldest first."""
    expected = "give {'role': 'user' or 'assistant', 'content': text}"
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InputError(f"history={_shown(value)} isn't a list of turns: for each, {expected}")
    for number, turn in enumerate(value, 1):
        known = isinstance(turn, Mapping) and turn.get("role") in ("user", "assistant")
        if not known or not isinstance(turn.get("content"), str):
            raise InputError(f"turn {number} of the history is {_shown(turn)}: {expected}")
        text(f"content of turn {number}", turn["content"])
    return tuple(value)


def model(value: Any) -> Any:
    """Return a model's name, or an object with the methods of a `ChatModel`."""
    if not isinstance(value, str) and not all(hasattr(value, name) for name in ("name", "host", "context", "stream")):
        raise InputError(
            f"model={_shown(value)} isn't a model: give extractive, openai:MODEL, ollama:MODEL or a ChatModel"
        )
    return value


def handed(name: str, value: Any, offers: Sequence[str]) -> Any:
    """Return the caller's own object if it has all of these attributes."""
    lacks = [offer for offer in offers if not hasattr(value, offer)]
    if isinstance(value, type) or lacks:
        what = "is a class" if isinstance(value, type) else f"has no {lacks[0]}"
        raise InputError(f"{name}={_shown(value)} {what}: give an object with {', '.join(offers)} (docs/extending.md)")
    return value


def embedder(value: Any) -> Any:
    """Return the caller's own embedder."""
    handed("embedder", value, ("fingerprint", "dimension", "max_tokens", "count_tokens", "embed"))
    if not isinstance(value.fingerprint, str) or not value.fingerprint:
        raise InputError(f"the embedder's fingerprint is {_shown(value.fingerprint)}: give a text that names its model")
    count("the embedder's max_tokens", value.max_tokens)
    count("the embedder's dimension", value.dimension)
    return value


def kind(name: str, value: object, wanted: type[Wanted], fix: str) -> Wanted:
    """Return a value of this type; `fix` says how to get one."""
    if not isinstance(value, wanted):
        raise InputError(f"{name}={_shown(value)} isn't of type {wanted.__name__}: {fix}")
    return value


def config(value: object) -> Config:
    """Return the settings."""
    return kind("config", value, Config, "make it with pincite.from_environment(model=…)")


def _half(value: str) -> bool:
    """Return whether a text holds half a character: it can neither be stored nor searched for."""
    return any("\ud800" <= character <= "\udfff" for character in value)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:80]}…"


_DASHES = ("-", "–", "—")
_YEARS = re.compile(r"(?P<low>-?\d{1,4})?\s*(?P<dots>\.\.|[-–—])?\s*(?P<high>\d{1,4})?")
NAMES = ("year", *(f.name for f in fields(Filters)))

_READ: dict[str, Callable[[str, object], object]] = {
    **dict.fromkeys(("venue", "author", "source"), text),
    **dict.fromkeys(("papers", "exclude"), names),
}


def parse_filters(given: Mapping[str, Any]) -> Filters:
    """Return the filters for keyword arguments; `year` is 2024, "2024", "2023..2025", "2023.." or (2023, 2025).

    None means no filter. Raises `InputError` for an unknown name or an invalid year.
    """
    unknown = sorted(set(given) - set(NAMES))
    if unknown:
        raise InputError(f"unknown filter {unknown[0]!r}: {nearest(unknown[0], NAMES)}")
    plain = {name: value for name, value in given.items() if value is not None}
    if "year" in plain:
        low, high = _years(plain.pop("year"))
        plain.setdefault("year_from", low)
        plain.setdefault("year_to", high)
    plain |= {name: read(name, plain[name]) for name, read in _READ.items() if name in plain}
    if plain.get("papers") == ():
        raise InputError("papers=[] names no papers: name some, or leave it out to search all")
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
        ends = [end for end in (match["low"], match["high"]) if end] if match else []
        # A dash goes between two years; if one of them is missing, it isn't clear which.
        if (
            match is None
            or not ends
            or (match["high"] and not match["dots"])
            or (len(ends) < 2 and match["dots"] in _DASHES)
        ):
            raise InputError(f"year={value!r} isn't a year: give 2024, 2023..2025, 2023.. or ..2025")
        low = int(match["low"]) if match["low"] else None
        high = int(match["high"]) if match["high"] else (None if match["dots"] else low)
    if low is not None and high is not None and low > high:
        raise InputError(f"year={value!r}: the first year is after the last; write it as {high}..{low}")
    return low, high


def _year(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise InputError(f"{value!r} isn't a year: give a number such as 2024") from None
