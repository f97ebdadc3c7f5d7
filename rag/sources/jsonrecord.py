"""Values of JSON records as text and names, whatever their type: the pieces that every dialect is read with."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

JsonObject = dict[str, Any]
_WHOLE_NAMES = ("name", "literal", "fullName", "full_name", "display_name", "displayName", "raw_author_name",
                "creator", "authname", "collective_name", "collectiveName")  # fmt: skip
_FAMILY_NAMES = ("family", "last", "lastName", "last_name", "familyName", "surname")


def json_object(text: str) -> JsonObject | str:
    """Parse one JSON object; return why, in words, where the text isn't one."""
    try:
        value = json.loads(text, strict=False)  # a raw tab or line end in a text does no harm
    except json.JSONDecodeError as error:
        return f"not JSON ({error.msg} at character {error.pos + 1})"
    except RecursionError:
        return "not a record: JSON nested too deeply"
    except ValueError as error:  # an integer of more digits than Python turns into a number
        return f"not JSON ({error})"
    return value if isinstance(value, dict) else f"not a record but a JSON {_kind(value)}"


def first(fields: Mapping[str, Any], *wanted: str) -> str:
    """Return the first of the wanted fields that says something, as text."""
    return next((found for name in wanted if (found := text_of(fields.get(name)))), "")


def text_of(value: Any) -> str:
    """Return a value as text; lists are joined, what has no text (null, NaN, true, an object) is empty."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, int | float):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if isinstance(value, list):
        return " ".join(filter(None, (text_of(item) for item in value)))
    return ""


def names(value: Any) -> tuple[str, ...]:
    """Return authors' names from a list of texts or objects, or from one text with `;` or ` and ` between them."""
    if isinstance(value, str):
        return split_names(value)
    if isinstance(value, list):
        return tuple(filter(None, (_name(item) for item in value)))
    return ()


def groups(value: Any) -> tuple[str, ...]:
    """Return the names in a list of people that are given whole, under a name for organisations."""
    names = (
        first(item, "literal", "name", "collective_name", "collectiveName")
        for item in tables(value)
        if not first(item, "family", "lastName")
    )
    return tuple(filter(None, names))


def split_names(text: str) -> tuple[str, ...]:
    """Split a line of names: at `;`, else at ` and `, else at commas that aren't between family name and initials.

    Scopus adds an id in brackets after each full name, which is dropped.
    """
    text = re.sub(r"\s*\(\d{6,}\)", "", text)
    if printed := re.fullmatch(r"\s*\[\s*['\"](.*)['\"]\s*\]\s*", text, re.DOTALL):  # a list as Python prints it
        return tuple(filter(None, (name.strip() for name in re.split(r"['\"]\s*,\s*['\"]", printed[1]))))
    for separator in (";", "|", "\n", " and "):
        if separator in text:
            return tuple(filter(None, (name.strip(" ,") for name in text.split(separator))))
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    # "Fell, A., Ng, B." alternates family names and initials; "Fell, Ada" is one name, "Ada Fell, Bo Ng" are two.
    if len(pieces) % 2 == 0 and all(re.fullmatch(r"(?:[A-ZÀ-Þ]\.?[ -]?){1,4}", piece) for piece in pieces[1::2]):
        return tuple(f"{family}, {given}" for family, given in zip(pieces[::2], pieces[1::2], strict=True))
    if len(pieces) > 2 and len(pieces) % 2 == 0 and not any(" " in piece for piece in pieces):
        return tuple(f"{family}, {given}" for family, given in zip(pieces[::2], pieces[1::2], strict=True))
    if len(pieces) == 2 and " " not in pieces[0]:
        return (f"{pieces[0]}, {pieces[1]}",)
    return tuple(pieces)


def _name(value: Any) -> str:
    if not isinstance(value, Mapping):
        return text_of(value)
    if inner := table(value.get("author")):
        return _name(inner)
    whole = first(value, *_WHOLE_NAMES)
    particle = first(value, "non-dropping-particle") or first(value, "dropping-particle")
    family = " ".join(filter(None, (particle, first(value, *_FAMILY_NAMES))))
    given = first(value, "given", "first", "firstName", "first_name", "givenName", "given-name")
    return whole or ", ".join(filter(None, (family, given, first(value, "suffix"))))


def _kind(value: Any) -> str:
    return {list: "list", str: "text", int: "number", float: "number", bool: "value", type(None): "null"}[type(value)]


def table(value: Any) -> JsonObject:
    """Return an object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def tables(value: Any) -> list[JsonObject]:
    """Return the objects of a list; one object alone is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def date_parts(value: Any) -> str:
    """Return CSL's and Crossref's date `{"date-parts": [[2020, 5, 4]]}` (or raw, literal, text) as ISO 8601 or text."""
    if not isinstance(value, Mapping):
        return text_of(value)
    parts = value.get("date-parts")
    while isinstance(parts, list) and parts and isinstance(parts[0], list):
        parts = parts[0]
    numbers = [text_of(part) for part in parts if text_of(part).isdigit()] if isinstance(parts, list) else []
    if not numbers:
        return first(value, "raw", "literal", "year")
    return "-".join([numbers[0], *(number.zfill(2) for number in numbers[1:3])])
