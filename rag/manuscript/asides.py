"""What is placed within a sentence but isn't part of it: footnotes, captions, notes in the margin."""

from __future__ import annotations

import re
from collections.abc import Callable

LONGEST = 5_000  # characters; a bracket that is never closed costs no more


def without_asides(
    text: str,
    begins: re.Pattern[str],
    brackets: str,
    ends: re.Pattern[str],
    is_read: Callable[[re.Match[str], str], bool],
) -> tuple[str, list[tuple[int, str]]]:
    """Return a text with its asides blanked, and each that `is_read` with its offset; those within one come after it.

    An aside `begins` with an opening bracket and runs to the closing one, where it `ends`.
    """
    found: list[tuple[int, str]] = []
    kept, at = list[str](), 0
    for match in begins.finditer(text):
        closed = _closing(text, match.end(), brackets) if match.start() >= at else None
        end = ends.match(text, closed + 1) if closed is not None else None
        if closed is None or end is None:
            continue
        inner = text[match.end() : closed]
        if is_read(match, inner):
            rest, within = without_asides(inner, begins, brackets, ends, is_read)
            found += [(match.end(), rest), *((match.end() + start, piece) for start, piece in within)]
        kept += [text[at : match.start()], blanked(text[match.start() : end.end()])]
        at = end.end()
    return "".join([*kept, text[at:]]), found


def _closing(text: str, at: int, brackets: str) -> int | None:
    """Return where the bracket that was opened before `at` is closed."""
    opening, closing = brackets[0], brackets[1]
    depth = 1
    for place in range(at, min(len(text), at + LONGEST)):
        depth += {opening: 1, closing: -1}.get(text[place], 0)
        if not depth:
            return place
    return None


def blanked(text: str) -> str:
    """Return as many blank characters, so that what follows stays where it is."""
    return re.sub(r"[^\n]", " ", text)


def blank(match: re.Match[str]) -> str:
    """Return as many blank characters as a match has."""
    return blanked(match[0])
