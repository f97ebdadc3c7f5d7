"""Texts that are cut, as the snippets of a search are: by the dots at their end or beginning."""

from __future__ import annotations

import re

_DOTS = r"(?:…|⋯|\.{3,}|\. \. \.)"
# After the dots a page may offer the rest ("… Read more"); MEDLINE's old records say that they were cut.
_END = re.compile(
    rf"{_DOTS}[\s)\]}}»\"'”’]*(?:[^\W\d_]+ ?){{0,3}}[)\]]*$|\((?:abstract )?truncated(?: at \d+ words)?\)\W*$",
    re.IGNORECASE,
)
_BEGINNING = re.compile(rf"[\s(\[«\"'“‘]*{_DOTS}")


def where_cut(text: str) -> str:
    """Return where a text says that it is cut: "ends" or "begins"; empty for a text that doesn't."""
    if _END.search(text[-120:]):
        return "ends"
    return "begins" if _BEGINNING.match(text) else ""
