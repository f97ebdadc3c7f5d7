"""Whether a text holds a name, whatever its hyphens, case or plural, as an acronym or as the adjective of a place."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.words import fold, words


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str]:
    """Return what finds a folded name with or without what joins it: "GPT 4", "GPT-4" and "gpt4" are one."""
    *parts, last = re.findall(r"[^\W\d_]+|\d+", name) or [name]
    whole = r"[\s\W_]{0,2}".join(re.escape(part) for part in (*parts, last.removesuffix("s") or last))
    # "BRCA" is in "BRCA1", but "GPT-4" not in "GPT-4.5".
    digits = r"\d*" if len(name) > 2 and name.isalpha() else ""
    return re.compile(rf"(?<![^\W_]){whole}s?{digits}(?![^\W_]|\.\d)")


@lru_cache(maxsize=2048)
def _folded(text: str) -> str:
    return fold(text)


@lru_cache(maxsize=2048)
def _initials(text: str) -> str:
    """Return the first letters of the words, for acronyms: "large language models" holds "llm"."""
    return "".join(word[0] for word in words(text))


def writes_name(text: str, name: str) -> bool:
    """Whether `text` holds `name` as written, with another hyphen or in the plural."""
    return bool(_pattern(fold(name)).search(_folded(text)))


def holds_name(text: str, name: str) -> bool:
    """Whether `text` holds `name`: as written, with another hyphen, in the plural, as its acronym or its adjective."""
    wanted = fold(name)
    if writes_name(text, name):
        return True
    acronym = name.removesuffix("s")  # of "LLMs"
    if acronym.isupper() and 2 <= len(acronym) <= 6 and fold(acronym) in _initials(text):
        return True
    # "Norwegian" where it says "Norway", "Africa" where it says "African".
    if not name[1:].islower() or len(wanted) < 5:
        return False
    if wanted[-2:] in _ADJECTIVES:
        return any(word[:4] == wanted[:4] and len(word) > 4 for word in words(text))
    return any(word.startswith(wanted) and word[len(wanted) :] in _ENDINGS for word in words(text))


def other_version(name: str, other: str) -> bool:
    """Whether two names differ first in their digits: "GPT-4" and "GPT-3.5", "TLR2" and "TLR4"."""
    mine, theirs = (re.findall(r"[^\W\d_]+|\d+(?:\.\d+)*", fold(text)) for text in (name, other))
    first = next(((a, b) for a, b in zip(mine, theirs, strict=False) if a != b), None)
    return first is not None and mine[0] == theirs[0] and all(part[0].isdigit() for part in first)


def spelled_out(text: str, other: str) -> str:
    """Write acronyms out as `other` does: "LLMs" beside "large language models".

    One that `other` holds as well is left as it is. Two letters, which any text spells by chance, need two capitals.
    """

    def written(match: re.Match[str]) -> str:
        letters = fold(match[1])
        if len(letters) == FEWEST_LETTERS:
            named = re.search(rf"(?<!\w){match[1][0]}[a-z]+[ -]{match[1][1]}[a-z]+", other)
            return named[0] if named and not writes_name(other, letters) else match[0]
        place = -1 if writes_name(other, letters) else _initials(other).find(letters)
        return " ".join(words(other)[place : place + len(letters)]) if place >= 0 else match[0]

    return _ACRONYM.sub(written, text)


FEWEST_LETTERS = 2
_ACRONYM = re.compile(r"(?<![\w-])([A-Z]{2,6})s?(?![\w-])")
_ADJECTIVES = frozenset({"an", "sh", "ch", "se", "ic"})
_ENDINGS = frozenset({"n", "an", "ian", "ean", "ese", "ish", "ic"})
