"""The sentences of a manuscript with what each cites, whatever format it is written in.

A format's reader finds the paragraphs, and the citations in each; here both become sentences. Offsets are code points
into the text of the file, or of one paragraph where a file has no text of its own (Word).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from rag.text.pointing import PREPOSITION
from rag.text.sentences import split_sentences

# What a citation that is part of a sentence is read as: "@fell2020 show that …".
AUTHORS = "the authors"
# "The authors show that bees sleep" states that bees sleep.
_REPORTED = re.compile(rf"{AUTHORS.capitalize()}(?: [\w-]+){{1,3}} that (?=\w)")
# A citation that the sentence needs as a word: "In [2], ants …", and one that begins a sentence.
_NEEDS_A_WORD = re.compile(rf"(?<!\w)(?i:{PREPOSITION})[\s~]+$")
_GOES_ON = re.compile(r"\s+[a-z]")
_TAIL = 200  # characters before a citation that say whether it begins a sentence
# What is between two citations that are one: "[1] and [4]".
_JOINS = re.compile(r"[\s~]*(?:[,;]|,?[\s~]*(?:and|und|et|y|e|&))?[\s~]*")
# An aside that is there for its citations: "(see [3] for a review)".
_ASIDE = re.compile(r"\(([^()]{1,300})\)")
_FEW_WORDS = 4
_BEFORE_STOP = re.compile(r"\s+(?=[,;:!?)\]]|\.(?!\w))")


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

    `text` is as written, `claim` without markup and citations, `keys` what it cites. It is at `start` to `end` of
    its paragraph; `line` and `column` count from 1, and are 0 in a file without lines. `file` is the file that the
    manuscript includes it from, relative to its own folder, empty for the manuscript's own.
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
    file: str = ""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        here = f"line {self.line}" if self.line else f"paragraph {self.paragraph}"
        return f"{self.file}, {here}" if self.file else here


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A manuscript: its sentences in order, and the entries of its own list of references by key.

    `bibliography` names the files with references that the manuscript itself names, `included` the files that belong
    to it, each with the offset at which it does. `notes` say what wasn't read, and why.
    """

    file: str
    paragraphs: tuple[Paragraph, ...]
    passages: tuple[ManuscriptSentence, ...]
    references: Mapping[str, str] = field(default_factory=dict)
    bibliography: tuple[str, ...] = ()
    included: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


def passages_of(
    paragraphs: Sequence[Paragraph],
    plain: Callable[[str], str],
    source: str = "",
    shown: Callable[[str], str] = str,
) -> tuple[ManuscriptSentence, ...]:
    """Split paragraphs into sentences; `plain` takes the markup out of one. `source` is the text that has the lines.

    `shown` returns a text of the same length in which markup doesn't hide where a sentence begins.
    """
    lines = [at for at, character in enumerate(source) if character == "\n"] if source else None
    return tuple(passage for paragraph in paragraphs for passage in _passages(paragraph, plain, lines, shown))


def _passages(
    paragraph: Paragraph, plain: Callable[[str], str], lines: Sequence[int] | None, shown: Callable[[str], str]
) -> Iterator[ManuscriptSentence]:
    text, places, marks = _without_marks(paragraph, shown)
    before = 0
    for span in split_sentences(shown(text)):
        mine = [mark for at, mark in marks if before <= at <= span.end]
        before = span.end + 1
        start = min([places[span.start], *(mark.start for mark in mine)])
        end = max([places[span.end - 1] + 1, *(mark.end for mark in mine)])
        keys = tuple(dict.fromkeys(key for mark in mine for key in mark.keys))
        written = " ".join(paragraph.text[start:end].split())
        said = _BEFORE_STOP.sub("", " ".join(plain(text[span.start : span.end]).split()))
        claim = _REPORTED.sub("", said, count=1)
        found = ManuscriptSentence(written, claim, keys, paragraph.number, start, end)
        yield found if lines is None else _placed(found, lines, paragraph.start)


def _placed(sentence: ManuscriptSentence, lines: Sequence[int], start: int) -> ManuscriptSentence:
    """Return a sentence with its lines and columns; its paragraph starts there in the file."""
    line, column = _place(lines, start + sentence.start)
    end_line, end_column = _place(lines, start + sentence.end)
    return replace(sentence, line=line, column=column, end_line=end_line, end_column=end_column)


def _without_marks(
    paragraph: Paragraph, shown: Callable[[str], str]
) -> tuple[str, list[int], list[tuple[int, Mark]]]:  # fmt: skip
    """Return the text without its citations, where each character was, and where each citation was taken out."""
    kept: list[str] = []
    places: list[int] = []
    marks: list[tuple[int, Mark]] = []
    at = 0
    for mark in _with_asides(paragraph.text, _joined(paragraph.text, paragraph.marks)):
        head = paragraph.text[at : mark.start]
        before = shown("".join([*kept[-_TAIL:], *head[-_TAIL:]]))
        opens = _opens(before)
        is_word = mark.in_prose or (opens and _GOES_ON.match(paragraph.text, mark.end)) or _NEEDS_A_WORD.search(before)
        if not is_word:
            head = head.rstrip(" \t\n~")
        kept += head
        places += range(at, at + len(head))
        if is_word:
            kept += AUTHORS.capitalize() if opens else AUTHORS
            places += [mark.start] * len(AUTHORS)
        marks.append((len(kept), mark))
        at = max(at, mark.end)
    kept += paragraph.text[at:]
    places += range(at, len(paragraph.text))
    return "".join(kept), places, marks


def _opens(before: str) -> bool:
    """Return whether what follows a text begins a sentence."""
    if before.endswith(": "):
        return True
    last = split_sentences(f"{before}The")[-1].start
    return not re.search(r"\w", before[last:])


def _joined(text: str, marks: Iterable[Mark]) -> list[Mark]:
    """Return citations in order; adjacent ones are one."""
    joined: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.start):
        last = joined[-1] if joined else None
        if last is not None and _JOINS.fullmatch(text, last.end, max(last.end, mark.start)):
            keys = tuple(dict.fromkeys((*last.keys, *mark.keys)))
            joined[-1] = Mark(last.start, max(last.end, mark.end), keys, last.in_prose)
        else:
            joined.append(mark)
    return joined


def _with_asides(text: str, marks: Iterable[Mark]) -> Iterator[Mark]:
    """Yield citations with the brackets around them that hold little else, as one where they hold several."""
    asides = list(_ASIDE.finditer(text))
    starts = [aside.start() for aside in asides]

    def around(mark: Mark) -> re.Match[str] | None:
        at = bisect_left(starts, mark.start) - 1
        return asides[at] if at >= 0 and mark.end < asides[at].end() else None

    for aside, some in groupby(marks, around):
        held = list(some)
        if aside is not None and _says_little(text, aside, held):
            keys = tuple(dict.fromkeys(key for mark in held for key in mark.keys))
            yield Mark(aside.start(), aside.end(), keys)
        else:
            yield from held


def _says_little(text: str, aside: re.Match[str], held: Sequence[Mark]) -> bool:
    places = [aside.start(), *(place for mark in held for place in (mark.start, mark.end)), aside.end()]
    rest = " ".join(text[start:end] for start, end in zip(places[::2], places[1::2], strict=True))
    return len(re.findall(r"\w+", rest)) <= _FEW_WORDS and not re.search(r"\d", rest)


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
