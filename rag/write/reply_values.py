"""The sentences in the values of a model's JSON, whatever their keys: text with the numbers of its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.types import Draft
from rag.views.printable import printable, whole_characters
from rag.write.evidence_numbers import numbers_named, plain_marks, without_marks
from rag.write.prose_reply import prose

_DEEPEST = 8  # levels of a reply with other keys than those asked for
_LONGEST_REMARK = 600  # characters of what the model says apart from its sentences
_WORDY = 4  # words of a text that is a sentence, whatever its key is called

# From what is in place of numbers ("Okafor et al. 2021"), and the sentence, to the evidence that is meant.
ByName = Callable[[str, str], Sequence[int]]


def nobody(*_: str) -> Sequence[int]:
    """Find no evidence, whatever the name."""
    return ()


def numbers_of(value: object) -> tuple[int, ...]:
    """Return the numbers of evidence in a value of a reply: 3, "3", "[3–5]", [3, 4] or [{"number": 3}]."""
    return tuple(dict.fromkeys(_numbers(value)))


def marked_string(value: Any) -> str:
    """Return the longest string with marks in a value, empty where there is none."""
    marked = (text for text in _leaves(value) if any(draft.numbers for draft in prose(text)))
    return max(marked, key=len, default="")


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from _leaves(item)


def lower_keys(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object with its keys in lower case."""
    return {key.lower(): item for key, item in value.items()}


def sentence_of(value: dict[str, Any], by_name: ByName = nobody) -> Draft | None:
    """Read one sentence, None where it isn't one.

    Marks that the model also put into the text count as numbers, not as text.
    """
    value = lower_keys(value)
    text = value.get("text", value.get("sentence"))
    if not isinstance(text, str) or not text.strip():
        return None
    others = [] if "evidence" in value else [item for item in value.values() if item is not text]
    english = value.get("english")
    draft = _sentence(text, [other for other in others if other is not english], value.get("evidence"), by_name)
    return replace(draft, english=remark(english)) if isinstance(english, str) and english != text else draft


def _sentence(text: str, others: Sequence[Any], evidence: Any = None, by_name: ByName = nobody) -> Draft:
    """Return a sentence with the numbers that its evidence names, else the most likely of the other values."""
    plain, marks = without_marks(plain_marks(whole_characters(text)))
    # A bare number may be how sure the model is.
    likeliest = [evidence, *sorted(others, key=lambda other: 2 - isinstance(other, str) - 2 * isinstance(other, list))]
    named = next(filter(None, map(_numbers, likeliest)), [])
    names = [number for name in _leaves(evidence) for number in by_name(name, plain)]
    return Draft(plain, tuple(dict.fromkeys([*(names or named), *marks])))


def shaped(value: Any, depth: int = 0) -> list[Draft]:
    """Read the sentences of a reply with other keys than those asked for, by their shape: words next to numbers."""
    if isinstance(value, dict):
        texts = [text for text in value.values() if isinstance(text, str) and len(text.split()) >= _WORDY]
        others = [item for item in value.values() if not isinstance(item, str) or item not in texts]
        if texts and (draft := _sentence(texts[0], others)).numbers:
            return [draft]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [draft for item in items for draft in shaped(item, depth + 1)] if depth < _DEEPEST else []


def strings_of(value: dict[str, Any]) -> list[Draft]:
    """Read sentences that are plain strings with marks in them."""
    items = lower_keys(value).get("sentences")
    if not isinstance(items, list):
        return []
    return [draft for item in items if isinstance(item, str) for draft in prose(item) if draft.numbers]


def _numbers(value: object, depth: int = 0) -> list[int]:
    """Return the numbers of evidence in a value: 3, "3", "[3–5]", [3, 4] or [{"number": 3}]."""
    if isinstance(value, list) and depth < 3:
        return [number for item in value for number in _numbers(item, depth + 1)]
    if isinstance(value, dict) and depth < 3:
        # {"3": "its words"}; else the first value with a number: {"id": 3, "score": 95}.
        keys = [number for key in value for number in numbers_named(str(key)[:_LONGEST_REMARK])]
        return keys or next(filter(None, (_numbers(item, depth + 1) for item in value.values())), [])
    return numbers_named(_as_text(value))


def _as_text(value: object) -> str:
    """Return a number or a text as text, empty for anything else, for fractions and for what is too long."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return ""
    try:
        text = str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
    except (ValueError, OverflowError):  # more digits than Python writes, infinity
        return ""
    return text if len(text) <= _LONGEST_REMARK and not (isinstance(value, float) and "." in text) else ""


def remark(value: object) -> str:
    """Return what a model says apart from its sentences, as one short line."""
    text = value if isinstance(value, str) else " ".join(_leaves(value))
    return printable(" ".join(whole_characters(text).split()))[:_LONGEST_REMARK]
