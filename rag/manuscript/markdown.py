"""Markdown with Pandoc's citations (`[@fell2020; @moor2019, p. 3]`, `@fell2020 show …`), and Quarto's (.qmd).

https://pandoc.org/MANUAL.html#citation-syntax, https://quarto.org/docs/authoring/cross-references.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.manuscript import author_year
from rag.manuscript.asides import blank, without_asides
from rag.manuscript.passages import Manuscript, Mark, Paragraph, paragraphs_of, passages_of
from rag.manuscript.round_numbers import with_round_numbers
from rag.manuscript.unread import unread_marks

_FRONT = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_NOT_PROSE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)[ \t]*$|\Z)|<!--.*?(?:-->|\Z)|\$\$.+?\$\$",
    re.DOTALL | re.MULTILINE,
)
_DROPPED = re.compile(
    r"\s*(?:#{1,6}\s|:{3,}|\|?[ \t]*:?-{2,}[-:| \t]*$|\+[-=:+]{3,}\s*$|(?:=|-|\*\s?|_\s?){3,}\s*$|\[(?!\^)[^\]]+\]:\s)"
)
# A row of a table is read as a sentence, its cells separated by commas.
_ROW = re.compile(r"\s*\|.*\S")
_ITEM = re.compile(r"\s*(?:[-*+]|[:~](?=[ \t])|\(?[\da-zA-Z][.)]|\d{1,3}[.)]|\[\d{1,3}\]|\[\^[^\]]+\]:)\s+")
# A note's number, but not where the note itself begins: between two sentences it would join them.
_NOTE = re.compile(r"(?<=\S)\[\^[^\]\s]+\](?!:)")
# A cross-reference of Quarto to a figure or table isn't a citation.
_KEY = r"@(?!(?:fig|tbl|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg|tip|nte|wrn|imp|cau)-)"
_KEY += r"(?:\{(?P<braced>[^{}\s]+)\}|(?P<key>\w+(?:[:.#$%&+?<>~/-]+\w+)*))"
_ONE = re.compile(rf"(?<![\w@\\]){_KEY}")
_GROUP = re.compile(r"\[(?=[^\[\]]*(?<![\w@\\])@[\w{])[^\[\]]+\](?!\()")
_ALONE = re.compile(rf"(?<![\w@\\]){_KEY}(?:\s*\[[^\[\]@]*\](?!\())?")
_IN_LINE_NOTE = re.compile(r"\^\[")
_IMAGE = re.compile(r"!\[")
# With bounds, as a file of opening brackets alone would take hours.
_AFTER_IMAGE = re.compile(r"\([^)]{0,1000}\)(?:\{[^}]{0,300}\})?")
_QUOTED = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_CODE = re.compile(r"`[^`\n]{1,300}`")
_SHORTCODE = re.compile(r"\{\{<(?:\s{0,9}include\s{1,9}(?P<file>[^\s<>{}]{1,300}))?[^<>{}]{0,300}>\}\}")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s", re.MULTILINE)
_DEFINED_NOTE = re.compile(r"\s*\[\^(?P<label>[^\]\s]{1,100})\]:\s*(?P<text>\S.*)", re.DOTALL)
_HIDDEN = re.compile(r"\*|(?<!\w)_|_(?!\w)|\\(?=[\[\]()])")
_EMPHASIS = re.compile(r"[*`]|(?<!\w)_|_(?!\w)")
_LINK = re.compile(r"\[([^\]]{0,1000})\](?:\([^)]{0,1000}\)|\[[^\]]{0,1000}\])")
_SIGNS = re.compile(r"`|\*+|(?<!\w)_+|_+(?!\w)|~~|\[\^[^\]]{1,100}\]:?|<[a-zA-Z/][^<>]{0,1000}>")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ABSTRACT = re.compile(
    r"^abstract:[ \t]*(?:[|>][-+\d]?[ \t]*\n)?(?P<text>.*\S.*(?:\n(?:[ \t]+\S.*|[ \t]*(?=\n)))*)",
    re.MULTILINE,
)
# What Quarto prints below what a cell of code draws.
_CELL_CAPTION = re.compile(
    r"^#\|[ \t]*(?:fig|tbl|lst)-cap:[ \t]*(?:[|>][-+]?[ \t]*\n(?=#\|[ \t]{2}))?"
    r"(?P<text>(?![|>][-+]?[ \t]*$)\S.*(?:\n#\|[ \t]{2,}(?!\w+(?:-\w+)*:).*)*)",
    re.MULTILINE,
)
_COMMENT_SIGN = re.compile(r"^#\|", re.MULTILINE)
_BIBLIOGRAPHY = re.compile(r"^bibliography:[ \t]*(.*(?:\n[ \t]*-[ \t].*)*)", re.MULTILINE)


def read(file: str, text: str) -> Manuscript:
    """Read a manuscript in Markdown; one without any of Pandoc's keys may cite as plain text does."""
    front = _FRONT.match(text)
    prose = _NOT_PROSE.sub(blank, _FRONT.sub(blank, text))
    included = tuple((match.start(), match["file"]) for match in _SHORTCODE.finditer(prose) if match["file"])
    prose = _NOTE.sub(blank, _QUOTED.sub(blank, _SHORTCODE.sub(blank, prose)))
    prose, notes = without_asides(prose, _IN_LINE_NOTE, "[]", re.compile(""), lambda _, __: True)
    prose, captions = without_asides(prose, _IMAGE, "[]", _AFTER_IMAGE, lambda _, __: True)
    pieces = paragraphs_of(
        prose, lambda line: bool(_ITEM.match(line) or _ROW.match(line)), lambda line: bool(_DROPPED.match(line))
    )
    pieces = sorted([*pieces, *notes, *captions, *_in_front(front), *_captions_of_code(text)])
    rows = {start for start, piece in pieces if _ROW.match(piece)}
    pieces = [(start, _cells(piece) if start in rows else piece) for start, piece in pieces]
    references, entries = author_year.entries_of([piece for _, piece in pieces], _headed(prose, pieces))
    held = _references_in_notes(pieces)
    references |= {f"^{label}": entry for label, (_, entry) in held.items()}
    entries |= {place for place, _ in held.values()}
    pandoc = any(_ONE.search(piece) for _, piece in pieces)
    paragraphs = tuple(
        Paragraph(
            number,
            start,
            piece,
            (
                *_notes_cited(text, start, piece, held),
                *(pandoc_marks(piece) if pandoc else author_year.marks_of(piece, references, _hidden)),
            ),
        )
        for number, (start, piece) in enumerate(pieces, 1)
        if number - 1 not in entries
    )
    paragraphs = tuple(one for one in paragraphs if one.marks or one.start not in rows)
    paragraphs = paragraphs if pandoc else with_round_numbers(paragraphs, references)
    left = unread_marks(text, pandoc_marks(_NOT_PROSE.sub(blank, text)), paragraphs) if pandoc else ()
    named = _BIBLIOGRAPHY.search(front[0]) if front else None
    files = re.findall(r"[^\s\[\],\"']{1,300}\.\w+", named[1]) if named else []
    return Manuscript(
        file, paragraphs, passages_of(paragraphs, plain, text, _shown), references, tuple(files), included, left
    )


