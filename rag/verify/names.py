"""Whether a text holds a name, whatever its hyphens, case or plural, as an acronym or as the adjective of a place."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.words import fold, words


@lru_cache(maxsize=2048)
def _squeezed(text: str) -> str:
    """Lay a text out so that "GPT 4", "GPT-4" and "gpt4" are one, and word borders stay."""
    return " " + re.sub(r"[-‑–_/.’']", "", fold(text)).replace("  ", " ") + " "


@lru_cache(maxsize=2048)
def _initials(text: str) -> str:
    """Return the first letters of the words, for acronyms: "large language models" holds "llm"."""
    return "".join(word[0] for word in words(text))


def holds_name(text: str, name: str) -> bool:
    """Whether `text` holds `name`: as written, with another hyphen, in the plural, as its acronym or its adjective."""
    wanted = _squeezed(name).strip()
    borders = r"(?<![^\W_])" + re.escape(wanted.removesuffix("s")) + r"s?(?![^\W_])"
    if re.search(borders, _squeezed(text)):
        return True
    if re.search(borders, _squeezed(text).replace(" ", "") if any(c.isdigit() for c in wanted) else ""):
        return True
    if "-" in name and name.replace("-", "").isalpha() and f" {_spaced(name)} " in f" {_spaced(text)} ":
        return True
    if name.isupper() and 2 <= len(wanted) <= 6 and wanted.removesuffix("s") in _initials(text):
        return True
    # "Norwegian" where it says "Norway", "Africa" where it says "African".
    if not name[1:].islower() or len(wanted) < 5:
        return False
    if wanted[-2:] in _ADJECTIVES:
        return any(word[:4] == wanted[:4] and len(word) > 4 for word in words(text))
    return any(word.startswith(wanted) and word[len(wanted) :] in _ENDINGS for word in words(text))


_ADJECTIVES = frozenset({"an", "sh", "ch", "se", "ic"})
_ENDINGS = frozenset({"n", "an", "ian", "ean", "ese", "ish", "ic"})


@lru_cache(maxsize=2048)
def _spaced(text: str) -> str:
    """Lay a text out so that "All-Stars" and "All Stars" are one."""
    return " ".join(words(text))
