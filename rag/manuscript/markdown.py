"""Markdown with Pandoc's citations (`[@fell2020; @moor2019, p. 3]`, `@fell2020 show …`), and Quarto's (.qmd).

https://pandoc.org/MANUAL.html#citation-syntax, https://quarto.org/docs/authoring/cross-references.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.manuscript import author_year
from rag.manuscript.passages import Manuscript, Mark, Paragraph, paragraphs_of, passages_of

_FRONT = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_NOT_PROSE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)[ \t]*$|\Z)|<!--.*?(?:-->|\Z)|\$\$.+?\$\$",
    re.DOTALL | re.MULTILINE,
)
_DROPPED = re.compile(r"\s*(?:#{1,6}\s|\||:{3,}|(?:=|-|\*\s?|_\s?){3,}\s*$|\[(?!\^)[^\]]+\]:\s)")
_ITEM = re.compile(r"\s*(?:[-*+]|\(?[\da-zA-Z][.)]|\d{1,3}[.)]|\[\d{1,3}\]|\[\^[^\]]+\]:)\s+")
# A note's number, but not where the note itself begins: between two sentences it would join them.
_NOTE = re.compile(r"(?<=\S)\[\^[^\]\s]+\](?!:)")
# A cross-reference of Quarto to a figure or table isn't a citation.
_KEY = r"@(?!(?:fig|tbl|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg|tip|nte|wrn|imp|cau)-)"
_KEY += r"(?:\{(?P<braced>[^{}\s]+)\}|(?P<key>\w+(?:[:.#$%&+?<>~/-]+\w+)*))"
_ONE = re.compile(rf"(?<![\w@\\]){_KEY}")
_GROUP = re.compile(r"\[(?=[^\[\]]*(?<![\w@\\])@[\w{])[^\[\]]+\](?!\()")
_ALONE = re.compile(rf"(?<![\w@\\]){_KEY}(?:\s*\[[^\[\]@]*\](?!\())?")
# With bounds, as a file of opening brackets alone would take hours.
_IMAGE = re.compile(r"!\[[^\]]{0,1000}\]\([^)]{0,1000}\)(?:\{[^}]{0,300}\})?")
_LINK = re.compile(r"\[([^\]]{0,1000})\](?:\([^)]{0,1000}\)|\[[^\]]{0,1000}\])")
_SIGNS = re.compile(r"`|\*+|(?<!\w)_+|_+(?!\w)|~~|\[\^[^\]]{1,100}\]:?|<[a-zA-Z/][^<>]{0,1000}>")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BIBLIOGRAPHY = re.compile(r"^bibliography:[ \t]*(.*(?:\n[ \t]*-[ \t].*)*)", re.MULTILINE)


def read(file: str, text: str) -> Manuscript:
    """Read a manuscript in Markdown; one without any of Pandoc's keys may cite as plain text does."""
    front = _FRONT.match(text)
    prose = _NOTE.sub(_blank, _NOT_PROSE.sub(_blank, _FRONT.sub(_blank, text)))
    pieces = paragraphs_of(prose, lambda line: bool(_ITEM.match(line)), lambda line: bool(_DROPPED.match(line)))
    references, entries = author_year.entries_of([piece for _, piece in pieces])
    pandoc = any(_ONE.search(piece) for _, piece in pieces)
    numbers = author_year.known_numbers(references)
    paragraphs = tuple(
        Paragraph(
            number, start, piece, pandoc_marks(piece) if pandoc else author_year.marks_of(_unmarked(piece), numbers)
        )
        for number, (start, piece) in enumerate(pieces, 1)
        if number - 1 not in entries
    )
    named = _BIBLIOGRAPHY.search(front[0]) if front else None
    files = re.findall(r"[^\s\[\],\"']{1,300}\.\w+", named[1]) if named else []
    return Manuscript(file, paragraphs, passages_of(paragraphs, plain, text), references, tuple(files))


def plain(text: str) -> str:
    """Return the words of a sentence without its markup."""
    text = _ITEM.sub("", text, count=1) if _ITEM.match(text) else text
    text = _SIGNS.sub("", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    return _ESCAPED.sub(r"\1", re.sub(r"^\s*>\s?", "", text, flags=re.MULTILINE))


def pandoc_marks(text: str) -> tuple[Mark, ...]:
    """Return Pandoc's citations in a paragraph."""
    return tuple(_marks(text))


def _marks(text: str) -> Iterator[Mark]:
    at = 0
    for match in sorted([*_GROUP.finditer(text), *_ALONE.finditer(text)], key=lambda match: match.start()):
        if match.start() < at:
            continue  # within a group
        at = match.end()
        keys = (one["braced"] or one["key"] for one in _ONE.finditer(match[0]))
        yield Mark(match.start(), match.end(), tuple(dict.fromkeys(keys)), in_prose=not match[0].startswith("["))


def _unmarked(text: str) -> str:
    """Return a text of the same length in which emphasis doesn't hide a citation: "*et al.*"."""
    return re.sub(r"[*_]", " ", text) if "*" in text or "_" in text else text


def _blank(match: re.Match[str]) -> str:
    """Return as many characters that say nothing, so that what follows stays where it is."""
    return re.sub(r"[^\n]", " ", match[0])
