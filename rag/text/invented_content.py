"""What a model may not add to an answer: addresses, identifiers, markup and pictures that no cited sentence holds.

A client that renders Markdown or HTML loads a picture as soon as it is shown, which sends whatever its address
contains. So all of these are removed from what a model wrote, unless a sentence that it cites holds them word for word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.text.words import without_unseen

_END = r"[^\s<>{}.,;:!?)\]'\"]"
_URL = (
    rf"(?:\b[a-z][a-z0-9+.-]{{1,20}}://|\bwww\.|(?<![^\s(])//(?=\w))[^\s<>{{}}]*{_END}"
    rf"|\b(?:javascript|mailto|vbscript|data(?=:\w+/)):[^\s<>{{}}]+|\b(?:[a-z0-9-]+\.)+[a-z]{{2,}}/[^\s<>{{}}]*{_END}"
)
_LABEL = r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]"
_TARGET = r"\((?:[^()]|\([^()]*\))*(?:\)|$)"
_LETTER = r"\\(?P<command>[A-Za-z]+)\*?(?![A-Za-z{\[])"
_BRACED = r"\\[A-Za-z]+\*?(?:\[[^\[\]]*\])?(?:\{[^{}]*\})*"
# In order: a kind that may contain another comes first. A match is replaced by its group, if it has one.
_KINDS = (
    (
        "a picture",
        rf"!(?:{_LABEL}(?:{_TARGET}|\[[^\[\]]*\]))(?P<none>)|\\includegraphics\*?(?:\[[^\[\]]*\])?\{{[^{{}}]*\}}",
    ),
    ("a link", rf"{_LABEL}{_TARGET}|\[([^\[\]]*[^\W\d_][^\[\]]*)\]\[[^\[\]]*\]"),
    ("HTML", r"<(script|style|iframe|svg|object)\b[^<>]*>.*?</\1\s*>(?P<none>)"),
    ("HTML", r"<!--.*?(?:-->|$)|<[/!?]?[a-z][\w:-]*(?:\s[^<>]*|/)?>|<[a-z][\w:-]*(?:\s[^<>]*=[^<>]*)?$"),
    ("a web address", _URL),
    ("an e-mail address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ("a DOI", rf"(?:\bdoi:?\s*)?\b10\.\d{{4,9}}/[^\s<>{{}}]*{_END}"),
    ("LaTeX", rf"\\(?:begin|end)\{{[^{{}}]*\}}|{_LETTER}|{_BRACED}\{{([^{{}}]*)\}}|\\[A-Za-z]+\*?\[[^\[\]]*\]"),
    ("Markdown", r"(?:\*\*|__|`{1,3})(?=\S)([^*`]+?)(?:\*\*|__|`{1,3})|^\s{0,3}#{1,6}\s+|^\s{0,3}>\s+"),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for kind, pattern in _KINDS)


def without_foreign(text: str, held: Sequence[str]) -> tuple[str, list[str]]:
    """Remove what no text in `held` has word for word; return the rest, and each kind removed once.

    The words of a link and of marked-up text stay. Invisible and control characters are removed silently.
    """
    if any(text in one for one in held):
        return text, []
    shown = "".join(" " if unicodedata.category(c) == "Cc" else c for c in without_unseen(text))
    taken: list[str] = []
    before = None
    while before != shown:  # what is left may join up to new markup
        before = shown
        for kind, pattern in _PATTERNS:
            cleaned = pattern.sub(lambda match: _kept(match, held), shown)
            taken += [kind] if cleaned != shown else []
            shown = cleaned
    if taken:
        shown = re.sub(r"\s*(?:\(\s*\)|\[\s*\])", "", shown)
        shown = re.sub(r"\s+([.,;:!?])", r"\1", shown)
    return " ".join(shown.split()), list(dict.fromkeys(taken))


def _kept(match: re.Match[str], held: Sequence[str]) -> str:
    """Return what stays of a match: all of it if a text holds it, else the words inside it."""
    if any(match.group() in text for text in held):
        return match.group()
    if "none" in match.re.groupindex:
        return ""
    if "command" in match.re.groupindex and match["command"]:
        return _letter(match["command"])
    return next((group for group in match.groups() if group), "")


def _letter(command: str) -> str:
    """Return the Greek letter of a LaTeX command without arguments; any other command becomes nothing."""
    size = "CAPITAL" if command[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {command.upper()}")
    except KeyError:
        return ""
