"""Replies with the keys that were asked for, but not as JSON: as YAML, as XML, as pairs in lists, or with entities."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from rag.models.json_reply import parsed

_QUOTES = "\"'"
# A line of YAML that starts with one of our keys; its value may continue on lines that start with none.
_LINE = re.compile(
    r"^[ \t]*(?:-[ \t]+)?[\"']?(?P<key>text|english|evidence|not_covered|cannot_answer)[\"']?:[ \t]*"
    r"(?P<value>.*(?:\n(?![ \t]*(?:-[ \t]+)?[\"']?\w+[\"']?:)[ \t]*\S.*)*)$",
    re.MULTILINE,
)
_TAG = re.compile(
    r"<(?P<key>text|english|evidence|not_covered|cannot_answer)>(?P<value>.*?)</(?P=key)>", re.DOTALL | re.IGNORECASE
)


def keyed_objects(text: str) -> list[dict[str, Any]]:
    """Return the objects of a reply in YAML or XML: a sentence each, or a remark; empty where there is no sentence."""
    for form in (_TAG, _LINE):
        found = list(_objects(form, text))
        if any("evidence" in one for one in found):
            return found
    return []


def as_json(text: str) -> Any:
    """Return the value of a reply whose JSON is written with entities, or as a list of pairs; None for any other."""
    if "&quot;" in text:
        return parsed(html.unescape(text).strip())
    pairs = parsed(text.strip()) if re.match(r"\s*\[\s*\[", text) else None
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        return None
    return {"sentences": [{"text": said, "evidence": numbers} for said, numbers in pairs]}


def _objects(form: re.Pattern[str], text: str) -> Iterator[dict[str, Any]]:
    held: dict[str, Any] = {}
    for found in form.finditer(text):
        key, value = found["key"].lower(), " ".join(found["value"].split()).strip(_QUOTES)
        if key == "text" and held:
            yield held
            held = {}
        held[key] = value
    if held:
        yield held