def _in_front(front: re.Match[str] | None) -> Iterator[tuple[int, str]]:
    """Yield the abstract in a front matter."""
    abstract = _ABSTRACT.search(front[0]) if front else None
    if abstract:
        yield abstract.start("text"), _unquoted(abstract["text"])


def _captions_of_code(text: str) -> Iterator[tuple[int, str]]:
    """Yield the captions that cells of code give their figures and tables."""
    for cell in _NOT_PROSE.finditer(text):
        for caption in _CELL_CAPTION.finditer(cell[0]):
            yield cell.start() + caption.start("text"), _unquoted(_COMMENT_SIGN.sub("  ", caption["text"]))


def _unquoted(value: str) -> str:
    """Return a value of YAML without the quotation marks around it, as long as it was."""
    kept = value.rstrip()
    if len(kept) > 1 and kept[0] == kept[-1] and kept[0] in "\"'":
        kept = f" {kept[1:-1]} "
    return kept.ljust(len(value))


def _cells(row: str) -> str:
    """Return a row of a table with commas between its cells, as long as it was."""
    first, last = row.find("|"), row.rfind("|")
    inner = row[first + 1 : last].replace("|", ",") if last > first else row[first + 1 :]
    return f"{row[:first]} {inner} {row[last + 1 :]}" if last > first else f"{row[:first]} {inner}"


def plain(text: str) -> str:
    """Return the words of a sentence without its markup."""
    text = _ITEM.sub("", text, count=1) if _ITEM.match(text) else text
    text = _SIGNS.sub("", _LINK.sub(r"\1", text))
    return _ESCAPED.sub(r"\1", text)


def pandoc_marks(text: str) -> tuple[Mark, ...]:
    """Return Pandoc's citations in a paragraph."""
    return tuple(_marks(text))


def _marks(text: str) -> Iterator[Mark]:
    at, text = 0, _CODE.sub(blank, text)
    for match in sorted([*_GROUP.finditer(text), *_ALONE.finditer(text)], key=lambda match: match.start()):
        if match.start() < at:
            continue  # within a group
        at = match.end()
        keys = (one["braced"] or one["key"] for one in _ONE.finditer(match[0]))
        yield Mark(match.start(), match.end(), tuple(dict.fromkeys(keys)), in_prose=not match[0].startswith("["))


def _headed(text: str, pieces: Sequence[tuple[int, str]]) -> frozenset[int]:
    """Return the places of the pieces that a heading is above."""
    ends = [0, *(start + len(piece) for start, piece in pieces)]
    return frozenset(place for place, (start, _) in enumerate(pieces) if _HEADING.search(text[ends[place] : start]))


def _references_in_notes(pieces: Sequence[tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Return by its label each note that is an entry of a list of references, with its place among the pieces."""
    found = {}
    for place, (_, piece) in enumerate(pieces):
        note = _DEFINED_NOTE.match(piece)
        if note and author_year.is_entry(note["text"]):
            found[note["label"]] = (place, " ".join(note["text"].split()))
    return found


def _notes_cited(text: str, start: int, piece: str, held: Mapping[str, tuple[int, str]]) -> Iterator[Mark]:
    """Yield the numbers of notes in a paragraph that are references."""
    for note in _NOTE.finditer(text, start, start + len(piece)):
        label = note[0][2:-1]
        if label in held:
            yield Mark(note.start() - start, note.end() - start, (f"^{label}",))


def _hidden(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of emphasis, escapes and links, which may split a citation: "*et al.*", "([2019](http://x))"."""
    yield from (sign.span() for sign in _HIDDEN.finditer(text))
    for link in (one for one in _LINK.finditer(text) if one[0].endswith(")")):
        if not re.fullmatch(r"\\?\[?\d{1,3}\\?\]?", link[1]):
            yield link.start(), link.start(1)
            yield link.end(1), link.end(1) + 1
        yield link.end(1) + 1, link.end()


def _shown(text: str) -> str:
    """Return a text of the same length in which emphasis is a character that a sentence may begin or end with."""
    return _EMPHASIS.sub('"', text)
