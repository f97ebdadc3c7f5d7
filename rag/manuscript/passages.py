"""The sentences of a manuscript with what each cites, whatever format it is written in.

A format's reader finds the paragraphs, and the citations in each; here both become sentences. Offsets are code points
into the text of the file, or of one paragraph where a file has no text of its own (Word).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rag.text.sentences import split_sentences

# What a citation that is part of a sentence is read as: "@fell2020 show that …".
AUTHORS = "the authors"
# "The authors show that bees sleep" states that bees sleep.
_REPORTED = re.compile(rf"{AUTHORS.capitalize()}(?: [\w-]+){{1,3}} that (?=\w)")
_OPENING = re.compile(r"(?:^|[.!?:]\s)\s*$")


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation in a paragraph, at `text[start:end]`. `in_prose`: the sentence needs it as a word ("Fell (2020)")."""

    start: int
    end: int
    keys: tuple[str, ...]
    in_prose: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as written: `start` is where it begins in the file, `number` its place among all, from 1."""

    number: int
    start: int
    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class ManuscriptSentence:
    """A sentence of a manuscript.

    `text` is as written, `claim` without markup and citations, `keys` what it cites. It stands at `start` to `end` of
    its paragraph; `line` and `column` count from 1, and are 0 in a file without lines.
    """

    text: str
    claim: str
    keys: tuple[str, ...]
    paragraph: int
    start: int
    end: int
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"line {self.line}" if self.line else f"paragraph {self.paragraph}"


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A manuscript: its sentences in order, and the entries of its own list of references by key.

    `bibliography` names the files with references that the manuscript itself names.
    """

    file: str
    paragraphs: tuple[Paragraph, ...]
    passages: tuple[ManuscriptSentence, ...]
    references: Mapping[str, str] = field(default_factory=dict)
    bibliography: tuple[str, ...] = ()


def passages_of(
    paragraphs: Sequence[Paragraph], plain: Callable[[str], str], source: str = ""
) -> tuple[ManuscriptSentence, ...]:
    """Split paragraphs into sentences; `plain` takes the markup out of one. `source` is the text that has the lines."""
    lines = [at for at, character in enumerate(source) if character == "\n"]
    return tuple(passage for paragraph in paragraphs for passage in _passages(paragraph, plain, lines, bool(source)))


def _passages(
    paragraph: Paragraph, plain: Callable[[str], str], lines: Sequence[int], has_lines: bool
) -> Iterator[ManuscriptSentence]:
    text, places, marks = _without_marks(paragraph)
    before = 0
    for span in split_sentences(text):
        mine = [mark for at, mark in marks if before <= at <= span.end]
        before = span.end + 1
        start = min([places[span.start], *(mark.start for mark in mine)])
        end = max([places[span.end - 1] + 1, *(mark.end for mark in mine)])
        keys = tuple(dict.fromkeys(key for mark in mine for key in mark.keys))
        written = " ".join(paragraph.text[start:end].split())
        claim = _REPORTED.sub("", " ".join(plain(text[span.start : span.end]).split()), count=1)
        ends = (*_place(lines, paragraph.start + start), *_place(lines, paragraph.start + end))
        yield ManuscriptSentence(written, claim, keys, paragraph.number, start, end, *(ends if has_lines else ()))


def _without_marks(paragraph: Paragraph) -> tuple[str, list[int], list[tuple[int, Mark]]]:
    """Return the text without its citations, where each character stood, and where each citation was taken out."""
    kept: list[str] = []
    places: list[int] = []
    marks: list[tuple[int, Mark]] = []
    at = 0
    for mark in sorted(paragraph.marks, key=lambda mark: mark.start):
        head = paragraph.text[at : mark.start]
        if not mark.in_prose:
            head = head.rstrip(" \t\n~")
        kept += head
        places += range(at, at + len(head))
        if mark.in_prose:
            opens = _OPENING.search("".join(kept[-3:])) is not None
            kept += AUTHORS.capitalize() if opens else AUTHORS
            places += [mark.start] * len(AUTHORS)
        marks.append((len(kept), mark))
        at = max(at, mark.end)
    kept += paragraph.text[at:]
    places += range(at, len(paragraph.text))
    return "".join(kept), places, marks


def _place(lines: Sequence[int], offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of an offset; `lines` are the offsets of the line ends."""
    line = bisect_right(lines, offset - 1)
    return line + 1, offset - (lines[line - 1] + 1 if line else 0) + 1


def paragraphs_of(text: str, begins: Callable[[str], bool], drops: Callable[[str], bool]) -> list[tuple[int, str]]:
    """Split a text at blank lines, and before a line that `begins` a paragraph; a line that is dropped ends one."""
    found: list[tuple[int, str]] = []
    at = start = 0
    for line in [*text.splitlines(keepends=True), "\n"]:
        dropped = not line.strip() or drops(line)
        if (dropped or begins(line)) and text[start:at].strip():
            found.append((start, text[start:at]))
        if dropped or begins(line):
            start = at + len(line) if dropped else at
        at += len(line)
    return found
